"""Patients made up by a seeded generator: who they are, what they log on each of 84 days, and what goes wrong.

All together do nine of ten sessions in the first week and two of three in the twelfth. Nobody's data is in it. What is
published says where; every other number is our assumption. docs/alerts.md tells both.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction
from math import exp, log
from random import Random

from patients import adherence
from patients.adherence import Course, Dose, Log, LoggedSet, Phase, Prescription
from patients.alerts import Kind

DAY = timedelta(days=1)
WEEKS = 12
START = date(2026, 3, 2)  # a Monday
WALK, THRUST = "walk", "thrust"
SETS, LEAST, TOP = 2, 10, 30
DOSES = (Dose(WALK, SETS, LEAST, per_direction=True), Dose(THRUST, SETS, LEAST, per_direction=False))
COURSE = Course((Prescription(START, (Phase(DOSES, frequency=3),)),))
# Of 14,097 people with knee or hip pain in a digital programme 68 % kept at it for twelve weeks, the others did less or
# were moderate (Kiadaliri 2025, doi:10.2519/jospt.2024.12864). How much each does is ours: all together 90 and 65 %.
KEEP_AT_IT = 0.68
KEEPING, LEAVING = (0.92, 0.84), (0.89, 0.24)  # how likely a session is done, in the first week and in the twelfth
PEOPLE_DIFFER = 0.6  # standard deviation of that among those who keep at it and the others, in log odds
USUAL_PAIN, PAIN_OF_PEOPLE_DIFFERS = 2.0, 1.2  # points of 10 before a session: mean and standard deviation
# Standard deviation of one person's pain from session to session, in points. Two ratings of a knee a day apart have an
# error of 0.48 (Alghadir 2018, doi:10.2147/JPR.S158847); at home and after exercise we assume more.
PAIN_DIFFERS, PAIN_DIFFERS_PUBLISHED = 0.8, 0.48
ANSWERED = {"pain": 0.9, "effort": 0.8, "morning": 0.6}
SKIP_SAID = 0.25
REASONS = ["time"] * 11 + ["unwell"] * 5 + ["other"] * 3 + ["pain"]
EXTRA = 0.04  # a week with one more session than asked for
AWAY = 0.1  # somebody who says nothing for some days in the twelve weeks, where nothing goes wrong
QUICK = 0.1  # somebody who grows out of the prescribed range


class Trouble(StrEnum):
    """What goes wrong with every sixth patient, once, from a day between the third week and the tenth."""

    RED_FLAG = "a warning sign is answered with yes"
    FLARE = "pain of 8 or 9 in one session"
    PAIN_UP = "pain is up by 3 or 4 points for two weeks"
    MORNINGS = "mornings are 3 points worse for two weeks"
    SKIPS = "every other session is skipped for pain for three weeks"
    SILENT = "stops logging for three weeks"
    FALLING = "does one session a week for three weeks"
    TOO_MUCH = "does six sessions a week for two weeks"
    NEVER_STARTS = "does not start for three weeks"


EVERY = 6
SAID = {Trouble.FLARE, Trouble.PAIN_UP, Trouble.MORNINGS}  # once they surely do a session and answer all about it
PAIN = {Kind.ALARMING_PAIN, Kind.PAIN_TWICE, Kind.PAIN, Kind.PAIN_RISING}
# How many days it lasts, what counts as noticing it, and within how many days from the first on which it shows.
TROUBLES: dict[Trouble, tuple[int, set[Kind], int]] = {
    Trouble.RED_FLAG: (1, {Kind.RED_FLAG}, 0),
    Trouble.FLARE: (84, {Kind.ALARMING_PAIN}, 0),
    Trouble.PAIN_UP: (14, PAIN | {Kind.MORNING_AFTER}, 14),
    Trouble.MORNINGS: (14, {Kind.MORNING_AFTER}, 14),
    Trouble.SKIPS: (21, {Kind.SKIPS_FOR_PAIN}, 21),
    Trouble.SILENT: (21, {Kind.SILENT}, 14),
    Trouble.FALLING: (28, {Kind.BELOW_HALF}, 21),
    Trouble.TOO_MUCH: (21, {Kind.ABOVE_DUE}, 14),
    Trouble.NEVER_STARTS: (21, {Kind.NOT_STARTED}, 7),
}


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody logs on a day: a session, or the reason for none. What stayed unanswered is None."""

    day: date
    reason: str = ""
    reps: int = 0
    before: int | None = None
    pain: int | None = None
    effort: int | None = None
    morning: int | None = None


@dataclass(slots=True)
class Person:
    """Who somebody is, and what they log by date. `since` is the first day on which their trouble shows.

    `keen` is how much more than others they do, in log odds; `occasions` counts the sessions due while they skip.
    """

    trouble: Trouble | None
    onset: date
    keen: float
    keeps: bool
    pain: float
    pain_differs: float
    quick: bool
    away: range
    occasions: int = 0
    days: dict[date, Said] = field(default_factory=dict)
    red_flag: date | None = None
    since: date | None = None

    def trouble_on(self, day: date) -> Trouble | None:
        if self.trouble and self.onset <= day < self.onset + TROUBLES[self.trouble][0] * DAY:
            return self.trouble
        return None


