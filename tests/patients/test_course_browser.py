"""Prescribing in a real browser: with the calendar drawn as one chooses, without JavaScript, by keyboard alone."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from clinic.models import Clinic, Membership
from clinic.wall.scope import clinic_scope
from patients.models import Measurement, Patient, Prescription
from programs.models import Program
from tests.clinic.conftest import Watch
from tests.factories import NOW, TODAY, make_clinic, make_member, make_patient, make_prescription, make_program
from tests.fixtures import settled

pytestmark = pytest.mark.django_db(transaction=True)
ROOT = "/clinic/north/patients/patient"
FRIDAY = (TODAY + timedelta(days=2)).isoformat()
VIEWS = [(width, scheme) for width in (1280, 320) for scheme in ("light", "dark")]


@pytest.fixture
def clinic(transactional_db: None, time_machine: Any) -> Clinic:
    time_machine.move_to(NOW)
    return make_clinic()


@pytest.fixture
def clinician(clinic: Clinic) -> Membership:
    with clinic_scope(clinic.pk):
        return make_member(clinic)


@pytest.fixture
def patient(clinic: Clinic, clinician: Membership) -> Patient:
    with clinic_scope(clinic.pk):
        return make_patient(clinician, code="C-007", name="Carla Neumann")


@pytest.fixture
def program(clinic: Clinic, clinician: Membership) -> Program:
    with clinic_scope(clinic.pk):
        return make_program(title="Settle", weekdays=[0, 2, 4], weeks=2)


@contextmanager
def found(page: Page, text: str) -> Iterator[None]:
    """Until what is typed meanwhile is found. On a slow machine the list is asked for before the last letter, too."""
    with page.expect_response(lambda answer: f"q={text}&" in (answer.request.post_data or "")):
        yield
    settled(page)


def prescribed(clinic: Clinic) -> list[tuple[str, str, Any]]:
    with clinic_scope(clinic.pk):
        made = Prescription.objects.select_related("course__patient", "program").order_by("course__patient__code")
        return [(each.course.patient.code, each.program.title, each.starts_on) for each in made]


def test_the_calendar_follows_what_is_chosen(
    watch: Watch,
    clinic: Clinic,
    clinician: Membership,
    patient: Patient,
    program: Program,
) -> None:
    staff = watch(clinician, viewport={"width": 1280, "height": 900})
    page = staff.open(f"{ROOT}/{patient.pk}/prescribe/")
    page.evaluate("window.stillTheSame = true")
    expect(page.get_by_role("button", name="Show the calendar")).to_have_count(0)
    page.locator("#id_program").select_option(label="Settle (made on 18 Nov 2026)")
    expect(page.get_by_text("Wed 18 Nov 2026 to Tue 1 Dec 2026, 6 sessions in these weeks")).to_be_visible()
    page.get_by_label("Starts on").fill(FRIDAY)
    expect(page.get_by_text("Fri 20 Nov 2026 to Thu 3 Dec 2026, 6 sessions in these weeks")).to_be_visible()
    expect(page.get_by_role("status").filter(has_text="It ends on 3 December 2026.")).to_have_count(1)
    assert page.evaluate("window.stillTheSame")
    swapped = page.locator("#calendar").inner_text()
    afresh = page.context.new_page()
    afresh.goto(f"{staff.url}{ROOT}/{patient.pk}/prescribe/?program={program.pk}&starts_on={FRIDAY}")
    assert afresh.locator("#calendar").inner_text() == swapped
    page.get_by_role("button", name="Prescribe", exact=True).dblclick()
    page.wait_for_url(f"**/{patient.pk}/change/")
    assert prescribed(clinic) == [("C-007", "Settle", TODAY + timedelta(days=2))]
    page.get_by_role("link", name="Enter the measures at the start").click()
    page.get_by_role("group", name="How bad was the knee").get_by_role("radio", name="6", exact=True).check()
    page.get_by_role("button", name="Save").click()
    page.wait_for_url(f"**/{patient.pk}/change/")
    with clinic_scope(clinic.pk):
        assert [(each.pain, each.activity_score) for each in Measurement.objects.all()] == [(6, None)]


def test_without_javascript_a_button_shows_it(
    watch: Watch,
    clinic: Clinic,
    clinician: Membership,
    patient: Patient,
    program: Program,
) -> None:
    page = watch(clinician, java_script_enabled=False).open(f"{ROOT}/{patient.pk}/prescribe/")
    page.locator("#id_program").select_option(label="Settle (made on 18 Nov 2026)")
    page.get_by_label("Starts on").fill(FRIDAY)
    page.get_by_role("button", name="Show the calendar").click()
    starts = [re.compile(f"^{day}") for day in ("16 Nov", "23 Nov", "30 Nov")]
    expect(page.locator("table.plan-weeks tbody tr")).to_have_text(starts, use_inner_text=True)
    expect(page.get_by_label("Starts on")).to_have_value(FRIDAY)
    page.get_by_role("button", name="Prescribe", exact=True).click()
    page.wait_for_url(f"**/{patient.pk}/change/")
    assert prescribed(clinic) == [("C-007", "Settle", TODAY + timedelta(days=2))]


def test_by_keyboard_alone(
    watch: Watch,
    clinic: Clinic,
    clinician: Membership,
    patient: Patient,
    program: Program,
) -> None:
    """From the program's page: a patient, then the button. The date is today already."""
    with clinic_scope(clinic.pk):
        make_patient(clinician, name="Zoe")
    page = watch(clinician).open(f"{ROOT}/prescribe/?program={program.pk}")
    page.get_by_label("Name or code").focus()
    with found(page, "carl"):
        page.keyboard.type("carl")
    ticks = page.get_by_role("checkbox", name=re.compile("Carla"))
    expect(page.locator("#patients li")).to_have_count(1)
    for _tab in range(3):
        page.keyboard.press("Tab")
    expect(ticks).to_be_focused()
    page.keyboard.press("Space")
    keys = 0
    while page.evaluate("document.activeElement.innerText") != "Prescribe":
        page.keyboard.press("Tab")
        keys += 1
        assert keys < 10
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/{patient.pk}/change/")
    assert prescribed(clinic) == [("C-007", "Settle", TODAY)]


