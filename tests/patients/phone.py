"""A patient's phone, in a real browser."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, Locator, Page, expect
from pytest_django.live_server_helper import LiveServer

from clinic.models import Membership
from clinic.wall.scope import clinic_scope
from patients.actions.prescribing import prescribe
from programs.models import Band, BandLadder, Dose
from tests import factories as make
from tests.patients.home import Home, a_home

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
Phone = Callable[..., Page]
LOGS = "**/patients/*/logs/?own"
AS_PLANNED = [("10 + 10", True)] * 2 + [("10", True)] * 2


@pytest.fixture
def treated(transactional_db: None) -> Home:
    """A patient with a program of today: walk 2 x 10 with a minute of rest, thrust 2 x 10-30, bands of the clinic."""
    home, now = a_home(prescribed=False), timezone.now()
    with clinic_scope(home.clinic.pk):
        prescribe_two(home, now.date() - timedelta(days=9))
    return home


def prescribe_two(home: Home, starts_on: object) -> None:
    """Inside the open clinic."""
    bands = {}
    for length, label, colour in [
        ("short", "red", "#c0392b"),
        ("short", "blue", "#2255aa"),
        ("long", "medium", "#2e8b57"),
    ]:
        ladder, _made = BandLadder.objects.get_or_create(maker="Strandline", length=length)
        bands[label] = Band.objects.create(ladder=ladder, label=label, colour=colour, position=len(bands))
    program = make.make_program(frequency=7)
    doses = Dose.objects.filter(phase__program=program)
    doses.filter(exercise=make.WALK).update(short_band=bands["red"], rest_seconds=60, own_cues="Look at the horizon.")
    doses.filter(exercise=make.THRUST).update(short_band=bands["red"], long_band=bands["medium"])
    prescribe(
        by=home.clinician,
        patient=home.patient,
        program=program,
        starts_on=starts_on,
        affected_knee="left",
        now=timezone.now(),
    )


@pytest.fixture
def cookie(live_server: LiveServer) -> Callable[[Membership], dict[str, str]]:
    """The cookie of a session that this member has just begun."""

    def of(member: Membership) -> dict[str, str]:
        value = make.sign_in(Client(), member).cookies["sessionid"].value
        return {"name": "sessionid", "value": value, "url": live_server.url}

    return of


@pytest.fixture
def phone(browser: Browser, live_server: LiveServer, treated: Home, cookie: Callable) -> Iterator[Phone]:
    """Opens a page of the patient's phone. No script may fail, and nothing be refused by the security policy."""
    wrong: list[str] = []
    contexts = []

    def open_page(rest: object = "", *, ready: bool = True, **options: object) -> Page:
        context = browser.new_context(**PHONE, **options)
        contexts.append(context)
        context.add_cookies([cookie(treated.self)])
        page = context.new_page()
        watch(page, wrong)
        page.goto(live_server.url + treated.url(rest))
        if ready and options.get("java_script_enabled", True):
            until_kept(page)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert wrong == []


def watch(page: Page, wrong: list[str]) -> None:
    page.on("console", lambda message: wrong.append(message.text) if "Content Security" in message.text else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))


KEPT = """async () => {
  if (!(await navigator.serviceWorker.getRegistration())?.active || !(await caches.has("steady-pages"))) return 0;
  return (await (await caches.open("steady-pages")).keys()).length;
}"""


def until(page: Page, script: str, value: object) -> None:
    """Until a script, which may be asynchronous, says so."""
    for _try in range(300):
        if page.evaluate(script) == value:
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"{page.evaluate(script)!r} is not {value!r}: {script}")


def until_kept(page: Page, records: int = 1) -> None:
    """Until the phone has all that it needs to go on without a signal."""
    until(page, KEPT, 3 * records)


def shift_clock(page: Page, days: int) -> None:
    """The phone's clock is wrong by so many days. Until the page, opened anew, has learned it from the server."""
    page.add_init_script(f"{{ const now = Date.now; Date.now = () => now() + {days} * 86400000; }}")
    page.reload()
    until(page, "async () => Math.abs((await steady.get('clock', 'offset'))?.milliseconds ?? 0) > 1e9", value=True)


def today() -> date:
    return timezone.now().date()


def offline(page: Page, address: str | None = None) -> None:
    page.context.set_offline(True)
    page.goto(address) if address else page.reload()
    expect(page.get_by_text("There is no signal. Your exercises are here all the same.")).to_be_visible()


def queue(page: Page) -> Locator:
    return page.get_by_role("region", name="Not sent yet")


def waits(page: Page, number: int) -> None:
    """So many are said to be not sent yet."""
    expect(queue(page).get_by_text(f"{number} not sent yet.").filter(visible=True)).to_be_visible()


def kept(home: Home) -> list[tuple[str, bool]]:
    return [(str(each), each.as_planned) for log in home.logs() for each in log.sets.all()]


def start(page: Page) -> None:
    page.get_by_role("link", name="Start, set by set").tap()
    expect(page.get_by_role("heading", name="Set 1 of 2 Lateral band walk")).to_be_visible()


def keep(page: Page, **body: Any) -> None:
    """Puts an entry into the queue, as the pages do."""
    page.evaluate("async (body) => { await steady.keep(body); }", body)
