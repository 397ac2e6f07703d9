"""A cohort's days gone through the rules of patients.alerts, night by night.

What goes on after it was acknowledged is raised again, so much depends on when that is and on what it changes.
"""

from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from benchmarks.cohort import (
    COURSE,
    DAY,
    PAIN,
    SETS,
    START,
    THRUST,
    TOP,
    TROUBLES,
    WEEKS,
    Person,
    Said,
    Trouble,
    log_of,
)
from patients.adherence import monday_of
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


@dataclass(frozen=True, slots=True)
class Response:
    """What a clinician does: when, and how many points a look for pain takes off all that comes after it."""

    acknowledged: Callable[[date], date]
    relief: int = 0


@dataclass(slots=True)
class Raised:
    """What a person's clinician was told: each alert by the day, and each day on which one was raised or added to.

    `looks` counts the days on which they looked at the person, `eased` has those on which it was for pain.
    """

    alerts: list[tuple[date, Kind]] = field(default_factory=list)
    told: list[tuple[date, Kind]] = field(default_factory=list)
    looks: int = 0
    eased: list[date] = field(default_factory=list)


@dataclass(slots=True)
class Standing:
    """The last alert of a kind: what it is about, and the day on which it is acknowledged."""

    on: date
    level: int
    until: date


@dataclass(frozen=True, slots=True)
class Told:
    """What an alert is, to be counted. `again`: the person had one of the kind before."""

    kind: Kind
    again: bool
    ordinary: bool


@dataclass(slots=True)
class Budget:
    """What came of a cohort. `noticed` has the days it took for each that was, None for each that was not.

    `weeks` counts the weeks of patients in which something was raised, `looks` how often one of them was looked at.
    """

    people: int
    told: Counter[Told] = field(default_factory=Counter)
    looks: int = 0
    weeks: int = 0
    noticed: dict[Trouble, list[int | None]] = field(default_factory=lambda: {trouble: [] for trouble in Trouble})

    def a_week(self, number: int) -> float:
        """For a clinician with a caseload of 30."""
        return number / WEEKS / (self.people / CASELOAD)

    def alerts(
        self, kinds: Container[Kind] = tuple(Kind), *, again: bool | None = None, ordinary: bool | None = None
    ) -> float:
        """For a clinician and week."""
        found = (
            number
            for told, number in self.told.items()
            if told.kind in kinds and again in {None, told.again} and ordinary in {None, told.ordinary}
        )
        return self.a_week(sum(found))

    @property
    def seeded(self) -> int:
        return sum(map(len, self.noticed.values()))

    @property
    def missed(self) -> int:
        return sum(days is None for found in self.noticed.values() for days in found)


def budget_of(cohort: list[Person], limits: Thresholds, response: Response) -> Budget:
    budget = Budget(len(cohort))
    for person in cohort:
        raised, known = go_through(person, limits, response), set[Kind]()
        for _day, kind in raised.alerts:
            budget.told[Told(kind, kind in known, person.trouble is None)] += 1
            known.add(kind)
        budget.looks += raised.looks
        budget.weeks += len({monday_of(day) for day, _kind in raised.alerts})
        if person.trouble and person.since:
            budget.noticed[person.trouble].append(_days_until_noticed(person.trouble, person.since, raised))
    return budget


def next_working_day(day: date) -> date:
    return day + (DAY if day.weekday() < 4 or day.weekday() == 6 else (7 - day.weekday()) * DAY)


def next_monday(day: date) -> date:
    return monday_of(day) + 7 * DAY


def in_four_weeks(day: date) -> date:
    return day + 28 * DAY


def go_through(person: Person, limits: Thresholds, response: Response) -> Raised:
    raised, standing, days = Raised(), dict[Kind, Standing](), dict[date, Said]()
    for number in range(7 * WEEKS):
        day = START + number * DAY
        _look(day, raised, standing)
        if day in person.days:
            less = 0 if person.trouble_on(day) else response.relief * sum(eased <= day for eased in raised.eased)
            days[day] = _eased(person.days[day], less)
        red_flags = [Due(Kind.RED_FLAG, day, ())] if person.red_flag == day else []
        for found in (red_flags, _at_once(days, day, limits), due_in_digest(day, _known(days, day), limits)):
            _tell(day, found, raised, standing, response)
    raised.looks += any(day < each.until for each in standing.values())
    return raised


def _look(day: date, raised: Raised, standing: dict[Kind, Standing]) -> None:
    """Whoever looks at somebody for one alert acknowledges all that is open."""
    if any(each.until == day for each in standing.values()):
        open_kinds = {kind for kind, each in standing.items() if day <= each.until}
        raised.looks += 1
        raised.eased += [day] if open_kinds & PAIN else []
        for kind in open_kinds:
            standing[kind].until = day


def _tell(day: date, found: Iterable[Due], raised: Raised, standing: dict[Kind, Standing], response: Response) -> None:
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
            standing[due.kind] = Standing(due.on, due.level, until=response.acknowledged(day))


def _at_once(days: dict[date, Said], day: date, limits: Thresholds) -> Iterator[Due]:
    if (said := days.get(day)) and said.pain is not None:
        until_now = [_session(each, day) for each in days.values() if not each.reason]
        yield from due_at_once(said.pain, "", day, until_now, limits)


def _known(days: dict[date, Said], day: date) -> Known:
    """At the end of a day, with how the knee was on the mornings that have come."""
    since = monday_of(day) - TWO_WEEKS
    sessions = [each for each in days.values() if not each.reason]
    return Known(
        course=COURSE,
        logs=[log_of(each) for each in days.values() if each.day >= since],
        sessions=[_session(each, day) for each in sessions if each.day >= since],
        last_log=max(days, default=None),
        last_session=sessions[-1].day if sessions else None,
    )


def _eased(said: Said, less: int) -> Said:
    before, pain, morning = (
        None if each is None else max(0, each - less) for each in (said.before, said.pain, said.morning)
    )
    return replace(said, before=before, pain=pain, morning=morning)


def _session(said: Said, today: date) -> Session:
    return Session(
        day=said.day,
        pain=said.pain,
        before=said.before,
        effort=said.effort,
        morning=said.morning if said.day < today else None,
        sets=[CountedSet(THRUST, said.reps)] * SETS,
        targets=TARGETS,
    )


def _days_until_noticed(trouble: Trouble, since: date, raised: Raised) -> int | None:
    _lasts, kinds, within = TROUBLES[trouble]
    days = [(day - since).days for day, kind in raised.told if kind in kinds and since <= day <= since + within * DAY]
    return min(days, default=None)
