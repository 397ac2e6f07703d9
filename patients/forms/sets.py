"""Numbers set by set, how it felt, and the bands that were really used."""

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from patients.actions.logging import USED, SetEntry
from patients.forms.entry import EntryForm
from patients.forms.fields import Rating, another_band, note, pain, whole_number
from patients.models import Log, LoggedSet
from patients.models.log import MOST_IN_A_SET
from patients.today.task import Task
from programs.catalogue_words import in_words
from programs.models import Band, Exercise
from programs.models.program import MOST_SETS

CELL = re.compile(r"(?P<exercise>[-\w]+)-(?P<number>\d{1,2})-(?P<side>amount|left|right)")
PLANNED = re.compile(r"(?P<exercise>[-\w]+)-planned")
OTHER = re.compile(rf"(?P<exercise>[-\w]+)-(?P<what>{'|'.join(USED)})")
SIDES = {"left": _("Left"), "right": _("Right"), "amount": _("How many")}
RATINGS = ("pain_before", "pain_during", "pain_after", "effort")
FURTHER_SETS = 3
Amounts = dict[str, Any]


@dataclass(frozen=True, slots=True)
class SetRow:
    number: int
    cells: list[tuple[Any, forms.BoundField]]
    confirmed: Amounts | None = None

    @property
    def confirmed_json(self) -> str:
        return json.dumps(self.confirmed)


@dataclass(frozen=True, slots=True)
class TaskFields:
    """What the form asks for one exercise: the usual sets, room for more, and to confirm them as planned."""

    task: Task
    usual: list[SetRow]
    further: list[SetRow]
    planned: forms.BoundField | None
    used: list[forms.BoundField]
    confirmed: list[Amounts | None]

    @property
    def confirmed_json(self) -> str:
        return json.dumps(self.confirmed)

    @property
    def planned_sets(self) -> int | None:
        """How many sets are prescribed: of a range the lower end."""
        return self.task.dose.sets_min if self.task.dose else None

    @property
    def further_filled(self) -> bool:
        return any(cell.value() or cell.errors for row in self.further for _side, cell in row.cells)

    @property
    def used_filled(self) -> bool:
        return any(field.value() or field.errors for field in self.used)


