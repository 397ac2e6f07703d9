"""Why somebody should look at a patient on a date: pure, with the rules of alerts where they are the same."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from patients import adherence
from patients.adherence import Band, Week, monday_of
from patients.alerts import Kind as AlertKind
from patients.alerts import Thresholds, silence

WEEK, DAY = timedelta(weeks=1), timedelta(days=1)
MOST_REASONS = 9


class Kind(StrEnum):
    """The worst first."""

    RED_FLAG = "red_flag"
    ALARMING_PAIN = "alarming_pain"
    PAIN = "pain"
    WAITING = "waiting"
    SKIPS_FOR_PAIN = "skips_for_pain"
    SILENT = "silent"
    NOT_STARTED = "not_started"
    NOTHING_LOGGED = "nothing_logged"
    LOW = "low"


# How each looks: the colour of its chip, and the symbol that stands beside the words.
LOOKS = {
    Kind.RED_FLAG: ("low", "⚠"),
    Kind.ALARMING_PAIN: ("low", "▲"),
    Kind.PAIN: ("part", "△"),
    Kind.WAITING: ("calm", "?"),
    Kind.SKIPS_FOR_PAIN: ("part", "⊘"),
    Kind.SILENT: ("none", "○"),
    Kind.NOT_STARTED: ("none", "○"),
    Kind.NOTHING_LOGGED: ("none", "○"),
    Kind.LOW: ("part", "▼"),
}


@dataclass(frozen=True, slots=True)
class Reason:
    """In no language, as it is kept: `day` and `number` are what the sentence of its kind tells, if it tells them."""

    kind: Kind
    day: date | None = None
    number: int | None = None

    @property
    def text(self) -> str:
        sentence = {
            Kind.RED_FLAG: _("Warning sign on %(day)s"),
            Kind.ALARMING_PAIN: _("Pain %(number)s on %(day)s"),
            Kind.PAIN: _("Pain %(number)s on %(day)s"),
            Kind.WAITING: _("Something logged waits to be accepted"),
            Kind.SKIPS_FOR_PAIN: _("Skipped %(number)s × for pain"),
            Kind.SILENT: _("Nothing logged since %(day)s"),
            Kind.NOT_STARTED: _("No session since the start on %(day)s"),
            Kind.NOTHING_LOGGED: _("Nothing logged last week"),
            Kind.LOW: _("Less than half done last week"),
        }[self.kind]
        return sentence % {"day": date_format(self.day, "j M") if self.day else "", "number": self.number}

    @property
    def tone(self) -> str:
        return LOOKS[self.kind][0]

    @property
    def symbol(self) -> str:
        return LOOKS[self.kind][1]

    def as_json(self) -> list[str | int | None]:
        return [self.kind, self.day.isoformat() if self.day else None, self.number]

    @classmethod
    def from_json(cls, kept: Sequence[str | int | None]) -> "Reason":
        kind, day, number = kept
        return cls(
            Kind(str(kind)), date.fromisoformat(str(day)) if day else None, None if number is None else int(number)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Signs:
    """What is known of one patient. All but the course and the last dates reaches back to the Monday before this one.

    `waiting`: something logged waits to be accepted, of whatever date.
    """

    course: adherence.Course
    logs: Sequence[adherence.Log] = ()
    red_flags: Sequence[date] = ()
    pain: Sequence[tuple[int, date]] = ()
    waiting: bool = False
    last_log: date | None = None
    last_session: date | None = None


def reasons_on(day: date, signs: Signs, *, limits: Thresholds) -> list[Reason]:
    """All that speaks for a look on this date, the worst first. While paused, only what is urgent."""
    return _reasons(day, signs, _two_weeks(day, signs), limits)


def good_until(day: date, signs: Signs, *, limits: Thresholds) -> date:
    """When the answer of this date stops being right though nothing is written: Monday at the latest."""
    weeks = _two_weeks(day, signs)
    now = _reasons(day, signs, weeks, limits)
    next_monday = monday_of(day) + WEEK
    later = (day + number * DAY for number in range(1, (next_monday - day).days))
    return next((each for each in later if _reasons(each, signs, weeks, limits) != now), next_monday)


def urgency(reasons: Sequence[Reason]) -> int:
    """0 without a reason; otherwise higher for a worse one, and then for more of them."""
    if not reasons:
        return 0
    kinds = list(Kind)
    return (len(kinds) - kinds.index(reasons[0].kind)) * (MOST_REASONS + 1) + min(len(reasons), MOST_REASONS)


def _two_weeks(day: date, signs: Signs) -> tuple[Week, Week]:
    """The last complete week and the one that goes on."""
    monday = monday_of(day)
    last, this = adherence.weeks(signs.course, signs.logs, monday - WEEK, monday, today=day)
    return last, this


def _reasons(day: date, signs: Signs, weeks: tuple[Week, Week], limits: Thresholds) -> list[Reason]:
    found = [Reason(Kind.RED_FLAG, each) for each in sorted(set(signs.red_flags), reverse=True)]
    found += _pain(signs, limits)
    if signs.waiting:
        found.append(Reason(Kind.WAITING))
    if signs.course.plan_on(day):
        found += _behaviour(day, signs, *weeks, limits)
    elif signs.course.paused_between(day, day):
        found = [each for each in found if each.kind != Kind.PAIN]
    return sorted(found, key=lambda each: list(Kind).index(each.kind))


def _pain(signs: Signs, limits: Thresholds) -> list[Reason]:
    """The worst of both weeks, the last of several."""
    if not signs.pain:
        return []
    worst, day = max(signs.pain)
    if worst >= limits.pain_at_once:
        return [Reason(Kind.ALARMING_PAIN, day, worst)]
    return [Reason(Kind.PAIN, day, worst)] if worst >= limits.pain_too_much else []


def _behaviour(day: date, signs: Signs, last: Week, this: Week, limits: Thresholds) -> Iterator[Reason]:
    skips = sum(dict(week.skips).get("pain", 0) for week in (last, this))
    if skips >= limits.skips_for_pain:
        yield Reason(Kind.SKIPS_FOR_PAIN, number=skips)
    # This day is not over: nobody is silent on it yet.
    silent = silence(signs.course, limits, last_log=signs.last_log, last_session=signs.last_session, on=day - DAY)
    if silent:
        kind, _days, since = silent
        yield Reason(Kind.SILENT if kind == AlertKind.SILENT else Kind.NOT_STARTED, since)
    elif last.band == Band.NO_DATA:
        yield Reason(Kind.NOTHING_LOGGED)
    if last.band == Band.LOW:
        yield Reason(Kind.LOW)
