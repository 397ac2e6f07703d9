"""One week of a population's clinics, read as the application does it and as one would by hand."""

import tracemalloc
from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

from django.db import connection

from benchmarks.population import Population
from clinic.wall.scope import clinic_scope
from patients.adherence import Week
from patients.caseload import each_week
from patients.models import Patient

Done = dict[UUID, int]

# Sessions done, at most those due, of patients with one prescription by frequency and nothing else: no pause, no
# revision, no skip, no exercise left out. And no dose, no band, no extra, nothing of what else a week is made of.
BY_HAND = """
WITH phase AS (
    SELECT course.patient_id, phase.id, phase.frequency,
        prescription.starts_on + 7 * (sum(coalesce(phase.weeks, 1000)) OVER so_far - coalesce(phase.weeks, 1000))::int
            AS first,
        prescription.starts_on + 7 * (sum(coalesce(phase.weeks, 1000)) OVER so_far)::int AS next
    FROM patients_prescription prescription
    JOIN patients_course course ON course.id = prescription.course_id
    JOIN programs_phase phase ON phase.program_id = prescription.program_id
    WINDOW so_far AS (PARTITION BY prescription.id ORDER BY phase.position)
), done AS (
    SELECT log.patient_id, log.date, logged.exercise_id, sum(amount) AS amount, sum("left") AS l, sum("right") AS r
    FROM patients_log log JOIN patients_loggedset logged ON logged.log_id = log.id
    WHERE log.date BETWEEN %(first)s AND %(last)s AND accepted AND replaced_at IS NULL AND withdrawn_at IS NULL
    GROUP BY 1, 2, 3
), session AS (
    SELECT phase.patient_id, done.date, phase.frequency,
        bool_and(2 * coalesce(done.amount, least(done.l, done.r)) >= dose.sets_min * dose.amount_min) AS counts
    FROM phase
    JOIN programs_dose dose ON dose.phase_id = phase.id
    JOIN done ON done.patient_id = phase.patient_id AND done.exercise_id = dose.exercise_id
        AND done.date >= phase.first AND done.date < phase.next
    GROUP BY 1, 2, 3
)
SELECT patient_id, least(count(*) FILTER (WHERE counts), max(frequency)) FROM session GROUP BY 1
"""


def weeks(population: Population) -> Iterator[tuple[UUID, Week]]:
    """Clinic by clinic, and in each patient by patient."""
    for clinic in population.clinics:
        with clinic_scope(clinic):
            yield from each_week(
                Patient.objects.active(), population.monday, today=population.monday + timedelta(weeks=1)
            )


def by_the_application(population: Population) -> Done:
    return {patient: week.done for patient, week in weeks(population)}


def by_hand(population: Population) -> Done:
    dates = {"first": population.monday, "last": population.monday + timedelta(days=6)}
    found: Done = {}
    for clinic in population.clinics:
        with clinic_scope(clinic), connection.cursor() as cursor:
            cursor.execute(BY_HAND, dates)
            found.update(cursor.fetchall())
    return found


def queries(population: Population) -> int:
    """For one clinic, beside the control of its transaction."""
    connection.force_debug_cursor = True
    connection.queries_log.clear()
    with clinic_scope(population.clinics[0]):
        connection.queries_log.clear()
        for _week in each_week(Patient.objects.active(), population.monday, today=population.monday):
            pass
        count = len(connection.queries_log)
    connection.force_debug_cursor = False
    return count


def most_memory(population: Population) -> int:
    """The most that Python held at once while it went through the weeks, in bytes."""
    tracemalloc.start()
    for _week in weeks(population):
        pass
    _now, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return most
