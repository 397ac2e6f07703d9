"""The paper twin: the days of a sheet, what is logged on them, and a small field for each that is free."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from uuid import UUID

from django.core.exceptions import ValidationError

from patients import adherence
from patients.models import Log, Patient
from patients.paper import Ticked, letter_of, read_ticked
from patients.plans import course_on
from programs.models import Exercise

WEEKS = 6
DAY, WEEK = timedelta(days=1), timedelta(weeks=1)


@dataclass(slots=True)
class Field:
    """A day. `logs` stand on it; where there are none and it is not to come, something may be typed."""

    on: date
    is_planned: bool
    has_plan: bool
    is_to_come: bool
    logs: list[Log]
    typed: str = ""
    problem: str = ""

    @property
    def name(self) -> str:
        return f"day-{self.on}"

    @property
    def is_open(self) -> bool:
        return bool(self.problem) or not (self.is_to_come or self.logs)


@dataclass(frozen=True, slots=True)
class Row:
    monday: date
    due: int
    days: list[Field]

    @property
    def sunday(self) -> date:
        return self.monday + 6 * DAY

    @property
    def problems(self) -> list[Field]:
        return [each for each in self.days if each.problem]


@dataclass
class PaperSheet:
    """Up to six weeks of a patient, none of them all to come. Five queries, two more for an earlier course.

    From the Monday that was asked for, this week's at the latest; otherwise the last ones, but none from before the
    course.
    """

    patient: Patient
    asked: date | None
    today: date
    page: UUID
    typed: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def newest(self) -> date:
        """Where the last six weeks begin."""
        return adherence.monday_of(self.today) - (WEEKS - 1) * WEEK

    @cached_property
    def monday(self) -> date:
        if self.asked is not None:
            return self.asked
        starts_on = self.course.starts_on
        return max(self.newest, adherence.monday_of(min(starts_on, self.today))) if starts_on else self.newest

    @property
    def mondays(self) -> list[date]:
        weeks = (adherence.monday_of(self.today) - self.monday) // WEEK + 1
        return [self.monday + number * WEEK for number in range(min(weeks, WEEKS))]

    @property
    def last(self) -> date:
        return self.mondays[-1] + WEEK - DAY

    @cached_property
    def course(self) -> adherence.Course:
        """That of the last date that was asked for."""
        last = self.today if self.asked is None else min(self.asked + WEEKS * WEEK - DAY, self.today)
        return course_on(self.patient.pk, last)

    @cached_property
    def courses(self) -> list[adherence.Course]:
        """Before the beginning of the course there may be an earlier one."""
        starts_on = self.course.starts_on
        if starts_on is None or starts_on <= self.monday:
            return [self.course]
        before = course_on(self.patient.pk, self.monday)
        return [self.course] if before.starts_on == starts_on else [self.course, before]

    def planned(self, day: date) -> adherence.Planned | None:
        return next(filter(None, (course.plan_on(day) for course in self.courses)), None)

    @cached_property
    def exercises(self) -> list[Exercise]:
        return list(Exercise.objects.all())

    @property
    def letters(self) -> dict[str, Exercise]:
        """What the letters stand for, of the exercises that these weeks ask for."""
        days = (self.monday + number * DAY for number in range(7 * len(self.mondays)))
        asked = {dose.exercise for planned in map(self.planned, days) if planned for dose in planned.phase.doses}
        return {letter_of(exercise): exercise for exercise in self.exercises if exercise.pk in asked}

    @cached_property
    def rows(self) -> list[Row]:
        logs: dict[date, list[Log]] = {}
        standing = Log.objects.filter(
            patient=self.patient, date__range=(self.monday, self.last), replaced_at=None, withdrawn_at=None
        )
        for log in standing.select_related("entered_by").prefetch_related("sets"):
            logs.setdefault(log.date, []).append(log)
        return [self._row(monday, logs) for monday in self.mondays]

    def _row(self, monday: date, logs: Mapping[date, list[Log]]) -> Row:
        fields = []
        for day in (monday + number * DAY for number in range(7)):
            planned = self.planned(day)
            usual = planned is not None and (not planned.phase.weekdays or day.weekday() in planned.phase.weekdays)
            found = Field(day, usual, planned is not None, day > self.today, logs.get(day, []))
            found.typed = self.typed.get(found.name, "")
            fields.append(found)
        return Row(monday, sum(adherence.due_in_week(course, monday) for course in self.courses), fields)

    def fields(self) -> Iterator[Field]:
        for row in self.rows:
            yield from row.days

    @property
    def earlier(self) -> date:
        return self.monday - WEEKS * WEEK

    @property
    def later(self) -> date | None:
        return min(self.monday + WEEKS * WEEK, self.newest) if self.monday < self.newest else None

    @property
    def scale(self) -> range:
        return range(11)

    @property
    def signs(self) -> list[str]:
        """Of the pad for the mouse."""
        return ["x", *map(str, self.scale), *map(str.lower, self.letters), "-", "-p", "-t", "-u", "-e"]

    @property
    def first_free(self) -> str:
        """The field to start with: one that needs a look, otherwise the first free day of the plan."""
        wrong = [each.name for each in self.fields() if each.problem]
        free = [each.name for each in self.fields() if each.is_open and each.is_planned]
        return next(iter([*wrong, *free]), "")

    def read(self) -> dict[date, Ticked]:
        """What was typed, by day; what can't be understood is said at its field."""
        letters = {letter: exercise.pk for letter, exercise in self.letters.items()}
        days = {}
        for each in self.fields():
            try:
                if ticked := read_ticked(each.typed, letters):
                    days[each.on] = ticked
            except ValidationError as error:
                each.problem = " ".join(error.messages)
        return days

    def tell(self, problems: Mapping[date, str]) -> None:
        for each in self.fields():
            each.problem = problems.get(each.on, each.problem)

    @property
    def has_problems(self) -> int:
        return sum(bool(each.problem) for each in self.fields())
