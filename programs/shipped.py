"""The templates that ship: read from their file, and made into a program that a clinician can change."""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from programs.catalogue import Entry
from programs.models import Band, Dose, Exercise, Phase, Program

TEMPLATES_FILE = Path(__file__).with_name("templates.toml")
LONGEST = 300


@dataclass(frozen=True, slots=True)
class Ground:
    """What a template stands on: a sentence, and the key of its citation."""

    text: str
    citation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShippedDose:
    """`rungs` counts from 1, the easiest, for each kind of band."""

    exercise: str
    sets: tuple[int, int]
    amount: tuple[int, int]
    placement: str
    rungs: dict[str, int]
    rest: int
    optional: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ShippedPhase:
    title: str
    weeks: int | None
    frequency: int | None
    weekdays: list[int]
    doses: list[ShippedDose]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shipped:
    """A template that ships, with what it stands on and what is only our default."""

    key: str
    title: str
    in_short: str
    goal: str
    notes_for_patient: str
    notes_for_staff: str
    stands_on: list[Ground]
    ours: list[str]
    phases: list[ShippedPhase]


@cache
def shipped_templates() -> dict[str, Shipped]:
    """All of them by key, in the order of their file. Raises CatalogueError where the file can't be read."""
    return read_templates(TEMPLATES_FILE.read_text())


def read_templates(text: str) -> dict[str, Shipped]:
    file = Entry("the templates", tomllib.loads(text))
    entries = [Entry(f"template {number}", table) for number, table in enumerate(file.take("templates", list), start=1)]
    file.done()
    return {template.key: template for template in map(_template, entries)}


def _template(entry: Entry) -> Shipped:
    template = Shipped(
        key=entry.slug("key"),
        title=entry.text("title", longest=120),
        in_short=entry.text("in_short"),
        goal=entry.text("goal", longest=LONGEST),
        notes_for_patient=entry.text("notes_for_patient"),
        notes_for_staff=entry.text("notes_for_staff"),
        stands_on=[_ground(each) for each in entry.tables("stands_on")],
        ours=[entry.checked("ours", sentence, str) for sentence in entry.take("ours", list)],
        phases=[_phase(each) for each in entry.tables("phases")],
    )
    entry.done()
    return template


def _ground(entry: Entry) -> Ground:
    ground = Ground(entry.text("text"), entry.slug("citation"))
    entry.done()
    return ground


def _phase(entry: Entry) -> ShippedPhase:
    phase = ShippedPhase(
        title=entry.text("title", longest=80),
        weeks=entry.optional("weeks", int),
        frequency=entry.optional("frequency", int),
        weekdays=entry.take("weekdays", list, []),
        doses=[_dose(each) for each in entry.tables("doses")],
    )
    entry.done()
    return phase


def _dose(entry: Entry) -> ShippedDose:
    dose = ShippedDose(
        exercise=entry.slug("exercise"),
        sets=entry.range("sets"),
        amount=entry.range("amount"),
        placement=entry.text("placement", ""),
        rungs={kind: rung for kind in Exercise.Band.values if (rung := entry.optional(kind, int))},
        rest=entry.take("rest", int),
        optional=entry.take("optional", bool, default=False),
    )
    entry.done()
    return dose


def start_from(
    template: Shipped, *, exercises: Iterable[Exercise], bands: Iterable[Band]
) -> tuple[Program, list[tuple[Phase, list[Dose]]]]:
    """The template as a program of the open clinic, not saved; rungs stay open where it has several ladders."""
    by_key = {exercise.pk: exercise for exercise in exercises}
    ladders = only_ladders(bands)
    program = Program(
        title=template.title,
        goal=template.goal,
        notes_for_patient=template.notes_for_patient,
        notes_for_staff=template.notes_for_staff,
        started_from=template.key,
    )
    return program, [
        (
            Phase(title=phase.title, weeks=phase.weeks, frequency=phase.frequency, weekdays=phase.weekdays),
            [_as_dose(dose, by_key[dose.exercise], ladders) for dose in phase.doses if dose.exercise in by_key],
        )
        for phase in template.phases
    ]


def only_ladders(bands: Iterable[Band]) -> dict[str, list[Band]]:
    """The rungs of each length of which there is one ladder, the easiest first."""
    ladders: dict[str, dict[Any, list[Band]]] = {}
    for band in sorted(bands, key=lambda band: band.position):
        ladders.setdefault(band.ladder.length, {}).setdefault(band.ladder_id, []).append(band)
    return {length: next(iter(of_length.values())) for length, of_length in ladders.items() if len(of_length) == 1}


def _as_dose(dose: ShippedDose, exercise: Exercise, ladders: dict[str, list[Band]]) -> Dose:
    return Dose(
        exercise=exercise,
        required=not dose.optional,
        sets_min=dose.sets[0],
        sets_max=dose.sets[1] if dose.sets[1] != dose.sets[0] else None,
        amount_min=dose.amount[0],
        amount_max=dose.amount[1] if dose.amount[1] != dose.amount[0] else None,
        placement=dose.placement or exercise.usual_placement,
        short_band=_rung(ladders, "short", dose.rungs),
        long_band=_rung(ladders, "long", dose.rungs),
        rest_seconds=dose.rest,
    )


def _rung(ladders: dict[str, list[Band]], kind: str, rungs: dict[str, int]) -> Band | None:
    ladder = ladders.get(kind, [])
    return ladder[min(rungs[kind], len(ladder)) - 1] if kind in rungs and ladder else None
