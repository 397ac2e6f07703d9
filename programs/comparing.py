"""Two versions of a program, or two programs: what changed, in words. Plain data in, sentences out."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from difflib import SequenceMatcher
from typing import Any, Self

from django.utils.translation import gettext as _

from programs.models import Dose, Phase, Program, bands_used
from programs.words import amounts_in_words, length_in_words, rhythm_in_words

ARROW = "→"


@dataclass(frozen=True, slots=True, kw_only=True)
class DoseOutline:
    """A dose as a clinician reads it; `bands` holds a rung for each kind of band, empty where it was left open."""

    exercise: str
    name: str
    required: bool
    sets: str
    amount: str
    per_direction: bool
    in_words: str
    bands: dict[str, str] = field(default_factory=dict)
    place: str = ""
    hold: int | None = None
    rest: int | None = None
    tempo: str = ""
    substitute: str = ""
    cues: list[str] = field(default_factory=list)
    own_cues: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseOutline:
    title: str
    weeks: str
    rhythm: str
    doses: list[DoseOutline] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """A program by value, fit to be kept as JSON."""

    title: str
    goal: str = ""
    notes_for_patient: str = ""
    notes_for_staff: str = ""
    phases: list[PhaseOutline] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> Self:
        phases = [
            PhaseOutline(**phase | {"doses": [DoseOutline(**dose) for dose in phase["doses"]]})
            for phase in kept["phases"]
        ]
        return cls(**kept | {"phases": phases})


def outline_of(program: Program) -> Outline:
    """What a saved program is. Five queries at most."""
    phases = program.phases.prefetch_related("doses__exercise", "doses__short_band", "doses__long_band")
    return outline(program, [(phase, list(phase.doses.all())) for phase in phases])


def outline(program: Program, phases: Sequence[tuple[Phase, Sequence[Dose]]]) -> Outline:
    return Outline(
        title=program.title,
        goal=program.goal,
        notes_for_patient=program.notes_for_patient,
        notes_for_staff=program.notes_for_staff,
        phases=[
            PhaseOutline(
                title=phase.title,
                weeks=length_in_words(phase.weeks),
                rhythm=rhythm_in_words(phase),
                doses=[_dose(dose) for dose in doses],
            )
            for phase, doses in phases
        ],
    )


def _dose(dose: Dose) -> DoseOutline:
    uses = bands_used(dose.exercise, dose)
    return DoseOutline(
        exercise=dose.exercise.pk,
        name=dose.exercise.name,
        required=dose.required,
        sets=dose.sets_text,
        amount=dose.amount_text,
        per_direction=dose.exercise.per_direction,
        in_words=amounts_in_words(dose),
        bands={use.kind.value: use.band.label if use.band else "" for use in uses},
        place=next((use.place for use in uses if use.kind == use.kind.SHORT), ""),
        hold=dose.hold_seconds,
        rest=dose.rest_seconds,
        tempo=dose.tempo,
        substitute=dose.substitute,
        cues=list(dose.cues),
        own_cues=dose.own_cues,
        reason=dose.reason,
    )


def changes(before: Program, after: Program) -> list[str]:
    """What changed from one saved program to another, a sentence for each thing."""
    return differences(outline_of(before), outline_of(after))


def differences(before: Outline, after: Outline) -> list[str]:
    """The same of outlines: `Phase 2, Lateral band walk: 2 × 10 → 3 × 12 steps, short band red → green`."""
    found = [*_of_program(before, after), *_of_phases(before.phases, after.phases)]
    return [text for text in found if text]


def _of_program(before: Outline, after: Outline) -> Iterator[str]:
    labels = {
        "title": _("Title"),
        "goal": _("Goal"),
        "notes_for_patient": _("Notes to the patient"),
        "notes_for_staff": _("Notes inside the clinic"),
    }
    for name, label in labels.items():
        yield _line(label, [_turned(getattr(before, name), getattr(after, name))])


def _of_phases(before: list[PhaseOutline], after: list[PhaseOutline]) -> Iterator[str]:
    """Phases are matched by their titles in order, and where those say nothing by their place."""
    steps = SequenceMatcher(None, [each.title for each in before], [each.title for each in after], autojunk=False)
    for _kind, low, high, new_low, new_high in steps.get_opcodes():
        both = min(high - low, new_high - new_low)
        for offset in range(both):
            yield from _of_phase(new_low + offset, before[low + offset], after[new_low + offset])
        for place in range(low + both, high):
            yield _("%(phase)s was removed") % {"phase": _named(place, before[place])}
        for place in range(new_low + both, new_high):
            yield _("%(phase)s was added") % {"phase": _named(place, after[place])}


def _of_phase(place: int, before: PhaseOutline, after: PhaseOutline) -> Iterator[str]:
    name = _named(place, after)
    title = _turned(before.title, after.title)
    yield _line(name, [title, _turned(before.weeks, after.weeks), _turned(before.rhythm, after.rhythm)])
    old = {dose.exercise: dose for dose in before.doses}
    new = {dose.exercise: dose for dose in after.doses}
    for key, dose in new.items():
        where = f"{name}, {dose.name}"
        yield _line(where, list(_of_dose(old[key], dose)) if key in old else [_("added")])
    for key in old.keys() - new.keys():
        yield _line(f"{name}, {old[key].name}", [_("removed")])
    if list(old) != list(new) and old.keys() == new.keys():
        yield _line(name, [_("the order of the exercises")])


def _of_dose(before: DoseOutline, after: DoseOutline) -> Iterator[str]:
    if (before.sets, before.amount) != (after.sets, after.amount):
        unit = _("steps") if after.per_direction else _("repeats")
        yield f"{before.sets} × {before.amount} {ARROW} {after.sets} × {after.amount} {unit}"
    if before.required != after.required:
        yield _("now required") if after.required else _("now optional")
    kinds = {"short": _("short band"), "long": _("long band")}
    for kind, label in kinds.items():
        yield _turned(before.bands.get(kind, ""), after.bands.get(kind, ""), label)
    yield _turned(before.place, after.place)
    yield _turned(_seconds(before.hold), _seconds(after.hold), _("hold"))
    yield _turned(_seconds(before.rest), _seconds(after.rest), _("rest"))
    yield _turned(before.tempo, after.tempo, _("tempo"))
    yield _turned(before.substitute, after.substitute, _("at home"))
    yield _turned("; ".join(before.cues), "; ".join(after.cues), _("cues"))
    yield _turned(before.own_cues, after.own_cues, _("own words"))
    yield _turned(before.reason, after.reason, _("reason"))


def _named(place: int, phase: PhaseOutline) -> str:
    name = _("Phase %(number)d") % {"number": place + 1}
    return f"{name} “{phase.title}”" if phase.title else name


def _turned(before: str, after: str, label: str = "") -> str:
    """`label before → after`, empty where nothing turned; – stands for nothing."""
    if before == after:
        return ""
    return " ".join(filter(None, [label, before or "–", ARROW, after or "–"]))


def _seconds(seconds: int | None) -> str:
    return f"{seconds} s" if seconds else ""


def _line(where: str, parts: Sequence[str]) -> str:
    said = ", ".join(filter(None, parts))
    return f"{where}: {said}" if said else ""
