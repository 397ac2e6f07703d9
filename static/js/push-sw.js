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
