"""The demo's Monday in `make run`, with the time moved: an email, its link, a decision, and the next Monday's email."""

import re
import signal
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from datetime import time as clock_time
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, Page, expect

from clinic.local import maildir
from clinic.local.maildir import Mail
from patients.adherence import monday_of
from patients.demo.people import HARBOUR, PASSWORD
from tests.clinic.watched import AXE_SCRIPT, FOUND
from tests.project import Project

pytestmark = pytest.mark.slow

OWNER = HARBOUR.staff[0].email
WEEK = timedelta(weeks=1)
SCHEMES: list[Literal["light", "dark"]] = ["light", "dark"]
FITS = "() => document.documentElement.scrollWidth <= innerWidth"


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    made = Project.copy(tmp_path / "clone")
    yield made
    made.remove()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    yield context.new_page()
    context.close()


def seven_o_clock(weeks_from_now: int) -> datetime:
    """On a Monday to come, in the clinic's zone."""
    monday = monday_of(datetime.now(UTC).date()) + (weeks_from_now + 1) * WEEK
    return datetime.combine(monday, clock_time(7), ZoneInfo(HARBOUR.time_zone))


def weekly_email(project: Project, *, after: int = 0) -> Mail:
    """The owner's own, once there are more than `after`; beat ticks once a minute."""
    deadline = time.monotonic() + 150
    while time.monotonic() < deadline:
        mails = maildir.newest(project.local / "mail") if (project.local / "mail").exists() else []
        found = [each for each in mails if each.recipients == OWNER and re.match(r"Week \d+: ", each.subject)]
        if len(found) > after:
            return found[0]
        time.sleep(0.5)
    raise AssertionError(project.output.read_text())


def look_at(page: Page, mail: Mail) -> None:
    """As a phone and a mail program show it, in the light and in the dark."""
    for width in (320, 600):
        for scheme in SCHEMES:
            page.set_viewport_size({"width": width, "height": 900})
            page.emulate_media(color_scheme=scheme)
            page.set_content(mail.html)
            assert page.evaluate(FITS), (width, scheme)
            page.evaluate(AXE_SCRIPT)
            assert page.evaluate(FOUND) == [], (width, scheme)
    page.set_viewport_size({"width": 1280, "height": 900})


def sign_in(page: Page) -> None:
    page.locator("#id_login").fill(OWNER)
    page.locator("#id_password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def test_from_the_email_to_a_decision_to_the_next_email(project: Project, page: Page) -> None:
    monday, next_monday = seven_o_clock(0), seven_o_clock(1)
    run = project.start(AT=monday.isoformat())
    first = weekly_email(project)
    assert parsedate_to_datetime(str(first.message["Date"])) - monday < timedelta(minutes=5)
    look_at(page, first)
    needed = page.locator("tr", has=page.get_by_role("link", name="Call back")).last
    code = needed.locator(".who").first.inner_text()
    needed.get_by_role("link", name="Call back").click()
    sign_in(page)
    expect(page.get_by_role("heading", name=f"Call back {code}")).to_be_visible()
    friday = monday + timedelta(days=4)
    page.get_by_label("Call on").fill(friday.date().isoformat())
    page.get_by_role("button", name="Call back on this date").click()
    expect(page.get_by_text("Kept in the patient's history.")).to_be_visible()
    run.send_signal(signal.SIGINT)
    assert run.wait(30) == 0

    project.start(AT=next_monday.isoformat())
    second = weekly_email(project, after=1)
    assert parsedate_to_datetime(str(second.message["Date"])) - next_monday < timedelta(minutes=5)
    look_at(page, second)
    assert (
        f"- {code}: you said you would call on {friday:%a} {friday.day} {friday:%b}, not marked as done" in second.text
    )
