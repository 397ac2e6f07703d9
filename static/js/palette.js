/* The search that opens over the page with Ctrl or Cmd and K. Without this script its button leads to the same search
   as a page. The focus stays in the text; the arrows move through what the server found. */

const palette = document.getElementById("palette");
const text = document.getElementById("palette-text");
const found = document.getElementById("palette-found");
let chosen = -1;
let waiting = null; // what Enter asked for before the answer to the last letter was there

const options = () => [...found.querySelectorAll("[role=option]")];
const isCurrent = () => found.firstElementChild?.dataset.text === text.value.trim();

function choose(number) {
  const all = options();
  chosen = all.length ? (number + all.length) % all.length : -1;
  all.forEach((option, place) => option.setAttribute("aria-selected", place === chosen ? "true" : "false"));
  text.setAttribute("aria-expanded", all.length ? "true" : "false");
  if (chosen < 0) {
    text.removeAttribute("aria-activedescendant");
    return;
  }
  text.setAttribute("aria-activedescendant", all[chosen].id);
  all[chosen].scrollIntoView({ block: "nearest" });
}

function go(inNewTab) {
  const option = options()[chosen];
  if (!option) return;
  if (inNewTab) window.open(option.href, "_blank", "noopener");
  else window.location.assign(option.href);
}

function open() {
  if (palette.open) return;
  palette.showModal();
  text.select();
  text.dispatchEvent(new Event("opened"));
}

document.addEventListener("keydown", (event) => {
  if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
  event.preventDefault();
  if (palette.open) palette.close();
  else open();
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-palette]");
  if (button?.dataset.palette === "open" && !(event.ctrlKey || event.metaKey || event.shiftKey)) {
    event.preventDefault();
    open();
  }
  if (button?.dataset.palette === "close" || event.target === palette) palette.close();
});

palette.addEventListener("keydown", (event) => {
  if (event.key !== "Tab") return;
  const stops = [text, palette.querySelector("button")];
  event.preventDefault();
  stops[(stops.indexOf(document.activeElement) + 1) % stops.length].focus();
});

text.addEventListener("keydown", (event) => {
  if (event.isComposing) return;
  if (event.key === "ArrowDown") choose(chosen + 1);
  else if (event.key === "ArrowUp") choose(chosen - 1);
  else if (event.key === "Enter") {
    if (isCurrent()) go(event.ctrlKey || event.metaKey);
    else waiting = { inNewTab: event.ctrlKey || event.metaKey };
  } else return;
  event.preventDefault();
});

text.addEventListener("input", () => { waiting = null; });
palette.addEventListener("close", () => { waiting = null; });

// Who was signed out meanwhile is asked by the page itself.
text.addEventListener("htmx:responseError", ({ detail }) => {
  if (detail.xhr.status === 401) text.form.submit();
});

for (const trouble of ["htmx:sendError", "htmx:responseError", "htmx:timeout"]) {
  text.addEventListener(trouble, () => {
    found.replaceChildren();
    choose(-1);
    document.getElementById("palette-said").textContent = palette.dataset.trouble;
  });
}

found.addEventListener("htmx:afterSwap", () => {
  choose(0);
  if (waiting && isCurrent()) go(waiting.inNewTab);
});

if (/Mac|iPhone|iPad/.test(navigator.platform)) {
  document.querySelectorAll(".staff-find kbd").forEach((key) => { key.textContent = "⌘ K"; });
}