def test_several_are_found_ticked_and_prescribed(
    watch: Watch,
    clinic: Clinic,
    clinician: Membership,
    patient: Patient,
    program: Program,
) -> None:
    with clinic_scope(clinic.pk):
        make_patient(clinician, code="C-020", name="Omar Haddad")
        make_patient(clinician, name="Zoe")
    page = watch(clinician).open(f"{ROOT}/prescribe/?program={program.pk}")
    page.get_by_role("checkbox", name=re.compile("Carla")).check()
    page.get_by_label("Knee of C-007").select_option("both")
    with found(page, "omar"):
        page.get_by_label("Name or code").press_sequentially("omar")
    omar = page.get_by_role("checkbox", name=re.compile("Omar"))
    expect(page.locator("#patients li")).to_have_count(2)
    omar.check()
    expect(page.get_by_role("checkbox", name=re.compile("Carla"))).to_be_checked()
    expect(page.get_by_label("Knee of C-007")).to_have_value("both")
    page.get_by_role("button", name="Prescribe", exact=True).click()
    expect(page.get_by_text("2 patients have a program now, each a copy of their own.")).to_be_visible()
    assert [code for code, _title, _day in prescribed(clinic)] == ["C-007", "C-020"]


def test_nothing_is_wrong_where_something_is_refused(
    watch: Watch,
    clinic: Clinic,
    clinician: Membership,
    patient: Patient,
    program: Program,
) -> None:
    """The pages as they look with a calendar, a way out, and mistakes."""
    with clinic_scope(clinic.pk):
        make_prescription(clinician, patient)
    staff, faults = watch(clinician), []
    page = staff.page
    for name, path in {
        "way out": f"{ROOT}/{patient.pk}/prescribe/?program={program.pk}",
        "several": f"{ROOT}/prescribe/?program={program.pk}",
        "pause": f"{ROOT}/{patient.pk}/pause/",
        "end": f"{ROOT}/{patient.pk}/end/",
        "measure": f"{ROOT}/{patient.pk}/measure/?at=between",
    }.items():
        staff.open(path)
        if name == "several":
            with found(page, "carla"):
                page.get_by_label("Name or code").press_sequentially("carla")
            expect(page.get_by_role("link", name="Change theirs")).to_be_visible()
        elif name == "pause":
            page.get_by_label("Last date").fill("2026-11-01")
        page.locator(".card .row button.button").first.click()
        page.wait_for_load_state()
        faults += [f"{name} {view}: {wrong}" for view in VIEWS for wrong in staff.look(*view)]
    assert not faults, "\n\n".join(faults)
