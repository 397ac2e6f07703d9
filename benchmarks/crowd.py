"""Clinics of any size: patients with a program since six weeks and what they logged, written by SQL alone."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.test import Client
from django.utils import timezone

from clinic.models import Clinic, Membership
from clinic.wall.scope import clinic_scope
from patients.attention import find_out
from patients.models.search import search_form
from tests import factories as make

WEEKS = 6
NAMES = (
    "Anna Müller",
    "Brigid Nolan",
    "Jürgen Groß",
    "Sean O'Hara",
    "Inés Navarro",
    "Mulan Li",
    "Søren Holm",
    "Una Roe",
)

PATIENTS = """
INSERT INTO patients_patient (id, clinic_id, code, name, email, phone, birth_year, language, affected_knee,
    responsible_id, emergency_note, created_at, search_words)
SELECT uuidv7(), %(clinic)s, 'P-' || lpad(n::text, 4, '0'), names.name || ' ' || n, '', '', 1950 + n %% 50, '', 'left',
    %(by)s, '', %(start)s::date, names.words || ' ' || n || ' p ' || lpad(n::text, 4, '0')
FROM generate_series(1, %(size)s) AS n
JOIN unnest(%(names)s::text[], %(words)s::text[]) WITH ORDINALITY AS names(name, words, place)
    ON names.place = n %% cardinality(%(names)s::text[]) + 1
"""
COURSES = """
INSERT INTO patients_course (id, clinic_id, patient_id, outcome, created_at)
SELECT uuidv7(), clinic_id, id, '', created_at FROM patients_patient
"""
PRESCRIPTIONS = """
INSERT INTO patients_prescription (id, clinic_id, course_id, program_id, starts_on, affected_knee, prescribed_by_id,
    prescribed_at)
SELECT uuidv7(), clinic_id, id, %(program)s, %(start)s, 'left', %(by)s, created_at FROM patients_course
"""
# Three a week; every fifth patient fell silent two weeks ago, and every seventh says that it hurts.
LOGS = """
INSERT INTO patients_log (id, clinic_id, patient_id, date, entered_at, received_at, entered_by_id, provenance, accepted,
    pain_after, note, skip_reason, digest)
SELECT uuidv7(), patient.clinic_id, patient.id, day, day + time '18:00', day + time '18:00', %(by)s, 'live', true,
    CASE WHEN patient.birth_year %% 7 = 0 THEN 6 ELSE 2 END, '', '', ''
FROM patients_patient patient
CROSS JOIN LATERAL (SELECT (%(start)s::date + week * 7 + weekday)::date AS day
    FROM generate_series(0, %(weeks)s) AS week, unnest(ARRAY[0, 2, 4]) AS weekday) AS dates
WHERE day <= %(today)s AND (patient.birth_year %% 5 > 0 OR day < %(today)s::date - 14)
"""
SETS = """
INSERT INTO patients_loggedset (id, clinic_id, log_id, position, exercise_id, amount, "left", "right", as_planned)
SELECT uuidv7(), log.clinic_id, log.id, n, CASE WHEN n < 2 THEN %(walk)s ELSE %(thrust)s END,
    CASE WHEN n < 2 THEN NULL ELSE 12 END, CASE WHEN n < 2 THEN 10 END, CASE WHEN n < 2 THEN 10 END, false
FROM patients_log log, generate_series(0, 3) AS n
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
    start = clinic.today(now) - timedelta(days=clinic.today(now).weekday(), weeks=WEEKS)
    with clinic_scope(clinic.pk):
        by = make.make_member(clinic)
        program, template = make.make_program(), make.make_program(is_template=True)
        values: dict[str, Any] = {
            "clinic": clinic.pk,
            "by": by.pk,
            "size": size,
            "program": program.pk,
            "start": start,
            "today": clinic.today(now),
            "weeks": WEEKS,
            "names": list(NAMES),
            "words": [search_form(name) for name in NAMES],
            "walk": make.WALK,
            "thrust": make.THRUST,
        }
        with connection.cursor() as cursor:
            for sql in (PATIENTS, COURSES, PRESCRIPTIONS, LOGS, SETS):
                cursor.execute(sql, values)
    return Crowd(clinic, _signed_in(by), template.pk)


def look_at_everybody(crowd: Crowd) -> None:
    with clinic_scope(crowd.clinic.pk):
        while find_out(crowd.clinic, today=crowd.clinic.today(timezone.now()), most=200):
            pass


def _signed_in(by: Membership) -> Client:
    return make.sign_in(Client(), by)