class SetsForm(EntryForm):
    """Numbers set by set. Its fields are those of the page's exercises and those that were sent.

    So a page opened before the plan changed loses nothing, and what is sent can be kept without reading a plan.
    """

    kind = "sets"
    pain_before = pain(_("Pain before"))
    pain_during = pain(_("Pain during"))
    pain_after = pain(_("Pain after"))
    effort = Rating(label=_("How hard was it?"), least=_("0 is very easy"), most=_("10 is as hard as I can"))
    note = note()

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        tasks: Sequence[Task] = (),
        initial: Mapping[str, Any] | None = None,
        bands: Sequence[Band] = (),
    ) -> None:
        """`bands` are the clinic's, where the page asks which were really used."""
        super().__init__(data, tasks=tasks, initial=initial)
        for task in tasks:
            self._add_fields_of(task, given=[*(data or ()), *(initial or ())])
            self._ask_what_was_used(task, bands)
        for name in data or ():
            if CELL.fullmatch(name):
                self.fields.setdefault(name, whole_number(name, least=0, most=MOST_IN_A_SET))
            elif PLANNED.fullmatch(name):
                self.fields.setdefault(name, whole_number(name, least=1, most=MOST_SETS))
            elif not tasks and (other := OTHER.fullmatch(name)):
                place = forms.CharField(required=False, max_length=20)
                self.fields.setdefault(name, place if other["what"] == "placement" else forms.UUIDField(required=False))

    def _add_fields_of(self, task: Task, *, given: Sequence[str]) -> None:
        key = task.exercise.pk
        numbers = [int(cell["number"]) for name in given if (cell := CELL.fullmatch(name)) and cell["exercise"] == key]
        for number in range(1, max([task.most_sets + FURTHER_SETS, *numbers]) + 1):
            for side in task.sides:
                label = _("%(exercise)s, set %(number)d: %(side)s") % {
                    "exercise": in_words(task.exercise.name),
                    "number": number,
                    "side": SIDES[side],
                }
                self.fields[f"{key}-{number}-{side}"] = whole_number(label, least=0, most=MOST_IN_A_SET)
        if task.dose or f"{key}-planned" in given:
            self.fields[f"{key}-planned"] = whole_number(in_words(task.exercise.name), least=1, most=MOST_SETS)

    def _ask_what_was_used(self, task: Task, bands: Sequence[Band]) -> None:
        key, labels = task.exercise.pk, {"short": _("Short band"), "long": _("Long band")}
        for kind in task.exercise.bands:
            of_kind = [band for band in bands if band.ladder.length == kind]
            if of_kind:
                self.fields[f"{key}-{kind}_band"] = another_band(of_kind)
                self.fields[f"{key}-{kind}_band"].label = labels[kind]
        places = task.exercise.placements_of(Exercise.Band.SHORT)
        if bands and len(places) > 1:
            self.fields[f"{key}-placement"] = forms.ChoiceField(
                label=_("Where it was"),
                choices=[("", _("As planned")), *((key, in_words(place)) for key, place in places)],
                required=False,
            )

    def clean(self) -> None:
        for exercise, sets in self._sets().items():
            for number, cells in sets.items():
                missing = [side for side, amount in cells.items() if amount is None]
                if missing and len(missing) < len(cells):
                    self._refuse(
                        f"{exercise}-{number}-{missing[0]}",
                        _("Enter a number for this side too, or 0 if you did none."),
                    )
            if self._planned().get(exercise) and any(_filled(cells) for cells in sets.values()):
                self._refuse(f"{exercise}-planned", _("Enter your numbers or tick this, not both."))

    def _refuse(self, name: str, sentence: Any) -> None:
        if name not in self.errors:
            self.add_error(name, sentence)

    def _sets(self) -> dict[str, dict[int, dict[str, int | None]]]:
        """By exercise and set what was entered, in the order of the page."""
        sets: defaultdict[str, defaultdict[int, dict[str, int | None]]] = defaultdict(lambda: defaultdict(dict))
        for name, amount in self.cleaned_data.items():
            if cell := CELL.fullmatch(name):
                sets[cell["exercise"]][int(cell["number"])][cell["side"]] = amount
        return {exercise: dict(numbered) for exercise, numbered in sets.items()}

    def confirmed_before(self, exercise: str) -> list[Amounts | None]:
        """The amounts of each set that is corrected, where it was confirmed as planned; None where it was counted.

        What nobody touches stays what it was."""
        return self.initial.get(f"{exercise}-confirmed", [])

    def _planned(self) -> dict[str, int]:
        """By exercise how many sets were confirmed as planned."""
        found = ((PLANNED.fullmatch(name), count) for name, count in self.cleaned_data.items())
        return {name["exercise"]: count for name, count in found if name and count}

    def said(self) -> dict[str, Any]:
        sets, planned = self._sets(), self._planned()
        entries: list[SetEntry] = []
        for exercise in dict.fromkeys([*sets, *planned]):
            used: dict[str, Any] = {
                what: said for what in USED if (said := self.cleaned_data.get(f"{exercise}-{what}"))
            }
            before = self.confirmed_before(exercise)
            count = planned.get(exercise, 0)
            kept, before = (before[:count], []) if all(before) else ([], before)
            entries += [
                SetEntry(exercise=exercise, as_planned=True, **(amounts or {}), **used)
                for amounts in [*kept, *[None] * (count - len(kept))]
            ]
            for number, cells in sets.get(exercise, {}).items():
                given: Amounts = {side: amount for side, amount in cells.items() if amount is not None}
                if given:
                    as_before = number <= len(before) and given == before[number - 1]
                    entries.append(SetEntry(exercise=exercise, as_planned=as_before, **given, **used))
        ratings = {name: self.cleaned_data[name] for name in RATINGS}
        return {"sets": tuple(entries), "note": self.cleaned_data["note"], **ratings}

    def ratings(self) -> list[forms.BoundField]:
        return [self[name] for name in RATINGS]

    def by_task(self) -> Iterator[TaskFields]:
        for task in self.tasks:
            key, usual = task.exercise.pk, task.most_sets
            before = self.confirmed_before(key)
            rows: list[SetRow] = []
            while f"{key}-{len(rows) + 1}-{task.sides[0]}" in self.fields:
                number = len(rows) + 1
                cells = [(SIDES[side], self[f"{key}-{number}-{side}"]) for side in task.sides]
                shown_as = before[number - 1] if number <= len(before) and not all(before) else None
                rows.append(SetRow(number, cells, shown_as))
            planned = self[f"{key}-planned"] if f"{key}-planned" in self.fields else None
            used = [self[f"{key}-{what}"] for what in USED if f"{key}-{what}" in self.fields]
            yield TaskFields(task, rows[:usual], rows[usual:], planned, used, before if all(before) else [])


def exercises_in(names: Iterable[str]) -> set[str]:
    """The exercises that the names of fields speak of."""
    matches = (CELL.fullmatch(name) or PLANNED.fullmatch(name) or OTHER.fullmatch(name) for name in names)
    return {match["exercise"] for match in matches if match}


def answers_of(log: Log) -> dict[str, Any]:
    """What a log says, as the initial answers of the forms that correct it."""
    answers: dict[str, Any] = {name: getattr(log, name) for name in (*RATINGS, "note", "skip_reason")}
    by_exercise: defaultdict[str, list[Any]] = defaultdict(list)
    for each in log.sets.all():
        by_exercise[each.exercise_id].append(each)
    for exercise, sets in by_exercise.items():
        answers |= {
            f"{exercise}-short_band": sets[0].short_band_id,
            f"{exercise}-long_band": sets[0].long_band_id,
            f"{exercise}-placement": sets[0].placement,
        }
        answers[f"{exercise}-confirmed"] = [amounts_of(each) if each.as_planned else None for each in sets]
        if all(each.as_planned for each in sets):
            answers[f"{exercise}-planned"] = len(sets)
            continue
        for number, each in enumerate(sets, start=1):
            answers |= {f"{exercise}-{number}-{side}": getattr(each, side) for side in SIDES}
    return answers


def amounts_of(each: LoggedSet) -> Amounts:
    return {side: amount for side in SIDES if (amount := getattr(each, side)) is not None}


def _filled(cells: Mapping[str, int | None]) -> bool:
    return any(amount is not None for amount in cells.values())
