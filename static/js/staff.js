/* What the staff's pages keep in Alpine. Its build without eval knows nothing of the window: what an attribute names
   is registered here. Loaded first of all, so that a dark page is dark before it is drawn. */

"use strict";

{
  const STORED_THEME = "adminTheme"; // where Unfold keeps it
  const darkSystem = window.matchMedia("(prefers-color-scheme: dark)");

  function showTheme(chosen) {
    const dark = chosen === "dark" || (chosen === "auto" && darkSystem.matches);
    document.documentElement.classList.toggle("dark", dark);
  }

  function storedTheme() {
    try {
      return JSON.parse(localStorage.getItem(STORED_THEME)) || "auto";
    } catch {
      return "auto";
    }
  }

  function showMenu(open) {
    document.documentElement.classList.toggle("staff-menu-hidden", !open);
  }

  showTheme(storedTheme());
  showMenu(localStorage.getItem("sidebarDesktopOpen") !== "0");

  /* A row of a form goes up or down by its buttons, for who can't drag it. */
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-move]");
    if (!button) return;
    const row = button.closest(".form-group");
    const up = button.dataset.move === "up";
    const other = up ? row.previousElementSibling : row.nextElementSibling;
    if (!other?.matches(".form-group.original")) return;
    if (up) other.before(row);
    else other.after(row);
    sortRecords({ from: row.parentElement });
    button.focus();
  });

  document.addEventListener("alpine:init", () => {
    const { Alpine } = window;

    Alpine.data("theme", () => {
      const unfolds = window.theme();
      return {
        ...unfolds,
        init() {
          unfolds.init.call(this);
          this.$watch("adminTheme", showTheme);
          darkSystem.addEventListener("change", () => showTheme(this.adminTheme));
        },
      };
    });

    Alpine.data("page", (activeTab) => ({
      activeTab: getCurrentTab() || activeTab,
      sidebarMobileOpen: false,
      sidebarDesktopOpen: localStorage.getItem("sidebarDesktopOpen") !== "0",
      init() {
        this.$watch("sidebarDesktopOpen", (open) => {
          localStorage.setItem("sidebarDesktopOpen", open ? "1" : "0");
          showMenu(open);
        });
        this.$watch("sidebarMobileOpen", (open) => this.$nextTick(() => this.$refs[open ? "closeMenu" : "openMenu"].focus()));
      },
      /** Where a form is sent, so that an answer with errors opens at the same tab. */
      formAction() {
        const { pathname, search } = window.location;
        return pathname + search + (this.activeTab !== "general" ? `#${this.activeTab}` : "");
      },
      moveRecords: (event) => moveRecords(event),
      sortRecords: (event) => sortRecords(event),
    }));

    Alpine.data("searchForm", () => window.searchForm());
  });
}
