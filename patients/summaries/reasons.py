"""Why a patient needs the clinician this week. docs/summaries.md has the list with its thresholds."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import IntEnum

from django.utils.translation import gettext as _

from patients import adherence
from patients.adherence import Band, Week
from patients.summaries import words
from patients.summaries.facts import Facts

ALARMING_PAIN = 8
SILENT_DAYS = 7
FIRST_SESSION_BY = 5
SKIPS_FOR_PAIN = 2


class Kind(IntEnum):
    """The worst first. The first two are always shown."""

    RED_FLAG = 0
    ALARMING_PAIN = 1
    PAIN = 2
    SKIPS_FOR_PAIN = 3
    SILENT = 4
    NO_FIRST_SESSION = 5
    BELOW_HALF = 6


@dataclass(frozen=True, slots=True)
class Reason:
    """`weight` ranks reasons of one kind, the heavier first."""

    kind: Kind
    weight: int
    text: str

    @property
    def is_urgent(self) -> bool:
        return self.kind <= Kind.ALARMING_PAIN


def reasons(facts: Facts, *, before: Week, week: Week, too_much_pain_from: int) -> list[Reason]:
    """All there is to say about this patient's week, the worst first. While paused, only what is urgent."""
    found = [*_red_flags(facts), *_pain(facts, week, too_much_pain_from)]
    if facts.course.plan_on(week.sunday):
        found += [*_skips_for_pain(week), *_silence(facts, week.sunday), *_below_half(before, week)]
    elif facts.course.paused_between(week.sunday, week.sunday):
        found = [reason for reason in found if reason.is_urgent]
    return sorted(found, key=lambda reason: (reason.kind, -reason.weight))


def _red_flags(facts: Facts) -> list[Reason]:
    return [
        Reason(Kind.RED_FLAG, 0, _("red flag reported on %(day)s") % {"day": words.day(reported)})
        for reported in facts.red_flags
    ]


def _pain(facts: Facts, week: Week, too_much_from: int) -> list[Reason]:
    """Each alarming pain that came to light this week, also of a date whose summary was sent before; else the worst."""
    answered = [(entry.pain, entry.day) for entry in facts.entries if entry.pain is not None]
    fresh = {
        (entry.pain, entry.day)
        for entry in facts.entries
        if entry.pain is not None and max(entry.day, entry.received_on) >= week.monday
    }
    alarming = [(pain, day) for pain, day in fresh if pain >= ALARMING_PAIN]
    if alarming:
        return [_pain_reason(Kind.ALARMING_PAIN, pain, day) for pain, day in sorted(alarming, key=lambda each: each[1])]
    this_week = [(pain, day) for pain, day in answered if pain >= too_much_from and week.monday <= day <= week.sunday]
    return [_pain_reason(Kind.PAIN, *max(this_week))] if this_week else []


def _pain_reason(kind: Kind, pain: int, day: date) -> Reason:
    return Reason(kind, pain, _("pain %(pain)d of 10 on %(day)s") % {"pain": pain, "day": words.day(day)})


def _skips_for_pain(week: Week) -> list[Reason]:
    dates = dict(week.skips).get("pain", 0)
    if dates < SKIPS_FOR_PAIN:
        return []
    return [Reason(Kind.SKIPS_FOR_PAIN, dates, _("skipped %(dates)d× for pain") % {"dates": dates})]


def silence(
    course: adherence.Course, *, last_log: date | None, last_session: date | None, on: date
) -> tuple[Kind, int, date] | None:
    """SILENT or NO_FIRST_SESSION on a date, for how many active days, and since when. A pause is no silence."""
    started = course.starts_on
    if started is None:
        return None
    if last_session is None or last_session < started:
        day = course.active_days(started, on)
        return (Kind.NO_FIRST_SESSION, day, started) if day >= FIRST_SESSION_BY else None
    last = last_log or last_session
    silent = course.active_days(last + timedelta(days=1), on)
    return (Kind.SILENT, silent, last) if silent >= SILENT_DAYS else None


def _silence(facts: Facts, sunday: date) -> list[Reason]:
    found = silence(facts.course, last_log=facts.last_log, last_session=facts.last_session, on=sunday)
    if found is None:
        return []
    kind, days, since = found
    if kind == Kind.NO_FIRST_SESSION:
        text = _("no first session by day %(day)d (started %(start)s)") % {"day": days, "start": words.day(since)}
    else:
        text = _("nothing logged for %(days)s (last on %(day)s)") % {"days": words.days(days), "day": words.day(since)}
    return [Reason(kind, days, text)]


def _below_half(before: Week, week: Week) -> list[Reason]:
    bands = {before.band, week.band}
    if Band.LOW not in bands or not bands <= {Band.LOW, Band.NO_DATA}:
        return []
    missed = before.due + week.due - before.done - week.done
    text = _("below half in two weeks: %(before)s, then %(week)s") % {
        "before": before.fraction_text,
        "week": week.fraction_text,
    }
    return [Reason(Kind.BELOW_HALF, missed, text)]
