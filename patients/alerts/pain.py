"""Alerts about pain."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from patients.alerts.facts import Known, Session, Thresholds
from patients.alerts.kinds import Due, Kind

WEEK = timedelta(weeks=1)
ENOUGH_ANSWERS = 2


def due_at_once(pain: int | None, log: str, day: date, sessions: Sequence[Session], limits: Thresholds) -> list[Due]:
    """What a log with this pain raises. `sessions` are all of the patient's in order, that of its date among them."""
    due = []
    if pain is not None and pain >= limits.pain_at_once:
        due.append(Due(Kind.ALARMING_PAIN, day, (_pain(day, pain, log),)))
    running = [pair for pair in pairs_too_much(sessions, limits) if day in {pair[0].day, pair[1].day}]
    if running:
        both = {each.day: each for pair in running for each in pair}
        evidence = tuple(_pain(each.day, each.pain, each.log) for each in both.values())
        due.append(Due(Kind.PAIN_TWICE, max(both), evidence))
    return due


def due_across(day: date, pain: int | None, sessions: Sequence[Session], limits: Thresholds) -> list[Due]:
    """What a session of a date with this pain leaves when it is gone: two painful ones side by side.

    Not where both were told of already, with it or with others.
    """
    if pain is not None and pain >= limits.pain_too_much:
        return []
    pairs = pairs_too_much(sessions, limits)
    told = {each.day for pair in pairs if not pair[0].day < day < pair[1].day for each in pair}
    return [
        Due(Kind.PAIN_TWICE, last.day, (_pain(first.day, first.pain, first.log), _pain(last.day, last.pain, last.log)))
        for first, last in pairs
        if first.day < day < last.day and not {first.day, last.day} <= told
    ]


def pairs_too_much(sessions: Sequence[Session], limits: Thresholds) -> list[tuple[Session, Session]]:
    """Sessions running in which both pains were too much. One that was not answered is between them."""
    return [pair for pair in pairwise(sessions) if all(_is_too_much(each, limits) for each in pair)]


def once(known: Known, limits: Thresholds) -> Iterator[Due]:
    """The last pain that was too much, and neither enough for an alert at once nor one of two running."""
    running = {each.day for pair in pairs_too_much(known.sessions, limits) for each in pair}
    for session in reversed(known.sessions):
        pain = session.pain
        if pain is not None and limits.pain_too_much <= pain < limits.pain_at_once and session.day not in running:
            yield Due(Kind.PAIN, session.day, (_pain(session.day, pain, session.log),))
            return


def mornings(known: Known, limits: Thresholds) -> Iterator[Due]:
    """The last session after which the morning was worse than before it, by so much or more."""
    for session in reversed(known.sessions):
        if session.morning is None or session.before is None:
            continue
        if session.morning - session.before >= limits.morning_rise:
            told = {"day": session.day.isoformat(), "before": session.before, "morning": session.morning}
            yield Due(Kind.MORNING_AFTER, session.day, (told,))
            return


def rising(known: Known, limits: Thresholds, monday: date) -> Iterator[Due]:
    """From one complete week to the next, which starts on `monday`; by the mean of at least two answers in each."""
    before, after = (
        [each.pain for each in known.sessions if first <= each.day < first + WEEK and each.pain is not None]
        for first in (monday - WEEK, monday)
    )
    if min(len(before), len(after)) < ENOUGH_ANSWERS:
        return
    if sum(after) * len(before) - sum(before) * len(after) >= limits.mean_rise * len(before) * len(after):
        weeks = [(monday - WEEK, before), (monday, after)]
        evidence = tuple({"week": day.isoformat(), "sum": sum(each), "answers": len(each)} for day, each in weeks)
        yield Due(Kind.PAIN_RISING, monday, evidence)


def _is_too_much(session: Session, limits: Thresholds) -> bool:
    return session.pain is not None and session.pain >= limits.pain_too_much


def _pain(day: date, pain: int | None, log: str) -> dict[str, Any]:
    return {"day": day.isoformat(), "pain": pain, "log": log}
