/* Fewer keys for the paper twin: arrows move, space and a digit go to the next planned day, a pad for the mouse. */

const form = document.getElementById("paper");
const fields = [...form.querySelectorAll(".paper-day input")];
const advance = document.getElementById("advance");
let chosen = form.querySelector("[autofocus]") || fields[0];

function go(field) {
  if (field) {
    field.focus();
    field.select();
  }
}

function beside(field, step) {
  return fields[fields.indexOf(field) + step];
}

function nextPlanned(field) {
  const after = fields.slice(fields.indexOf(field) + 1);
  return after.find((each) => "planned" in each.dataset) || after[0];
}

/* The same weekday, as many weeks on as there are fields to find. */
function inAnotherWeek(field, step) {
  const date = (each) => Date.parse(each.name.slice(4));
  const week = 7 * 24 * 3600 * 1000;
  return fields
    .filter((each) => Math.sign(date(each) - date(field)) === step && (date(each) - date(field)) % week === 0)
    .sort((one, other) => step * (date(one) - date(other)))[0];
}

const moves = {
  ArrowLeft: (field) => beside(field, -1),
  ArrowRight: (field) => beside(field, 1),
  ArrowUp: (field) => inAnotherWeek(field, -1),
  ArrowDown: (field) => inAnotherWeek(field, 1),
  " ": nextPlanned,
  Backspace: (field) => (field.value ? null : beside(field, -1)),
};

for (const field of fields) {
  field.removeAttribute("list"); // its menu would take the arrows
  field.addEventListener("focus", () => { chosen = field; });
  field.addEventListener("keydown", (event) => {
    const move = !event.ctrlKey && !event.metaKey && !event.altKey && moves[event.key];
    const to = move && move(field);
    if (move && (to || event.key === " ")) {
      event.preventDefault();
      go(to);
    }
  });
  field.addEventListener("input", () => {
    if (advance.checked && /^[02-9]$/.test(field.value)) {
      go(nextPlanned(field));
    }
  });
}

for (const button of form.querySelectorAll("[data-sign]")) {
  button.addEventListener("click", () => {
    chosen.value = button.dataset.sign;
    go(nextPlanned(chosen) || chosen);
  });
}

form.querySelector(".paper-scripted").hidden = fields.length === 0;
