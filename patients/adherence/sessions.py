"""What one date amounts to: the doses of its exercises, and whether its session counts."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache
from math import prod

from patients.adherence.plan import Course, Dose, Phase, Planned


@dataclass(frozen=True, slots=True)
class LoggedSet:
    """What was done in one set, or in several summed: `left` and `right` where directions are counted, else `amount`.

    A number in the other unit than the dose's counts for nothing. Raises ValueError below 0.
    """

    exercise: str
    amount: int = 0
    left: int | None = None
    right: int | None = None

    def __post_init__(self) -> None:
        if min(self.amount, self.left or 0, self.right or 0) < 0:
            raise ValueError(f"Less than nothing was logged for {self.exercise}.")

    @property
    def anything_done(self) -> bool:
        return bool(self.amount or self.left or self.right)


@dataclass(frozen=True, slots=True)
class Log:
    """One entry for a local date. A date may have several; they are summed."""

    date: date
    sets: tuple[LoggedSet, ...] = ()
    skip_reason: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """One direction of an exercise ("left", "right"), or the whole (""): steps or repetitions, done and prescribed."""

    direction: str
    done: int
    prescribed: int

    @property
    def dose(self) -> Fraction:
        return min(Fraction(1), Fraction(self.done, self.prescribed))

    @property
    def counts(self) -> bool:
        """It reached at least half of what was prescribed."""
        return 2 * self.done >= self.prescribed


@dataclass(frozen=True, slots=True)
class ExerciseDose:
    """How much of one exercise was done in a session; one part, or left and right."""

    exercise: str
    required: bool
    parts: tuple[Part, ...]

    @property
    def done(self) -> int:
        """What enters the dose: each part capped on its own."""
        return sum(min(part.done, part.prescribed) for part in self.parts)

    @property
    def prescribed(self) -> int:
        return sum(part.prescribed for part in self.parts)

    @property
    def dose(self) -> Fraction:
        """0 to 1: the mean of the parts, of each of which the same is prescribed."""
        return Fraction(self.done, self.prescribed)

    @property
    def counts(self) -> bool:
        return all(part.counts for part in self.parts)


class Status(StrEnum):
    """What became of a date on which something was logged."""

    COUNTS = "counts"
    PART_DONE = "part_done"
    NO_PLAN = "no_plan"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class SessionResult:
    """One date with a session or a skip. `dose` is None and `exercises` empty for a skip and without a plan.

    `skip_reasons` are sorted, and only a skip has them.
    """

    date: date
    status: Status
    planned: Planned | None
    dose: Fraction | None = None
    exercises: tuple[ExerciseDose, ...] = ()
    skip_reasons: tuple[str, ...] = ()


def exercise_doses(plan: Phase | Iterable[Dose], logs: Iterable[Log]) -> tuple[ExerciseDose, ...]:
    """What the logs of one date amount to, per exercise of the plan, the optional ones included."""
    return _exercise_doses(plan.doses if isinstance(plan, Phase) else plan, _sets_of(logs))


def _exercise_doses(doses: Iterable[Dose], sets: Iterable[LoggedSet]) -> tuple[ExerciseDose, ...]:
    done: defaultdict[tuple[str, str], int] = defaultdict(int)
    for each in sets:
        done[each.exercise, ""] += each.amount
        done[each.exercise, "left"] += each.left or 0
        done[each.exercise, "right"] += each.right or 0
    return tuple(
        ExerciseDose(
            dose.exercise,
            dose.required,
            tuple(
                Part(direction, done[dose.exercise, direction], dose.prescribed)
                for direction in (("left", "right") if dose.per_direction else ("",))
            ),
        )
        for dose in doses
    )


def session_dose(plan: Phase | Iterable[Dose], logs: Iterable[Log]) -> Fraction:
    """0 to 1: the mean over the required exercises of the plan, from the logs of one date."""
    return _session_dose(exercise_doses(plan, logs))


def sessions(course: Course, logs: Iterable[Log]) -> dict[date, SessionResult]:
    """Every date with a session or a skip, in order. A date whose logs hold neither sets nor a reason is left out."""
    by_date: defaultdict[date, list[Log]] = defaultdict(list)
    for log in logs:
        by_date[log.date].append(log)
    results = (_session(course.plan_on(day), day, by_date[day]) for day in sorted(by_date))
    return {result.date: result for result in results if result is not None}


def _session(planned: Planned | None, day: date, logs: list[Log]) -> SessionResult | None:
    sets = _sets_of(logs)
    reasons = tuple(sorted({log.skip_reason for log in logs if log.skip_reason}))
    if reasons and not any(each.anything_done for each in sets):
        return SessionResult(day, Status.SKIPPED, planned, skip_reasons=reasons)
    if not sets:
        return None
    if planned is None:
        return SessionResult(day, Status.NO_PLAN, None)
    status, dose, exercises = _worth(planned.phase, sets)
    return SessionResult(day, status, planned, dose, exercises)


@lru_cache(2048)
def _worth(phase: Phase, sets: tuple[LoggedSet, ...]) -> tuple[Status, Fraction, tuple[ExerciseDose, ...]]:
    """Kept, for what people do is much the same from one session to the next."""
    exercises = _exercise_doses(phase.doses, sets)
    counts = all(each.counts for each in exercises if each.required)
    return Status.COUNTS if counts else Status.PART_DONE, _session_dose(exercises), exercises


def _sets_of(logs: Iterable[Log]) -> tuple[LoggedSet, ...]:
    return tuple([each for log in logs for each in log.sets])


def _session_dose(exercises: Iterable[ExerciseDose]) -> Fraction:
    """The mean of the doses, over one denominator: adding fractions takes ten times as long."""
    required = [(each.done, each.prescribed) for each in exercises if each.required]
    common = prod(prescribed for _, prescribed in required)
    return Fraction(sum(done * (common // prescribed) for done, prescribed in required), common * len(required))
