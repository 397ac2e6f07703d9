"""The dates that a plan makes, week by week: for a page before it is saved, and for the patient's sheet of paper.

Pure: a course of `patients.adherence` in, dates and counts out. What is due is decided there and nowhere else.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from patients.adherence import Course, Pause, Prescription, Stretch, due_in_week, monday_of

DAY, WEEK = timedelta(days=1), timedelta(weeks=1)
WEEKS_WITHOUT_END = 4
MOST_WEEKS = 60


@dataclass(frozen=True, slots=True)
class Day:
    """One date: the number of its phase, from 1; None where nothing is in force.

    `is_due`: one of the fixed weekdays of its phase. `is_first`: the first date of its phase.
    """

    date: date
    phase: int | None = None
    is_due: bool = False
    is_first: bool = False
    is_paused: bool = False


@dataclass(frozen=True, slots=True)
class CalendarWeek:
    """Monday to Sunday, and the sessions due in it, as adherence counts them."""

    monday: date
    days: tuple[Day, ...]
    due: int

    @property
    def phases(self) -> list[int]:
        """The numbers of the phases in force in it."""
        return sorted({day.phase for day in self.days if day.phase is not None})


@dataclass(frozen=True, slots=True)
class Calendar:
    """The weeks of a plan. `ends_on` is its last date; None where it is open-ended, waits in a pause or is empty.

    `waits_from`: the first date of a pause that has no end, where the plan was to go on after it. `more_weeks`: how
    many weeks follow that are not shown; None where it goes on without end.
    """

    phases: tuple[Stretch, ...]
    weeks: tuple[CalendarWeek, ...]
    ends_on: date | None
    waits_from: date | None
    more_weeks: int | None

    @property
    def starts_on(self) -> date:
        return self.phases[0].first

    @property
    def due(self) -> int:
        """Sessions due in the weeks shown."""
        return sum(week.due for week in self.weeks)


def calendar_of(course: Course, *, since: date | None = None, most_weeks: int = MOST_WEEKS) -> Calendar:
    """The calendar of a course, from the week in which `since` lies, or from its beginning.

    Dates before `since` stay empty, but the due of that week is the whole week's. Phases that ended before are left
    out. Of an open-ended phase a few weeks are shown.
    """
    phases = tuple(each for each in course.stretches() if since is None or each.last is None or each.last >= since)
    waits = waits_from(course)
    if not phases:
        return Calendar((), (), None, waits, 0)
    ends_on = None if waits else phases[-1].last
    first = monday_of(max(since or phases[0].first, phases[0].first))
    last = ends_on or phases[-1].last or max(phases[-1].first, first) + WEEKS_WITHOUT_END * WEEK - DAY
    wanted = (monday_of(last) - first).days // 7 + 1
    firsts = {each.first for each in phases}
    mondays = [first + number * WEEK for number in range(min(wanted, most_weeks))]
    weeks = tuple(
        CalendarWeek(monday, tuple(_days(course, monday, since, firsts)), due_in_week(course, monday))
        for monday in mondays
    )
    return Calendar(phases, weeks, ends_on, waits, None if ends_on is None else wanted - len(weeks))


def waits_from(course: Course) -> date | None:
    """The first date of a pause without an end that keeps the plan from going on; None where there is none."""
    if not (open_ones := [pause for pause in course.pauses if pause.ends_on is None]):
        return None
    since = min(pause.starts_on for pause in open_ones)
    ended = tuple(pause for pause in course.pauses if pause.ends_on is not None)
    *_, last = [None, *Course(course.prescriptions, ended).stretches()]
    return since if last is not None and (last.last is None or last.last >= since) else None


def moved(before: Course, after: Course) -> list[tuple[Stretch | None, Stretch | None]]:
    """The phases whose dates differ, as they were and as they are; None where one does not come into force."""
    then, now = _by_phase(before), _by_phase(after)
    pairs = [(then.get(phase), now.get(phase)) for phase in {**then, **now}]
    return [(was, is_) for was, is_ in pairs if _dates(was) != _dates(is_)]


def _by_phase(course: Course) -> dict[tuple[Any, int], Stretch]:
    return {(each.prescription.key, each.phase_index): each for each in course.stretches()}


def _dates(stretch: Stretch | None) -> tuple[date, date | None] | None:
    return None if stretch is None else (stretch.first, stretch.last)


def revised(course: Course, prescription: Prescription) -> Course:
    """The course once this prescription follows: what reaches its first date ends the day before."""
    last = prescription.starts_on - DAY
    before = (
        each
        if each.ends_on is not None and each.ends_on <= last
        else replace(each, ends_on=max(last, each.starts_on - DAY))
        for each in course.prescriptions
    )
    return Course((*before, prescription), course.pauses)


def with_pause(course: Course, pause: Pause) -> Course:
    return Course(course.prescriptions, (*course.pauses, pause))


def resumed(course: Course, on: date) -> Course:
    """The course as it is once it goes on from a date: no pause reaches it, and none starts later."""
    started = (pause for pause in course.pauses if pause.starts_on < on)
    return Course(
        course.prescriptions, tuple(Pause(each.starts_on, _sooner(each.ends_on, on - DAY)) for each in started)
    )


def _sooner(ends_on: date | None, last: date) -> date:
    return last if ends_on is None else min(ends_on, last)


def _days(course: Course, monday: date, since: date | None, firsts: set[date]) -> Iterator[Day]:
    for day in (monday + offset * DAY for offset in range(7)):
        if since is not None and day < since:
            yield Day(day)
        elif planned := course.plan_on(day):
            yield Day(day, planned.phase_index + 1, day.weekday() in planned.phase.weekdays, day in firsts)
        else:
            yield Day(day, is_paused=course.paused_between(day, day) == 1)