def weekly_adherence(cohort: list[Person]) -> list[Fraction]:
    """Sessions done of those due in each week, by the definition, of those with whom nothing goes wrong."""
    last = START + 7 * (WEEKS - 1) * DAY
    found = [
        adherence.weeks(COURSE, [log_of(each) for each in person.days.values()], START, last, today=last + 7 * DAY)
        for person in cohort
        if person.trouble is None
    ]
    return [
        Fraction(sum(week.done for week in each), sum(week.due for week in each)) for each in zip(*found, strict=True)
    ]


def log_of(said: Said) -> Log:
    if said.reason:
        return Log(said.day, skip_reason=said.reason)
    sets = LoggedSet(WALK, left=SETS * LEAST, right=SETS * LEAST), LoggedSet(THRUST, SETS * said.reps)
    return Log(said.day, sets)


def make_cohort(*, size: int, seed: int, sorer: float = 0, pain_differs: float = PAIN_DIFFERS) -> list[Person]:
    """So many patients; `sorer` adds points to everybody's pain."""
    random = Random(seed)
    people = [_person(number, random, sorer, pain_differs) for number in range(size)]
    for person in people:
        _live(person, random)
    return people


def _person(number: int, random: Random, sorer: float, pain_differs: float) -> Person:
    troubles = list(Trouble)
    trouble = troubles[number // EVERY % len(troubles)] if number % EVERY == 0 else None
    first_away = START.toordinal() + random.randrange(7 * WEEKS)
    days_away = random.randrange(5, 10) if random.random() < AWAY and trouble is None else 0
    return Person(
        trouble=trouble,
        onset=START if trouble == Trouble.NEVER_STARTS else START + random.randrange(14, 70) * DAY,
        keen=random.gauss(0, PEOPLE_DIFFER),
        keeps=random.random() < KEEP_AT_IT,
        pain=max(0.0, random.gauss(USUAL_PAIN, PAIN_OF_PEOPLE_DIFFERS)) + sorer,
        pain_differs=pain_differs,
        quick=random.random() < QUICK,
        away=range(first_away, first_away + days_away),
    )


def _live(person: Person, random: Random) -> None:
    if person.trouble == Trouble.RED_FLAG:
        person.red_flag = person.since = person.onset
    for week in range(WEEKS):
        monday = START + 7 * week * DAY
        for day in _planned(monday, person.trouble_on(monday), random):
            trouble = person.trouble_on(day)
            if trouble in {Trouble.SILENT, Trouble.NEVER_STARTS}:
                person.since = person.since or day
            elif day.toordinal() not in person.away and (said := _said(person, day, week, trouble, random)):
                person.days[day] = said


def _planned(monday: date, trouble: Trouble | None, random: Random) -> list[date]:
    """Three days of the week with a day between them, where nothing is wrong; one more now and then."""
    if trouble == Trouble.FALLING:
        numbers = [random.randrange(7)]
    elif trouble == Trouble.TOO_MUCH:
        numbers = list(range(6))
    else:
        first = random.randrange(3)
        numbers = [first, first + 2, first + 4]
        if random.random() < EXTRA:
            numbers = [*numbers, first + 1]
    return [monday + number * DAY for number in sorted(numbers)]


def _said(person: Person, day: date, week: int, trouble: Trouble | None, random: Random) -> Said | None:
    first, last = KEEPING if person.keeps else LEAVING
    usual = first + (last - first) * week / (WEEKS - 1)
    likely = 1 / (1 + exp(-log(usual / (1 - usual)) - person.keen))
    if trouble == Trouble.SKIPS:
        person.occasions += 1
        if person.occasions % 2:
            person.since = person.since or day
            return Said(day, reason="pain")
    comes = trouble in {Trouble.FALLING, Trouble.TOO_MUCH} or (trouble in SAID and person.since is None)
    if comes or random.random() < likely:
        return _session(person, day, week, trouble, random)
    return Said(day, reason=random.choice(REASONS)) if random.random() < SKIP_SAID else None


def _session(person: Person, day: date, week: int, trouble: Trouble | None, random: Random) -> Said:
    before = random.gauss(person.pain, person.pain_differs)
    if trouble == Trouble.PAIN_UP:
        before += random.choice((3, 4))
    worst, morning = before + random.choice((0, 0, 1, 1, 2)), before + random.gauss(0, person.pain_differs)
    if trouble == Trouble.FLARE and person.since is None:
        worst = random.choice((8, 9))
    if trouble == Trouble.MORNINGS:
        morning = before + 3
    answered = {what: random.random() < share for what, share in ANSWERED.items()}
    if trouble and trouble not in {Trouble.RED_FLAG, Trouble.SKIPS}:
        if person.since is None and trouble in SAID:
            answered = dict.fromkeys(ANSWERED, True)
        person.since = person.since or day
    return Said(
        day,
        reps=min(TOP + 2, LEAST + (3 if person.quick else 1) * week),
        before=_points(before) if answered["pain"] else None,
        pain=_points(worst) if answered["pain"] else None,
        effort=random.choice((4, 5, 6, 6, 7)) if answered["effort"] else None,
        morning=_points(morning) if answered["morning"] else None,
    )


def _points(pain: float) -> int:
    return min(10, max(0, round(pain)))
