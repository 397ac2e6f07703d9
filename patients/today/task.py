"""An exercise of the page in the words and numbers of its dose."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.utils.translation import gettext as _

from clinic.models.clinic import Weekday
from patients import adherence
from programs.illustrations import Frame, frames
from programs.models import Dose, Exercise, bands_used
from programs.words import amounts_in_words, band_in_words, details_in_words, dose_in_words, one_set_in_words

SETS_WITHOUT_A_DOSE = 3


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
    def amounts(self) -> str:
        """`2 sets, 10 steps each way`; empty without a dose."""
        return amounts_in_words(self.dose) if self.dose else ""

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


def tasks_of(planned: adherence.Planned | None) -> list[Task]:
    """What is planned, in its order; without a plan all exercises, without a dose. One query."""
    if planned is None:
        return [Task(exercise) for exercise in Exercise.objects.offered()]
    doses = (
        Dose.objects.filter(phase__program__prescriptions=planned.prescription.key)
        .select_related("exercise", "short_band", "long_band")
        .order_by("phase__position", "phase", "position", "id")
    )
    phases = [list(of_phase) for _phase, of_phase in groupby(doses, lambda dose: dose.phase_id)]
    return [Task(dose.exercise, dose) for dose in phases[planned.phase_index]]


def weekdays_of(planned: adherence.Planned | None) -> list[str]:
    """The fixed days of the plan; none where the patient chooses."""
    return [str(Weekday(number).label) for number in sorted(planned.phase.weekdays)] if planned else []


def has_doses(tasks: Sequence[Task]) -> bool:
    """Whether there is anything that could be done as planned."""
    return any(task.dose and task.dose.required for task in tasks)


def as_json(tasks: Sequence[Task]) -> str:
    """For the scripts of the page: no name, no history."""
    return json.dumps([task.as_data for task in tasks])
