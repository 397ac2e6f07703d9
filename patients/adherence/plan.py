"""What is in force on a date: prescriptions, their phases and the pauses that push phases back."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby, pairwise
from typing import Any, NamedTuple

FOREVER = date.max.toordinal()


@dataclass(frozen=True, slots=True)
class Dose:
    """What one exercise asks for in one session: `sets` times `amount`, for each direction where counted so.

    Where a range is prescribed, the caller passes its lower end. Raises ValueError below 1.
    """

    exercise: str
    sets: int
    amount: int
    per_direction: bool
    required: bool = True

    def __post_init__(self) -> None:
        if self.sets < 1 or self.amount < 1:
            raise ValueError(f"The dose of {self.exercise} needs at least one set of at least one.")

    @property
    def prescribed(self) -> int:
        """Steps or repetitions in one session, in each direction where counted so."""
        return self.sets * self.amount


@dataclass(frozen=True, slots=True)
class Phase:
    """Doses for a number of 7-day blocks (None: open-ended), so many times a week or on fixed weekdays (Monday = 0).

    Raises ValueError unless exactly one of frequency and weekdays is given, at least one dose is required, and no
    exercise comes twice.
    """

    doses: tuple[Dose, ...]
    weeks: int | None = None
    frequency: int | None = None
    weekdays: frozenset[int] = frozenset()

    def __post_init__(self) -> None:
        if (self.frequency is None) == (not self.weekdays):
            raise ValueError("A phase has either a frequency or weekdays.")
        if self.frequency is not None and not 1 <= self.frequency <= 7:
            raise ValueError("A frequency is a whole number from 1 to 7.")
        if not self.weekdays <= frozenset(range(7)):
            raise ValueError("Weekdays are numbers from 0 (Monday) to 6 (Sunday).")
        if self.weeks is not None and self.weeks < 1:
            raise ValueError("A phase lasts at least one week.")
        if not any(dose.required for dose in self.doses):
            raise ValueError("A phase has at least one required dose.")
        if len({dose.exercise for dose in self.doses}) < len(self.doses):
            raise ValueError("A phase has one dose for each exercise.")


@dataclass(frozen=True, slots=True)
class Prescription:
    """Phases from a date on, to `ends_on` (inclusive) or until they are used up. `key` is the caller's own.

    One that ends before it starts never came into force: it was revised before its first day.
    Raises ValueError without phases, or where a phase before the last is open-ended.
    """

    starts_on: date
    phases: tuple[Phase, ...]
    ends_on: date | None = None
    key: Any = None

    def __post_init__(self) -> None:
        if not self.phases:
            raise ValueError("A prescription has at least one phase.")
        if any(phase.weeks is None for phase in self.phases[:-1]):
            raise ValueError("Only the last phase may be open-ended.")


@dataclass(frozen=True, slots=True)
class Pause:
    """Dates, both ends included, on which no plan is in force; open until `ends_on` is known.

    Raises ValueError where it ends before it starts.
    """

    starts_on: date
    ends_on: date | None = None

    def __post_init__(self) -> None:
        if self.ends_on is not None and self.ends_on < self.starts_on:
            raise ValueError("A pause cannot end before it starts.")


@dataclass(frozen=True, slots=True)
class Planned:
    """The plan of one date.

    `phase_index` counts from 0; `week`, within the phase, and `day`, among the prescription's active days, from 1.
    """

    prescription: Prescription
    phase: Phase
    phase_index: int
    week: int
    day: int


class Span(NamedTuple):
    """Consecutive active dates of one phase, as ordinals; `day` and `phase_day` number the first in active days."""

    first: int
    last: int
    prescription: Prescription
    phase_index: int
    day: int
    phase_day: int

    @property
    def phase(self) -> Phase:
        return self.prescription.phases[self.phase_index]


@dataclass(frozen=True, slots=True)
class Stretch:
    """A phase that comes into force, with its first and last active date; `last` is None where it has no end."""

    prescription: Prescription
    phase_index: int
    first: date
    last: date | None

    @property
    def phase(self) -> Phase:
        return self.prescription.phases[self.phase_index]


@dataclass(frozen=True, slots=True)
class Course:
    """A patient's chain of prescriptions, and its pauses, in any order. Overlapping pauses are merged.

    Raises ValueError where two prescriptions overlap: all but the last need an end, also when their phases are finite,
    because a pause added later makes those longer.
    """

    prescriptions: tuple[Prescription, ...]
    pauses: tuple[Pause, ...] = ()
    _paused: tuple[range, ...] = field(init=False, repr=False, compare=False)
    _spans: tuple[Span, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        paused = tuple(_merged(self.pauses))
        chain = _in_order(self.prescriptions)
        object.__setattr__(self, "_paused", paused)
        object.__setattr__(self, "_spans", tuple(span for link in chain for span in _spans(link, paused)))

    @property
    def starts_on(self) -> date | None:
        """The first active date; None where there is none."""
        return date.fromordinal(self._spans[0].first) if self._spans else None

    def stretches(self) -> Iterator[Stretch]:
        """The phases that come into force, in order. A pause within one belongs to it; an open one ends it."""
        for _, of_phase in groupby(self._spans, key=lambda span: (span.prescription.starts_on, span.phase_index)):
            spans = list(of_phase)
            first, last = date.fromordinal(spans[0].first), date.fromordinal(spans[-1].last)
            yield Stretch(spans[0].prescription, spans[0].phase_index, first, None if last == date.max else last)

    def plan_on(self, day: date) -> Planned | None:
        """What is in force on a date; None before the start, in a pause and after the end."""
        ordinal = day.toordinal()
        place = bisect_right(self._spans, ordinal, key=lambda span: span.first)
        if place == 0 or self._spans[place - 1].last < ordinal:
            return None
        span = self._spans[place - 1]
        passed = ordinal - span.first
        week = (span.phase_day - 1 + passed) // 7 + 1
        return Planned(span.prescription, span.phase, span.phase_index, week, span.day + passed)

    def active_between(self, first: date, last: date) -> Iterator[tuple[Phase, range]]:
        """The phases in force from `first` to `last`, both included, each with its active dates as ordinals."""
        start, end = first.toordinal(), last.toordinal()
        place = bisect_right(self._spans, start, key=lambda span: span.first)
        for span in self._spans[max(place - 1, 0) :]:
            if span.first > end:
                return
            if span.last >= start:
                yield span.phase, range(max(span.first, start), min(span.last, end) + 1)

    def active_days(self, first: date, last: date) -> int:
        """How many dates from `first` to `last`, both included, have a plan in force."""
        return sum(len(dates) for _, dates in self.active_between(first, last))

    def paused_between(self, first: date, last: date) -> int:
        """How many dates from `first` to `last`, both included, lie in a pause."""
        start, end = first.toordinal(), last.toordinal() + 1
        return sum(len(range(max(pause.start, start), min(pause.stop, end))) for pause in self._paused)


def _in_order(prescriptions: Iterable[Prescription]) -> list[Prescription]:
    """Those that came into force, by date. Raises ValueError where two overlap."""
    in_force = (each for each in prescriptions if each.ends_on is None or each.ends_on >= each.starts_on)
    chain = sorted(in_force, key=lambda each: each.starts_on)
    for earlier, later in pairwise(chain):
        if earlier.ends_on is None or earlier.ends_on >= later.starts_on:
            raise ValueError(f"The prescription of {earlier.starts_on} has not ended before {later.starts_on}.")
    return chain


def _merged(pauses: Iterable[Pause]) -> Iterator[range]:
    """The paused dates as ordinals, in order and apart from one another."""
    current = range(0)
    for pause in sorted(pauses, key=lambda each: each.starts_on):
        start, stop = pause.starts_on.toordinal(), (pause.ends_on or date.max).toordinal() + 1
        if current and start <= current.stop:
            current = range(current.start, max(current.stop, stop))
            continue
        if current:
            yield current
        current = range(start, stop)
    if current:
        yield current


def _spans(prescription: Prescription, paused: Iterable[range]) -> Iterator[Span]:
    """The active dates of one prescription: its phases laid over its dates, leaving out the paused ones."""
    last_date = (prescription.ends_on or date.max).toordinal()
    day = 1
    for first, last in _unpaused(prescription.starts_on.toordinal(), last_date, paused):
        last_day = day + last - first
        for index, (phase_first, phase_last) in enumerate(_phase_days(prescription)):
            span_first, span_last = max(day, phase_first), min(last_day, phase_last)
            if span_first <= span_last:
                yield Span(
                    first=first + span_first - day,
                    last=first + span_last - day,
                    prescription=prescription,
                    phase_index=index,
                    day=span_first,
                    phase_day=span_first - phase_first + 1,
                )
        day = last_day + 1


def _unpaused(first: int, last: int, paused: Iterable[range]) -> Iterator[tuple[int, int]]:
    """The stretches of dates from `first` to `last`, as ordinals, between the paused ones."""
    for pause in paused:
        if pause.start > last:
            break
        if pause.start > first:
            yield first, pause.start - 1
        first = max(first, pause.stop)
    if first <= last:
        yield first, last


def _phase_days(prescription: Prescription) -> Iterator[tuple[int, int]]:
    """First and last active day of each phase, counted from 1."""
    first = 1
    for phase in prescription.phases:
        last = FOREVER if phase.weeks is None else first + 7 * phase.weeks - 1
        yield first, last
        first = last + 1
