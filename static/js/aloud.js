"use strict";

// Reads instructions aloud, where the browser can speak. The text and the words of the button stand in the page.
(() => {
  const voice = window.speechSynthesis;
  if (!voice || !window.SpeechSynthesisUtterance) return;
  let speaking = null;

  const label = (button) => button.querySelector("span:not([aria-hidden])");

  function hush() {
    voice.cancel();
    if (speaking) label(speaking).textContent = speaking.dataset.start;
    speaking = null;
  }

  function read(button) {
    const text = document.getElementById(button.dataset.read).innerText;
    const said = new SpeechSynthesisUtterance(text);
    said.lang = document.documentElement.lang;
    said.rate = 0.9;
    said.onend = said.onerror = () => { if (speaking === button) hush(); };
    button.dataset.start = label(button).textContent;
    label(button).textContent = button.dataset.stop;
    speaking = button;
    voice.speak(said);
  }

  const show = (within) => within.querySelectorAll("[data-read]").forEach((button) => { button.hidden = false; });

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-read]");
    if (!button) return;
    const again = speaking !== button;
    hush();
    if (again) read(button);
  });
  document.addEventListener("htmx:load", (event) => show(event.target));
  window.addEventListener("pagehide", hush);
  show(document);
})();
