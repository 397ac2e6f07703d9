"""Every page of a patient right to left, in a language that nobody speaks: it holds, and nothing of it is left over."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import translation
from playwright.sync_api import Page

from tests.mirrored import mirrored, mirrored_language
from tests.patients.english import SAID
from tests.patients.home import Home
from tests.patients.walk import PAGES, WIDTH, Open, addresses, home, open_phone, reads

__all__ = ["home", "mirrored_language", "open_phone"]
pytestmark = pytest.mark.django_db(transaction=True)

CUT_OFF = """() => [...document.querySelectorAll("body *")].filter((each) => {
  const box = each.getBoundingClientRect(), style = getComputedStyle(each);
  if (!box.width || each.closest(".visually-hidden, .skip-link, svg, .scroll")) return false;
  const clips = ["hidden", "clip"].includes(style.overflowX) && each.scrollWidth > each.clientWidth + 1;
  return clips || box.left < -0.5 || box.right > innerWidth + 0.5;
}).map((each) => each.outerHTML.slice(0, 120))"""
DIRECTIONS = "all => all.map(each => getComputedStyle(each).direction)"


def test_the_language_is_longer_and_keeps_its_places() -> None:
    text = mirrored('Call %(clinic)s on <bdi dir="ltr">%(phone)s</bdi>, {kind}')
    assert len(text) > len('Call %(clinic)s on <bdi dir="ltr">%(phone)s</bdi>, {kind}')
    for place in ["%(clinic)s", '<bdi dir="ltr">%(phone)s</bdi>', "{kind}"]:
        assert place in text
    assert "Call" not in text


def test_it_is_there_only_for_who_asks_for_it(mirrored_language: str) -> None:
    with translation.override(mirrored_language):
        assert translation.gettext("Save") == mirrored("Save")
        assert translation.get_language_bidi()
    assert translation.gettext("Save") == "Save"


def in_english(page: Page, home: Home) -> list[str]:
    """What somebody forgot to mark: letters that are not mirrored, but for names and what a clinic wrote."""
    names = [home.clinic.name, home.patient.name, str(home.clinician), "Steady Knee", "Strandline"]
    names += ["Settle", "Stairs", "red", home.self.user.email]
    known = re.compile("|".join(map(re.escape, sorted(names, key=len, reverse=True))), re.IGNORECASE)
    return [said for said in page.evaluate(SAID) if re.search(r"[A-Za-z]{2}", known.sub("", said))]


def open_all(page: Page) -> None:
    page.locator("details").evaluate_all("all => all.forEach(each => { each.open = true; })")


@pytest.mark.parametrize("name", PAGES)
def test_a_page_holds_from_right_to_left(name: str, open_phone: Open, home: Home, mirrored_language: str) -> None:
    reads(home, mirrored_language)
    page = open_phone(addresses(home)[name])
    open_all(page)
    assert page.locator("html").get_attribute("dir") == "rtl"
    for width in [WIDTH, 320, WIDTH // 2]:
        page.set_viewport_size({"width": width, "height": 844})
        assert page.evaluate("document.documentElement.scrollWidth") == width
        assert page.evaluate(CUT_OFF) == [], width
    page.set_viewport_size({"width": WIDTH, "height": 844})
    phones = page.locator("a[href^='tel:']", has_text=re.compile(r"\d\d "))
    assert phones.count() >= 2
    assert phones.count() == phones.locator("bdi").count()
    assert set(phones.locator("bdi").evaluate_all(DIRECTIONS)) == {"ltr"}
    assert in_english(page, home) == []
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


def test_a_calendar_begins_on_the_right_and_a_chart_runs_with_time(
    open_phone: Open, home: Home, mirrored_language: str
) -> None:
    """Weekdays are read as words are. A chart is drawn from left to right in every language, its numbers beside it."""
    reads(home, mirrored_language)
    page = open_phone(addresses(home)["progress"])
    days = (
        page.locator(".month")
        .first.locator("th")
        .evaluate_all("all => all.map(each => each.getBoundingClientRect().x)")
    )
    assert days == sorted(days, reverse=True)
    chart = page.locator(".line-chart > svg").first
    box, first, *_others = chart.bounding_box(), *(mark.bounding_box() for mark in chart.locator(".mark").all())
    *numbers, since, until = (text.bounding_box() for text in chart.locator("text").all())
    assert len(numbers) == 3
    assert all(box["x"] <= each["x"] and each["x"] + each["width"] <= first["x"] for each in numbers)
    assert abs(since["x"] - first["x"]) < 3
    assert abs(until["x"] + until["width"] - first["x"] - first["width"]) < 3


def test_the_scale_of_pain_runs_as_words_do(open_phone: Open, home: Home, mirrored_language: str) -> None:
    reads(home, mirrored_language)
    page = open_phone(addresses(home)["correct"])
    scale = page.locator(".scale").first
    places = [scale.get_by_text(str(number), exact=True).bounding_box()["x"] for number in range(3)]
    assert places == sorted(places, reverse=True)
    least, most = (end.bounding_box() for end in scale.locator(".scale-ends span").all())
    assert least["x"] + least["width"] > most["x"] + most["width"]
