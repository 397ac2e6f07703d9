"""The calendar of a course by months: what became of each date. Pure; `patients.adherence` decides what counts."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from django.utils.translation import gettext_lazy as _

from patients.adherence import Course, SessionResult, Status, monday_of

DAY, WEEK = timedelta(days=1), timedelta(weeks=1)
MOST_MONTHS = 12


class Kind(StrEnum):
    """What a date is. MISSED: a fixed weekday that passed with nothing logged. CHOICE: any date of a plan that leaves
    the days to the patient."""

    DONE = "done"
    PART = "part"
    SKIPPED = "skipped"
    EXTRA = "extra"
    PLANNED = "planned"
    MISSED = "missed"
    CHOICE = "choice"
    PAUSED = "paused"
    OFF = "off"


LOOKS = {
    Kind.DONE: ("✓", _("done")),
    Kind.PART: ("◐", _("partly done")),
    Kind.SKIPPED: ("–", _("not done, and you said why")),
    Kind.EXTRA: ("+", _("extra")),
    Kind.PLANNED: ("○", _("planned")),
    Kind.MISSED: ("?", _("planned, nothing logged")),
    Kind.CHOICE: ("·", _("free to choose")),
    Kind.PAUSED: ("‖", _("paused")),
    Kind.OFF: ("", _("not planned")),
}
OF_STATUS = {
    Status.COUNTS: Kind.DONE,
    Status.PART_DONE: Kind.PART,
    Status.SKIPPED: Kind.SKIPPED,
    Status.NO_PLAN: Kind.EXTRA,
}


@dataclass(frozen=True, slots=True)
class Cell:
    """A date of a month; `kind` is None for the dates of the months beside it."""

    date: date
    kind: Kind | None
    is_today: bool = False

    @property
    def symbol(self) -> str:
        return LOOKS[self.kind][0] if self.kind else ""

    @property
    def word(self) -> str:
        return str(LOOKS[self.kind][1]) if self.kind else ""


@dataclass(frozen=True, slots=True)
class Month:
    first: date
    weeks: tuple[tuple[Cell, ...], ...]

    @property
    def legend(self) -> list[tuple[Kind, str, str]]:
        """The kinds that occur in it, each with its symbol and word."""
        there = {cell.kind for week in self.weeks for cell in week}
        return [(kind, symbol, str(word)) for kind, (symbol, word) in LOOKS.items() if kind in there]


def months_of(course: Course, results: Mapping[date, SessionResult], *, today: date) -> list[Month]:
    """From the month in which the course started to that of a week from now, the newest first; a year at most."""
    last = (today + WEEK).replace(day=1)
    first = min(course.starts_on or today, today).replace(day=1)
    found: list[Month] = []
    while first <= last and len(found) < MOST_MONTHS:
        found.append(Month(last, tuple(_weeks(course, results, last, today))))
        last = (last - DAY).replace(day=1)
    return found


def kind_of(course: Course, result: SessionResult | None, day: date, *, today: date) -> Kind:
    if result is not None:
        return OF_STATUS[result.status]
    planned = course.plan_on(day)
    if planned is None:
        return Kind.PAUSED if course.paused_between(day, day) and _has_begun(course, day) else Kind.OFF
    if planned.phase.frequency is not None:
        return Kind.CHOICE
    if day.weekday() not in planned.phase.weekdays:
        return Kind.OFF
    return Kind.PLANNED if day >= today else Kind.MISSED


def _has_begun(course: Course, day: date) -> bool:
    return course.starts_on is not None and course.starts_on <= day


def _weeks(
    course: Course, results: Mapping[date, SessionResult], first: date, today: date
) -> Iterator[tuple[Cell, ...]]:
    monday = monday_of(first)
    while monday < first or monday.month == first.month:
        days = [monday + offset * DAY for offset in range(7)]
        yield tuple(
            Cell(day, kind_of(course, results.get(day), day, today=today), is_today=day == today)
            if day.month == first.month
            else Cell(day, None)
            for day in days
        )
        monday += WEEK
