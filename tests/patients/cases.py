"""Patients of one week, as a summary is made from them: pure, no database."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from patients.adherence import Course, Dose, Log, LoggedSet, Pause, Phase, Prescription
from patients.alerts import Session, Thresholds
from patients.summaries.contents import Row, Summary
from patients.summaries.facts import Entry, Facts, Person
from patients.summaries.making import summarise

MON, TUE, WED, THU, FRI, SAT, SUN = (date(2026, 11, 16) + timedelta(days=offset) for offset in range(7))
WEEK = timedelta(weeks=1)
START = MON - 6 * WEEK
WALK = Dose("walk", sets=2, amount=10, per_direction=True)
THRUST = Dose("thrust", sets=2, amount=10, per_direction=False)
THREE_A_WEEK = (Phase((WALK, THRUST), frequency=3),)
WHOLE = (LoggedSet("walk", left=20, right=20), LoggedSet("thrust", 20))
HALF = (LoggedSet("walk", left=10, right=10), LoggedSet("thrust", 10))


def on(*days: date, **kwargs: Any) -> tuple[Log, ...]:
    return tuple(Log(day, **{"sets": WHOLE} | kwargs) for day in days)


def facts(
    label: str = "P-001",
    *logs: Log,
    start: date | None = START,
    pause: Pause | None = None,
    mornings: Mapping[date, int] | None = None,
    **kwargs: Any,
) -> Facts:
    """A patient with three sessions a week since `start`; `last_log` and `last_session` as the logs have it, and
    `sessions` as the entries, with the answers of the `mornings` after them."""
    entries, answers = kwargs.get("entries", ()), mornings or {}
    prescriptions = (Prescription(start, THREE_A_WEEK),) if start else ()
    dates = [log.date for log in logs if log.date <= SUN]
    with_sets = [log.date for log in logs if log.sets and log.date <= SUN]
    defaults: dict[str, Any] = {
        "person": Person(UUID(int=sum(map(ord, label))), label),
        "course": Course(prescriptions, (pause,) if pause else ()),
        "last_log": max(dates, default=None),
        "last_session": max(with_sets, default=None),
        "sessions": tuple(Session(day=e.day, pain=e.pain, morning=answers.get(e.day)) for e in entries if e.sets),
    }
    return Facts(logs=logs, **defaults | kwargs)


def pain(level: int, day: date, received_on: date | None = None) -> Entry:
    return Entry(day, received_on or day, pain=level, sets=4)


def summary_of(*everybody: Facts) -> Summary:
    return summarise(everybody, monday=MON, weeks_back=12, limits=Thresholds())


def needs(summary: Summary) -> dict[str, list[str]]:
    return {need.person.label: [reason.text for reason in need.reasons] for need in summary.needs}


def reasons_of(one: Facts) -> list[str]:
    return needs(summary_of(one)).get(one.person.label, [])


def row_of(one: Facts) -> Row:
    [row] = summary_of(one).rows
    return row


def details_of(row: Row) -> tuple[str, ...]:
    return tuple(text for line in row.lines for text in line)


def groups(summary: Summary) -> dict[str, list[tuple[str, str]]]:
    return {group.title: [(each.person.label, each.text) for each in group.members] for group in summary.groups}


ON_TRACK = on(MON - WEEK, WED - WEEK, FRI - WEEK, MON, WED, FRI)
