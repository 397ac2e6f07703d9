"""From the invitation to the warning signs on a phone, by touch, in each language, with no English left on the way."""

import re
from collections.abc import Callable

import pytest
from django.conf import settings
from django.utils import timezone, translation
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from clinic.actions.access import invite
from clinic.wall.scope import clinic_scope
from patients.models import Patient
from patients.red_flags import DEFAULT_SIGNS
from tests.patients.english import english_left
from tests.patients.home import Home
from tests.patients.walk import PAGES, WIDTH, Open, addresses, home, open_phone, reads

__all__ = ["home", "open_phone"]
pytestmark = pytest.mark.django_db(transaction=True)
OTHERS = [code for code, _name in settings.LANGUAGES if code != "en"]


def check(page: Page, language: str) -> None:
    assert page.locator("html").get_attribute("lang") == language
    assert page.evaluate("document.documentElement.scrollWidth") == WIDTH
    if language != "en":
        assert english_left(page, language) == set()


def test_what_is_english_is_found(open_phone: Open, home: Home) -> None:
    """The measure itself: an English page has a great deal of it."""
    page = open_phone(home.url())
    left = english_left(page, "de")
    assert len(left) > 60
    for said in ["Done as planned", "Today", "How to do it", "Lateral band walk", "Soften your knees.", "No answer"]:
        assert any(said in each for each in left), said


@pytest.mark.parametrize("language", OTHERS)
@pytest.mark.parametrize("name", PAGES)
def test_no_english_is_left_on_any_page(name: str, language: str, open_phone: Open, home: Home) -> None:
    reads(home, language)
    check(open_phone(addresses(home)[name]), language)


@pytest.mark.parametrize("language", OTHERS)
@pytest.mark.parametrize("path", ["/", "/account/login/", "/account/login/code/", "/account/password/reset/", "/no/"])
def test_no_english_is_left_before_the_sign_in(
    path: str, language: str, browser: Browser, live_server: LiveServer, transactional_db: None
) -> None:
    context = browser.new_context(viewport={"width": WIDTH, "height": 844}, locale=language)
    page = context.new_page()
    page.goto(live_server.url + path)
    check(page, language)


def words_of(language: str) -> Callable[[str], str]:
    def say(text: str) -> str:
        with translation.override(language):
            return translation.gettext(text)

    return say


@pytest.mark.parametrize("language", ["en", *OTHERS])
def test_the_whole_way(language: str, home: Home, browser: Browser, live_server: LiveServer) -> None:
    reads(home, language)
    with clinic_scope(home.clinic.pk):
        link = invite(by=home.clinician, clinic=home.clinic, record=home.patient.pk, now=timezone.now())
    say, browsers = words_of(language), "es" if language == "en" else "en"
    context = browser.new_context(viewport={"width": WIDTH, "height": 844}, has_touch=True, locale=browsers)
    page = context.new_page()
    page.goto(live_server.url + re.sub(r"^https?://[^/]+", "", link))
    check(page, language)
    page.get_by_role("button", name=say("Open my exercises")).tap()

    expect(page.get_by_role("heading", level=1)).to_have_text(say("Today"))
    check(page, language)
    page.get_by_role("button", name=say("Done as planned")).tap()
    expect(page.get_by_role("status")).to_contain_text(say("Saved. Well done."))
    check(page, language)

    page.get_by_role("link", name=say("Add how it felt")).tap()
    page.get_by_role("group", name=say("Pain after")).get_by_label("9", exact=True).check()
    page.get_by_role("button", name=say("Save as a correction")).tap()
    expect(page.get_by_text(say("Your knee hurts a lot?"))).to_be_visible()
    check(page, language)

    page.get_by_role("link", name=say("Take it back")).first.tap()
    expect(page.get_by_role("button", name=say("Yes, take it back"))).to_be_visible()
    check(page, language)
    page.get_by_role("button", name=say("Yes, take it back")).tap()
    expect(page.get_by_role("status")).to_contain_text(say("Taken back. It no longer counts."))

    skip = page.locator("details", has=page.locator("summary", has_text=say("I didn't do it")))
    skip.locator("summary").last.tap()
    page.get_by_role("button", name=say("Save that I didn't do it")).tap()
    expect(page.get_by_role("alert")).to_contain_text(say("Choose one of these."))
    check(page, language)
    skip = page.locator("details", has=page.locator("summary", has_text=say("I didn't do it"))).last
    skip.get_by_label(re.compile(re.escape(say("no time")), re.IGNORECASE)).check()
    page.get_by_role("button", name=say("Save that I didn't do it")).tap()
    expect(page.get_by_role("status")).to_contain_text(say("Saved. Thank you for telling us."))
    check(page, language)

    page.get_by_role("link", name=say("Progress"), exact=True).tap()
    expect(page.get_by_role("heading", level=1)).to_have_text(say("Progress"))
    check(page, language)

    page.get_by_role("link", name=say("Something feels wrong? Check here")).tap()
    expect(page.get_by_role("heading", level=1)).to_have_text(say("Does something feel wrong?"))
    check(page, language)
    page.get_by_label(say(str(DEFAULT_SIGNS[4]))).check()
    page.get_by_role("button", name=say("Show me what to do")).tap()
    expect(page.get_by_role("heading", level=1)).to_have_text(say("Stop your exercises. Call now."))
    check(page, language)

    other = "de" if language != "de" else "es"
    page.get_by_label(say("Language"), exact=True).select_option(other)
    page.get_by_role("button", name=say("Change the language")).tap()
    expect(page.get_by_role("heading", level=1)).to_have_text(words_of(other)("Today"))
    check(page, other)
    with clinic_scope(home.clinic.pk):
        assert Patient.objects.get(pk=home.patient.pk).language == other


