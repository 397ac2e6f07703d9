"""Doors of the staff's pages that other tests walk past: who may not, and whose it is not."""

import pytest
from django.test import Client

from clinic.models import Clinic, Membership, Role
from clinic.wall.scope import clinic_scope
from patients.actions.measuring import Answers, measure
from patients.actions.prescribing import InTheWay, prescribe
from patients.handout.spoken import spoken
from patients.models import Course, Measurement, Patient, Prescription
from tests.factories import (
    NOW,
    TODAY,
    make_member,
    make_patient,
    make_prescription,
    make_program,
    make_sign_in,
    sign_in,
)

pytestmark = pytest.mark.django_db
SITE = "/clinic/north"


@pytest.fixture
def assistant(clinic: Clinic) -> Client:
    with clinic_scope(clinic.pk):
        return sign_in(Client(), make_member(clinic, Role.ASSISTANT))


def test_the_front_desk_prescribes_nothing(clinic: Clinic, running: Prescription, assistant: Client) -> None:
    for page in [f"prescribe/?program={running.program_id}", f"prescribed/?prescription={running.pk}"]:
        answer = assistant.get(f"{SITE}/patients/patient/{page}")
        assert answer.status_code in {403, 404}
        assert "Running" not in answer.text


def test_the_words_of_a_handout_find_nobody_for_the_front_desk(
    clinic: Clinic, clinician: Membership, client: Client, running: Prescription, assistant: Client
) -> None:
    words = spoken(running.pk, running.program_id)
    assert "Carla Neumann" in client.get(f"{SITE}/search/?q={words}").text
    assert "Carla Neumann" not in assistant.get(f"{SITE}/search/?q={words}").text


def test_another_patients_course_is_not_ended_to_make_room(
    clinic: Clinic, clinician: Membership, running: Prescription
) -> None:
    with clinic_scope(clinic.pk):
        other = make_patient(clinician)
        make_prescription(clinician, other, title="In the way")
        with pytest.raises(InTheWay):
            prescribe(
                by=clinician,
                patient=other,
                program=make_program(),
                starts_on=TODAY,
                affected_knee="left",
                now=NOW,
                instead_of=running.course_id,
            )
        assert Course.objects.get(pk=running.course_id).ended_on is None


def test_a_measure_is_corrected_on_its_own_patients_page_alone(
    clinic: Clinic, clinician: Membership, client: Client, patient: Patient, running: Prescription
) -> None:
    with clinic_scope(clinic.pk):
        other = make_patient(clinician)
        kept = measure(
            by=clinician,
            course=running.course,
            occasion=Measurement.Occasion.START,
            answers=Answers(given_on=TODAY, activity="", activity_score=None, pain=3, change=None),
            now=NOW,
        )
    page = f"{SITE}/patients/patient/{{}}/measure/{kept.pk}/"
    assert client.get(page.format(patient.pk)).status_code == 200
    assert client.get(page.format(other.pk)).status_code == 404
    assert client.post(page.format(other.pk), {"withdraw": "yes"}).status_code == 404


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_a_morning_at_the_end_of_time_is_no_fault_of_ours(
    clinic: Clinic, patient: Patient, day: str, client: Client
) -> None:
    with clinic_scope(clinic.pk):
        sign_in(client, make_sign_in(patient))
    url = f"{SITE}/my/{patient.pk}/morning/{day}/"
    assert client.get(url).status_code < 500
    assert client.post(url, {"pain": "x"}).status_code < 500
