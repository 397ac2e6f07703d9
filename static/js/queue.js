"use strict";

// What waits on this phone until the server has it, by record: logs, answers about a morning, a yes to a warning sign.
// Words of the patient's own (a note) are never stored: they live in the page that they were typed into. The texts stand
// in _queue.html.
window.steady = (() => {
  const box = document.getElementById("queue");
  const here = box ? box.dataset : {};
  const LIFE = Math.random().toString(36).slice(2);
  const DAY = 24 * 3600 * 1000, FORTNIGHT = 14 * DAY;
  const ADDRESSES = { log: "logs/?own", morning: "mornings/?own", "red-flags": "red-flags/?own" };
  const { put, remove, all, get } = self.steadyStore;
  const notes = new Map();
  const troubles = new Set();

  // Time. The phone's clock may be wrong, and may be set while something waits; what passes in the life of a page
  // is known better, but for a phone that slept.
  async function today() {
    const offset = (await get("clock", "offset"))?.milliseconds ?? 0;
    const now = new Date(Date.now() + offset);
    return new Intl.DateTimeFormat("en-CA", { timeZone: here.zone, year: "numeric", month: "2-digit", day: "2-digit" }).format(now);
  }
  const daysBefore = (day, count) => new Date(Date.parse(day) - count * DAY).toISOString().slice(0, 10);
  const language = document.documentElement.lang.replace(/^en$/, "en-GB"); // as the pages write their dates
  const inWords = (day) =>
    new Intl.DateTimeFormat(language, { timeZone: "UTC", weekday: "long", day: "numeric", month: "long" })
      .format(Date.parse(day));
  function learnTime(answer) {
    const date = Date.parse(answer.headers.get("Date"));
    if (date) put("clock", { id: "offset", milliseconds: date - Date.now() });
  }
  function waited(entry) {
    const byClock = Date.now() - entry.at;
    if (entry.life !== LIFE) return byClock;
    const steadily = performance.now() - entry.steadily;
    return byClock < steadily || byClock - steadily > FORTNIGHT ? steadily : byClock;
  }

  const token = () => /(?:^|; )csrftoken=([^;]+)/.exec(document.cookie)?.[1] ?? "";
  const kindOf = (entry) => entry.kind ?? "log";
  // In the order in which they were entered: a morning comes after its session.
  const waiting = async (record = here.record) =>
    (await all("entries")).filter((entry) => record === "all" || entry.record === record).sort((one, other) => one.at - other.at);

  // Keeps an entry before it is sent; the same id again takes the place of what waits under it. A page that `leaves`
  // for another says nothing more: the other one does.
  async function keep(body, { note = "", kind = "log", leaves = false } = {}) {
    if (note) notes.set(body.id, note);
    else notes.delete(body.id);
    await put("entries", {
      id: body.id, record: here.record, kind, send: here.api + ADDRESSES[kind], body, state: "waiting",
      at: Date.now(), steadily: performance.now(), life: LIFE,
    });
    return leaves ? sendAlone() : flush();
  }

  async function post(entry) {
    const body = { ...entry.body, waited_seconds: Math.trunc(waited(entry) / 1000) };
    if (notes.has(entry.id)) body.note = notes.get(entry.id);
    const headers = { "Content-Type": "application/json", "X-CSRFToken": token() };
    const answer = await fetch(entry.send, {
      method: "POST", headers, body: JSON.stringify(body), credentials: "same-origin", signal: AbortSignal.timeout?.(20000),
    });
    learnTime(answer);
    return answer;
  }

  // One entry after the other, in one tab at a time. Stops where there is no network, or somebody else is signed in.
  async function send(record) {
    troubles.clear();
    const done = [];
    for (const entry of await waiting(record)) {
      if (entry.state !== "waiting") continue;
      let answer;
      try {
        answer = await post(entry);
        if (answer.status === 403 && here.today) {
          await fetch(here.today);
          answer = await post(entry);
        }
      } catch {
        troubles.add("later");
        break;
      }
      const said = await answer.json().catch(() => ({}));
      if (answer.ok || (answer.status === 409 && isTheSame(said.standing, entry))) {
        await remove("entries", entry.id);
        notes.delete(entry.id);
        if (said.accepted === false) troubles.add("waits");
        done.push(entry);
      } else if (answer.status === 409) {
        await put("entries", { ...entry, state: "conflict", standing: said.standing?.id ?? null });
      } else if (answer.status === 400 || answer.status === 413) {
        await put("entries", { ...entry, state: "refused", reason: sentences(said).join(" ") });
      } else if ([401, 403, 404].includes(answer.status)) {
        troubles.add("who");
      } else {
        troubles.add("later");
        break;
      }
    }
    return done;
  }
  async function sendAlone(record = here.record) {
    const act = () => send(record);
    return navigator.locks ? navigator.locks.request("steady-queue", act) : act();
  }
  async function flush(record) {
    return tell(await sendAlone(record));
  }
  async function tell(done) {
    await show(done.length > 0);
    for (const entry of done) document.dispatchEvent(new CustomEvent("steady:sent", { detail: entry }));
    return done;
  }

  // The server may have had it although its answer was lost, with the note that is not kept here.
  function isTheSame(standing, { body, ...entry }) {
    if (kindOf(entry) !== "log") return false;
    if (!standing || standing.date !== body.date || (standing.skip_reason || "") !== (body.skip_reason || "")) return false;
    const ratings = ["pain_before", "pain_during", "pain_after", "effort", "replaces"];
    if (ratings.some((name) => (standing[name] ?? null) !== (body[name] ?? null))) return false;
    const parts = ["exercise", "amount", "left", "right", "as_planned", "short_band", "long_band", "placement"];
    const set = (each) => JSON.stringify(parts.map((name) => each[name] || (each[name] === 0 ? 0 : null)));
    const sets = body.sets ?? [];
    return standing.sets.length === sets.length && standing.sets.every((each, n) => set(each) === set(sets[n]));
  }
  const sentences = (said) =>
    typeof said === "string" ? [said] : Object.values(said ?? {}).flatMap((value) => sentences(value));

  const numbers = (sets) =>
    sets.map((each) => each.amount ?? `${each.left ?? 0} + ${each.right ?? 0}`).join(", ");

  // What is seen of it.
  const say = (name, shown) => {
    const line = box.querySelector(`[data-say="${name}"]`);
    if (line) line.hidden = !shown;
    return line;
  };
  async function show(sent = false) {
    if (!box) return;
    const entries = await waiting(), begun = document.querySelector("[data-answer]") ? [] : await tooLate();
    const count = entries.filter((entry) => entry.state === "waiting").length;
    say("one", count === 1);
    const many = say("many", count > 1);
    if (many) many.querySelector("[data-number]").textContent = count;
    say("later", count > 0 && !troubles.has("who"));
    say("note", count > 0 && entries.some((entry) => notes.has(entry.id)));
    say("who", troubles.has("who"));
    say("waits", troubles.has("waits"));
    say("sent", sent && !entries.length);
    say("again", count > 0);
    box.querySelectorAll(":scope > [role=alert]").forEach((old) => old.remove());
    for (const entry of entries.filter((each) => each.state !== "waiting")) box.append(question(entry));
    for (const draft of begun) box.append(offer(draft));
    box.hidden = !entries.length && !sent && !troubles.size && !begun.length;
  }
  const copyOf = (name) => document.getElementById(name).content.firstElementChild.cloneNode(true);
  function inShort({ body }) {
    if (body.flags) return body.flags.join(" ");
    return `${inWords(body.date)}: ${body.pain ?? (numbers(body.sets ?? []) || "–")}`;
  }
  function question(entry) {
    const part = copyOf("queue-question");
    part.dataset.entry = entry.id;
    part.querySelectorAll("[data-of]").forEach((each) => { if (each.dataset.of !== entry.state) each.remove(); });
    const reason = part.querySelector("[data-reason]");
    if (reason) reason.textContent = entry.reason;
    part.querySelector("[data-numbers]").textContent = inShort(entry);
    return part;
  }

  // A session that was begun and never saved, on a day that can't be logged any more: the clinic can still add it.
  const doneIn = (draft) => draft.sets.filter((each) => !each.left_out);
  async function tooLate() {
    const oldest = daysBefore(await today(), 2);
    return (await all("drafts")).filter((draft) => draft.record === here.record && draft.day < oldest && doneIn(draft).length);
  }
  function offer(draft) {
    const part = copyOf("queue-draft");
    part.dataset.draft = draft.id;
    part.querySelector("[data-numbers]").textContent = `${inWords(draft.day)}: ${numbers(doneIn(draft))}`;
    return part;
  }
  async function settle(what, id) {
    const draft = await get("drafts", id);
    await remove("drafts", id);
    if (!draft || what === "drop") return show();
    const sets = doneIn(draft).map(({ number, ...set }) => set);
    return keep({ id: draft.log, date: draft.day, sets, ...draft.ratings, for_staff: true });
  }

  async function decide(what, id) {
    if (what === "send") return flush();
    const entry = await get("entries", id);
    if (!entry) return show();
    if (what === "drop") {
      await remove("entries", id);
      return show();
    }
    if (what === "retry") {
      await put("entries", { ...entry, state: "waiting" });
      return flush();
    }
    await remove("entries", id);
    const anew = { ...entry.body, id: crypto.randomUUID() };
    if (entry.standing) anew.replaces = entry.standing;
    else if (kindOf(entry) === "morning") delete anew.replaces;
    await put("entries", { ...entry, id: anew.id, body: anew, state: "waiting" });
    return flush();
  }

  if (box) {
    box.addEventListener("click", (event) => {
      const button = event.target.closest("[data-do]");
      if (!button) return;
      const draft = button.closest("[data-draft]")?.dataset.draft;
      if (draft) settle(button.dataset.do, draft);
      else decide(button.dataset.do, button.closest("[data-entry]")?.dataset.entry);
    });
    window.addEventListener("online", () => flush());
    document.addEventListener("visibilitychange", () => { if (!document.hidden) flush(); });
    window.addEventListener("pageshow", () => flush());
    setInterval(async () => { if ((await waiting()).length) flush(); }, 30000);
  }
  return {
    record: here.record, here, keep, flush, tell, waiting, put, remove, get, all, kindOf, today, daysBefore, inWords, learnTime, token, numbers,
  };
})();
