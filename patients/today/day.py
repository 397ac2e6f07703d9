"""A day with its plan, its week, and what was logged for it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from patients import adherence
from patients.actions.logging import LOGGABLE
from patients.models import Log, Patient, Prescription
from patients.models.morning import with_next_morning
from patients.plans import course_on, logs_of
from patients.today.shown import Shown, show, with_sets
from patients.today.task import Task, as_json, has_doses, tasks_of, weekdays_of
from programs.models import Band, Exercise

LOOK_AHEAD = timedelta(days=366)


class NoPlan(StrEnum):
    """Why nothing is due on a day."""

    NONE = "none"
    BEFORE = "before"
    PAUSED = "paused"
    ENDED = "ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """A day of a patient: its plan, its week, and what was logged for it and for the days that can still be logged."""

    patient: Patient
    on: date
    today: date
    course: adherence.Course
    planned: adherence.Planned | None
    prescription: Prescription | None
    tasks: list[Task]
    week: adherence.Week
    session: adherence.SessionResult | None
    logged: list[Shown]

    @property
    def is_today(self) -> bool:
        return self.on == self.today

    @property
    def own(self) -> list[Shown]:
        return [shown for shown in self.logged if shown.log.date == self.on]

    @property
    def others(self) -> list[tuple[date, list[Shown]]]:
        """The other days that can be logged, the latest first, each with what it has."""
        dates = [self.today - timedelta(days=back) for back in range(LOGGABLE.days + 1)]
        return [(day, [shown for shown in self.logged if shown.log.date == day]) for day in dates if day != self.on]

    @property
    def as_json(self) -> str:
        return as_json(self.tasks)

    @property
    def has_doses(self) -> bool:
        return has_doses(self.tasks)

    @property
    def weekdays(self) -> list[str]:
        return weekdays_of(self.planned)

    @property
    def is_a_planned_weekday(self) -> bool:
        return self.planned is not None and self.on.weekday() in self.planned.phase.weekdays

    @property
    def no_plan(self) -> NoPlan | None:
        if self.planned:
            return None
        if self.course.starts_on is None:
            return NoPlan.NONE
        if self.on < self.course.starts_on:
            return NoPlan.BEFORE
        return NoPlan.PAUSED if self.course.paused_between(self.on, self.on) else NoPlan.ENDED

    @property
    def goes_on(self) -> date | None:
        """The next date with a plan, within a year; None where there is none as yet."""
        first = next(self.course.active_between(self.on, self.on + LOOK_AHEAD), None)
        return date.fromordinal(first[1].start) if first else None


def read_day(patient: Patient, day: date, *, today: date) -> Day:
    """Everything that a page of this day shows. Six queries at most."""
    course = course_on(patient.pk, day)
    planned = course.plan_on(day)
    monday = adherence.monday_of(day)
    logs = logs_of([patient.pk], since=monday)[patient.pk]
    return Day(
        patient=patient,
        on=day,
        today=today,
        course=course,
        planned=planned,
        prescription=_prescription(planned) if planned else None,
        tasks=tasks_of(planned),
        week=adherence.week(course, logs, monday, today=today),
        session=adherence.sessions(course, logs).get(day),
        logged=_logged(patient, today),
    )


def tasks_with(day: Day, exercises: Iterable[str]) -> list[Task]:
    """The day's tasks, and after them those of these exercises that its plan does not have."""
    missing = set(exercises) - {task.exercise.pk for task in day.tasks}
    return [*day.tasks, *(Task(exercise) for exercise in Exercise.objects.filter(pk__in=missing))]


def bands_of_clinic() -> list[Band]:
    return list(Band.objects.select_related("ladder").order_by("ladder__maker", "ladder", "position"))


def _prescription(planned: adherence.Planned) -> Prescription:
    return Prescription.objects.select_related("program", "prescribed_by__user").get(pk=planned.prescription.key)


def _logged(patient: Patient, today: date) -> list[Shown]:
    """What can still be corrected, and what waits for staff, the latest first."""
    standing = Log.objects.filter(
        patient=patient, date__range=(today - LOGGABLE, today), replaced_at=None, withdrawn_at=None
    ).order_by("-date", "-entered_at")
    return [show(log) for log in with_sets(with_next_morning(standing))]
