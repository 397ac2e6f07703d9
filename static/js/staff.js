/* What the staff's pages keep in Alpine. Its build without eval knows nothing of the window: what an attribute names
   is registered here. Loaded first of all, so that a dark page is dark before it is drawn. */

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

showTheme(storedTheme());

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
      this.$watch("sidebarDesktopOpen", (open) => localStorage.setItem("sidebarDesktopOpen", open ? "1" : "0"));
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
