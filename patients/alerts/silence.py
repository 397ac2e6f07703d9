"""Alerts about what is not done, or not heard of."""

from collections.abc import Iterator
from datetime import date, timedelta
from fractions import Fraction

from patients import adherence
from patients.adherence import Band, Week
from patients.alerts.facts import Known, Thresholds
from patients.alerts.kinds import Due, Kind

DAY = timedelta(days=1)
UNJUDGED = {Band.NONE, Band.NOT_APPLICABLE}


def silence(
    course: adherence.Course, limits: Thresholds, *, last_log: date | None, last_session: date | None, on: date
) -> tuple[Kind, int, date] | None:
    """SILENT or NOT_STARTED on a date, for how many active days since something was due, and since when.

    A pause is no silence, and neither are the dates before the first weekday that a plan of weekdays asks for.
    """
    started = course.starts_on
    if started is None:
        return None
    if last_session is None or last_session < started:
        day = _days_due(course, started, on)
        return (Kind.NOT_STARTED, day, started) if day >= limits.first_session_by else None
    last = last_log or last_session
    silent = _days_due(course, last + DAY, on)
    return (Kind.SILENT, silent, last) if silent >= limits.silent_days else None


def _days_due(course: adherence.Course, first: date, on: date) -> int:
    """Active dates from the first on which something is due: under a frequency each of them has its share."""
    days = [
        (phase.frequency is not None or date.fromordinal(day).weekday() in phase.weekdays)
        for phase, dates in course.active_between(first, on)
        for day in dates
    ]
    return len(days) - days.index(True) if True in days else 0


def below_in_both(before: Week, week: Week, limits: Thresholds) -> bool:
    """Below half in two complete weeks running; a week without any log counts where the other one has one."""
    both = (before, week)
    if any(each.band in UNJUDGED or not each.complete for each in both) or not any(each.has_figures for each in both):
        return False
    return all(Fraction(each.done, each.due) < Fraction(limits.below_percent, 100) for each in both)


def unheard(known: Known, limits: Thresholds, day: date) -> Iterator[Due]:
    found = silence(known.course, limits, last_log=known.last_log, last_session=known.last_session, on=day)
    if found:
        kind, days, since = found
        steps = (limits.silent_end_days, limits.silent_again_days)
        first = limits.silent_days if kind == Kind.SILENT else 0
        level = next((step for step in steps if days >= step), first)
        yield Due(kind, since, ({"since": since.isoformat(), "days": days},), level)


def below(before: Week, week: Week, limits: Thresholds) -> Iterator[Due]:
    if below_in_both(before, week, limits):
        evidence = tuple(
            {"week": each.monday.isoformat(), "done": each.done, "due": each.due} for each in (before, week)
        )
        yield Due(Kind.BELOW_HALF, week.monday, evidence, since=before.monday)
