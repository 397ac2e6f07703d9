"""What was logged, as the pages show it."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Prefetch
from django.utils.translation import gettext as _

from patients.models import Log, LoggedSet
from patients.models.log import LogQuerySet
from programs.catalogue_words import in_words
from programs.models import Exercise

PAIN_TO_ASK_ABOUT = 8


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


def find_log(patient: UUID, pk: UUID) -> Log:
    """One log of a patient with its sets. Raises Log.DoesNotExist."""
    return with_sets(Log.objects.filter(patient=patient)).get(pk=pk)


def latest_correction(log: Log) -> Log:
    """What stands in the place of a log: itself, or the last of its corrections."""
    while log.replaced_at is not None:
        log = with_sets(Log.objects.filter(accepted=True)).get(replaces=log)
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


def with_sets(logs: LogQuerySet) -> LogQuerySet:
    sets = LoggedSet.objects.select_related("exercise", "short_band", "long_band")
    return logs.prefetch_related(Prefetch("sets", sets))
