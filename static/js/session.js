"use strict";

// A session set by set: a screen for each set, one tap or a number, a rest that is reckoned from the time at which it
// ends. What was entered is kept after each tap, so the session goes on where it was left.
steady.guide = (guide) => {
  const { steady } = window;
  const $ = (selector) => guide.querySelector(selector);
  const plan = JSON.parse(guide.dataset.plan);
  const bar = $("#guide-bar"), pad = $("#pad"), end = $("#guide-end");
  const enterAll = document.getElementById("enter-all"), form = enterAll.querySelector("form");
  const steps = plan.flatMap((task) =>
    Array.from({ length: task.most }, (_, n) => ({ ...task, number: n + 1, further: n >= task.sets })));
  let draft, signal, wakeLock, saving = false;

  const taskOf = (each) => plan.find((task) => task.exercise === each.exercise);
  const isStep = (step) => (each) => each.exercise === step.exercise && each.number === step.number;
  const current = () => steps.find((step) => !draft.sets.some(isStep(step)));
  const done = () => draft.sets.filter((each) => !each.left_out);

  async function open(day) {
    if (!steps.length) return;
    const id = `${steady.record}/${day}`;
    draft = (await steady.get("drafts", id)) ?? { id, record: steady.record, day, log: crypto.randomUUID(), sets: [], ratings: {} };
    for (const [name, value] of Object.entries(draft.ratings)) {
      const field = form.querySelector(`[name="${name}"][value="${value}"]`);
      if (field) field.checked = true;
    }
    document.body.classList.add("guided");
    guide.hidden = false;
    render();
    toTop();
    setInterval(tick, 500);
    document.addEventListener("visibilitychange", () => { tick(); stayAwake(); });
  }

  // Screens.
  function render(focus = false) {
    const step = current();
    guide.querySelectorAll(".guide-step").forEach((each) => { each.hidden = each.dataset.exercise !== step?.exercise; });
    $("#guide-progress").max = steps.length;
    $("#guide-progress").value = draft.sets.length;
    bar.hidden = !step;
    pad.hidden = true;
    end.hidden = enterAll.hidden = Boolean(step);
    if (step) showStep(step);
    else showEnd();
    tick();
    if (!focus) return;
    const heading = step ? $(`[data-exercise="${step.exercise}"].guide-step h2`) : end.querySelector("h2");
    heading.focus({ preventScroll: true });
    toTop();
  }
  // The way to the warning signs stays on the screen.
  function toTop() {
    document.querySelector(".safety-line").scrollIntoView();
  }
  function showStep(step) {
    const screen = $(`[data-exercise="${step.exercise}"].guide-step`);
    screen.querySelector("[data-number]").textContent = step.number;
    screen.querySelector("[data-all]").textContent = Math.max(step.sets, step.number);
    screen.querySelector("[data-further]").hidden = !step.further;
    bar.querySelector("[data-do=planned]").hidden = step.amount === null;
    bar.querySelector("[data-do=undo]").hidden = !draft.sets.length;
  }
  function showEnd() {
    end.querySelectorAll("[data-exercise]").forEach((line) => {
      const sets = done().filter((each) => each.exercise === line.dataset.exercise);
      line.hidden = !sets.length;
      line.querySelector("[data-numbers]").textContent = inWords(sets);
    });
    $("#guide-nothing").hidden = done().length > 0;
    enterAll.hidden = !done().length;
  }

  // As the page of the day has it: left 10 + 10, right 10 + 9. What was only confirmed is marked.
  function inWords(sets) {
    const { sides, asPlanned } = $("#guide-words").dataset, some = sets.some((each) => !each.as_planned);
    const all = (side) => sets.map((each) => (some && each.as_planned ? "≈" : "") + each[side]).join(" + ");
    const numbers = sets[0]?.amount === undefined ? sides.replace("LEFT", all("left")).replace("RIGHT", all("right")) : all("amount");
    return sets.some((each) => each.as_planned) ? `${numbers} (${some ? "≈ " : ""}${asPlanned})` : numbers;
  }

  // Entering.
  async function enter(set) {
    const step = current();
    draft.sets.push({ exercise: step.exercise, number: step.number, ...set });
    const next = current();
    const rests = next?.exercise === step.exercise && !set.left_out && step.rest;
    draft.restUntil = rests ? Date.now() + step.rest * 1000 : null;
    render(true);
    signalAfter(rests ? step.rest : 0);
    stayAwake();
    await steady.put("drafts", draft);
  }
  async function undo() {
    draft.sets.pop();
    draft.restUntil = null;
    signalAfter(0);
    render(true);
    await steady.put("drafts", draft);
  }
  const amountsOf = (step) => Object.fromEntries(step.sides.map((side) => [side, step.amount]));

  // The pad writes into the field that was touched last.
  let field;
  const fields = () => [...pad.querySelectorAll(".pad-field:not([hidden]) input")];
  function count() {
    const { sides } = current();
    pad.querySelectorAll(".pad-field").forEach((each) => {
      each.hidden = !sides.includes(each.dataset.side);
      each.querySelector("input").value = "";
    });
    bar.hidden = true;
    pad.hidden = false;
    choose(fields()[0]);
    missing(false);
    toTop();
    pad.scrollIntoView({ block: "nearest" });
  }
  function choose(input) {
    field = input;
    fields().forEach((each) => each.parentElement.classList.toggle("chosen", each === input));
    input.focus({ preventScroll: true });
  }
  const missing = (isIt) => { $("#pad-missing span").hidden = !isIt; };
  function type(digit) {
    field.value = `${field.value}${digit}`.replace(/^0+(?=\d)/, "").slice(0, 3);
    missing(false);
  }
  function change(by) {
    const from = field.value === "" ? current().amount ?? 0 : Number(field.value) || 0;
    field.value = Math.max(0, from + by);
    missing(false);
  }
  function keep() {
    const empty = fields().find((each) => !/^\d{1,3}$/.test(each.value.trim()));
    if (empty) {
      missing(true);
      return choose(empty);
    }
    return enter(Object.fromEntries(fields().map((each) => [each.parentElement.dataset.side, Number(each.value)])));
  }

  // The rest is over at a time, not after so many ticks: a locked phone may stand still in between.
  let wasResting = false;
  function tick() {
    const left = Math.ceil(((draft?.restUntil ?? 0) - Date.now()) / 1000);
    const rests = left > 0 && Boolean(current());
    $("#rest").hidden = !rests;
    if (rests) $("#rest-time").textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
    $("#rest-over span").hidden = rests || !draft?.restUntil || !current();
    if (wasResting && !rests && draft?.restUntil) navigator.vibrate?.([300, 150, 300]);
    wasResting = rests;
  }
  // Planned ahead with the sound itself, which goes on where timers don't. Only after a tap a browser lets it sound.
  function signalAfter(seconds) {
    signal?.close();
    signal = null;
    if (!seconds || !window.AudioContext) return;
    signal = new AudioContext();
    for (const at of [0, 0.35]) {
      const tone = signal.createOscillator(), loudness = signal.createGain(), start = signal.currentTime + seconds + at;
      tone.frequency.value = 660;
      loudness.gain.setValueAtTime(0.25, start);
      loudness.gain.exponentialRampToValueAtTime(0.001, start + 0.3);
      tone.connect(loudness).connect(signal.destination);
      tone.start(start);
      tone.stop(start + 0.3);
    }
  }
  async function stayAwake() {
    if (document.hidden || !navigator.wakeLock) return;
    if (!current()) return void wakeLock?.release();
    if (!wakeLock || wakeLock.released) wakeLock = await navigator.wakeLock.request("screen").catch(() => null);
  }

  guide.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    const { do: what, digit, by } = button.dataset;
    if (digit) type(digit);
    if (by) change(Number(by));
    if (what === "planned") enter({ as_planned: true, ...amountsOf(current()) });
    if (what === "leave") enter({ left_out: true });
    if (what === "count") count();
    if (what === "clear") field.value = "";
    if (what === "back") render(true);
    if (what === "undo") undo();
    if (what === "keep") keep();
  });
  pad.addEventListener("focusin", (event) => { if (event.target.matches("input") && event.target !== field) choose(event.target); });
  pad.addEventListener("keydown", (event) => { if (event.key === "Enter" && event.target.matches("input")) keep(); });
  form.addEventListener("change", () => {
    if (!draft) return;
    draft.ratings = steady.ratingsOf(new FormData(form));
    steady.put("drafts", draft);
  });

  // Saving: kept on the phone first, then sent.
  form.addEventListener("submit", async (event) => {
    if (!draft) return;
    event.preventDefault();
    if (saving) return;
    const said = new FormData(form);
    const sets = done().map(({ number, ...set }) => ({ ...set, ...steady.usedOf(said, set.exercise) }));
    await save({ id: draft.log, date: draft.day, sets, ...steady.ratingsOf(said) }, (said.get("note") ?? "").replaceAll("\0", "").trim());
  });
  async function save(body, note) {
    saving = true;
    const { isSent, mustStay } = await steady.save(body, { note });
    await steady.remove("drafts", draft.id);
    if (mustStay) {
      saving = false;
      return steady.toQueue();
    }
    const pain = Math.max(...["pain_before", "pain_during", "pain_after"].map((name) => body[name] ?? 0));
    const page = body.date === (await steady.today()) ? steady.here.today : `${steady.here.today}${body.date}/`;
    window.location.assign(isSent ? `${page}?saved=${body.id}` : `${page}?kept=${body.id}&pain=${pain}`);
  }
  document.addEventListener("steady:sent", ({ detail: entry }) => {
    if (entry.id === draft?.log && !saving) window.location.assign(steady.pageOf(entry));
  });

  open(guide.dataset.day);
};

if (document.getElementById("guide")) steady.guide(document.getElementById("guide"));
