"""Reads plans and logs out of the open clinic: for many patients the same few queries as for one."""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Max, OuterRef, Q, QuerySet, Sum, TextField
from django.db.models.functions import Cast, JSONArray

from patients import adherence
from patients.models import Course, Log, Patient, Pause
from programs.models import Dose, Exercise, Phase, Program

Patients = Iterable[UUID]
# How the rows of a query come: all at once, unless they are too many for that.
Read = Callable[[QuerySet[Any, Any]], Iterable[Any]]

NOTHING = adherence.Course(prescriptions=())
# Most patients of a clinic have a copy of one of its templates.
PROGRAMS_IN_MIND = 4096
DOSE = JSONArray("exercise", "sets_min", "amount_min", "exercise__counted_in", "required")
DOSES = ArraySubquery(Dose.objects.filter(phase=OuterRef("pk")).order_by("position", "id").values_list(DOSE))
PHASE = JSONArray("weeks", "frequency", "weekdays", DOSES)
PAUSE = JSONArray("starts_on", "ends_on")
PAUSES = ArraySubquery(Pause.objects.filter(course=OuterRef("courses")).order_by("starts_on", "id").values_list(PAUSE))
PER_DIRECTION = Exercise.CountedIn.STEPS_PER_DIRECTION


class Link(NamedTuple):
    """A prescription of a course's chain: `phases` as the text of a JSON array, and the pauses of the course."""

    patient: UUID
    course: UUID
    key: UUID
    starts_on: date
    ends_on: date | None
    phases: str
    pauses: list[tuple[str, str | None]]

    @property
    def came_into_force(self) -> bool:
        return self.ends_on is None or self.ends_on >= self.starts_on


def courses_on(patients: Patients, day: date) -> dict[UUID, adherence.Course]:
    """Each patient's course on a date: the one that started last by then, otherwise the first that is to come.

    A patient without a prescription has a course without one. Each prescription's key is its id. One query.
    """
    found = dict(each_course_on(Patient.objects.filter(pk__in=list(patients)), day))
    return {patient: found.get(patient, NOTHING) for patient in patients}


def course_on(patient: UUID, day: date) -> adherence.Course:
    return courses_on([patient], day)[patient]


def each_course_on(
    patients: QuerySet[Patient], day: date, *, read: Read = iter
) -> Iterator[tuple[UUID, adherence.Course]]:
    """The same for each of these patients, one after the other by their ids."""
    for patient, links in groupby(map(Link._make, read(_links(patients))), itemgetter(0)):
        courses: defaultdict[UUID, list[Link]] = defaultdict(list)
        for link in links:
            if link.key is not None:
                courses[link.course].append(link)
        yield patient, _course(_chain_on(list(courses.values()), day)) if courses else NOTHING


def plan_of(course: Course) -> adherence.Course:
    """The plan of one course, whatever the date. One query."""
    return _course([Link(*row) for row in _links(Patient.objects.filter(courses=course))])


def phases_of(program: Program) -> tuple[adherence.Phase, ...]:
    """The phases of a program as they would come into force. One query.

    Raises ValueError where it could not be prescribed as it is: ask `check_prescribable` first.
    """
    return _phases(Program.objects.filter(pk=program.pk).values_list(_phases_of("pk"), flat=True).get())


def logs_of(patients: Patients, *, since: date | None = None) -> dict[UUID, list[adherence.Log]]:
    """What each patient logged, as it stands now, by date. One query."""
    standing = Log.objects.current().filter(patient__in=list(patients))
    if since is not None:
        standing = standing.filter(date__gte=since)
    return defaultdict(list, each_log_of(standing))


def each_log_of(standing: QuerySet[Log], *, read: Read = iter) -> Iterator[tuple[UUID, list[adherence.Log]]]:
    """For each patient with one of these logs, by their ids; each date summed in the database, exercise by exercise."""
    rows = (
        standing.order_by("patient", "date", "skip_reason", "sets__exercise")
        .values_list("patient", "date", "skip_reason", "sets__exercise")
        .annotate(Sum("sets__amount"), Sum("sets__left"), Sum("sets__right"))
    )
    for patient, of_patient in groupby(read(rows), itemgetter(0)):
        yield (
            patient,
            [
                adherence.Log(day, tuple(_summed(*row[3:]) for row in done if row[3] is not None), skip_reason)
                for (day, skip_reason), done in groupby(of_patient, itemgetter(1, 2))
            ],
        )


def last_dates_of(patients: Patients) -> dict[UUID, tuple[date, date | None]]:
    """The last date for which something stands, and the last with a session. One query."""
    rows = (
        Log.objects.current()
        .filter(patient__in=list(patients))
        .order_by()
        .values_list("patient")
        .annotate(last_log=Max("date"), last_session=Max("date", filter=Q(skip_reason="")))
    )
    return {patient: (last_log, last_session) for patient, last_log, last_session in rows}


def _summed(exercise: str, amount: int | None, left: int | None, right: int | None) -> adherence.LoggedSet:
    return adherence.LoggedSet(exercise, amount or 0, left, right)


def _links(patients: QuerySet[Patient]) -> QuerySet[Any, tuple[Any, ...]]:
    """Of a patient without a prescription one that has no key."""
    link = "courses__prescriptions__"
    return patients.order_by("pk", f"{link}starts_on", f"{link}id").values_list(
        "pk", "courses", f"{link}id", f"{link}starts_on", f"{link}ends_on", _phases_of(f"{link}program"), PAUSES
    )


def _phases_of(program: str) -> Cast:
    """The phases of an outer query's program with their doses, in order, as the text of a JSON array."""
    phases = Phase.objects.filter(program=OuterRef(program)).order_by("position", "id")
    return Cast(JSONArray(ArraySubquery(phases.values_list(PHASE))), TextField())


@lru_cache(PROGRAMS_IN_MIND)
def _phases(text: str) -> tuple[adherence.Phase, ...]:
    [phases] = json.loads(text)
    return tuple(
        adherence.Phase(
            doses=tuple(
                adherence.Dose(exercise, sets, amount, counted_in == PER_DIRECTION, required)
                for exercise, sets, amount, counted_in, required in doses
            ),
            weeks=weeks,
            frequency=frequency,
            weekdays=frozenset(weekdays),
        )
        for weeks, frequency, weekdays, doses in phases
    )


def _course(chain: list[Link]) -> adherence.Course:
    return adherence.Course(
        tuple(adherence.Prescription(each.starts_on, _phases(each.phases), each.ends_on, each.key) for each in chain),
        tuple(
            adherence.Pause(date.fromisoformat(first), date.fromisoformat(last) if last else None)
            for first, last in (chain[0].pauses if chain else [])
        ),
    )


def _chain_on(courses: list[list[Link]], day: date) -> list[Link]:
    """Those in force come before those that were ended or revised before their first date."""
    by_start = sorted(courses, key=lambda chain: _start(chain) or date.max)
    started = [chain for chain in by_start if (start := _start(chain)) is not None and start <= day]
    return started[-1] if started else by_start[0]


def _start(chain: list[Link]) -> date | None:
    """When a course came into force; None where it never does."""
    return min((each.starts_on for each in chain if each.came_into_force), default=None)
