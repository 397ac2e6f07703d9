"""Why a patient needs the clinician this week. docs/summaries.md has the list with its thresholds."""

from dataclasses import dataclass
from datetime import date
from enum import IntEnum
from fractions import Fraction
from math import floor

from django.utils.translation import gettext as _

from patients.adherence import Week
from patients.alerts import Kind as AlertKind
from patients.alerts import Known, Session, Thresholds, below_in_both, pairs_too_much, rising, silence
from patients.summaries import words
from patients.summaries.facts import Facts


class Kind(IntEnum):
    """The worst first. The first two are always shown; the first three are told while a course is paused too."""

    RED_FLAG = 0
    ALARMING_PAIN = 1
    PAIN_TWICE = 2
    PAIN = 3
    MORNING_AFTER = 4
    PAIN_RISING = 5
    SKIPS_FOR_PAIN = 6
    ABOVE_DUE = 7
    SILENT = 8
    NO_FIRST_SESSION = 9
    BELOW_HALF = 10


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
    """All there is to say about this patient's week, the worst first. While paused, only what is told at once."""
    found = [
        *_red_flags(facts),
        *_pain(facts, week, limits),
        *_mornings(facts, week, limits),
        *_rising(facts, week, limits),
    ]
    if facts.course.plan_on(week.sunday):
        found += [
            *_skips_for_pain(before, week, limits),
            *_above_due(week, limits),
            *_silence(facts, week.sunday, limits),
            *_below_half(before, week, limits),
        ]
    elif facts.course.paused_between(week.sunday, week.sunday):
        found = [reason for reason in found if reason.kind <= Kind.PAIN_TWICE]
    return sorted(found, key=lambda reason: (reason.kind, -reason.weight))


def _red_flags(facts: Facts) -> list[Reason]:
    return [
        Reason(Kind.RED_FLAG, 0, _("red flag reported on %(day)s") % {"day": words.day(reported)})
        for reported in facts.red_flags
    ]


def _pain(facts: Facts, week: Week, limits: Thresholds) -> list[Reason]:
    """Each alarming pain that came to light this week, also of a date whose summary was sent before; else the worst."""
    fresh = {
        (entry.pain, entry.day)
        for entry in facts.entries
        if entry.pain is not None and max(entry.day, entry.received_on) >= week.monday
    }
    alarming = [(pain, day) for pain, day in fresh if pain >= limits.pain_at_once]
    if alarming:
        return [_pain_reason(Kind.ALARMING_PAIN, pain, day) for pain, day in sorted(alarming, key=lambda each: each[1])]
    if twice := [pair for pair in pairs_too_much(facts.sessions, limits) if pair[1].day >= week.monday]:
        return [_twice(*max(twice, key=lambda pair: max(each.pain or 0 for each in pair)))]
    too_much = [
        (entry.pain, entry.day)
        for entry in facts.entries
        if entry.pain is not None and entry.pain >= limits.pain_too_much and week.monday <= entry.day <= week.sunday
    ]
    return [_pain_reason(Kind.PAIN, *max(too_much))] if too_much else []


def _twice(first: Session, second: Session) -> Reason:
    text = _("too much pain in two sessions running: %(first)s of 10 on %(day)s, %(second)s on %(next)s") % {
        "first": first.pain,
        "day": words.day(first.day),
        "second": second.pain,
        "next": words.day(second.day),
    }
    return Reason(Kind.PAIN_TWICE, max(first.pain or 0, second.pain or 0), text)


def _mornings(facts: Facts, week: Week, limits: Thresholds) -> list[Reason]:
    """The worst rise from before a session of the week to the morning after it."""
    rises = [
        (each.morning - each.before, each.day, each.before, each.morning)
        for each in facts.sessions
        if each.day >= week.monday and each.morning is not None and each.before is not None
    ]
    rise, day, before, morning = max(rises, default=(0, week.monday, 0, 0))
    if rise < limits.morning_rise:
        return []
    text = _("next morning worse: pain %(before)d before the session on %(day)s, %(morning)d on the morning after") % {
        "before": before,
        "day": words.day(day),
        "morning": morning,
    }
    return [Reason(Kind.MORNING_AFTER, rise, text)]


def _rising(facts: Facts, week: Week, limits: Thresholds) -> list[Reason]:
    found = []
    for due in rising(Known(course=facts.course, sessions=facts.sessions), limits, week.monday):
        earlier, later = (Fraction(each["sum"], each["answers"]) for each in due.evidence)
        text = _("mean pain up from %(before)s (%(answers_before)s) to %(mean)s (%(answers)s)") % {
            "before": words.tenths(earlier),
            "answers_before": words.answers(due.evidence[0]["answers"]),
            "mean": words.tenths(later),
            "answers": words.answers(due.evidence[1]["answers"]),
        }
        found.append(Reason(Kind.PAIN_RISING, floor(10 * (later - earlier)), text))
    return found


def _pain_reason(kind: Kind, pain: int, day: date) -> Reason:
    return Reason(kind, pain, _("pain %(pain)d of 10 on %(day)s") % {"pain": pain, "day": words.day(day)})


def _skips_for_pain(before: Week, week: Week, limits: Thresholds) -> list[Reason]:
    earlier, now = (dict(each.skips).get("pain", 0) for each in (before, week))
    dates = earlier + now
    if not now or dates < limits.skips_for_pain:
        return []
    text = _("skipped %(dates)d× for pain in two weeks") if earlier else _("skipped %(dates)d× for pain")
    return [Reason(Kind.SKIPS_FOR_PAIN, dates, text % {"dates": dates})]


def _above_due(week: Week, limits: Thresholds) -> list[Reason]:
    if not week.due or week.above_due < limits.above_due:
        return []
    text = _("more than planned: %(counted)d sessions, %(due)d due") % {"counted": week.counted, "due": week.due}
    return [Reason(Kind.ABOVE_DUE, week.above_due, text)]


def _silence(facts: Facts, sunday: date, limits: Thresholds) -> list[Reason]:
    found = silence(facts.course, limits, last_log=facts.last_log, last_session=facts.last_session, on=sunday)
    if found is None:
        return []
    which, days, since = found
    if which == AlertKind.NOT_STARTED:
        text = _("no first session by day %(day)d (started %(start)s)") % {"day": days, "start": words.day(since)}
        return [Reason(Kind.NO_FIRST_SESSION, days, text)]
    if days >= limits.silent_end_days:
        text = _("nothing logged for %(days)s (last on %(day)s): close or pause?")
    elif days >= limits.silent_again_days:
        text = _("still nothing logged, for %(days)s (last on %(day)s)")
    else:
        text = _("nothing logged for %(days)s (last on %(day)s)")
    return [Reason(Kind.SILENT, days, text % {"days": words.days(days), "day": words.day(since)})]


def _below_half(before: Week, week: Week, limits: Thresholds) -> list[Reason]:
    if not below_in_both(before, week, limits):
        return []
    missed = before.due + week.due - before.done - week.done
    text = _("below half in two weeks: %(before)s, then %(week)s") % {
        "before": before.fraction_text,
        "week": week.fraction_text,
    }
    return [Reason(Kind.BELOW_HALF, missed, text)]
