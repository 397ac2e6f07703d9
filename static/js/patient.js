"use strict";

// The pages work without this. It says when htmx could not send something, keeps it on the phone, opens whole what is
// not a part of a page, and lets the phone keep what works without a signal.
(() => {
  const FAR_TOO_LONG = 100000; // more than a server reads; up to here it answers with the form as it was typed
  const notSaved = document.getElementById("not-saved");
  const { steady } = window;

  function hide(hidden, why = "lost") {
    if (!notSaved) return;
    notSaved.hidden = hidden;
    notSaved.querySelectorAll("[data-why]").forEach((each) => { each.hidden = each.dataset.why !== why; });
  }
  document.body.addEventListener("htmx:beforeRequest", () => hide(true));
  for (const name of ["htmx:sendError", "htmx:timeout", "htmx:responseError"]) {
    document.body.addEventListener(name, (event) => notSent(event.detail));
  }
  document.body.addEventListener("htmx:beforeSwap", (event) => {
    const { xhr } = event.detail;
    if (event.detail.shouldSwap && /^\s*<!doctype/i.test(xhr.responseText)) {
      event.detail.shouldSwap = false;
      window.location.assign(xhr.responseURL);
    }
  });

  // A page may be older than the sign-in: the token is read when something is sent.
  document.addEventListener("submit", (event) => {
    if (event.target.elements.note?.value.length > FAR_TOO_LONG) {
      event.preventDefault();
      event.stopImmediatePropagation();
      hide(false, "long");
      return notSaved.scrollIntoView({ block: "center" });
    }
    const field = event.target.elements.csrfmiddlewaretoken;
    if (field && steady.token()) field.value = steady.token();
    const id = event.target.elements.id;
    if (id && !id.value) id.value = crypto.randomUUID();
  }, true);

  // What could not be sent is kept, unless the server answered that it is wrong.
  async function notSent({ elt, xhr, requestConfig }) {
    const form = elt.closest?.("#log form, form[data-morning]"), isLost = !xhr?.status || [401, 502, 503, 504].includes(xhr.status);
    const kind = form?.dataset.morning ? "morning" : "log";
    const body = form && isLost ? (kind === "morning" ? answerOf(form, requestConfig.parameters) : entryOf(form)) : null;
    if (!body) return hide(false, isLost ? "lost" : "refused");
    await steady.keep(body, { note: form.elements.note?.value.replaceAll("\0", "").trim(), kind });
    toQueue();
  }

  // The morning after, as the API takes it. The number stands on the button.
  function answerOf(form, said) {
    const body = { id: said.id, date: form.dataset.morning, pain: Number(said.pain) };
    return said.replaces ? { ...body, replaces: said.replaces } : body;
  }

  // The form as the API takes it; null where a number makes no sense.
  function entryOf(form) {
    const said = new FormData(form), log = form.closest("#log"), plan = JSON.parse(log.dataset.plan);
    const body = { id: said.get("id"), date: log.dataset.day };
    const corrected = /\/correct\/([0-9a-f-]{36})\//.exec(form.getAttribute("action"));
    if (corrected) body.replaces = corrected[1];
    if (said.get("kind") === "skip") return said.get("skip_reason") ? { ...body, skip_reason: said.get("skip_reason") } : null;
    if (said.get("kind") === "planned") return { ...body, sets: plan.filter((task) => task.required).flatMap((task) => planned(task)) };
    const sets = setsOf(said, plan, form);
    return sets?.length ? { ...body, sets, ...ratingsOf(said) } : null;
  }
  function planned(task, count = task.sets) {
    const amounts = Object.fromEntries(task.sides.map((side) => [side, task.amount]));
    return Array.from({ length: count }, () => ({ exercise: task.exercise, as_planned: true, ...amounts }));
  }
  function ratingsOf(said) {
    const given = ["pain_before", "pain_during", "pain_after", "effort"].filter((name) => said.get(name));
    return Object.fromEntries(given.map((name) => [name, Number(said.get(name))]));
  }
  function usedOf(said, exercise) {
    const given = ["short_band", "long_band", "placement"].filter((name) => said.get(`${exercise}-${name}`));
    return Object.fromEntries(given.map((name) => [name, said.get(`${exercise}-${name}`)]));
  }
  // What is corrected stays confirmed as planned, set by set, where its numbers are those that were.
  function setsOf(said, plan, form) {
    const sets = new Map();
    const before = (name) => JSON.parse(form.elements[name].closest("[data-confirmed]")?.dataset.confirmed ?? "null");
    for (const [name, value] of said) {
      const cell = /^(.+)-(\d{1,2})-(amount|left|right)$/.exec(name), all = /^(.+)-planned$/.exec(name);
      if (!value.trim()) continue;
      if (all) {
        const now = planned(plan.find((task) => task.exercise === all[1]), Number(value)), was = before(name) ?? [];
        const used = usedOf(said, all[1]);
        now.forEach((set, n) => sets.set(`${name}${n}`, { ...(was[n] ? { exercise: all[1], as_planned: true, ...was[n] } : set), ...used }));
      }
      if (!cell) continue;
      if (!/^\d{1,4}$/.test(value.trim())) return null;
      const [, exercise, number, side] = cell, key = `${exercise}-${number}`;
      const set = { ...(sets.get(key) ?? { exercise, ...usedOf(said, exercise) }), [side]: Number(value) };
      const was = before(name);
      set.as_planned = Boolean(was) && Object.entries(was).every(([each, amount]) => set[each] === amount);
      sets.set(key, set);
    }
    const isHalf = (set) => ("left" in set) !== ("right" in set);
    return [...sets.values()].some(isHalf) ? null : [...sets.values()];
  }

  // Sent at last: the page of today says so with its new figures, unless somebody is typing.
  let typing = false;
  document.addEventListener("input", () => { typing = true; });
  document.addEventListener("steady:sent", ({ detail: entry }) => {
    if (steady.kindOf(entry) === "red-flags") return told();
    const fields = [...document.querySelectorAll("#log input[name=id], form[data-morning] input[name=id]")];
    const page = pageOf(entry), isOurs = fields.some((field) => field.value === entry.id);
    if (page && fields.length && (isOurs || !typing)) window.location.replace(page);
  });
  function told() {
    document.querySelectorAll("[data-answer]").forEach((each) => { each.hidden = each.dataset.answer !== "sent"; });
    if (document.querySelector("[data-answer]")) history.replaceState(null, "", location.pathname);
  }
  // Where it is shown as saved; nowhere, where it waits for the clinic.
  function pageOf(entry) {
    const { date, for_staff: forStaff } = entry.body, { today } = steady.here;
    if (forStaff) return null;
    if (steady.kindOf(entry) === "morning") return `${today}morning/${date}/?answered=1`;
    return `${location.pathname === today ? today : `${today}${date}/`}?saved=${entry.id}`;
  }

  // A session that was begun and not saved: of the day that is shown, or of one before it that can still be logged.
  async function begun(day = document.getElementById("log")?.dataset.day) {
    const start = document.querySelector("[data-start]"), earlier = document.querySelector("[data-earlier]");
    if (!start || !day) return;
    const drafts = (await steady.all("drafts")).filter((draft) => draft.record === steady.record && draft.sets.length);
    if (drafts.some((draft) => draft.day === day)) start.lastElementChild.textContent = start.dataset.goOn;
    const oldest = steady.daysBefore(await steady.today(), 2);
    const before = drafts.map((draft) => draft.day).filter((each) => each < day && each >= oldest).sort().at(-1);
    if (!earlier || !before) return;
    earlier.querySelector("[data-date]").textContent = steady.inWords(before);
    earlier.href = `${steady.here.today}${before}/session/`;
    earlier.hidden = false;
  }
  document.addEventListener("htmx:afterSettle", () => begun());
  begun();

  // Keeps an entry and sends it if there is a network. Says whether it was sent, and whether the page has to stay open.
  async function save(body, options) {
    const done = await steady.keep(body, { ...options, leaves: true });
    const kept = (await steady.waiting()).find((entry) => entry.id === body.id);
    const opens = (await navigator.serviceWorker?.getRegistration())?.active;
    const mustStay = Boolean(kept && (options?.note || kept.state !== "waiting" || !opens));
    if (mustStay) await steady.tell(done);
    return { isSent: !kept, mustStay };
  }
  const toQueue = () => document.getElementById("queue").scrollIntoView({ block: "center" });

  // What the phone keeps: asked for anew with each visit, for a plan changes.
  async function keepPages() {
    const { worker, scope, shell, today } = steady.here;
    if (!shell || !("serviceWorker" in navigator) || !window.caches || document.getElementById("without-signal")) return;
    await navigator.serviceWorker.register(worker, { scope });
    const pages = await caches.open("steady-pages");
    for (const address of [shell, `${today}red-flags/?offline`, `${today}red-flags/stop/?offline`]) {
      const answer = await fetch(address);
      if (!answer.ok || answer.redirected) continue;
      steady.learnTime(answer);
      if (address === shell) await keepPictures(await answer.clone().text());
      await pages.put(address, answer);
    }
  }
  async function keepPictures(html) {
    const pictures = await caches.open("steady-pictures");
    const page = new DOMParser().parseFromString(html, "text/html");
    const parts = [...page.querySelectorAll("template[data-first]")].map((template) => template.content);
    const shown = [page, ...parts].flatMap((part) => [...part.querySelectorAll("img[src^='/pictures/']")]);
    for (const address of new Set(shown.map((image) => image.getAttribute("src")))) {
      if (!(await pictures.match(address))) await pictures.add(address);
    }
  }
  Object.assign(steady, { planned, ratingsOf, usedOf, begun, save, pageOf, toQueue });
  window.addEventListener("load", () => keepPages().catch(() => {}));
})();
