"""Reads what the page of progress shows: the same few queries, however long a course is."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import Any

from django.contrib.postgres.aggregates import BoolAnd
from django.db.models import Sum
from django.utils.translation import gettext as _

from clinic.models import Clinic
from patients import adherence
from patients.adherence import Course, ToDate, Week, monday_of
from patients.charts import MOST_PAIN, PainDay, pain_days, zones_of
from patients.models import Log, LoggedSet, Measurement, NextMorning, Patient
from patients.plans import course_on, logs_of
from patients.progress.lines import Band, LineChart, Series, rounded_up
from patients.progress.months import Month, months_of
from patients.progress.words import beside, encouragement, times
from programs.catalogue_words import in_words

WEEK = timedelta(weeks=1)
WEEKS_SHOWN = 12


@dataclass(frozen=True, slots=True)
class WeekShown:
    week: Week

    @property
    def times(self) -> str:
        return times(self.week)

    @property
    def beside(self) -> str:
        return ", ".join(beside(self.week))

    @property
    def places(self) -> list[tuple[int, str]]:
        """One for each session due: where it is drawn, and whether it was done, done in part or is open."""
        part = min(self.week.part_done, self.week.due - self.week.done)
        kinds = ["done"] * self.week.done + ["part"] * part
        kinds += ["open"] * (self.week.due - len(kinds))
        return [(18 * number, kind) for number, kind in enumerate(kinds)]


@dataclass(frozen=True, slots=True)
class PainRow:
    """The highest answers of one session; None where nothing was answered."""

    date: date
    day: PainDay | None
    morning: int | None

    @property
    def numbers(self) -> tuple[int | None, ...]:
        """Before, during, after, and on the next morning."""
        of_day = (self.day.before, self.day.during, self.day.after) if self.day else (None, None, None)
        return (*of_day, self.morning)


@dataclass(frozen=True, slots=True)
class Amount:
    """What was done of an exercise on a date: `numbers` as the chart's series are. `as_planned`: confirmed only."""

    date: date
    numbers: tuple[int, ...]
    as_planned: bool


@dataclass(frozen=True, slots=True)
class ExerciseChart:
    name: str
    chart: LineChart
    rows: list[Amount]


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    encouragement: str
    to_date: ToDate
    weeks: list[WeekShown]
    months: list[Month]
    earlier_months: list[Month]
    pain: LineChart | None
    pain_rows: list[PainRow]
    exercises: list[ExerciseChart]
    measures: list[Measurement]

    @property
    def has_begun(self) -> bool:
        return bool(self.weeks)


def read_progress(clinic: Clinic, patient: Patient, *, today: date) -> Progress:
    """Seven queries."""
    course = course_on(patient.pk, today)
    since = monday_of(min(course.starts_on or today, today))
    logs = logs_of([patient.pk], since=since)[patient.pk]
    this_monday = monday_of(today)
    weeks = adherence.weeks(course, logs, since, this_monday, today=today)
    pain_rows = _pain_rows(patient, since)
    months = months_of(course, adherence.sessions(course, logs), today=today)
    this_month = today.replace(day=1)
    return Progress(
        encouragement=encouragement(
            weeks[-2] if len(weeks) > 1 else None, weeks[-1], paused=course.paused_between(today, today) > 0
        ),
        to_date=adherence.to_date(course, logs, this_monday - WEEK),
        weeks=_shown(weeks),
        months=[month for month in reversed(months) if month.first >= this_month],
        earlier_months=[month for month in months if month.first < this_month],
        pain=_pain_chart(clinic, pain_rows) if pain_rows else None,
        pain_rows=pain_rows[::-1],
        exercises=list(_exercises(patient, since)),
        measures=_measures(course),
    )


def _shown(weeks: list[Week]) -> list[WeekShown]:
    """The newest first, as many as a page can hold; none before anything was due or logged."""
    there = [week for week in weeks if week.due or week.paused_dates or not week.nothing_logged]
    return [WeekShown(week) for week in there[: -WEEKS_SHOWN - 1 : -1]]


def _pain_rows(patient: Patient, since: date) -> list[PainRow]:
    logs = Log.objects.current().filter(patient=patient, date__gte=since)
    days = {each.date: each for each in pain_days(logs.only("date", "pain_before", "pain_during", "pain_after"))}
    answers = NextMorning.objects.current().filter(patient=patient, date__gte=since).values_list("date", "pain")
    mornings = dict(answers)
    return [PainRow(day, days.get(day), mornings.get(day)) for day in sorted({*days, *mornings})]


def _pain_chart(clinic: Clinic, rows: Iterable[PainRow]) -> LineChart:
    """The highest of before, during and after; and the next morning, at the date of its session."""
    worst = tuple((row.date, row.day.worst) for row in rows if row.day)
    mornings = tuple((row.date, row.morning) for row in rows if row.morning is not None)
    zones = zones_of(clinic.pain_acceptable_from, clinic.pain_too_much_from)
    return LineChart(
        (
            Series("first", _("Highest with the session"), worst),
            Series("second", _("The morning after"), mornings),
        ),
        MOST_PAIN,
        tuple(Band(zone.kind, f"{zone.numbers} {zone.name}", zone.low, zone.high) for zone in zones),
    )


def _exercises(patient: Patient, since: date) -> Iterable[ExerciseChart]:
    """What was done of each exercise, summed by date."""
    rows = (
        LoggedSet.objects.filter(log__in=Log.objects.current().filter(patient=patient, date__gte=since))
        .values("exercise__position", "exercise", "exercise__name", "exercise__counted_in", "log__date")
        .annotate(
            Sum("amount", default=0),
            Sum("left", default=0),
            Sum("right", default=0),
            only_planned=BoolAnd("as_planned"),
        )
        .order_by("exercise__position", "exercise", "log__date")
    )
    for _key, of_exercise in groupby(rows, lambda row: row["exercise"]):
        yield _exercise_chart([*map(dict, of_exercise)])


def _exercise_chart(rows: list[dict[str, Any]]) -> ExerciseChart:
    per_side = rows[0]["exercise__counted_in"] == "steps_per_direction"
    names = {"left": _("Steps to the left"), "right": _("Steps to the right")} if per_side else {"amount": _("Times")}
    series = tuple(
        Series(kind, name, tuple((row["log__date"], row[f"{field}__sum"]) for row in rows))
        for kind, (field, name) in zip(("first", "second"), names.items(), strict=False)
    )
    amounts = [
        Amount(row["log__date"], tuple(row[f"{field}__sum"] for field in names), row["only_planned"])
        for row in reversed(rows)
    ]
    most = rounded_up([value for each in series for _day, value in each.values])
    return ExerciseChart(in_words(rows[0]["exercise__name"]), LineChart(series, most), amounts)


def _measures(course: Course) -> list[Measurement]:
    """What stands of this course, the oldest first."""
    keys = [each.key for each in course.prescriptions]
    return list(Measurement.objects.current().filter(course__prescriptions__in=keys).distinct())
