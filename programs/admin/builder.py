"""A program as one form. Phases and doses stand in the order in which they are sent: to move one, move its fields.

Names: `phase` holds the key of each phase, `<phase>-dose` that of each of its exercises; the fields of a phase begin
with `<phase>-`, those of a dose with `<phase>-<exercise>-`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Self, TypeVar

from django.forms import BaseForm
from django.http import QueryDict
from django.utils.translation import gettext as _

from programs.admin.forms import BAND_FIELDS, Choices, DoseForm, PhaseForm, ProgramForm
from programs.models import Dose, Exercise, Phase, Program
from programs.models.catalogue import as_range

MOST_PHASES = 30
AnyForm = TypeVar("AnyForm", bound=BaseForm)


@dataclass(frozen=True, slots=True)
class PhaseRow:
    """A phase of the form: its key, its own fields, those of its doses, and the exercises that could be added."""

    key: str
    form: PhaseForm
    doses: list[DoseForm]
    missing: list[Exercise]


class Builder:
    """The whole form: of a program as it is, or of what was sent for it."""

    def __init__(self, form: ProgramForm, phases: list[PhaseRow]) -> None:
        self.form, self.phases = form, phases

    @classmethod
    def of(cls, program: Program, phases: Iterable[tuple[Phase, Sequence[Dose]]], choices: Choices) -> Self:
        rows = [
            _row(
                f"p{number}",
                PhaseForm(phase=phase, prefix=f"p{number}"),
                [_opened(f"p{number}", dose, choices) for dose in doses],
                choices,
            )
            for number, (phase, doses) in enumerate(phases, start=1)
        ]
        return cls(ProgramForm(instance=program), rows)

    @classmethod
    def sent(cls, program: Program, data: QueryDict, choices: Choices) -> Self:
        """What was sent, to be checked: its mistakes show."""
        rows = [
            _row(
                key,
                PhaseForm(data, prefix=key),
                [_dose_form(key, exercise, choices, data=data) for exercise in _exercises(data, key, choices)],
                choices,
            )
            for key in _phases(data)
        ]
        return cls(ProgramForm(data, instance=program), rows)

    @classmethod
    def on_its_way(cls, program: Program, data: QueryDict, choices: Choices) -> Self:
        """What was sent, not checked yet."""
        rows = [
            _row(
                key,
                as_typed(PhaseForm(prefix=key), data),
                [as_typed(_dose_form(key, each, choices), data) for each in _exercises(data, key, choices)],
                choices,
            )
            for key in _phases(data)
        ]
        return cls(as_typed(ProgramForm(instance=program), data), rows)

    def is_valid(self) -> bool:
        """Checks every form, so that every mistake is shown at once."""
        if len(self.phases) > MOST_PHASES and not self.form.non_field_errors():
            self.form.add_error(None, _("A program has at most %(most)d phases.") % {"most": MOST_PHASES})
        forms: list[BaseForm] = [self.form]
        for row in self.phases:
            forms += [row.form, *row.doses]
        return [form.is_valid() for form in forms].count(False) == 0

    @property
    def has_mistakes(self) -> bool:
        """Whether it was checked and something is wrong."""
        return self.form.is_bound and not self.is_valid()

    def content(self) -> list[tuple[Phase, list[Dose]]]:
        """The phases with their doses, not saved; of a form that is valid."""
        return [(row.form.phase(), [form.dose() for form in row.doses]) for row in self.phases]

    def row(self, key: str) -> PhaseRow | None:
        """The phase with this key, otherwise the first."""
        return next((row for row in self.phases if row.key == key), next(iter(self.phases), None))


def as_typed(form: AnyForm, data: QueryDict) -> AnyForm:
    """Fill a form with what was typed without checking it."""
    for name, field in form.fields.items():
        form.initial[name] = field.widget.value_from_datadict(data, {}, form.add_prefix(name))
    return form


def _row(key: str, form: PhaseForm, doses: list[DoseForm], choices: Choices) -> PhaseRow:
    there = {form.exercise.pk for form in doses}
    return PhaseRow(key, form, doses, [exercise for exercise in choices.offered if exercise.pk not in there])


def _dose_form(
    phase: str, exercise: Exercise, choices: Choices, *, data: QueryDict | None = None, dose: Dose | None = None
) -> DoseForm:
    return DoseForm(data, prefix=f"{phase}-{exercise.pk}", exercise=exercise, choices=choices, dose=dose)


def _opened(phase: str, dose: Dose, choices: Choices) -> DoseForm:
    dose.exercise = choices.exercises[dose.exercise_id]
    return _dose_form(phase, dose.exercise, choices, dose=dose)


def first_phase(choices: Choices) -> list[tuple[Phase, list[Dose]]]:
    """What a new program begins with: each exercise as its source gives it, and nothing about how often."""
    doses = [
        Dose(
            exercise=exercise,
            sets_min=exercise.sets_min,
            sets_max=exercise.sets_max if exercise.sets_max != exercise.sets_min else None,
            amount_min=exercise.amount_min,
            amount_max=exercise.amount_max if exercise.amount_max != exercise.amount_min else None,
        )
        for exercise in choices.offered
    ]
    return [(Phase(), doses)]


def changed(data: QueryDict, what: str, choices: Choices) -> QueryDict:
    """The form after one of its buttons. What is not understood changes nothing.

    `add`, `again:p2`, `remove:p2`, `up:p2`, `down:p2` are of phases; `dose:p2:lateral-band-walk` adds an exercise, and
    `remove`, `up` and `down` take one likewise; `easier` and `harder` name a band, `harder:p2:lateral-band-walk:short`.
    """
    data = data.copy()
    name, _colon, target = what.partition(":")
    phase, _colon, rest = target.partition(":")
    exercise, _colon, kind = rest.partition(":")
    phases = _phases(data)
    if name in {"add", "again"} and not rest:
        _add_phase(data, phases, after=phase or (phases[-1] if phases else ""), choices=choices)
    elif name == "dose" and phase in phases and exercise in choices.exercises:
        data.setlist(f"{phase}-dose", list(dict.fromkeys([*_doses(data, phase), exercise])))
        data.update(_first_dose(phase, choices.exercises[exercise]))
    elif name in {"remove", "up", "down"} and exercise:
        data.setlist(f"{phase}-dose", _moved(_doses(data, phase), exercise, name))
    elif name in {"remove", "up", "down"}:
        data.setlist("phase", _moved(phases, phase, name))
    elif name in {"easier", "harder"} and kind in BAND_FIELDS:
        field = f"{phase}-{exercise}-{BAND_FIELDS[kind]}"
        data[field] = _next_rung(data.get(field, ""), 1 if name == "harder" else -1, choices, kind)
    return data


def _add_phase(data: QueryDict, phases: list[str], *, after: str, choices: Choices) -> None:
    """A phase like the one before it, or one with each exercise where it is the first."""
    if len(phases) >= MOST_PHASES:
        return
    key = f"p{max((int(key[1:]) for key in phases), default=0) + 1}"
    if after in phases:
        phases.insert(phases.index(after) + 1, key)
        for name in [name for name in data if name.startswith(f"{after}-")]:
            data.setlist(key + name.removeprefix(after), data.getlist(name))
        data[f"{key}-title"] = ""
    else:
        phases.append(key)
        data.setlist(f"{key}-dose", [exercise.pk for exercise in choices.offered])
        for exercise in choices.offered:
            data.update(_first_dose(key, exercise))
    data.setlist("phase", phases)
    data["show"] = key


def _first_dose(phase: str, exercise: Exercise) -> dict[str, Any]:
    """What is sent for an exercise that was just added: the source's numbers."""
    first = DoseForm.initial_from(exercise)
    texts = {name: as_range(*value) if isinstance(value, tuple) else value for name, value in first.items()}
    return {f"{phase}-{exercise.pk}-{name}": text for name, text in texts.items()}


