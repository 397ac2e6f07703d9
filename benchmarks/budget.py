"""A cohort's days gone through the rules of patients.alerts, night by night.

What goes on after it was acknowledged is raised again, so much depends on when that is.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

from benchmarks.cohort import COURSE, DAY, LEAST, SETS, START, THRUST, TOP, TROUBLES, WALK, WEEKS, Person, Trouble
from patients.adherence import Log, LoggedSet, monday_of
from patients.alerts import (
    CountedSet,
    Due,
    Kind,
    Known,
    Session,
    Target,
    Thresholds,
    due_at_once,
    due_in_digest,
)

CASELOAD = 30
TARGETS = (Target(THRUST, SETS, TOP),)
TWO_WEEKS = timedelta(weeks=2)


@dataclass(slots=True)
class Raised:
    """What a person's clinician was told: each alert by the day, and each day on which one was raised or added to."""

    alerts: list[tuple[date, Kind]] = field(default_factory=list)
    told: list[tuple[date, Kind]] = field(default_factory=list)


@dataclass(slots=True)
class Standing:
    """The last alert of a kind: what it is about, and the day on which it is acknowledged."""

    on: date
    level: int
    until: date


@dataclass(frozen=True, slots=True)
class Budget:
    """What came of a cohort. `noticed` has the days it took for each that was, None for each that was not.

    `weeks` counts the weeks of patients in which something was raised, `ordinary` the alerts of those who are well.
    """

    people: int
    kinds: Counter[Kind]
    ordinary: int
    weeks: int
    noticed: dict[Trouble, list[int | None]]

    def a_week(self, alerts: int) -> float:
        """For a clinician with a caseload of 30."""
        return alerts / WEEKS / (self.people / CASELOAD)

    @property
    def seeded(self) -> int:
        return sum(map(len, self.noticed.values()))

    @property
    def missed(self) -> int:
        return sum(days is None for found in self.noticed.values() for days in found)


def budget_of(cohort: list[Person], limits: Thresholds, acknowledged: Callable[[date], date]) -> Budget:
    kinds: Counter[Kind] = Counter()
    noticed: dict[Trouble, list[int | None]] = {trouble: [] for trouble in Trouble}
    ordinary = weeks = 0
    for person in cohort:
        raised = go_through(person, limits, acknowledged)
        kinds.update(kind for _day, kind in raised.alerts)
        weeks += len({monday_of(day) for day, _kind in raised.alerts})
        if person.trouble is None:
            ordinary += len(raised.alerts)
        elif person.since:
            noticed[person.trouble].append(_days_until_noticed(person.trouble, person.since, raised))
    return Budget(len(cohort), kinds, ordinary, weeks, noticed)


def next_working_day(day: date) -> date:
    return day + (DAY if day.weekday() < 4 or day.weekday() == 6 else (7 - day.weekday()) * DAY)


def next_monday(day: date) -> date:
    return monday_of(day) + 7 * DAY


def in_four_weeks(day: date) -> date:
    return day + 28 * DAY


def go_through(person: Person, limits: Thresholds, acknowledged: Callable[[date], date]) -> Raised:
    raised, standing = Raised(), dict[Kind, Standing]()
    for number in range(7 * WEEKS):
        day = START + number * DAY
        _tell(day, _at_once(person, day, limits), raised, standing, acknowledged)
        _tell(day, due_in_digest(day, _known(person, day), limits), raised, standing, acknowledged)
    return raised


def _tell(
    day: date,
    found: Iterable[Due],
    raised: Raised,
    standing: dict[Kind, Standing],
    acknowledged: Callable[[date], date],
) -> None:
    """As `raise_for_patients` does: added to the one that is open, otherwise raised if it is something later."""
    for due in found:
        last = standing.get(due.kind)
        is_open = last is not None and day < last.until
        if last and not due.is_news(last.on, last.level, is_open=is_open):
            continue
        raised.told.append((day, due.kind))
        if last and is_open:
            last.on, last.level = due.on, due.level
        else:
            raised.alerts.append((day, due.kind))
            standing[due.kind] = Standing(due.on, due.level, acknowledged(day))


def _at_once(person: Person, day: date, limits: Thresholds) -> Iterator[Due]:
    if person.red_flag == day:
        yield Due(Kind.RED_FLAG, day, ())
    if (said := person.days.get(day)) and said.pain is not None:
        until_now = [
            _session(person, each, day) for each in person.days if each <= day and not person.days[each].reason
        ]
        yield from due_at_once(said.pain, "", day, until_now, limits)


def _known(person: Person, day: date) -> Known:
    """At the end of a day, with how the knee was on the mornings that have come."""
    since = monday_of(day) - TWO_WEEKS
    until_now = [each for each in person.days if each <= day]
    sessions = [each for each in until_now if not person.days[each].reason]
    return Known(
        course=COURSE,
        logs=[_log(person, each) for each in until_now if each >= since],
        sessions=[_session(person, each, day) for each in sessions if each >= since],
        last_log=until_now[-1] if until_now else None,
        last_session=sessions[-1] if sessions else None,
    )


def _log(person: Person, day: date) -> Log:
    said = person.days[day]
    if said.reason:
        return Log(day, skip_reason=said.reason)
    return Log(day, (LoggedSet(WALK, left=SETS * LEAST, right=SETS * LEAST), LoggedSet(THRUST, SETS * said.reps)))


def _session(person: Person, day: date, today: date) -> Session:
    said = person.days[day]
    return Session(
        day=day,
        pain=said.pain,
        before=said.before,
        effort=said.effort,
        morning=said.morning if day < today else None,
        sets=[CountedSet(THRUST, said.reps)] * SETS,
        targets=TARGETS,
    )


def _days_until_noticed(trouble: Trouble, since: date, raised: Raised) -> int | None:
    _lasts, kinds, within = TROUBLES[trouble]
    days = [(day - since).days for day, kind in raised.told if kind in kinds and since <= day <= since + within * DAY]
    return min(days, default=None)
