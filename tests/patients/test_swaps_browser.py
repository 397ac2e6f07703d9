"""What htmx swaps into a page: the same as the page loaded afresh, and nothing wrong with it in any colours."""

import re
from collections.abc import Callable, Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from clinic.wall.scope import clinic_scope
from tests import factories as make
from tests.fixtures import settled
from tests.patients.home import Home
from tests.patients.walk import DAY, WIDTH, Open, home, open_phone

__all__ = ["home", "open_phone"]
pytestmark = pytest.mark.django_db(transaction=True)
LOOKS: list[dict[str, str]] = [
    {"color_scheme": "light", "reduced_motion": "reduce"},
    {"color_scheme": "dark"},
    {"forced_colors": "active"},
]
# New with each request, or left behind by htmx and by whoever reads: no part of what a page says.
PASSING = re.compile(
    r'(?<=name="csrfmiddlewaretoken" value=")[^"]*|(?<=name="id" value=")[^"]*|(?<=name="replaces" value=")[^"]*'
    r'| class=""| open=""| data-hx-revealed="[^"]*"'
)


def content(page: Page) -> str:
    return re.sub(r"\s+", " ", PASSING.sub("", page.locator("main").inner_html()))


def form(page: Page, kind: str) -> Locator:
    return page.locator("form", has=page.locator(f"input[name=kind][value={kind}]"))


def open_all(page: Page) -> None:
    page.locator("details").evaluate_all("all => all.forEach(each => { each.open = true; })")


def morning(page: Page) -> Locator:
    page.locator(".scale-buttons button").nth(3).tap()
    return page.get_by_text("Saved. Thank you.")


def planned(page: Page) -> Locator:
    form(page, "planned").get_by_role("button").tap()
    return page.get_by_text("Saved. Well done.")


def skipped_without_a_reason(page: Page) -> Locator:
    open_all(page)
    form(page, "skip").get_by_role("button").tap()
    return page.get_by_role("alert").filter(has_text="Choose one of these.")


def skipped(page: Page) -> Locator:
    open_all(page)
    form(page, "skip").get_by_label("No time").check()
    form(page, "skip").get_by_role("button").tap()
    return page.get_by_text("Saved. Thank you for telling us.")


def numbers_that_are_none(page: Page) -> Locator:
    open_all(page)
    form(page, "sets").get_by_label("How many").first.fill("ten")
    form(page, "sets").get_by_role("button").last.tap()
    return page.get_by_role("alert").filter(has_text="Nothing was saved yet.")


def numbers(page: Page) -> Locator:
    open_all(page)
    form(page, "sets").get_by_label("How many").first.fill("12")
    form(page, "sets").get_by_role("group", name="Pain during").get_by_label("9", exact=True).check()
    form(page, "sets").get_by_role("button").last.tap()
    return page.get_by_text("Your knee hurts a lot?")


SWAPS = [morning, planned, skipped_without_a_reason, numbers_that_are_none, numbers, skipped]
REFUSED = [skipped_without_a_reason, numbers_that_are_none]


def look(page: Page, name: str) -> Iterator[str]:
    found = Axe().run(page)
    if found.violations_count:
        yield f"{name}: {found.generate_report()}"
    for width in [WIDTH, 320, WIDTH // 2]:
        page.set_viewport_size({"width": width, "height": 844})
        if (wide := page.evaluate("document.documentElement.scrollWidth")) != width:
            yield f"{name}: {wide} wide on {width}"
    page.set_viewport_size({"width": WIDTH, "height": 844})


@pytest.mark.parametrize("looks", LOOKS, ids=["light", "dark", "forced"])
def test_every_swap_is_the_page_loaded_afresh(open_phone: Open, home: Home, looks: dict[str, str]) -> None:
    """One after the other: what is swapped once is there to be swapped again."""
    page, wrong = open_phone(home.url(), **looks), []
    page.evaluate("window.stillTheSame = true")
    for swap in SWAPS:
        expect(swap(page)).to_be_visible()
        assert page.evaluate("window.stillTheSame"), swap.__name__
        settled(page)
        wrong += look(page, swap.__name__)
        swapped = content(page)
        if swap in REFUSED:
            continue  # it is at no address of its own: see the next test
        afresh = page.context.new_page()
        afresh.goto(page.url)
        assert content(afresh) == swapped, swap.__name__
        afresh.close()
    assert wrong == []


@pytest.mark.parametrize("swap", REFUSED)
def test_what_is_refused_is_the_page_that_a_plain_form_brings(open_phone: Open, home: Home, swap: Callable) -> None:
    contents = []
    for scripts in [True, False]:
        page = open_phone(home.url(), java_script_enabled=scripts)
        expect(swap(page)).to_be_visible()
        settled(page)
        contents.append(content(page).replace(' hidden=""', ""))  # such as the button that reads aloud
    assert contents[0] == contents[1]


def test_a_correction_is_swapped_in_like_any_other(open_phone: Open, home: Home) -> None:
    with clinic_scope(home.clinic.pk):
        log = make.make_log(home.self, home.patient, timezone.now().date() - DAY, pain_after=2)
    page = open_phone(home.url(f"correct/{log.pk}"))
    page.evaluate("window.stillTheSame = true")
    form(page, "sets").get_by_role("group", name="Pain after").get_by_label("4", exact=True).check()
    form(page, "sets").get_by_role("button", name="Save as a correction").tap()
    expect(page.get_by_text("Saved. Well done.")).to_be_visible()
    assert page.evaluate("window.stillTheSame")
    settled(page)
    swapped = content(page)
    page.reload()
    assert content(page) == swapped