def _moved(keys: list[str], key: str, how: str) -> list[str]:
    if key not in keys:
        return keys
    place = keys.index(key)
    keys.remove(key)
    if how != "remove":
        keys.insert(max(place + (1 if how == "down" else -1), 0), key)
    return keys


def _next_rung(chosen: str, step: int, choices: Choices, kind: str) -> str:
    """The rung beside this one on its ladder; the easiest where none was chosen."""
    band = next((band for band in choices.bands if str(band.pk) == chosen), None)
    if band is None:
        return next((str(band.pk) for band in choices.bands if band.ladder.length == kind), "")
    ladder = choices.ladder_of(band)
    place = ladder.index(band) + step
    return str(ladder[place].pk) if 0 <= place < len(ladder) else chosen


def _phases(data: QueryDict) -> list[str]:
    """The keys of the phases, each once. Only keys of our own making."""
    keys = dict.fromkeys(data.getlist("phase"))
    return [key for key in keys if key[:1] == "p" and key[1:].isdecimal() and len(key) < 6]


def _doses(data: QueryDict, phase: str) -> list[str]:
    return list(dict.fromkeys(data.getlist(f"{phase}-dose")))


def _exercises(data: QueryDict, phase: str, choices: Choices) -> list[Exercise]:
    return [choices.exercises[key] for key in _doses(data, phase) if key in choices.exercises]