@pytest.mark.parametrize("language", ["en", *OTHERS])
def test_a_session_set_by_set(language: str, open_phone: Open, home: Home) -> None:
    reads(home, language)
    say, page = words_of(language), open_phone(home.url())
    tap = lambda name: page.get_by_role("button", name=say(name), exact=True).tap()  # noqa: E731
    page.get_by_role("link", name=say("Start, set by set")).tap()
    expect(page.locator("#guide")).to_be_visible()
    check(page, language)
    tap("Enter a number")
    expect(page.locator("#pad")).to_be_visible()
    check(page, language)
    tap("Save this set")
    expect(page.locator("#pad-missing")).to_contain_text(say("Enter a number, 0 if you did none."))
    check(page, language)
    tap("Back")
    for _set in range(4):
        page.get_by_role("button", name=say("Done as planned")).tap()
        check(page, language)
    expect(page.get_by_role("heading", name=say("That was the last set"))).to_be_focused()
    page.get_by_role("button", name=say("Save"), exact=True).tap()
    expect(page.get_by_role("status").filter(has_text=say("Saved. Well done."))).to_be_visible()
    check(page, language)


@pytest.mark.parametrize("language", OTHERS)
def test_what_waits_on_the_phone_is_said_in_the_language(language: str, open_phone: Open, home: Home) -> None:
    reads(home, language)
    say, page = words_of(language), open_phone(home.url())
    page.context.set_offline(True)
    page.get_by_role("button", name=say("Done as planned")).tap()
    expect(page.locator("#queue")).to_contain_text(say("1 not sent yet. It is kept on this phone."))
    check(page, language)


def test_the_language_is_changed_without_javascript(open_phone: Open, home: Home) -> None:
    page = open_phone(home.url(), java_script_enabled=False)
    page.get_by_label("Language", exact=True).select_option("es")
    page.get_by_role("button", name="Change the language").tap()
    expect(page.get_by_role("heading", level=1)).to_have_text("Hoy")


@pytest.mark.parametrize("language", ["en", "de"])
def test_the_name_stays_after_a_swap(language: str, open_phone: Open, home: Home) -> None:
    reads(home, language)
    page, say = open_phone(home.url()), words_of(language)
    name = page.locator(".whose b")
    expect(name).to_have_text(home.patient.name)
    page.evaluate("window.stillTheSame = true")
    page.get_by_role("button", name=say("Done as planned")).tap()
    expect(page.get_by_role("status")).to_contain_text(say("Saved. Well done."))
    assert page.evaluate("window.stillTheSame")
    expect(name).to_have_text(home.patient.name)
    page.get_by_role("link", name=say("Not you? Change")).tap()
    expect(page.get_by_role("heading", level=1)).to_have_text(say("Who are you?"))
