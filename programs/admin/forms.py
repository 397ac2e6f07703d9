"""Forms of a program: its phases, and the doses of each."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminIntegerFieldWidget,
)

from clinic.inlines import RowForm, RowFormSet
from clinic.models.clinic import Weekday
from programs.models import Dose, Exercise, Phase

NUMBERS = ["sets_min", "sets_max", "amount_min", "amount_max", "rest_seconds", "hold_seconds"]


class PhaseForm(RowForm):
    whole_at = "frequency"
    weekdays = forms.TypedMultipleChoiceField(
        label=_("or on weekdays"),
        choices=Weekday.choices,
        coerce=int,
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
    )

    class Meta:
        model = Phase
        fields = ["frequency", "weekdays", "weeks", "title", "position"]
        labels = {"frequency": _("times a week"), "weeks": _("for weeks")}

    def clean_weekdays(self) -> list[int]:
        return sorted(self.cleaned_data["weekdays"])


class DoseForm(RowForm):
    class Meta:
        model = Dose
        fields = [
            "exercise",
            *NUMBERS,
            "required",
            "tempo",
            "placement",
            "short_band",
            "long_band",
            "substitute",
            "own_cues",
            "reason",
            "position",
        ]
        widgets = {name: UnfoldAdminIntegerFieldWidget(attrs={"min": 1}) for name in NUMBERS}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "exercise" in self.fields and not self.instance._state.adding:
            self.fields["exercise"].disabled = True

    def validate_constraints(self) -> None:
        """Whether the exercise comes twice is asked of all doses of the phase at once: some may be on their way out."""
        try:
            self.instance.validate_constraints(exclude={"exercise", *self.errors})
        except ValidationError as error:
            self.add_error(None, error)


class DoseFormSet(RowFormSet):
    once = "exercise"
    once_message = _("A phase asks for an exercise once.")


def placement_choices(exercises: list[Exercise]) -> list[tuple[str, Any]]:
    """Where a short band may go, over all exercises; which of them an exercise has is checked with the dose."""
    places = {key: text for exercise in exercises for key, text in exercise.placements_of(Exercise.Band.SHORT)}
    return [("", _("the usual place")), *places.items()]
