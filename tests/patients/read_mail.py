"""What of an email is read, and what is wrong with it in a browser."""

import re
from html.parser import HTMLParser

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser

from clinic.outbox import Letter
from tests.clinic.watched import FOUND

FROM_ELSEWHERE = re.compile(
    r"<(?:script|svg|img|link|iframe|object|video|base)\b|url\(|@import|\bsrc=|\bbackground=|\bon\w+="
)


class Words(HTMLParser):
    """What of an HTML part is read: neither styles nor what is only drawn."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.unread = 0
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.unread += bool(self.unread) or tag in {"style", "title"} or ("aria-hidden", "true") in attrs

    def handle_endtag(self, tag: str) -> None:
        self.unread -= bool(self.unread)

    def handle_data(self, data: str) -> None:
        if not self.unread:
            self.found.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.found).split())


def parts_of(letter: Letter) -> dict[str, str]:
    """Both parts as they are read, without the addresses that links lead to."""
    text = " ".join(re.sub(r"https?://\S+", "", letter.text).split())
    return {"text": text, "html": Words(letter.html).text}


def figures_of(part: str) -> list[str]:
    """Each fraction, percentage, date and code of a part, in no order."""
    return sorted(re.findall(r"\d[\d./]*", part))


def faults_in_a_browser(html: str, browser: Browser) -> list[str]:
    """What axe finds, what is wider than a phone, and whatever is asked for elsewhere; in the light and in the dark."""
    faults: list[str] = []
    asked: list[str] = []
    for scheme in ("light", "dark"):
        context = browser.new_context(color_scheme=scheme)  # type: ignore[arg-type]
        page = context.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.set_content(html)
        for width in (320, 600):
            page.set_viewport_size({"width": width, "height": 900})
            if (wide := page.evaluate("document.documentElement.scrollWidth")) > width:
                faults.append(f"{scheme} {width}: {wide} px wide")
        page.evaluate(AXE_SCRIPT)
        faults += [f"{scheme}: {each}" for each in page.evaluate(FOUND)]
        context.close()
    return faults + [f"asks for {url}" for url in asked]
