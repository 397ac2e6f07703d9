"use strict";

// Without this the page still offers email. A browser that can be pushed to says where, and the form sends it.
const form = document.getElementById("push-here");
const said = document.getElementById("push-said");

if ("serviceWorker" in navigator && "PushManager" in window && "Notification" in window) {
  form.hidden = false;
  document.getElementById("push-not-here").hidden = true;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    subscribe().catch(() => { said.textContent = said.dataset.failed; });
  });
}

async function subscribe() {
  if (await Notification.requestPermission() !== "granted") {
    said.textContent = said.dataset.refused;
    return;
  }
  const registration = await navigator.serviceWorker.register(form.dataset.worker);
  await active(registration);
  const options = { userVisibleOnly: true, applicationServerKey: form.dataset.key };
  const subscription = (await registration.pushManager.subscribe(options)).toJSON();
  // For the worker, which may have to say on its own that the address is another.
  const kept = { renewal: form.dataset.renewal, key: form.dataset.key, endpoint: subscription.endpoint };
  await (await caches.open("steady-push")).put("/reminders/kept", Response.json(kept));
  form.elements.endpoint.value = subscription.endpoint;
  form.elements.p256dh.value = subscription.keys.p256dh;
  form.elements.auth.value = subscription.keys.auth;
  form.submit();
}

function active(registration) {
  const worker = registration.installing || registration.waiting;
  if (registration.active || !worker) return Promise.resolve();
  return new Promise((resolve) => {
    worker.addEventListener("statechange", () => { if (worker.state === "activated") resolve(); });
  });
}
