"use strict";

// Signing out sends what waits, or says that it stays; the pages that the phone kept go with the sign-in.
(async () => {
  const { steady } = window, form = document.getElementById("sign-out"), unsent = document.getElementById("unsent");

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (form.elements.discard.checked) {
      for (const name of ["entries", "drafts"]) for (const row of await steady.all(name)) await steady.remove(name, row.id);
    }
    await steady.remove("clock", "offset");
    for (const name of ["steady-pages", "steady-push"]) await window.caches?.delete(name).catch(() => {});
    form.submit();
  });

  await steady.flush("all");
  const count = (await steady.waiting("all")).length;
  unsent.querySelector("[data-number]").textContent = count;
  unsent.hidden = !count;
})();
