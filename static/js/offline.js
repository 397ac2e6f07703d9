"use strict";

// The page without a signal: shown at every address of a record, it does what that address is for. It holds the plan of
// each date from two days before it was kept to two weeks after; which of them is shown, the date decides.
(async () => {
  const without = document.getElementById("without-signal"), { steady } = window, { today: root } = steady.here;
  const rest = location.pathname.slice(root.length), query = new URLSearchParams(location.search);
  const today = await steady.today();
  const [, day, isSession] = /^(\d{4}-\d{2}-\d{2})\/(session\/)?$/.exec(rest) ?? [];
  const [, asked] = /^morning\/(\d{4}-\d{2}-\d{2})\/$/.exec(rest) ?? [];
  const isHere = rest === "" || rest === "offline/" || Boolean(day || asked);
  const on = day ?? today, yesterday = steady.daysBefore(today, 1);

  const plans = [...without.querySelectorAll("template[data-first]")];
  const known = plans.find(({ dataset }) => dataset.first <= on && on <= dataset.last);
  const shown = document.getElementById("plan");
  shown.append((known ?? plans.at(on < plans[0].dataset.first ? 0 : -1)).content.cloneNode(true));
  shown.dispatchEvent(new Event("htmx:load", { bubbles: true }));

  const when = (name, isIt) => { without.querySelector(`[data-when="${name}"]`).hidden = !isIt; };
  when("other-page", !isHere);
  when("old", without.dataset.asOf !== today);
  when("unknown", !known);
  when("checked", query.has("checked"));
  when("hurt", Number(query.get("pain")) >= 8);
  without.querySelectorAll("[data-on]").forEach((each) => { each.textContent = steady.inWords(on); });
  if (on !== today) document.getElementById("which-page").textContent = without.dataset.anotherDay;

  document.getElementById("offline-day").hidden = Boolean(isSession);
  document.getElementById("offline-session").hidden = !isSession;
  const guide = document.getElementById("guide");
  if (isSession) {
    guide.dataset.day = on;
    steady.guide(guide);
  } else {
    const start = without.querySelector("[data-start]");
    if (start) start.href = `${root}${on}/session/`;
    steady.begun(on);
  }

  const morning = document.getElementById("offline-morning");
  const session = asked ?? (day && day < today ? day : yesterday);
  morning.hidden = Boolean(isSession) || session < steady.daysBefore(today, 3) || session > yesterday;
  morning.open = Boolean(asked);
  morning.querySelectorAll("[data-session]").forEach((each) => { each.textContent = steady.inWords(session); });
  const answered = async () =>
    (await steady.waiting()).find((entry) => steady.kindOf(entry) === "morning" && entry.body.date === session);
  const told = await answered();
  morning.querySelector("[data-said]").hidden = !told;
  if (told) morning.querySelector("[data-pain]").textContent = told.body.pain;

  // Another number takes the place of one that waits.
  async function answer(pain) {
    const before = await answered();
    const body = { ...before?.body, id: before?.id ?? crypto.randomUUID(), date: session, pain };
    return keep(body, { kind: "morning" }, pain);
  }
  async function keep(body, options, pain = 0) {
    const { isSent, mustStay } = await steady.save(body, options);
    if (mustStay) return steady.toQueue();
    const entry = { id: body.id, body, kind: options?.kind };
    return window.location.assign(isSent ? steady.pageOf(entry) : `${location.pathname}?kept=${body.id}&pain=${pain}`);
  }

  without.addEventListener("submit", (event) => {
    const { offline: kind } = event.target.dataset;
    if (!kind) return;
    event.preventDefault();
    event.target.querySelectorAll("[type=submit]").forEach((button) => { button.disabled = true; });
    const body = { id: crypto.randomUUID(), date: on };
    if (kind === "morning") answer(Number(event.submitter.value));
    else if (kind === "skip") keep({ ...body, skip_reason: new FormData(event.target).get("skip_reason") });
    else {
      const required = JSON.parse(guide.dataset.plan).filter((task) => task.required);
      keep({ ...body, sets: required.flatMap((task) => steady.planned(task)) });
    }
  });
  document.addEventListener("steady:sent", ({ detail: entry }) => {
    const page = isSession || steady.kindOf(entry) === "red-flags" ? null : steady.pageOf(entry);
    if (page) window.location.assign(page);
  });
})();
