"""Why a patient needs the clinician this week. docs/summaries.md has the list with its thresholds."""

from dataclasses import dataclass
from datetime import date
from enum import IntEnum

from django.utils.translation import gettext as _

from patients.adherence import Week
from patients.alerts import Kind as AlertKind
from patients.alerts import Thresholds, below_in_both, silence
from patients.summaries import words
from patients.summaries.facts import Facts


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


def reasons(facts: Facts, *, before: Week, week: Week, limits: Thresholds) -> list[Reason]:
    """All there is to say about this patient's week, the worst first. While paused, only what is urgent."""
    found = [*_red_flags(facts), *_pain(facts, week, limits)]
    if facts.course.plan_on(week.sunday):
        found += [
            *_skips_for_pain(week, limits),
            *_silence(facts, week.sunday, limits),
            *_below_half(before, week, limits),
        ]
    elif facts.course.paused_between(week.sunday, week.sunday):
        found = [reason for reason in found if reason.is_urgent]
    return sorted(found, key=lambda reason: (reason.kind, -reason.weight))


def _red_flags(facts: Facts) -> list[Reason]:
    return [
        Reason(Kind.RED_FLAG, 0, _("red flag reported on %(day)s") % {"day": words.day(reported)})
        for reported in facts.red_flags
    ]


def _pain(facts: Facts, week: Week, limits: Thresholds) -> list[Reason]:
    """Each alarming pain that came to light this week, also of a date whose summary was sent before; else the worst."""
    answered = [(entry.pain, entry.day) for entry in facts.entries if entry.pain is not None]
    fresh = {
        (entry.pain, entry.day)
        for entry in facts.entries
        if entry.pain is not None and max(entry.day, entry.received_on) >= week.monday
    }
    alarming = [(pain, day) for pain, day in fresh if pain >= limits.pain_at_once]
    if alarming:
        return [_pain_reason(Kind.ALARMING_PAIN, pain, day) for pain, day in sorted(alarming, key=lambda each: each[1])]
    this_week = [
        (pain, day) for pain, day in answered if pain >= limits.pain_too_much and week.monday <= day <= week.sunday
    ]
    return [_pain_reason(Kind.PAIN, *max(this_week))] if this_week else []


def _pain_reason(kind: Kind, pain: int, day: date) -> Reason:
    return Reason(kind, pain, _("pain %(pain)d of 10 on %(day)s") % {"pain": pain, "day": words.day(day)})


def _skips_for_pain(week: Week, limits: Thresholds) -> list[Reason]:
    dates = dict(week.skips).get("pain", 0)
    if dates < limits.skips_for_pain:
        return []
    return [Reason(Kind.SKIPS_FOR_PAIN, dates, _("skipped %(dates)d× for pain") % {"dates": dates})]


def _silence(facts: Facts, sunday: date, limits: Thresholds) -> list[Reason]:
    found = silence(facts.course, limits, last_log=facts.last_log, last_session=facts.last_session, on=sunday)
    if found is None:
        return []
    which, days, since = found
    kind = Kind.NO_FIRST_SESSION if which == AlertKind.NOT_STARTED else Kind.SILENT
    if kind == Kind.NO_FIRST_SESSION:
        text = _("no first session by day %(day)d (started %(start)s)") % {"day": days, "start": words.day(since)}
    else:
        text = _("nothing logged for %(days)s (last on %(day)s)") % {"days": words.days(days), "day": words.day(since)}
    return [Reason(kind, days, text)]


def _below_half(before: Week, week: Week, limits: Thresholds) -> list[Reason]:
    if not below_in_both(before, week, limits):
        return []
    missed = before.due + week.due - before.done - week.done
    text = _("below half in two weeks: %(before)s, then %(week)s") % {
        "before": before.fraction_text,
        "week": week.fraction_text,
    }
    return [Reason(Kind.BELOW_HALF, missed, text)]
