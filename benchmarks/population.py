"""Many clinics whose patients have logged for months: by SQL alone, for a hundred sessions of each are a million.

Every patient has a program of their own, as prescribing makes one: three phases, two exercises. They log three sessions
a week of four sets. How much they do differs from session to session, so that weeks are whole, partial or low.
"""

import os
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

import psycopg
from django.utils import timezone

from clinic.models import Membership, User
from clinic.wall.scope import clinic_scope
from patients.adherence import monday_of
from programs.models import Dose, Phase
from tests import factories as make

A_WEEK = 3
FAR = date(2099, 1, 1)
CROWD = """
CREATE TEMP TABLE crowd ON COMMIT DROP AS
SELECT clinic, by, row_number() OVER (PARTITION BY clinic)::int AS number,
    uuidv7() AS patient, uuidv7() AS program, uuidv7() AS course
FROM unnest(%(clinics)s::uuid[], %(by)s::uuid[]) AS clinician(clinic, by), generate_series(1, %(patients)s)
"""
PHASES = """
CREATE TEMP TABLE crowd_phase ON COMMIT DROP AS
SELECT clinic, number, program, uuidv7() AS phase, place FROM crowd, generate_series(0, 2) AS place
"""
# Copies one row that the application made, but for some of its columns.
COPY = """
INSERT INTO {table} SELECT copy.* FROM {table} model, {crowd}
CROSS JOIN LATERAL jsonb_populate_record(model, jsonb_build_object('clinic_id', clinic, {columns})) AS copy
WHERE model.id = %s
"""
ATTENTION = """
INSERT INTO patients_attention (id, clinic_id, patient_id, reasons, urgency)
SELECT patient, clinic, patient, '[]', 0 FROM crowd
"""
LOGS = """
INSERT INTO patients_log (id, clinic_id, patient_id, date, entered_at, received_at, entered_by_id, provenance, accepted,
    pain_during, note, skip_reason, digest)
SELECT uuidv7(), clinic, patient, day, day + time '18:00', day + time '18:00', by, 'live', true, number %% 5, '', '', ''
FROM generate_series(0, %(sessions)s - 1) AS session
CROSS JOIN LATERAL (SELECT %(start)s::date + session / 3 * 7 + session %% 3 * 2 AS day) AS dates, crowd
ORDER BY day
"""
SETS = """
INSERT INTO patients_loggedset (id, clinic_id, log_id, position, exercise_id, amount, "left", "right", as_planned,
    placement)
SELECT uuidv7(), log.clinic_id, log.id, place, CASE WHEN place < 2 THEN %(walk)s ELSE %(thrust)s END,
    CASE WHEN place > 1 THEN much END, CASE WHEN place < 2 THEN much END, CASE WHEN place < 2 THEN much - place END,
    place = 3, ''
FROM patients_log log CROSS JOIN generate_series(0, 3) AS place
CROSS JOIN LATERAL (SELECT log.date - log.date + 3 + floor(random() * 16)::int AS much) AS done
WHERE log.clinic_id = ANY(%(clinics)s::uuid[])
"""


@dataclass(frozen=True, slots=True)
class Population:
    """The clinicians of many clinics, and the last week of their patients that is complete."""

    clinicians: tuple[Membership, ...]
    monday: date

    @property
    def clinics(self) -> list[UUID]:
        return list(dict.fromkeys(each.clinic.pk for each in self.clinicians))


def make_population(name: str, *, clinics: int, clinicians: int = 1, patients: int, sessions: int) -> Population:
    """So many clinics, clinicians in each and patients of each; their last session is in the week that goes on."""
    now = timezone.now()
    weeks = (sessions - 1) // A_WEEK
    start = monday_of(now.date()) - timedelta(weeks=weeks)
    members = []
    for number in range(clinics):
        clinic = make.make_clinic(f"{name}-{number}", created_at=now - timedelta(days=400))
        with clinic_scope(clinic.pk):
            for each in range(clinicians):
                user = User.objects.create_user(f"clinician{each}@{clinic.slug}.example")
                members.append(make.make_member(clinic, user=user))
    _fill(members, start, patients, sessions)
    return Population(tuple(members), start + timedelta(weeks=weeks - 1))


def _fill(members: list[Membership], start: date, patients: int, sessions: int) -> None:
    model = make.make_clinic(f"model-of-{members[0].clinic.slug}", summarised_through=FAR, alerted_through=FAR)
    with clinic_scope(model.pk):
        by = make.make_member(model)
        patient = make.make_patient(by)
        prescription = make.make_prescription(by, patient, starts_on=start)
        phase = Phase.objects.get(program=prescription.program_id)
        doses = list(Dose.objects.filter(phase=phase))
    values = {
        "clinics": [each.clinic.pk for each in members],
        "by": [each.pk for each in members],
        "patients": patients,
        "sessions": sessions,
        "start": start,
        "walk": make.WALK,
        "thrust": make.THRUST,
    }
    # A third of the phases or so are open-ended: only the last of a program may be.
    of_phase = (
        "'id', phase, 'program_id', program, 'position', place, 'weeks', CASE WHEN place < 2 THEN 6 + number % 7 END"
    )
    of_dose = (
        "'id', uuidv7(), 'phase_id', phase, 'sets_max', 3, 'amount_min', 6 + number % 5 + place * 2, 'amount_max', 30"
    )
    of_prescription = "'id', uuidv7(), 'course_id', course, 'program_id', program, 'prescribed_by_id', by"
    copies = [
        ("patients_patient", patient.pk, "crowd", "'id', patient, 'responsible_id', by, 'code', 'P-' || number"),
        ("programs_program", prescription.program_id, "crowd", "'id', program"),
        ("patients_course", prescription.course_id, "crowd", "'id', course, 'patient_id', patient"),
        ("patients_prescription", prescription.pk, "crowd", of_prescription),
        ("programs_phase", phase.pk, "crowd_phase", of_phase),
        *(("programs_dose", dose.pk, "crowd_phase", of_dose) for dose in doses),
    ]
    with psycopg.connect(os.environ["ADMIN_DATABASE_URL"]) as admin:
        # Rows that are right by construction: neither foreign keys nor triggers have to look at each.
        admin.execute("SET session_replication_role = replica")
        admin.execute(CROWD, values)
        admin.execute(PHASES)
        for table, key, crowd, columns in copies:
            admin.execute(COPY.format(table=table, crowd=crowd, columns=columns.replace("%", "%%")), [key])
        admin.execute(ATTENTION)
        admin.execute(LOGS, values)
        admin.execute(SETS, values)
