"""What a patient's page of one day shows. It only reads: the same few queries, however much was logged."""

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import groupby
from typing import Any
from uuid import UUID

from django.db.models import Prefetch
from django.utils.translation import gettext as _

from clinic.models.clinic import Weekday
from patients import adherence
from patients.actions.logging import LOGGABLE
from patients.models import Log, LoggedSet, Patient, Prescription
from patients.models.log import LogQuerySet
from patients.models.morning import with_next_morning
from patients.plans import course_on, logs_of
from programs.catalogue_words import in_words
from programs.illustrations import Frame, frames
from programs.models import Band, Dose, Exercise, bands_used
from programs.words import band_in_words, details_in_words, dose_in_words, one_set_in_words

SETS_WITHOUT_A_DOSE = 3
PAIN_TO_ASK_ABOUT = 8
LOOK_AHEAD = timedelta(days=366)


class NoPlan(StrEnum):
    """Why nothing is due on a day."""

    NONE = "none"
    BEFORE = "before"
    PAUSED = "paused"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Task:
    """An exercise of the page; its dose where one is prescribed for the day."""

    exercise: Exercise
    dose: Dose | None = None

    @property
    def sides(self) -> tuple[str, ...]:
        """What is counted in a set: "left" and "right", or "amount"."""
        return ("left", "right") if self.exercise.per_direction else ("amount",)

    @property
    def most_sets(self) -> int:
        return (self.dose.sets_max or self.dose.sets_min) if self.dose else SETS_WITHOUT_A_DOSE

    @property
    def one_set(self) -> str:
        """`10 steps each way`; empty without a dose."""
        return one_set_in_words(self.dose) if self.dose else ""

    @property
    def with_bands(self) -> str:
        return ", ".join(band_in_words(use) for use in bands_used(self.exercise, self.dose))

    @property
    def picture(self) -> Frame | None:
        """The one that shows the movement best: the last before the faults."""
        return next((frame for frame in reversed(frames(self.exercise, self.dose)) if not frame.is_fault), None)

    @property
    def as_data(self) -> dict[str, Any]:
        """What the phone needs to count its sets: of a range the lower end, of the rest the seconds."""
        dose = self.dose
        return {
            "exercise": self.exercise.pk,
            "sides": self.sides,
            "sets": dose.sets_min if dose else 1,
            "most": self.most_sets,
            "amount": dose.amount_min if dose else None,
            "rest": dose.rest_seconds if dose else None,
            "required": bool(dose and dose.required),
        }

    @property
    def in_one_line(self) -> str:
        """`2 sets, 10 steps each way, red band around the balls of your feet`; without a dose, the bands alone."""
        if self.dose:
            return dose_in_words(self.dose)
        return ", ".join(band_in_words(use) for use in bands_used(self.exercise))

    @property
    def cues(self) -> list[str]:
        """What to think of: what the clinician chose, or else what the catalogue has."""
        return self.cues_from_clinic or [cue["text"] for cue in self.exercise.cues]

    @property
    def cues_from_clinic(self) -> list[str]:
        return [*self.dose.cues, *filter(None, [self.dose.own_cues])] if self.dose else []

    @property
    def fault(self) -> dict[str, str] | None:
        """The mistake to avoid most: the first of the catalogue."""
        return next(iter(self.exercise.faults), None)

    @property
    def from_clinic(self) -> list[str]:
        """What else the clinician said beyond the numbers."""
        if self.dose is None:
            return []
        instead = [_("At home, use instead: %(what)s") % {"what": self.dose.substitute}] if self.dose.substitute else []
        return [*instead, *details_in_words(self.dose)]


@dataclass(frozen=True, slots=True)
class Done:
    """One exercise of a log in words, such as "left 10 + 8, right 10 + 9", and the bands where they differed."""

    exercise: Exercise
    text: str
    sets: int
    planned_sets: int
    used: str

    @property
    def as_planned(self) -> bool:
        return self.planned_sets == self.sets


