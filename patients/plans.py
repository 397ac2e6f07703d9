"""Reads plans and logs out of the open clinic: for many patients the same few queries as for one."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from itertools import groupby
from operator import attrgetter
from typing import Any
from uuid import UUID

from django.db.models import Max, Q

from patients import adherence
from patients.models import Course, Log, Pause, Prescription
from programs.models import Phase, Program

Patients = Iterable[UUID]

NOTHING = adherence.Course(prescriptions=())
DOSE = ["exercise", "exercise__counted_in", "sets_min", "amount_min", "required"]


def courses_on(patients: Patients, day: date) -> dict[UUID, adherence.Course]:
    """Each patient's course on a date: the one that started last by then, otherwise the first that is to come.

    A patient without a prescription has a course without one. Each prescription's key is its id. Two queries.
    """
    prescriptions = _prescriptions(patients)
    chosen = {patient: _course_on(courses, day) for patient, courses in prescriptions.items()}
    pauses = _pauses([course for course, _ in chosen.values()])
    found = {
        patient: adherence.Course(prescriptions=tuple(chain), pauses=tuple(pauses[course]))
        for patient, (course, chain) in chosen.items()
    }
    return {patient: found.get(patient, NOTHING) for patient in patients}


def course_on(patient: UUID, day: date) -> adherence.Course:
    return courses_on([patient], day)[patient]


def plan_of(course: Course) -> adherence.Course:
    """The plan of one course, whatever the date. Two queries."""
    chains = _prescriptions([course.patient_id]).get(course.patient_id, {})
    return adherence.Course(tuple(chains.get(course.pk, ())), tuple(_pauses([course.pk])[course.pk]))


def phases_of(program: Program) -> tuple[adherence.Phase, ...]:
    """The phases of a program as they would come into force. One query.

    Raises ValueError where it could not be prescribed as it is: ask `check_prescribable` first.
    """
    rows = Phase.objects.filter(program=program).order_by("position", "id", "doses__position", "doses__id")
    return _phases(rows.values_list("id", "weeks", "frequency", "weekdays", *(f"doses__{name}" for name in DOSE)))


def logs_of(patients: Patients, *, since: date | None = None) -> dict[UUID, list[adherence.Log]]:
    """What each patient logged, as it stands now, by date. One query."""
    standing = Log.objects.current().filter(patient__in=list(patients))
    if since is not None:
        standing = standing.filter(date__gte=since)
    rows = standing.order_by("patient", "date", "id").values_list(
        "patient",
        "id",
        "date",
        "skip_reason",
        "sets__exercise",
        "sets__amount",
        "sets__left",
        "sets__right",
        named=True,
    )
    logs: defaultdict[UUID, list[adherence.Log]] = defaultdict(list)
    for (patient, _, day, skip_reason), sets in groupby(rows, attrgetter("patient", "id", "date", "skip_reason")):
        done = tuple(
            adherence.LoggedSet(row.sets__exercise, row.sets__amount or 0, row.sets__left, row.sets__right)
            for row in sets
            if row.sets__exercise is not None
        )
        logs[patient].append(adherence.Log(day, done, skip_reason))
    return logs


def last_dates_of(patients: Patients) -> dict[UUID, tuple[date, date | None]]:
    """The last date for which something stands, and the last with a session. One query."""
    rows = (
        Log.objects.current()
        .filter(patient__in=list(patients))
        .order_by()
        .values_list("patient")
        .annotate(last_log=Max("date"), last_session=Max("date", filter=Q(sets__isnull=False)))
    )
    return {patient: (last_log, last_session) for patient, last_log, last_session in rows}


def _prescriptions(patients: Patients) -> dict[UUID, dict[UUID, list[adherence.Prescription]]]:
    """Of each patient the courses, and of each course the chain of its prescriptions."""
    doses = "program__phases__doses__"
    rows = (
        Prescription.objects.filter(course__patient__in=list(patients))
        .order_by(
            "starts_on", "id", "program__phases__position", "program__phases__id", f"{doses}position", f"{doses}id"
        )
        .values_list(
            "course__patient",
            "course",
            "id",
            "starts_on",
            "ends_on",
            "program__phases",
            "program__phases__weeks",
            "program__phases__frequency",
            "program__phases__weekdays",
            *(f"{doses}{name}" for name in DOSE),
        )
    )
    found: defaultdict[UUID, defaultdict[UUID, list[adherence.Prescription]]] = defaultdict(lambda: defaultdict(list))
    for (patient, course, key, starts_on, ends_on), of_prescription in groupby(rows, lambda row: row[:5]):
        phases = _phases(row[5:] for row in of_prescription)
        found[patient][course].append(adherence.Prescription(starts_on, phases, ends_on, key))
    return {patient: dict(courses) for patient, courses in found.items()}


def _phases(rows: Iterable[tuple[Any, ...]]) -> tuple[adherence.Phase, ...]:
    """From rows of a phase's id, weeks, frequency and weekdays, and one of its doses."""
    return tuple(
        adherence.Phase(
            doses=tuple(
                adherence.Dose(exercise, sets, amount, counted_in == "steps_per_direction", required)
                for exercise, counted_in, sets, amount, required in (row[4:] for row in of_phase)
                if exercise is not None
            ),
            weeks=weeks,
            frequency=frequency,
            weekdays=frozenset(weekdays),
        )
        for (_, weeks, frequency, weekdays), of_phase in groupby(rows, lambda row: row[:4])
    )


def _course_on(
    courses: dict[UUID, list[adherence.Prescription]], day: date
) -> tuple[UUID, list[adherence.Prescription]]:
    """Those in force come before those that were ended or revised before their first date."""
    starts = {course: _start(chain) for course, chain in courses.items()}
    by_start = sorted(courses.items(), key=lambda item: starts[item[0]] or date.max)
    started = [item for item in by_start if (start := starts[item[0]]) is not None and start <= day]
    return started[-1] if started else by_start[0]


def _start(chain: list[adherence.Prescription]) -> date | None:
    """When a course came into force; None where it never does."""
    return min(
        (each.starts_on for each in chain if each.ends_on is None or each.ends_on >= each.starts_on), default=None
    )


def _pauses(courses: Iterable[UUID]) -> defaultdict[UUID, list[adherence.Pause]]:
    pauses: defaultdict[UUID, list[adherence.Pause]] = defaultdict(list)
    for pause in Pause.objects.filter(course__in=list(courses)):
        pauses[pause.course_id].append(adherence.Pause(pause.starts_on, pause.ends_on))
    return pauses
