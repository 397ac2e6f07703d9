"""The figures of a whole clinic, one patient after the other."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from functools import partial
from typing import TypeVar
from uuid import UUID

from django.db.models import QuerySet

from patients import adherence
from patients.models import Log, Patient
from patients.plans import each_course_on, each_log_of

Found = TypeVar("Found")

SIX_DAYS = timedelta(days=6)
AT_A_TIME = 500  # rows
read = partial(QuerySet.iterator, chunk_size=AT_A_TIME)


def each_week(patients: QuerySet[Patient], monday: date, *, today: date) -> Iterator[tuple[UUID, adherence.Week]]:
    """The figures of the week that starts on `monday`, for each of these patients by their ids.

    Two queries, read side by side through cursors of the open transaction: the memory is that of a few patients.
    """
    sunday = monday + SIX_DAYS
    standing = Log.objects.current().filter(date__range=(monday, sunday))
    logs_of = _in_step(each_log_of(standing, read=read))
    for patient, course in each_course_on(patients, sunday, read=read):
        yield patient, adherence.week(course, logs_of(patient) or (), monday, today=today)


def _in_step(found: Iterator[tuple[UUID, Found]]) -> Callable[[UUID], Found | None]:
    """Gives what was found for a patient; to be asked in the order of the ids."""
    here = next(found, None)

    def of(patient: UUID) -> Found | None:
        nonlocal here
        while here and here[0] < patient:
            here = next(found, None)
        return here[1] if here and here[0] == patient else None

    return of