@dataclass(frozen=True, slots=True)
class Shown:
    """A log as its page shows it."""

    log: Log
    done: list[Done]

    @property
    def hurt_a_lot(self) -> bool:
        return (self.log.pain or 0) >= PAIN_TO_ASK_ABOUT


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
        """The tasks, for the scripts of the page: no name, no history."""
        return json.dumps([task.as_data for task in self.tasks])

    @property
    def has_doses(self) -> bool:
        """Whether there is anything that could be done as planned."""
        return any(task.dose and task.dose.required for task in self.tasks)

    @property
    def weekdays(self) -> list[str]:
        """The fixed days of the plan; none where the patient chooses."""
        return [str(Weekday(number).label) for number in sorted(self.planned.phase.weekdays)] if self.planned else []

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
    """Everything that a page of this day shows. Seven queries at most."""
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
        tasks=_tasks(planned) if planned else [Task(exercise) for exercise in Exercise.objects.offered()],
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


def find_log(patient: UUID, pk: UUID) -> Log:
    """One log of a patient with its sets. Raises Log.DoesNotExist."""
    return _with_sets(Log.objects.filter(patient=patient)).get(pk=pk)


def latest_correction(log: Log) -> Log:
    """What stands in the place of a log: itself, or the last of its corrections."""
    while log.replaced_at is not None:
        log = _with_sets(Log.objects.filter(accepted=True)).get(replaces=log)
    return log


def show(log: Log) -> Shown:
    sets: defaultdict[str, list[LoggedSet]] = defaultdict(list)
    for each in log.sets.all():
        sets[each.exercise_id].append(each)
    return Shown(log, [_done(of_exercise) for of_exercise in sets.values()])


def _done(sets: list[LoggedSet]) -> Done:
    amounts = " + ".join(str(each.amount) for each in sets if each.amount is not None)
    sides = [each for each in sets if each.amount is None]
    if sides:
        left, right = (" + ".join(str(getattr(each, side)) for each in sides) for side in ("left", "right"))
        steps = _("left %(left)s, right %(right)s") % {"left": left, "right": right}
        amounts = f"{amounts}, {steps}" if amounts else steps
    planned = sum(each.as_planned for each in sets)
    return Done(sets[0].exercise, amounts, len(sets), planned, used_in_words(sets))


def used_in_words(sets: Iterable[LoggedSet]) -> str:
    """The bands that were really used, and where, where a log names them: `blue band, around your ankles`."""
    words = []
    for each in sets:
        words += [_("%(rung)s band") % {"rung": band.label} for band in (each.long_band, each.short_band) if band]
        words += [
            in_words(text) for key, text in each.exercise.placements_of(Exercise.Band.SHORT) if key == each.placement
        ]
    return ", ".join(dict.fromkeys(words))


def _prescription(planned: adherence.Planned) -> Prescription:
    return Prescription.objects.select_related("program", "prescribed_by__user").get(pk=planned.prescription.key)


def _tasks(planned: adherence.Planned) -> list[Task]:
    doses = (
        Dose.objects.filter(phase__program__prescriptions=planned.prescription.key)
        .select_related("exercise", "short_band", "long_band")
        .order_by("phase__position", "phase", "position", "id")
    )
    phases = [list(of_phase) for _phase, of_phase in groupby(doses, lambda dose: dose.phase_id)]
    return [Task(dose.exercise, dose) for dose in phases[planned.phase_index]]


def _logged(patient: Patient, today: date) -> list[Shown]:
    """What can still be corrected, and what waits for staff, the latest first."""
    standing = Log.objects.filter(
        patient=patient, date__range=(today - LOGGABLE, today), replaced_at=None, withdrawn_at=None
    ).order_by("-date", "-entered_at")
    return [show(log) for log in _with_sets(with_next_morning(standing))]


def _with_sets(logs: LogQuerySet) -> LogQuerySet:
    sets = LoggedSet.objects.select_related("exercise", "short_band", "long_band")
    return logs.prefetch_related(Prefetch("sets", sets))
