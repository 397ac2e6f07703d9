// The builder: tells the preview which phase is worked on and that a drag changed the order, and guards what is typed.
const form = document.getElementById("builder-form");
let unsaved = false;

form.addEventListener("focusin", (event) => {
  const phase = event.target.closest("[data-phase]");
  const show = document.getElementById("show");
  if (phase && show.value !== phase.dataset.phase) {
    show.value = phase.dataset.phase;
    htmx.trigger(document.body, "builder-changed");
  }
});

form.addEventListener("input", () => { unsaved = true; });
// Sortable's own event, when something was dropped.
form.addEventListener("end", () => { htmx.trigger(form, "input"); });
form.addEventListener("submit", () => { unsaved = false; });

// Where the answer to a button wants the focus: a new phase, or the button to add one in the place of what is gone.
form.addEventListener("htmx:afterSettle", () => {
  const wanted = form.querySelector("[data-focus]");
  if (wanted) (wanted.matches("button") ? wanted : wanted.querySelector("input:not([type=hidden])")).focus();
});

window.addEventListener("beforeunload", (event) => {
  if (unsaved) event.preventDefault();
});

// The keys that aria-keyshortcuts names. By place, for Alt writes another letter on some keyboards.
document.addEventListener("keydown", (event) => {
  const held = event.altKey ? "Alt" : event.ctrlKey || event.metaKey ? "Control" : "";
  const button = held && form.querySelector(`[aria-keyshortcuts="${held}+${event.code.replace("Key", "")}"]`);
  if (!button) return;
  event.preventDefault();
  button.click();
});
