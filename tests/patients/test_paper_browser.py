"""The paper twin in a real browser: how few keys a week takes, by keyboard, by mouse, and without JavaScript."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from clinic.models import Clinic, Membership
from clinic.wall.scope import clinic_scope
from patients.models import Log, Patient
from tests.factories import (
    MONDAY,
    NOW,
    make_clinic,
    make_log,
    make_member,
    make_patient,
    make_prescription,
    sign_in,
)

pytestmark = pytest.mark.django_db(transaction=True)

WEEK, DAY = timedelta(weeks=1), timedelta(days=1)
FIRST = MONDAY - 2 * WEEK
Open = Callable[..., Page]


@pytest.fixture
def clinic(transactional_db: None, time_machine: Any) -> Clinic:
    time_machine.move_to(NOW)
    return make_clinic()


@pytest.fixture
def clinician(clinic: Clinic) -> Membership:
    with clinic_scope(clinic.pk):
        return make_member(clinic)


@pytest.fixture
def open_sheet(
    browser: Browser, live_server: LiveServer, client: Client, clinic: Clinic, clinician: Membership
) -> Iterator[Open]:
    cookie = sign_in(client, clinician).cookies["sessionid"].value
    contexts = []

    def open_page(patient: Patient, **options: Any) -> Page:
        context = browser.new_context(viewport={"width": 1280, "height": 900}, **options)
        contexts.append(context)
        context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
        page = context.new_page()
        page.goto(f"{live_server.url}/clinic/north/patients/patient/{patient.pk}/paper/")
        return page

    yield open_page
    for context in contexts:
        context.close()


def patient_with(clinic: Clinic, clinician: Membership, **program: Any) -> Patient:
    with clinic_scope(clinic.pk):
        patient = make_patient(clinician)
        make_prescription(clinician, patient, starts_on=FIRST, **program)
    return patient


def press(page: Page, keys: str) -> int:
    """Type one key after the other; gives how many they were."""
    for key in keys:
        page.keyboard.press("Space" if key == " " else key)
    return len(keys)


def pains(clinic: Clinic) -> dict[int, int | None]:
    """What was logged, by the number of days since the first."""
    with clinic_scope(clinic.pk):
        return {(log.date - FIRST).days: log.pain_after for log in Log.objects.current()}


def test_a_week_of_fixed_days_takes_one_key_for_each(clinic: Clinic, clinician: Membership, open_sheet: Open) -> None:
    page = open_sheet(patient_with(clinic, clinician, weekdays=[0, 2, 4]))
    assert press(page, "324") == 3
    assert press(page, "203") == 3
    page.keyboard.press("Enter")
    expect(page.get_by_text("6 days saved.")).to_be_visible()
    assert pains(clinic) == {0: 3, 2: 2, 4: 4, 7: 2, 9: 0, 11: 3}


def test_a_week_of_free_days_takes_one_key_for_each_day(
    clinic: Clinic, clinician: Membership, open_sheet: Open
) -> None:
    page = open_sheet(patient_with(clinic, clinician, frequency=3))
    assert press(page, "3 2 4  ") == 7
    press(page, "5")
    page.keyboard.press("Enter")
    expect(page.get_by_text("4 days saved.")).to_be_visible()
    assert pains(clinic) == {0: 3, 2: 2, 4: 4, 7: 5}


def test_arrows_move_and_ten_waits_for_its_second_digit(
    clinic: Clinic, clinician: Membership, open_sheet: Open
) -> None:
    page = open_sheet(patient_with(clinic, clinician))
    first = page.locator(f"#day-{FIRST}")
    expect(first).to_be_focused()
    press(page, "10")
    expect(first).to_have_value("10")
    for key, days in [("ArrowRight", 1), ("ArrowDown", 8), ("ArrowLeft", 7), ("ArrowUp", 0)]:
        page.keyboard.press(key)
        expect(page.locator(f"#day-{FIRST + days * DAY}")).to_be_focused()
    page.get_by_label("Go on by itself").uncheck()
    page.locator(f"#day-{FIRST + DAY}").focus()
    press(page, "3")
    expect(page.locator(f"#day-{FIRST + DAY}")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_text("2 days saved.")).to_be_visible()
    assert pains(clinic) == {0: 10, 1: 3}


def test_by_mouse_alone(clinic: Clinic, clinician: Membership, open_sheet: Open) -> None:
    patient = patient_with(clinic, clinician, weekdays=[0, 2])
    with clinic_scope(clinic.pk):
        make_log(clinician, patient, FIRST)
    page = open_sheet(patient)
    pad = page.get_by_role("group", name="Fill in the chosen day")
    pad.get_by_role("button", name="7", exact=True).click()
    page.locator(f"#day-{FIRST + 3 * DAY}").click()
    pad.get_by_role("button", name="x", exact=True).click()
    page.get_by_role("button", name="Save all days").click()
    expect(page.get_by_text("2 days saved.")).to_be_visible()
    assert pains(clinic) == {0: None, 2: 7, 3: None}


def test_without_javascript_it_is_a_plain_form(clinic: Clinic, clinician: Membership, open_sheet: Open) -> None:
    page = open_sheet(patient_with(clinic, clinician, weekdays=[0, 2]), java_script_enabled=False)
    expect(page.get_by_role("group", name="Fill in the chosen day")).to_be_hidden()
    page.locator(f"#day-{FIRST}").focus()
    page.keyboard.type("3")
    page.keyboard.press("Tab")
    page.keyboard.type("nonsense")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Nothing was saved yet: 1 day needs a look.")
    expect(page.locator(f"#day-{FIRST}")).to_have_value("3")
    page.locator(f"#day-{FIRST + DAY}").fill("-p")
    page.get_by_role("button", name="Save all days").click()
    expect(page.get_by_text("2 days saved.")).to_be_visible()
    assert pains(clinic) == {0: 3, 1: None}


@pytest.mark.parametrize("width", [1280, 820, 390])
def test_the_handouts_menu_stays_on_the_page(
    clinic: Clinic, clinician: Membership, open_sheet: Open, width: int
) -> None:
    page = open_sheet(patient_with(clinic, clinician))
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(page.url.replace("/paper/", "/change/"))
    page.locator("summary", has_text="Handout").click()
    expect(page.get_by_role("button", name="Letter with an invitation")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == width
    with page.context.expect_event("response", lambda answer: answer.url.endswith("/handout/")) as opened:
        page.get_by_role("button", name="A4 with an invitation").click()
    assert opened.value.headers["content-type"] == "application/pdf"
