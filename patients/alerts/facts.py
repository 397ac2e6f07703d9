"""What alerts are made from."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from patients import adherence


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """A clinic's own numbers, from which on something is worth an alert; the defaults are those of docs/alerts.md."""

    pain_too_much: int = 6
    pain_at_once: int = 8
    morning_rise: int = 2
    mean_rise: int = 2
    below_percent: int = 50
    first_session_by: int = 5
    silent_days: int = 7
    silent_again_days: int = 14
    silent_end_days: int = 30
    skips_for_pain: int = 2
    above_due: int = 2
    ready_beyond: int = 2
    ready_pain: int = 5
    ready_effort: int = 6


@dataclass(frozen=True, slots=True)
class Target:
    """The top of what is prescribed of an exercise that is counted in repetitions."""

    exercise: str
    sets: int
    top: int


@dataclass(frozen=True, slots=True)
class CountedSet:
    exercise: str
    amount: int
    as_planned: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One date on which something was done, all its logs together; what stayed unanswered is None.

    `pain` is the highest of before, during and after, and `log` the one that says so. `sets` are in their order.
    """

    day: date
    pain: int | None = None
    before: int | None = None
    effort: int | None = None
    morning: int | None = None
    log: str = ""
    sets: Sequence[CountedSet] = ()
    targets: Sequence[Target] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """One patient. `logs` and `sessions`, in order, reach back to the Monday two weeks before the current one's."""

    course: adherence.Course
    logs: Sequence[adherence.Log] = ()
    sessions: Sequence[Session] = ()
    last_log: date | None = None
    last_session: date | None = None
