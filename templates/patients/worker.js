{% load i18n static %}"use strict";

importScripts("{% static "js/store.js" %}");

// Kept here: the files of the pages, the pictures, and for each record the pages without a name or a history that
// patient.js put there. The network comes first; what is kept is for when there is none.
const FILES = "steady-files-{{ version }}", PAGES = "steady-pages", PICTURES = "steady-pictures";
const NOTHING_KEPT = "{% url "nothing-kept" %}";
const PATIENCE = 7000;
const OF_A_RECORD = /^(\/clinic\/([^/]+)\/my\/([0-9a-f-]{36})\/)(.*)$/;

self.addEventListener("install", (event) => {
  const kept = [NOTHING_KEPT, {% for file in files %}"{{ file }}"{% if not forloop.last %}, {% endif %}{% endfor %}];
  event.waitUntil(caches.open(FILES).then((cache) => cache.addAll(kept)).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  const isOld = (name) => name.startsWith("steady-files-") && name !== FILES;
  event.waitUntil((async () => {
    for (const name of (await caches.keys()).filter(isOld)) await caches.delete(name);
    await self.clients.claim();
  })());
});

self.addEventListener("fetch", (event) => {
  const { request } = event, url = new URL(request.url);
  if (url.origin !== self.location.origin) return;
  if (request.mode === "navigate") {
    if (request.method === "GET") event.respondWith(page(request, url));
    else if (/\/red-flags\/$/.test(url.pathname)) event.respondWith(answered(request, url));
  } else if (request.method === "GET" && url.pathname.startsWith("/pictures/")) {
    event.respondWith(picture(request));
  } else if (request.method === "GET" && url.pathname.startsWith("/static/")) {
    event.respondWith(fetch(request).catch(() => kept(request)));
  }
});

const kept = async (request, options) => (await caches.match(request, options)) ?? Response.error();

function inTime(answer) {
  return Promise.race([answer, new Promise((_, late) => setTimeout(late, PATIENCE, new Error("too slow")))]);
}

async function page(request, url) {
  if (url.pathname.endsWith("/red-flags/stop/") && url.searchParams.has("kept")) return stop(url);
  try {
    const answer = await inTime(fetch(request));
    if (![502, 503, 504].includes(answer.status)) return answer;
  } catch { /* no network */ }
  const [, root, , , rest] = OF_A_RECORD.exec(url.pathname) ?? [];
  if (!root) return kept(NOTHING_KEPT);
  const name = rest.startsWith("red-flags/") ? `${rest}?offline` : "offline/";
  return (await caches.match(root + name)) ?? kept(NOTHING_KEPT);
}

// A yes to a warning sign must lead to its answer, network or not. It waits with all else that is not sent yet.
async function answered(request, url) {
  const said = await request.clone().formData(), signs = said.getAll("sign");
  try {
    // Followed from here: a way to the sign-in is no answer to it.
    const answer = await inTime(fetch(url, { method: "POST", body: new URLSearchParams(said) }));
    const [root] = OF_A_RECORD.exec(url.pathname).slice(1);
    if (answer.ok && new URL(answer.url).pathname.startsWith(root)) return Response.redirect(answer.url, 303);
  } catch { /* no network */ }
  if (!signs.length) return Response.redirect(url.pathname.replace(/red-flags\/$/, "?checked=1"), 303);
  await keepYes(url, said.get("id") || crypto.randomUUID(), signs);
  return Response.redirect(`${url.pathname}stop/?kept`, 303);
}

// The phone's own, whoever is signed in.
async function stop(url) {
  return (await caches.match(`${url.pathname}?offline`)) ?? fetch(url).catch(() => kept(NOTHING_KEPT));
}

function keepYes(url, id, flags) {
  const [, , clinic, record] = OF_A_RECORD.exec(url.pathname);
  const send = `/api/v1/clinic/${clinic}/patients/${record}/red-flags/?own`, at = Date.now();
  return self.steadyStore.put("entries", { id, record, kind: "red-flags", send, body: { id, flags }, state: "waiting", at });
}

async function picture(request) {
  try {
    const answer = await fetch(request);
    if (answer.ok) await (await caches.open(PICTURES)).put(request, answer.clone());
    return answer;
  } catch {
    return kept(request);
  }
}
