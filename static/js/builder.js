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

// Saved only for who is still signed in: the page to sign in on would take the place of what is typed. The token is
// read when something is sent, for signing in again makes another.
const token = () => /(?:^|; )csrftoken=([^;]+)/.exec(document.cookie)?.[1] ?? "";
let checked = false;
form.addEventListener("submit", async (event) => {
  if (checked) {
    unsaved = checked = false;
    return;
  }
  event.preventDefault();
  const trouble = await fetch(window.location, { method: "HEAD", redirect: "manual", cache: "no-store" }).then(
    (answer) => (answer.type === "opaqueredirect" ? "sign-in" : ""),
    () => "connection",
  );
  sayNotSaved(trouble);
  if (trouble) return;
  form.elements.csrfmiddlewaretoken.value = token();
  checked = true;
  form.requestSubmit(event.submitter);
});

function sayNotSaved(trouble) {
  const box = document.getElementById("not-saved");
  box.querySelectorAll("[data-why]").forEach((each) => { each.hidden = each.dataset.why !== trouble; });
  box.hidden = !trouble;
  if (trouble) box.scrollIntoView({ block: "center" });
}
document.body.addEventListener("htmx:responseError", ({ detail }) => {
  if (detail.xhr.status === 401) sayNotSaved("sign-in");
});
document.body.addEventListener("htmx:sendError", () => sayNotSaved("connection"));
document.body.addEventListener("htmx:configRequest", ({ detail }) => {
  detail.parameters.csrfmiddlewaretoken = token();
});
document.body.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (detail.successful) sayNotSaved("");
});

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
