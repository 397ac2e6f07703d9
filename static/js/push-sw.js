"use strict";

// In a service worker: shows the reminders that are pushed, and does what is tapped.
self.addEventListener("push", (event) => {
  const said = event.data.json();
  event.waitUntil(self.registration.showNotification(said.title, {
    tag: "reminder",
    lang: said.language,
    data: said,
    actions: [{ action: "stop", title: said.stop_label }],
  }));
});

self.addEventListener("notificationclick", (event) => {
  const said = event.notification.data;
  event.notification.close();
  event.waitUntil(event.action === "stop" ? stop(said) : open(said.open));
});

// Nothing but pages of this site, whatever the message says.
const here = (path) => new URL(new URL(path, self.location.origin).pathname, self.location.origin);

function open(path) {
  return self.clients.openWindow(here(path));
}

async function stop(said) {
  const answer = await fetch(here(said.stop), { method: "POST", credentials: "omit" }).catch(() => null);
  const done = answer !== null && answer.ok;
  await self.registration.showNotification(done ? said.stopped : said.not_stopped, { tag: "reminder", lang: said.language, data: said });
}

// The push service gave this browser another address, or took it away: a new one is asked for and told, in place of the old.
self.addEventListener("pushsubscriptionchange", (event) => {
  event.waitUntil(renew(event).catch(() => {}));
});

async function renew({ oldSubscription, newSubscription }) {
  const cache = await caches.open("steady-push"), known = await cache.match("/reminders/kept");
  if (!known) return;
  const kept = await known.json();
  const options = { userVisibleOnly: true, applicationServerKey: kept.key };
  const { endpoint, keys } = (newSubscription ?? await self.registration.pushManager.subscribe(options)).toJSON();
  const old = oldSubscription?.endpoint ?? kept.endpoint;
  const body = new URLSearchParams({ old, endpoint, p256dh: keys.p256dh, auth: keys.auth });
  const answer = await fetch(here(kept.renewal), { method: "POST", body, credentials: "omit" });
  if (answer.ok) await cache.put("/reminders/kept", Response.json({ ...kept, endpoint }));
}
