"""What must never be false of a course and a log: the database refuses it, whoever asks."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from uuid_utils.compat import uuid7

from clinic.models import Clinic, Membership
from clinic.wall.scope import clinic_scope
from patients.models import Course, Log, LoggedSet, Patient, Pause, Prescription
from tests.factories import (
    MONDAY,
    NOW,
    TODAY,
    WALK,
    make_clinic,
    make_log,
    make_member,
    make_patient,
    make_prescription,
)

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def clinic() -> Any:
    clinic = make_clinic()
    with clinic_scope(clinic.pk):
        yield clinic


@pytest.fixture
def by(clinic: Clinic) -> Membership:
    return make_member(clinic)


@pytest.fixture
def patient(by: Membership) -> Patient:
    return make_patient(by)


@pytest.fixture
def prescription(by: Membership, patient: Patient) -> Prescription:
    return make_prescription(by, patient)


@pytest.fixture
def log(by: Membership, patient: Patient) -> Log:
    return make_log(by, patient)


def again(log: Log, **changes: Any) -> None:
    """The same log once more under another id: what stands can't be changed, also not by a test."""
    row = Log.objects.get(pk=log.pk)
    row.pk = uuid7()
    for name, value in changes.items():
        setattr(row, name, value)
    row.save(force_insert=True)


def refused(name: str) -> Any:
    return pytest.raises(IntegrityError, match=name)


@pytest.mark.parametrize(
    ("numbers", "fits"),
    [
        ({"amount": 10}, True),
        ({"amount": 0}, True),
        ({"left": 10, "right": 0}, True),
        ({}, False),
        ({"left": 10}, False),
        ({"right": 10}, False),
        ({"amount": 10, "left": 10, "right": 10}, False),
        ({"amount": 1001}, False),
        ({"left": 1001, "right": 1}, False),
    ],
)
def test_a_set_has_an_amount_or_one_for_each_direction(log: Log, numbers: dict[str, int], fits: bool) -> None:
    row = LoggedSet(log=log, position=9, exercise_id=WALK, **numbers)
    if fits:
        row.save()
        return
    with refused("patients_set_amount_or_directions"), transaction.atomic():
        row.save()


@pytest.mark.parametrize("field", ["pain_before", "pain_during", "pain_after", "effort"])
def test_a_rating_is_0_to_10_or_unanswered(log: Log, field: str) -> None:
    for value in (None, 0, 10):
        again(log, **{field: value})
    with refused("patients_log_ratings"), transaction.atomic():
        again(log, **{field: 11})


def test_a_code_is_taken_once(patient: Patient) -> None:
    with refused("patients_patient_code"), transaction.atomic():
        make_patient(code=patient.code)


def test_one_course_runs_at_a_time(prescription: Prescription, patient: Patient) -> None:
    with refused("patients_course_one_running"), transaction.atomic():
        Course.objects.create(patient=patient)
    Course.objects.update(ended_on=TODAY)
    Course.objects.create(patient=patient)


def test_one_prescription_is_in_force_at_a_time(prescription: Prescription) -> None:
    Prescription.objects.update(ends_on=TODAY)
    again = {name: getattr(prescription, name) for name in ["course", "program", "prescribed_by"]}
    with refused("patients_prescription_one_at_a_time"), transaction.atomic():
        Prescription.objects.create(starts_on=TODAY, affected_knee="left", **again)
    Prescription.objects.create(starts_on=TODAY + DAY, affected_knee="left", **again)


def test_a_prescription_ends_no_earlier_than_the_day_before_it_starts(prescription: Prescription) -> None:
    Prescription.objects.update(ends_on=MONDAY - DAY)
    with refused("patients_prescription_dates"), transaction.atomic():
        Prescription.objects.update(ends_on=MONDAY - 2 * DAY)


def test_a_pause_ends_on_its_first_date_or_later(prescription: Prescription, by: Membership) -> None:
    row = {"course": prescription.course, "made_by": by, "made_at": NOW, "starts_on": TODAY}
    Pause.objects.create(ends_on=TODAY, **row)
    with refused("patients_pause_dates"), transaction.atomic():
        Pause.objects.create(ends_on=TODAY - DAY, **row)


def test_a_log_is_replaced_once(log: Log, by: Membership, patient: Patient) -> None:
    correction = make_log(by, patient, replaces=log.pk)
    with refused("patients_log_replaced_once"), transaction.atomic():
        again(correction)
