"""A browser that keeps what goes wrong in the pages it opens."""

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import ConsoleMessage, Page, Request

VIOLATIONS = """
document.addEventListener("securitypolicyviolation", (event) =>
  violated(`refused by the policy: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`))
"""
# Only what is violated comes back: most of the time went into telling of all that is well.
FOUND = """() => axe.run({resultTypes: ["violations"]}).then(({violations}) => violations.flatMap(({id, nodes}) =>
  nodes.map(({html, failureSummary}) => `axe, ${id}: ${html.slice(0, 300)} ${failureSummary}`)))"""
GIVEN_UP = ("htmx:sendAbort", "htmx:sendError", "htmx:afterRequest")
SETTLED = "Promise.allSettled(document.getAnimations().map((each) => each.finished))"


class Watched:
    """`wrong` is what the console, the policy and the network said since it was last emptied."""

    def __init__(self, page: Page, url: str) -> None:
        self.page, self.url = page, url
        self.wrong: list[str] = []
        page.on("console", self.hear)
        page.on("pageerror", lambda error: self.wrong.append(str(error)))
        page.on("requestfailed", self.miss)
        page.expose_function("violated", self.note)
        page.add_init_script(VIOLATIONS)

    def hear(self, said: ConsoleMessage) -> None:
        """htmx tells of each request that failed, those given up included; `miss` knows one from the other."""
        if said.type in {"error", "warning"} and not said.text.startswith(GIVEN_UP):
            self.wrong.append(said.text)

    def miss(self, request: Request) -> None:
        """What is given up for a newer request, or with the page, has not failed."""
        if request.failure != "net::ERR_ABORTED":
            self.wrong.append(f"failed: {request.url} {request.failure}")

    def note(self, said: str) -> None:
        self.wrong.append(said)

    def open(self, path: str) -> Page:
        answer = self.page.goto(self.url + path, wait_until="load")
        assert answer is not None
        assert answer.status == 200, (path, answer.status)
        return self.page

    def look(self, width: int, scheme: str) -> list[str]:
        """What is wrong with the page that is open, at this width, in the light or in the dark."""
        page = self.page
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        page.wait_for_function(
            "(dark) => document.documentElement.classList.contains('dark') === dark", arg=scheme == "dark"
        )
        return self.faults(width)

    def faults(self, width: int) -> list[str]:
        """The same of the page as it is."""
        page = self.page
        page.evaluate(SETTLED)
        wrong, self.wrong = self.wrong, []
        if not page.evaluate("'axe' in window"):
            page.evaluate(AXE_SCRIPT)
        wrong += page.evaluate(FOUND)
        if (wide := page.evaluate("document.documentElement.scrollWidth")) > width:
            wrong.append(f"{wide} px wide")
        return wrong
