"""The patient's pages in a real browser, at the width of a phone."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect
from pytest_django.live_server_helper import LiveServer

from clinic.wall.scope import clinic_scope
from patients.actions.prescribing import prescribe
from patients.models import Patient
from tests import factories as make
from tests.fixtures import settled
from tests.patients.home import Home, a_home

WIDTH = 390
pytestmark = pytest.mark.django_db(transaction=True)
Open = Callable[..., Page]


@pytest.fixture
def home(transactional_db: None) -> Home:
    made, now = a_home(prescribed=False), timezone.now()
    with clinic_scope(made.clinic.pk):
        prescribe(
            by=made.clinician,
            patient=made.patient,
            program=make.make_program(frequency=7),
            starts_on=now.date() - timedelta(days=9),
            affected_knee="left",
            now=now,
        )
    return made


@pytest.fixture
def open_phone(browser: Browser, live_server: LiveServer, client: Client, home: Home) -> Iterator[Open]:
    """Opens a page, signed in as the patient. Nothing may be refused by the content security policy."""
    cookie = make.sign_in(client, home.self).cookies["sessionid"].value
    refused: list[str] = []
    contexts: list[BrowserContext] = []

    def open_page(url: str = "", *, width: int = WIDTH, **options: object) -> Page:
        context = browser.new_context(viewport={"width": width, "height": 844}, **options)
        contexts.append(context)
        context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
        page = context.new_page()
        page.on("console", lambda message: refused.append(message.text) if "Content Security" in message.text else None)
        page.on("pageerror", lambda error: refused.append(str(error)))
        page.goto(live_server.url + (url or home.url()))
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert refused == []


def form(page: Page, kind: str) -> Locator:
    return page.locator("form", has=page.locator(f"input[name=kind][value={kind}]"))


def fill_four_sets(page: Page) -> None:
    sets = form(page, "sets")
    page.locator("details", has=sets).last.evaluate("fold => { fold.open = true; }")
    for number in range(2):
        sets.get_by_label("Left").nth(number).fill("10")
        sets.get_by_label("Right").nth(number).fill("9")
        sets.get_by_label("How many").nth(number).fill("12")


def width_of(page: Page) -> int:
    return int(page.evaluate("document.documentElement.scrollWidth"))


def test_logging_swaps_the_page_and_a_reload_changes_nothing(open_phone: Open, home: Home) -> None:
    page = open_phone()
    page.evaluate("window.stillTheSame = true")
    fill_four_sets(page)
    form(page, "sets").get_by_role("group", name="Pain during").get_by_label("3", exact=True).check()
    form(page, "sets").get_by_role("button", name="Save").click()
    saved = page.get_by_text("Saved. Well done.")
    expect(saved).to_be_in_viewport()
    assert page.evaluate("window.stillTheSame")
    settled(page)
    assert page.evaluate("document.activeElement.innerText").strip().endswith("Saved. Well done.")
    swapped = page.locator("main").inner_text()
    page.reload()
    assert page.locator("main").inner_text() == swapped
    (log,) = home.logs()
    assert (log.pain_during, [str(each) for each in log.sets.all()]) == (3, ["10 + 9", "10 + 9", "12", "12"])
    kept = page.evaluate("Object.keys({...localStorage, ...sessionStorage})")
    assert kept == ["htmx-current-path-for-history"]


def test_without_javascript_everything_can_be_done(open_phone: Open, home: Home) -> None:
    page = open_phone(java_script_enabled=False)
    page.get_by_text("Type in your numbers").click()
    form(page, "sets").get_by_label("How many").first.fill("ten")
    form(page, "sets").get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("Enter a whole number from 0 to 1000.")
    expect(form(page, "sets").get_by_label("How many").first).to_have_value("ten")
    fill_four_sets(page)
    form(page, "sets").get_by_role("button", name="Save").click()
    page.get_by_role("link", name="Correct").click()
    form(page, "sets").get_by_role("group", name="Pain after").get_by_label("2", exact=True).check()
    form(page, "sets").get_by_role("button", name="Save as a correction").click()
    expect(page.get_by_text("Pain: before –, during –, after 2")).to_be_visible()
    page.get_by_role("link", name="Take it back").click()
    page.get_by_role("button", name="Yes, take it back").click()
    page.get_by_text("I didn't do it", exact=True).click()
    page.get_by_label("No time").check()
    page.get_by_role("button", name="Save that I didn't do it").click()
    expect(page.get_by_text("Everybody misses a day.")).to_be_visible()
    assert [log.skip_reason for log in home.logs() if log.withdrawn_at is None and log.replaced_at is None] == ["time"]


def test_what_could_not_be_sent_is_kept_and_goes_out_by_itself(open_phone: Open, home: Home) -> None:
    page = open_phone()
    fill_four_sets(page)
    page.context.set_offline(True)
    form(page, "sets").get_by_role("button", name="Save").click()
    expect(page.get_by_text("1 not sent yet. It is kept")).to_be_visible()
    expect(form(page, "sets").get_by_label("Left").first).to_have_value("10")
    page.context.set_offline(False)
    expect(page.get_by_text("Saved. Well done.")).to_be_visible()
    expect(page.get_by_text("This was not saved.")).to_be_hidden()
    assert len(home.logs()) == 1


def test_what_is_saved_when_the_sign_in_has_ended_waits_for_the_next(open_phone: Open, home: Home) -> None:
    page = open_phone()
    (signed_in,) = [each for each in page.context.cookies() if each["name"] == "sessionid"]
    page.context.clear_cookies(name="sessionid")
    fill_four_sets(page)
    form(page, "sets").get_by_role("button", name="Save").click()
    expect(page.get_by_text("It can only go out when you are signed in as yourself.")).to_be_visible()
    expect(form(page, "sets").get_by_label("Left").first).to_have_value("10")
    page.get_by_role("link", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    page.context.add_cookies([signed_in])
    page.goto(page.url.split("/account/")[0] + home.url())
    expect(page.get_by_text("Saved. Well done.")).to_be_visible()
    assert len(home.logs()) == 1


def test_one_tap_by_keyboard_alone(open_phone: Open, home: Home) -> None:
    page = open_phone()
    button = page.get_by_role("button", name="Done as planned")
    for _tab in range(40):
        page.keyboard.press("Tab")
        if button.evaluate("element => element === document.activeElement"):
            break
    page.keyboard.press("Enter")
    expect(page.get_by_text("Add how it felt")).to_be_visible()
    assert len(home.logs()) == 1


@pytest.mark.parametrize(
    ("scheme", "pages"), [("light", ["", "red-flags", "red-flags/stop"]), ("dark", ["", "red-flags/stop"])]
)
def test_axe_finds_nothing_and_nothing_scrolls_sideways(
    open_phone: Open, home: Home, scheme: str, pages: list[str]
) -> None:
    with clinic_scope(home.clinic.pk):
        make.make_log(home.self, home.patient, timezone.now().date() - timedelta(days=1), pain_after=9, note="w" * 80)
    for url in pages:
        page = open_phone(home.url(url), color_scheme=scheme)
        page.locator("details").evaluate_all("all => all.forEach(each => { each.open = true; })")
        found = Axe().run(page)
        assert found.violations_count == 0, f"{url}\n{found.generate_report()}"
        assert width_of(page) == WIDTH
        page.set_viewport_size({"width": 320, "height": 568})
        assert width_of(page) == 320
        page.set_viewport_size({"width": WIDTH // 2, "height": 422})  # the phone at 200 % zoom
        assert width_of(page) == WIDTH // 2


@pytest.mark.parametrize("language", ["de", "es"])
def test_the_longer_words_of_other_languages_fit(open_phone: Open, home: Home, language: str) -> None:
    with clinic_scope(home.clinic.pk):
        Patient.objects.update(language=language)
        make.make_log(home.self, home.patient, timezone.now().date(), pain_after=9)
    for url in ["", "red-flags", "red-flags/stop"]:
        page = open_phone(home.url(url))
        page.locator("details").evaluate_all("all => all.forEach(each => { each.open = true; })")
        for width in (WIDTH, 320, WIDTH // 2):
            page.set_viewport_size({"width": width, "height": 568})
            assert width_of(page) == width, url
    assert Axe().run(page).violations_count == 0


@pytest.mark.parametrize("language", ["en", "de", "es"])
def test_the_first_screen_has_what_is_due_and_every_way_to_help(open_phone: Open, home: Home, language: str) -> None:
    """The question about the morning included. It needs no scrolling, even in the widest of fonts."""
    with clinic_scope(home.clinic.pk):
        Patient.objects.update(language=language)
        make.make_log(home.self, home.patient, timezone.now().date() - timedelta(days=1))
    page = open_phone()
    for part in [".own-header nav", ".whose", ".safety-line a:first-child", ".emergency", ".week", ".morning button"]:
        expect(page.locator(part).last).to_be_in_viewport(ratio=1)
    expect(page.locator(".due li").first).to_be_in_viewport(ratio=1)
    with clinic_scope(home.clinic.pk):
        make.make_morning(home.self, home.patient, timezone.now().date() - timedelta(days=1), pain=2)
    page.reload()
    expect(page.locator(".due li").last).to_be_in_viewport(ratio=1)
    expect(page.locator("[data-start]")).to_be_in_viewport(ratio=1)
