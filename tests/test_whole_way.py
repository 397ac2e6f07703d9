"""The way that all of this is for: prescribed in one browser, logged in another, told by email."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import time_machine
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from clinic.celery import app
from clinic.models import Clinic, Membership, Role
from clinic.wall.scope import clinic_scope
from patients.adherence import monday_of
from patients.models import Log
from programs.models import Band, BandLadder
from tests.factories import PASSWORD, make_clinic, make_member
from tests.fixtures import Mailbox

pytestmark = pytest.mark.django_db(transaction=True)
PHONE = {"width": 390, "height": 844}


@pytest.fixture
def last_monday() -> datetime:
    """Nine in the morning on the Monday of the last complete week."""
    monday = monday_of(timezone.now().date()) - timedelta(weeks=1)
    return datetime.combine(monday, time(9), UTC)


@pytest.fixture
def clinic(last_monday: datetime) -> Clinic:
    clinic = make_clinic("north", summary_hour=0, summarised_through=last_monday.date() - timedelta(weeks=1))
    with clinic_scope(clinic.pk):
        for length, label in (("short", "red"), ("long", "medium")):
            ladder = BandLadder.objects.create(maker="Strandline", length=length)
            Band.objects.create(ladder=ladder, label=label, position=1)
    return clinic


@pytest.fixture
def owner(clinic: Clinic) -> Membership:
    with clinic_scope(clinic.pk):
        return make_member(clinic, Role.OWNER)


@pytest.fixture
def address(live_server: Any, settings: Any) -> str:
    settings.BASE_URL = live_server.url
    return live_server.url


@pytest.fixture
def phone(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport=PHONE, has_touch=True, is_mobile=True)
    yield context.new_page()
    context.close()


def test_prescribed_logged_told(
    address: str, owner: Membership, last_monday: datetime, page: Page, phone: Page, smtp: Mailbox, worker: Path
) -> None:
    with time_machine.travel(last_monday):
        sign_in(page, address, owner)
        build_program(page)
        invitation = add_patient_and_prescribe(page, owner)
    with time_machine.travel(last_monday + timedelta(days=2)):
        open_invitation(phone, invitation)
        log_set_by_set(phone)
    with time_machine.travel(last_monday + timedelta(days=4)):
        log_as_planned(phone)

    app.send_task("clinic.tasks.dispatch")

    [mail] = smtp.wait_for(1)
    assert mail["To"] == owner.user.email
    assert "Ruth Okafor" not in mail.as_string()
    text = mail.get_body(("plain",)).get_content()
    assert re.search(r"P-001: 2/3 \(66 %\), partial", text), text
    read_what_it_links_to(page, address, mail.get_body(("html",)).get_content())
    with clinic_scope(owner.clinic_id):
        counted, planned = Log.objects.current()
        assert {each.as_planned for each in counted.sets.all()} == {False}
        assert {each.as_planned for each in planned.sets.all()} == {True}
        assert counted.pain_during == 2
        assert planned.pain is None


def sign_in(page: Page, address: str, owner: Membership) -> None:
    page.goto(f"{address}/account/login/")
    page.locator("#id_login").fill(owner.user.email)
    page.locator("#id_password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_url(f"{address}/clinic/north/")


def build_program(page: Page) -> None:
    page.get_by_role("link", name="New program").click()
    page.get_by_role("link", name="From nothing").click()
    page.get_by_label("Title").fill("For one knee")
    page.get_by_label("Sessions, Phase 1").select_option("3 a week")
    for exercise, amount in [("Lateral band walk", "10"), ("Double band hip thrust", "12")]:
        dose = page.get_by_role("listitem").filter(has=page.get_by_role("heading", name=exercise, level=3)).last
        dose.get_by_label("Sets").fill("2")
        dose.get_by_label(re.compile("Steps each way|Repetitions")).fill(amount)
        dose.get_by_label("Short band").select_option("red")
    page.get_by_role("button", name="Save", exact=True).last.click()
    expect(page.get_by_text("Saved.")).to_be_visible()


def add_patient_and_prescribe(page: Page, owner: Membership) -> str:
    """The invitation link that the clinician then shows the patient."""
    page.goto(f"{page.url.split('/clinic/')[0]}/clinic/north/")
    page.get_by_role("link", name="New patient").click()
    page.wait_for_load_state("networkidle")
    expect(page.locator("#id_code")).to_have_value("P-001")
    page.locator("#id_name").fill("Ruth Okafor")
    page.locator("#id_affected_knee").select_option("left")
    page.locator("#id_responsible").select_option(label=str(owner))
    page.get_by_role("button", name="Save and continue editing").click()
    page.get_by_role("link", name="Prescribe").click()
    program = page.locator("#id_program option", has_text="For one knee").get_attribute("value")
    page.locator("#id_program").select_option(program)
    page.get_by_role("button", name="Prescribe").click()
    expect(page.get_by_role("link", name="For one knee", exact=True)).to_be_visible()
    page.get_by_role("button", name="Invitation link").click()
    return page.get_by_text("/invitation/north/").inner_text()


def open_invitation(phone: Page, invitation: str) -> None:
    phone.goto(invitation)
    phone.get_by_role("button", name="Open my exercises").tap()
    expect(phone.get_by_role("heading", name="Today")).to_be_visible()
    expect(phone.get_by_text("0 of 3")).to_be_visible()


def log_set_by_set(phone: Page) -> None:
    phone.get_by_text("Type in your numbers").tap()
    for left in phone.get_by_label("Left", exact=True).locator("visible=true").all():
        left.fill("10")
    for right in phone.get_by_label("Right", exact=True).locator("visible=true").all():
        right.fill("10")
    for amount in phone.get_by_label("How many", exact=True).locator("visible=true").all():
        amount.fill("12")
    phone.get_by_role("group", name="Pain during").get_by_role("radio", name="2", exact=True).tap()
    phone.get_by_role("button", name="Save").tap()
    expect(phone.get_by_text("1 of 3")).to_be_visible()


def log_as_planned(phone: Page) -> None:
    phone.reload()
    phone.get_by_role("button", name="Done as planned").tap()
    expect(phone.get_by_text("2 of 3")).to_be_visible()


def read_what_it_links_to(page: Page, address: str, html: str) -> None:
    link = re.search(r'href="([^"]*/clinic/north/patients/patient/[^"]*)"', html)
    assert link is not None
    page.goto(address + urlsplit(link[1]).path)
    page.get_by_label("Your password").fill(PASSWORD)  # the one of last week has lapsed
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_text("Ruth Okafor").first).to_be_visible()
