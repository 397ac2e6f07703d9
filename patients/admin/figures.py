"""Figures of many patients at once: the same few queries, whatever their number."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db.models import F

from clinic.models import Clinic
from clinic.wake import wake
from patients.adherence import Week, monday_of, weeks
from patients.attention import Reason, find_out
from patients.models.patient import PatientQuerySet
from patients.plans import courses_on, logs_of

WEEK = timedelta(weeks=1)
MOST_FOUND_OUT = 100


@dataclass(frozen=True, slots=True)
class Standing:
    """A patient's last complete week and the one that goes on, and why somebody should look at them.

    Reasons that are old are None: they are still to be found out.
    """

    patient: Any
    last_week: Week
    this_week: Week
    last_log: date | None
    reasons: list[Reason] | None


def weeks_of(patients: Collection[UUID], first_monday: date, *, today: date) -> dict[UUID, list[Week]]:
    """The weeks of each patient from one that starts on a Monday to the one that goes on. Two queries."""
    courses, logs = courses_on(patients, today), logs_of(patients, since=first_monday)
    return {
        patient: weeks(courses[patient], logs.get(patient, []), first_monday, monday_of(today), today=today)
        for patient in patients
    }


def find_out_some(clinic: Clinic, *, today: date) -> bool:
    """Look anew at those whose kept answer is old, as many as a page can wait for; whether a worker does the rest."""
    left = find_out(clinic, today=today, most=MOST_FOUND_OUT)
    if left:
        wake("patients.tasks.find_out_who_needs_a_look", clinic.pk)
    return left


def with_attention(patients: PatientQuerySet) -> PatientQuerySet:
    """Each with what was found out about them, as `kept_reasons`, `good_until`, `urgency` and `last_log`."""
    return patients.select_related("responsible__user").annotate(
        kept_reasons=F("attention__reasons"),
        good_until=F("attention__good_until"),
        urgency=F("attention__urgency"),
        last_log=F("attention__last_log"),
    )


def standings(patients: Iterable[Any], *, today: date) -> list[Standing]:
    """Of patients `with_attention`, in the same order. Two queries."""
    patients = list(patients)
    both_weeks = weeks_of([patient.pk for patient in patients], monday_of(today) - WEEK, today=today)
    return [
        Standing(patient, last, this, patient.last_log, _reasons(patient, today))
        for patient in patients
        for last, this in [both_weeks[patient.pk]]
    ]


def _reasons(patient: Any, today: date) -> list[Reason] | None:
    if patient.good_until is None or patient.good_until <= today:
        return None
    return [Reason.from_json(kept) for kept in patient.kept_reasons]
