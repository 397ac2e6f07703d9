"use strict";

const dark = matchMedia("(prefers-color-scheme: dark)");
const follow = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
follow();
dark.addEventListener("change", follow);

const cookie = (name) => document.cookie.match(`(?:^|; )${name}=([^;]*)`)?.[1] ?? "";

SwaggerUIBundle({
  url: document.getElementById("api").dataset.schema,
  dom_id: "#api",
  validatorUrl: null,
  deepLinking: true,
  defaultModelsExpandDepth: 0,
  requestInterceptor: (request) => {
    const sameOrigin = new URL(request.url, location.href).origin === location.origin;
    if (sameOrigin && !["GET", "HEAD", undefined].includes(request.method)) {
      request.headers["X-CSRFToken"] = cookie("csrftoken");
    }
    return request;
  },
});
