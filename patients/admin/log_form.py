import datetime
from collections.abc import Iterator
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldBooleanWidget,
)
from uuid_utils.compat import uuid7

from patients.actions.logging import Entry, SetEntry
from patients.admin.course_forms import date_field
from patients.models import Log, LoggedSet
from patients.models.log import LONGEST_NOTE, MOST_IN_A_SET
from programs.models import Exercise

ROWS = 4
RATINGS = ["pain_before", "pain_during", "pain_after", "effort"]


def number(label: Any, highest: int) -> forms.IntegerField:
    return forms.IntegerField(
        label=label, min_value=0, max_value=highest, required=False, widget=UnfoldAdminIntegerFieldWidget
    )


class LogForm(forms.Form):
    """What a patient did on a date, set by set; with `before`, the correction of that log."""

    id = forms.UUIDField(widget=forms.HiddenInput)
    date = date_field(_("Date"))
    as_planned = forms.BooleanField(
        label=_("All as planned"),
        required=False,
        widget=UnfoldBooleanWidget,
        help_text=_("Records the planned sets, marked as confirmed and not counted. Leave the sets empty."),
    )
    skip_reason = forms.ChoiceField(
        label=_("Not done, because"),
        choices=[("", "–"), *Log.SkipReason.choices],
        required=False,
        widget=UnfoldAdminSelectWidget,
    )
    pain_before = number(_("Pain before, 0 to 10"), 10)
    pain_during = number(_("Pain during, 0 to 10"), 10)
    pain_after = number(_("Pain after, 0 to 10"), 10)
    effort = number(_("Effort, 0 to 10"), 10)
    note = forms.CharField(label=_("Note"), max_length=LONGEST_NOTE, required=False, widget=UnfoldAdminTextareaWidget)

    def __init__(self, *args: Any, today: datetime.date, before: Log | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial = {"id": uuid7(), "date": today}
        self.before = before
        self.exercises = list(Exercise.objects.all())
        done = list(before.sets.all()) if before else []
        if before is not None:
            self.initial.update({name: getattr(before, name) for name in ["date", "skip_reason", "note", *RATINGS]})
        self.rows = [
            (exercise, row, each)
            for exercise in self.exercises
            for row, each in enumerate(rows_for([each for each in done if each.exercise_id == exercise.pk]))
        ]
        for exercise, row, each in self.rows:
            for part in parts_of(exercise):
                self.fields[f"{exercise.pk}-{row}-{part}"] = number(PARTS[part], MOST_IN_A_SET)
                self.initial[f"{exercise.pk}-{row}-{part}"] = each and getattr(each, part)

    def sets(self) -> Iterator[dict[str, Any]]:
        """For the template: each exercise with its rows of fields."""
        for exercise in self.exercises:
            yield {
                "exercise": exercise,
                "rows": [
                    [self[f"{exercise.pk}-{row}-{part}"] for part in parts_of(exercise)]
                    for of, row, _each in self.rows
                    if of == exercise
                ],
            }

    def entry(self) -> Entry:
        said = {name: self.cleaned_data[name] for name in ["id", "date", "as_planned", "skip_reason", "note", *RATINGS]}
        return Entry(sets=tuple(self._entered()), replaces=self.before.pk if self.before else None, **said)

    def _entered(self) -> Iterator[SetEntry]:
        """The rows with a number. What was confirmed as planned stays so where nothing of it was changed."""
        for exercise, row, each in self.rows:
            names = {part: f"{exercise.pk}-{row}-{part}" for part in parts_of(exercise)}
            amounts = {part: self.cleaned_data[name] for part, name in names.items()}
            if all(amount is None for amount in amounts.values()):
                continue
            untouched = not {*names.values(), "date"} & set(self.changed_data)
            confirmed = each is not None and each.as_planned and untouched
            yield SetEntry(exercise=exercise.pk, as_planned=confirmed, **amounts, **used_in(each))


PARTS = {"left": _("Left"), "right": _("Right"), "amount": _("Repetitions")}


def parts_of(exercise: Exercise) -> list[str]:
    return ["left", "right"] if exercise.per_direction else ["amount"]


def used_in(before: LoggedSet | None) -> dict[str, Any]:
    """The bands that the patient named, which staff leave as they are."""
    if before is None:
        return {}
    return {"short_band": before.short_band_id, "long_band": before.long_band_id, "placement": before.placement}


def rows_for(done: list[LoggedSet]) -> list[LoggedSet | None]:
    """The sets that are there, and room for more."""
    return [*done, *[None] * max(ROWS - len(done), 1)]
