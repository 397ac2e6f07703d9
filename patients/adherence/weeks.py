"""The figures of a week, Monday to Sunday, and to date."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction
from math import floor

from patients.adherence.plan import Course
from patients.adherence.sessions import Log, SessionResult, Status, sessions

ON_TRACK_FROM = Fraction(80, 100)
PARTIAL_FROM = Fraction(50, 100)
ACTIVE_DATES_FOR_A_BAND = 4


class Band(StrEnum):
    """How a week went. NONE: too short a week to say; NOT_APPLICABLE: nothing was due."""

    ON_TRACK = "on_track"
    PARTIAL = "partial"
    LOW = "low"
    NO_DATA = "no_data"
    NONE = "none"
    NOT_APPLICABLE = "not_applicable"


@dataclass(frozen=True, slots=True)
class Week:
    """What a week is made of, in dates, and the figures that follow from it.

    `counted` and `part_done` are dates with a plan, `without_plan` dates with a session and no plan. `dose_sum` is the
    sum of the best `due` session doses. `skips` are (reason, dates), the commonest first.
    """

    monday: date
    complete: bool
    due: int
    active_dates: int
    paused_dates: int
    counted: int
    part_done: int
    without_plan: int
    dose_sum: Fraction
    skipped: int
    skips: tuple[tuple[str, int], ...]

    @property
    def sunday(self) -> date:
        return self.monday + timedelta(days=6)

    @property
    def done(self) -> int:
        """The numerator of session adherence: never above `due`."""
        return min(self.counted, self.due)

    @property
    def above_due(self) -> int:
        return self.counted - self.done

    @property
    def extra(self) -> int:
        """What is shown as extra: counting dates above due, and sessions on dates without a plan."""
        return self.above_due + self.without_plan

    @property
    def nothing_logged(self) -> bool:
        """Neither a session, with or without a plan, nor a skip."""
        return not (self.counted or self.part_done or self.without_plan or self.skipped)

    @property
    def whole_week_paused(self) -> bool:
        return self.paused_dates == 7

    @property
    def has_figures(self) -> bool:
        """False where nothing was due, and for a complete week in which nothing was logged."""
        return self.due > 0 and not (self.complete and self.nothing_logged)

    @property
    def adherence(self) -> Fraction | None:
        """Session adherence, 0 to 1; None where there is no percentage to show."""
        return Fraction(self.done, self.due) if self.has_figures else None

    @property
    def dose(self) -> Fraction | None:
        """Dose adherence, 0 to 1; None where there is no percentage to show."""
        return self.dose_sum / self.due if self.has_figures else None

    @property
    def percent(self) -> int | None:
        return None if self.adherence is None else percent(self.adherence)

    @property
    def dose_percent(self) -> int | None:
        return None if self.dose is None else percent(self.dose)

    @property
    def fraction_text(self) -> str:
        """Done over due as it stands, "2/3"; there even where no percentage is."""
        return f"{self.done}/{self.due}"

    @property
    def band(self) -> Band:
        if self.due == 0:
            return Band.NOT_APPLICABLE
        if self.active_dates < ACTIVE_DATES_FOR_A_BAND:
            return Band.NONE
        adherence = self.adherence
        if adherence is None:
            return Band.NO_DATA
        if adherence >= ON_TRACK_FROM:
            return Band.ON_TRACK
        return Band.PARTIAL if adherence >= PARTIAL_FROM else Band.LOW


@dataclass(frozen=True, slots=True)
class ToDate:
    """Sessions done of those due, over the weeks of a course. Unlike a Fraction, it keeps 6/9 as it is."""

    done: int
    due: int

    @property
    def adherence(self) -> Fraction | None:
        return Fraction(self.done, self.due) if self.due else None

    @property
    def percent(self) -> int | None:
        return None if self.adherence is None else percent(self.adherence)

    @property
    def fraction_text(self) -> str:
        return f"{self.done}/{self.due}"


def percent(fraction: Fraction) -> int:
    """Whole per cent, floored: 2/3 is 66."""
    return floor(fraction * 100)


def monday_of(day: date) -> date:
    """The Monday of the week that a date lies in."""
    return day - timedelta(days=day.weekday())


def due_in_week(course: Course, monday: date) -> int:
    """Sessions due: scheduled dates that are active, and the sevenths of every frequency, rounded half up once.

    Raises ValueError where `monday` is not a Monday.
    """
    scheduled = sevenths = 0
    for phase, dates in course.active_between(monday, _sunday_of(monday)):
        if phase.frequency is None:
            scheduled += sum(date.fromordinal(ordinal).weekday() in phase.weekdays for ordinal in dates)
        else:
            sevenths += phase.frequency * len(dates)
    return scheduled + (2 * sevenths + 7) // 14


def week(course: Course, logs: Iterable[Log], monday: date, *, today: date) -> Week:
    """The figures of the week that starts on `monday`; it is complete once `today` is after its Sunday.

    Raises ValueError where `monday` is not a Monday.
    """
    sunday = _sunday_of(monday)
    return _week(course, sessions(course, (log for log in logs if monday <= log.date <= sunday)), monday, today)


def weeks(course: Course, logs: Iterable[Log], first_monday: date, last_monday: date, *, today: date) -> list[Week]:
    """The figures of every week from `first_monday` to `last_monday`, both included.

    Raises ValueError where either is not a Monday.
    """
    results = sessions(course, logs)
    count = (_sunday_of(last_monday) - _sunday_of(first_monday)).days // 7 + 1
    mondays = (first_monday + timedelta(weeks=number) for number in range(count))
    return [_week(course, results, monday, today) for monday in mondays]


def to_date(course: Course, logs: Iterable[Log], through_monday: date) -> ToDate:
    """Done and due, summed from the first week of the course through the one that starts on `through_monday`.

    The caller names the last complete week. Weeks without any log count as 0 of their due; nothing carries over from
    one week to another. Raises ValueError where `through_monday` is not a Monday.
    """
    after = _sunday_of(through_monday) + timedelta(days=1)
    first_monday = monday_of(course.starts_on or after)
    all_weeks = weeks(course, logs, first_monday, through_monday, today=after)
    return ToDate(sum(each.done for each in all_weeks), sum(each.due for each in all_weeks))


def _week(course: Course, results: Mapping[date, SessionResult], monday: date, today: date) -> Week:
    sunday = _sunday_of(monday)
    dates = (monday + timedelta(days=offset) for offset in range(7))
    logged = [results[day] for day in dates if day in results]
    statuses = [result.status for result in logged]
    due = due_in_week(course, monday)
    doses = [result.dose for result in logged if result.dose is not None]
    best = doses if len(doses) <= due else sorted(doses, reverse=True)[:due]
    reasons = [reason for result in logged for reason in result.skip_reasons]
    return Week(
        monday=monday,
        complete=sunday < today,
        due=due,
        active_dates=course.active_days(monday, sunday),
        paused_dates=course.paused_between(monday, sunday),
        counted=statuses.count(Status.COUNTS),
        part_done=statuses.count(Status.PART_DONE),
        without_plan=statuses.count(Status.NO_PLAN),
        dose_sum=sum(best, Fraction(0)),
        skipped=statuses.count(Status.SKIPPED),
        skips=tuple(sorted(Counter(reasons).items(), key=lambda item: (-item[1], item[0]))) if reasons else (),
    )


def _sunday_of(monday: date) -> date:
    if monday.weekday() != 0:
        raise ValueError(f"{monday} is not a Monday.")
    return monday + timedelta(days=6)
