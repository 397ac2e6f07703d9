"""The plan of the days around today, as a phone keeps it: no name, no history."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from uuid import UUID

from patients import adherence
from patients.actions.logging import LOGGABLE
from patients.plans import course_on
from patients.today.task import Task, as_json, has_doses, tasks_of, weekdays_of

DAY = timedelta(days=1)
KNOWN_AHEAD = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Stretch:
    """Dates in a row, both ends included, on which the same is planned. Without a plan, its tasks have no dose."""

    first: date
    last: date
    tasks: list[Task]
    weekdays: list[str]

    @property
    def on(self) -> date:
        return self.first

    @property
    def has_doses(self) -> bool:
        return has_doses(self.tasks)

    @property
    def as_json(self) -> str:
        return as_json(self.tasks)


def coming(patient: UUID, today: date) -> list[Stretch]:
    """From the oldest date that can still be logged to two weeks ahead. Two queries, and one for each other plan."""
    return [
        Stretch(dates[0], dates[-1], tasks_of(planned), weekdays_of(planned))
        for planned, dates in _stretches(patient, today - LOGGABLE, today + KNOWN_AHEAD)
    ]


def _stretches(patient: UUID, first: date, last: date) -> Iterator[tuple[adherence.Planned | None, list[date]]]:
    now, then = course_on(patient, first), course_on(patient, last)

    def planned(day: date) -> adherence.Planned | None:
        follows = then.starts_on is not None and then.starts_on <= day
        return (then if follows else now).plan_on(day)

    def what(day: date) -> object:
        found = planned(day)
        return found and (found.prescription.key, found.phase_index)

    days = (first + number * DAY for number in range((last - first).days + 1))
    for _same, dates in groupby(days, what):
        of_plan = list(dates)
        yield planned(of_plan[0]), of_plan
