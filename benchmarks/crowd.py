"""Clinics of any size: patients with a program since six weeks and what they logged."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.test import Client
from django.utils import timezone

from clinic.models import Clinic, Membership
from clinic.wall.scope import clinic_scope
from patients.attention import find_out
from patients.models import Course, Patient, Prescription
from programs.models import Program
from tests import factories as make

WEEKS = 6
NAMES = ("Anna Müller", "Brigid Nolan", "Jürgen Groß", "Sean O'Hara", "Inés Navarro", "Mulan Li", "Sören Holm")
# By SQL alone, for there are 90,000 of 5,000 patients: copies of one log and its sets. Three a week; every fifth
# patient fell silent two weeks ago, and every seventh says that it hurts.
LOGS = """
INSERT INTO patients_log SELECT copy.*
FROM patients_log model, patients_patient patient
CROSS JOIN LATERAL (SELECT (%(start)s::date + week * 7 + weekday)::date AS day
    FROM generate_series(0, %(weeks)s) AS week, unnest(ARRAY[0, 2, 4]) AS weekday) AS dates
CROSS JOIN LATERAL jsonb_populate_record(model, jsonb_build_object('id', uuidv7(), 'patient_id', patient.id,
    'date', day, 'pain_after', CASE WHEN patient.birth_year %% 7 = 0 THEN 6 ELSE 2 END)) AS copy
WHERE model.id = %(log)s AND day <= %(today)s AND (patient.birth_year %% 5 > 0 OR day < %(today)s::date - 14)
"""
SETS = """
INSERT INTO patients_loggedset SELECT copy.*
FROM patients_loggedset model, patients_log log
CROSS JOIN LATERAL jsonb_populate_record(model, jsonb_build_object('id', uuidv7(), 'log_id', log.id)) AS copy
WHERE model.log_id = %(log)s AND log.id <> %(log)s
"""


@dataclass(frozen=True, slots=True)
class Crowd:
    """A clinic of that size, and somebody signed in to it."""

    clinic: Clinic
    client: Client
    program: UUID

    def get(self, path: str) -> Any:
        page = path.format(program=self.program)
        return self.client.get(f"/clinic/{self.clinic.slug}/{page}", headers={"host": "localhost"})


def make_clinic_of(size: int) -> Crowd:
    now = timezone.now()
    clinic = make.make_clinic(f"crowd-{size}", created_at=now - timedelta(days=400))
    today = clinic.today(now)
    start = today - timedelta(days=today.weekday(), weeks=WEEKS)
    with clinic_scope(clinic.pk):
        by = make.make_member(clinic)
        template = make.make_program(is_template=True)
        first = _prescribe(by, make.make_program(), start, size)
        values: dict[str, Any] = {
            "log": make.make_log(by, first, start).pk,
            "start": start,
            "weeks": WEEKS,
            "today": today,
        }
        with connection.cursor() as cursor:
            cursor.execute(LOGS, values)
            cursor.execute(SETS, values)
    return Crowd(clinic, make.sign_in(Client(), by), template.pk)


def _prescribe(by: Membership, program: Program, start: date, size: int) -> Patient:
    patients = [
        Patient(
            code=f"P-{number:04}",
            name=f"{NAMES[number % len(NAMES)]} {number}",
            birth_year=1950 + number % 50,
            affected_knee="left",
            responsible=by,
        )
        for number in range(size)
    ]
    courses = [Course(patient=patient) for patient in patients]
    Patient.objects.bulk_create(patients)
    Course.objects.bulk_create(courses)
    Prescription.objects.bulk_create(
        Prescription(course=course, program=program, starts_on=start, affected_knee="left", prescribed_by=by)
        for course in courses
    )
    return patients[0]


def look_at_everybody(crowd: Crowd) -> None:
    """As a worker does it."""
    left = True
    while left:
        with clinic_scope(crowd.clinic.pk):
            left = find_out(crowd.clinic, today=crowd.clinic.today(timezone.now()), most=200)
