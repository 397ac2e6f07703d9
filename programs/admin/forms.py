"""The forms that a program is made of: itself, its phases, the doses of each."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from clinic.models.clinic import Weekday
from programs.admin.fields import RangeField, TempoField
from programs.models import Band, Dose, Exercise, Phase, Program
from programs.models.program import MOST_AMOUNT, MOST_SETS

FIXED_DAYS = "days"
BAND_FIELDS = {"long": "long_band", "short": "short_band"}
FORM_FIELD_OF = {"sets_min": "sets", "sets_max": "sets", "amount_min": "amount", "amount_max": "amount"}


class Choices:
    """What a program can be made of in the open clinic. Two queries, however many doses ask."""

    def __init__(self) -> None:
        self.exercises = {exercise.pk: exercise for exercise in Exercise.objects.all()}
        self.bands = list(Band.objects.select_related("ladder").order_by("ladder__maker", "position"))

    @property
    def offered(self) -> list[Exercise]:
        return [exercise for exercise in self.exercises.values() if not exercise.retired]

    def ladder_of(self, band: Band) -> list[Band]:
        return [other for other in self.bands if other.ladder_id == band.ladder_id]

    def band_field(self, kind: str) -> forms.TypedChoiceField:
        fitting = {str(band.pk): band for band in self.bands if band.ladder.length == kind}
        makers: dict[str, list[tuple[str, str]]] = {}
        for key, band in fitting.items():
            makers.setdefault(band.ladder.maker, []).append((key, band.label))
        return forms.TypedChoiceField(
            label=Exercise.Band(kind).label.capitalize(),
            choices=[("", _("left open")), *makers.items()],
            coerce=fitting.get,
            empty_value=None,
            required=False,
        )


class ProgramForm(forms.ModelForm):
    class Meta:
        model = Program
        fields = ["title", "goal", "notes_for_patient", "notes_for_staff", "is_template"]
        widgets = {
            "title": forms.TextInput(attrs={"autofocus": True}),
            "notes_for_patient": forms.Textarea(attrs={"rows": 3}),
            "notes_for_staff": forms.Textarea(attrs={"rows": 2}),
        }
        labels = {
            "notes_for_patient": _("Notes to the patient"),
            "notes_for_staff": _("Notes inside the clinic"),
            "is_template": _("This is a template"),
        }
        error_messages = {"title": {"required": _("Give the program a title.")}}


class PhaseForm(forms.Form):
    title = forms.CharField(label=_("Name"), max_length=80, required=False)
    weeks = forms.IntegerField(label=_("Weeks"), required=False, min_value=1, max_value=52)
    rhythm = forms.ChoiceField(
        label=_("Sessions"),
        choices=[
            ("", _("choose")),
            *((str(number), _("%(n)d a week") % {"n": number}) for number in range(1, 8)),
            (FIXED_DAYS, _("on fixed days")),
        ],
        error_messages={"required": _("Say how many sessions a week, or choose fixed days.")},
    )
    weekdays = forms.TypedMultipleChoiceField(
        label=_("Days"), choices=Weekday.choices, coerce=int, required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, data: QueryDict | None = None, *, prefix: str, phase: Phase | None = None) -> None:
        super().__init__(data, prefix=prefix, initial=self.initial_of(phase) if phase else None)

    @staticmethod
    def initial_of(phase: Phase) -> dict[str, Any]:
        rhythm = FIXED_DAYS if phase.weekdays else str(phase.frequency or "")
        return {"title": phase.title, "weeks": phase.weeks, "rhythm": rhythm, "weekdays": phase.weekdays}

    def clean(self) -> dict[str, Any]:
        said = self.cleaned_data
        if said.get("rhythm") == FIXED_DAYS and not said.get("weekdays") and "weekdays" not in self.errors:
            self.add_error("weekdays", _("Choose the days."))
        return said

    def phase(self) -> Phase:
        said = self.cleaned_data
        fixed = said["rhythm"] == FIXED_DAYS
        return Phase(
            title=said["title"],
            weeks=said["weeks"],
            frequency=None if fixed else int(said["rhythm"]),
            weekdays=sorted(said["weekdays"]) if fixed else [],
        )


class DoseForm(forms.Form):
    """One exercise of a phase: asks only for what makes sense for it."""

    sets = RangeField(label=_("Sets"), most=MOST_SETS, error_messages={"required": _("How many sets?")})
    amount = RangeField(label=_("Amount"), most=MOST_AMOUNT, error_messages={"required": _("How many?")})
    rest_seconds = forms.IntegerField(label=_("Rest, seconds"), required=False, min_value=1, max_value=900)
    optional = forms.BooleanField(label=_("Optional"), required=False)
    own_cues = forms.CharField(label=_("In your words"), max_length=300, required=False)
    reason = forms.CharField(label=_("Your reason"), max_length=300, required=False)

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        prefix: str,
        exercise: Exercise,
        choices: Choices,
        dose: Dose | None = None,
    ) -> None:
        initial = self.initial_of(dose) if dose else self.initial_from(exercise)
        super().__init__(data, prefix=prefix, initial=initial)
        self.exercise, self.opened = exercise, dose
        self.fields["amount"].label = _("Steps each way") if exercise.per_direction else _("Repetitions")
        for kind in exercise.bands:
            self.fields[BAND_FIELDS[kind]] = choices.band_field(kind)
        places = exercise.placements_of(Exercise.Band.SHORT)
        if len(places) > 1:
            self.fields["placement"] = forms.ChoiceField(label=_("Around"), choices=places, required=False)
        self._add_what_it_asks()

    def _add_what_it_asks(self) -> None:
        asks = self.exercise.asks
        if Exercise.Asks.HOLD in asks:
            self.fields["hold_seconds"] = forms.IntegerField(
                label=_("Hold, seconds"), required=False, min_value=1, max_value=120
            )
        if Exercise.Asks.TEMPO in asks:
            self.fields["tempo"] = TempoField(
                label=_("Tempo: down-pause-up"), required=False, widget=forms.TextInput(attrs={"placeholder": "3-1-1"})
            )
        if Exercise.Asks.SUBSTITUTE in asks:
            self.fields["substitute"] = forms.CharField(
                label=_("At home instead of bench and anchor"),
                max_length=300,
                required=False,
                help_text=_("As agreed with the patient."),
            )
        self.fields["cues"] = forms.MultipleChoiceField(
            label=_("Think first of"),
            choices=[(cue["text"], cue["text"]) for cue in self.exercise.cues],
            required=False,
            widget=forms.CheckboxSelectMultiple,
        )

    @staticmethod
    def initial_of(dose: Dose) -> dict[str, Any]:
        names = ["rest_seconds", "hold_seconds", "tempo", "placement", "substitute", "cues", "own_cues", "reason"]
        return {
            "sets": (dose.sets_min, dose.sets_max),
            "amount": (dose.amount_min, dose.amount_max),
            "optional": not dose.required,
            "short_band": dose.short_band_id,
            "long_band": dose.long_band_id,
            **{name: getattr(dose, name) for name in names},
        }

    @staticmethod
    def initial_from(exercise: Exercise) -> dict[str, Any]:
        """What the source gives, and nothing beside it."""
        return {
            "sets": (exercise.sets_min, exercise.sets_max),
            "amount": (exercise.amount_min, exercise.amount_max),
            "placement": exercise.usual_placement,
        }

    def dose(self) -> Dose:
        said = self.cleaned_data
        sets, amount = said["sets"], said["amount"]
        values = {name: said.get(name) for name in ["rest_seconds", "hold_seconds", "short_band", "long_band"]}
        texts = {name: said.get(name, "") for name in ["tempo", "substitute", "own_cues", "reason"]}
        return Dose(
            exercise=self.exercise,
            required=not said["optional"],
            sets_min=sets[0],
            sets_max=sets[1],
            amount_min=amount[0],
            amount_max=amount[1],
            cues=said.get("cues", []),
            placement=said.get("placement") or self.exercise.usual_placement,
            **values,
            **texts,
        )

    def clean(self) -> dict[str, Any]:
        """The dose's own rules, said at the fields of this form."""
        if self.has_numbers:
            dose = self.dose()
            try:
                dose.clean_fields(exclude=["clinic", "phase", "exercise", "short_band", "long_band"])
                dose.clean()
            except ValidationError as error:
                self._say(error)
        return self.cleaned_data

    def _say(self, error: ValidationError) -> None:
        for name, errors in error.error_dict.items():
            field = FORM_FIELD_OF.get(name, name)
            if field not in self.errors:
                self.add_error(field if field in self.fields else None, errors)

    @property
    def says(self) -> str:
        """What the source says, where the dose is outside of it."""
        if not self.is_bound:
            return self.opened.outside_range if self.opened else ""
        return self.dose().outside_range if self.has_numbers else ""

    @property
    def has_numbers(self) -> bool:
        """Whether sets and amounts can be read, whatever else is wrong."""
        if not hasattr(self, "cleaned_data"):
            self.full_clean()
        return {"sets", "amount"} <= self.cleaned_data.keys()

    @property
    def has_words(self) -> bool:
        """Whether anything is said, or wrong, where the words for the patient are."""
        names = [name for name in ["cues", "own_cues", "substitute"] if name in self.fields]
        return any(self[name].value() or (self.is_bound and self[name].errors) for name in names)

    def bands(self) -> Iterator[tuple[str, Any]]:
        for kind in self.exercise.bands:
            yield kind, self[BAND_FIELDS[kind]]
