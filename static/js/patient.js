"use strict";

// The pages work without this. It says when htmx could not send something, and opens whole what is not a part of a page.
const notSaved = document.getElementById("not-saved");

const hide = (hidden) => () => { notSaved.hidden = hidden; };
document.body.addEventListener("htmx:beforeRequest", hide(true));
document.body.addEventListener("htmx:sendError", hide(false));
document.body.addEventListener("htmx:timeout", hide(false));
document.body.addEventListener("htmx:responseError", hide(false));

document.body.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr } = event.detail;
  if (event.detail.shouldSwap && /^\s*<!doctype/i.test(xhr.responseText)) {
    event.detail.shouldSwap = false;
    window.location.assign(xhr.responseURL);
  }
});
