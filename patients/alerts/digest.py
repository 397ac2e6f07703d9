"""What the nightly pass raises."""

from collections.abc import Iterator
from datetime import date, timedelta

from patients import adherence
from patients.adherence import Week, monday_of
from patients.alerts import pain
from patients.alerts.facts import Known, Thresholds
from patients.alerts.kinds import Due, Kind
from patients.alerts.ready import ready
from patients.alerts.silence import below, unheard

WEEK = timedelta(weeks=1)
WEEKS_BACK = 2


def due_in_digest(day: date, known: Known, limits: Thresholds) -> list[Due]:
    """All that is due at the end of a date, the worst first; nothing while paused, at most one of each kind."""
    if known.course.paused_between(day, day):
        return []
    this = monday_of(day)
    last = this if this + WEEK == day + timedelta(days=1) else this - WEEK
    due = [*pain.once(known, limits), *pain.mornings(known, limits), *pain.rising(known, limits, last)]
    if known.course.plan_on(day):
        before, week = _weeks(known, last - WEEK, last, day)
        due += _skips(known, limits, this - WEEK, day)
        due += _above_due(_weeks(known, this - WEEK, this, day), limits)
        due += [*unheard(known, limits, day), *below(before, week, limits), *ready(known, limits)]
    order = list(Kind)
    return sorted(due, key=lambda each: order.index(each.kind))


def _weeks(known: Known, first: date, last: date, day: date) -> list[Week]:
    """As they stand at the end of a date."""
    return adherence.weeks(known.course, known.logs, first, last, today=day + timedelta(days=1))


def _skips(known: Known, limits: Thresholds, since: date, day: date) -> Iterator[Due]:
    """Dates that were skipped for pain, in the week that goes on and the one before."""
    results = adherence.sessions(known.course, known.logs).values()
    dates = sorted(each.date for each in results if since <= each.date <= day and "pain" in each.skip_reasons)
    if len(dates) >= limits.skips_for_pain:
        evidence = tuple({"day": each.isoformat()} for each in dates)
        yield Due(Kind.SKIPS_FOR_PAIN, dates[-1], evidence, since=dates[-limits.skips_for_pain])


def _above_due(weeks: list[Week], limits: Thresholds) -> Iterator[Due]:
    much = [week for week in weeks if week.due and week.above_due >= limits.above_due]
    if much:
        week = much[-1]
        told = {"week": week.monday.isoformat(), "done": week.counted, "due": week.due}
        yield Due(Kind.ABOVE_DUE, week.monday, (told,))
