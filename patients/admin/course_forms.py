"""Forms of a course. Whatever is refused is said at its field, and the calendar reads them before they are sent."""

from datetime import date, timedelta
from typing import Any, cast
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    BASE_INPUT_CLASSES,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)
from uuid_utils.compat import uuid7

from patients.models import Course, Knee, Prescription
from programs.models import Program

YEARS = timedelta(days=2 * 365)


def date_field(label: Any, **kwargs: Any) -> forms.DateField:
    """The browser's own date picker."""
    attrs = {"type": "date", "class": " ".join([*BASE_INPUT_CLASSES, "max-w-2xl"])}
    return forms.DateField(label=label, widget=forms.DateInput(attrs=attrs, format="%Y-%m-%d"), **kwargs)


def text_field(label: Any, **kwargs: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=300, required=False, widget=UnfoldAdminTextInputWidget, **kwargs)


class ProgramChoice(forms.ModelChoiceField):
    default_error_messages = {
        "invalid_choice": _("This program was prescribed or deleted in the meantime. Choose another, or a copy of it."),
    }

    def label_from_instance(self, program: Program) -> str:
        kind = (
            _("template")
            if program.is_template
            else _("made on %(date)s") % {"date": date_format(timezone.localdate(program.made_at), "j M Y")}
        )
        return f"{program.title} ({kind})"


def programs_to_prescribe(request: HttpRequest) -> QuerySet[Program]:
    """Those open to change, one that the address names, and for who sends a form twice what it prescribed before."""
    sent, named = uuid_or_none(request.POST.get("key")), uuid_or_none(request.GET.get("program"))
    prescribed = Prescription.objects.filter(pk__in=[sent] if sent else []).values("program")
    return Program.objects.filter(Q(frozen_at=None) | Q(pk__in=prescribed) | Q(pk__in=[named] if named else []))


def uuid_or_none(text: str | None) -> UUID | None:
    try:
        return UUID(text or "")
    except ValueError:
        return None


def offer(form: forms.Form, name: str, choices: QuerySet[Any]) -> None:
    cast(forms.ModelChoiceField, form.fields[name]).queryset = choices


def said(form: forms.Form, name: str) -> Any:
    """What a field holds, sent or proposed, whatever may be wrong with the others; None where it is not valid."""
    try:
        return form.fields[name].clean(form[name].value())
    except ValidationError:
        return None


class CourseForm(forms.Form):
    """`today` is the clinic's: dates lie within two years of it. `drawn_from`: the fields that change the calendar."""

    drawn_from = ["program", "starts_on"]

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        earliest, latest = today - YEARS, today + YEARS
        sentence = _("Choose a date from %(earliest)s to %(latest)s.") % {
            "earliest": date_format(earliest, "j M Y"),
            "latest": date_format(latest, "j M Y"),
        }
        for field in self.fields.values():
            if isinstance(field, forms.DateField):
                field.validators += [MinValueValidator(earliest, sentence), MaxValueValidator(latest, sentence)]
                field.widget.attrs |= {"min": earliest.isoformat(), "max": latest.isoformat()}

    def be_aware_of(self, decided: int) -> None:
        """Shown again, it shows so many decisions: whoever was told of a colleague's may send it once more."""
        self.data = {name: self.data.get(name) for name in self.data} | {"decided": str(decided)}


def decisions_shown() -> forms.IntegerField:
    """How many decisions about the week the page showed."""
    return forms.IntegerField(required=False, widget=forms.HiddenInput)


def submission_key() -> forms.UUIDField:
    """Of one submission of a form: sent twice, it acts once."""
    return forms.UUIDField(required=False, initial=uuid7, widget=forms.HiddenInput)


class PrescribeForm(CourseForm):
    """A program for a patient, from a date."""

    key = submission_key()
    program = ProgramChoice(Program.objects.none(), label=_("Program"), widget=UnfoldAdminSelectWidget)
    affected_knee = forms.ChoiceField(
        label=_("Affected knee"), choices=[("", "–"), *Knee.choices], widget=UnfoldAdminSelectWidget
    )
    starts_on = date_field(_("Starts on"))
    measured_every_four_weeks = forms.BooleanField(
        label=_("Ask about activity, pain and change every four weeks"), required=False, widget=UnfoldBooleanWidget
    )

    def __init__(self, *args: Any, programs: QuerySet[Program], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "program", programs)


class ReviseForm(CourseForm):
    """`follows` is the prescription that it was opened for."""

    key = submission_key()
    decided = decisions_shown()
    follows = forms.UUIDField(widget=forms.HiddenInput, required=False)
    program = ProgramChoice(Program.objects.none(), label=_("Program"), widget=UnfoldAdminSelectWidget)
    starts_on = date_field(_("Starts on"))

    def __init__(self, *args: Any, programs: QuerySet[Program], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "program", programs)

    def follow(self, prescription: Prescription) -> None:
        """Shown again, it is for this one: whoever was told of a colleague's change decides what follows that."""
        self.data = {name: self.data.get(name) for name in self.data} | {"follows": str(prescription.pk)}


class PauseForm(CourseForm):
    drawn_from = ["starts_on", "ends_on"]
    key = submission_key()
    decided = decisions_shown()
    starts_on = date_field(_("First date"))
    ends_on = date_field(_("Last date"), required=False, help_text=_("Empty: until you resume it."))
    reason = text_field(_("Reason"))


class ResumeForm(CourseForm):
    drawn_from = ["on"]
    on = date_field(_("Goes on from"))
    reason = text_field(_("Reason"))


class EndForm(CourseForm):
    last_date = date_field(_("Last date"))
    outcome = forms.ChoiceField(
        label=_("How it ended"),
        choices=[("", "–"), *(each for each in Course.Outcome.choices if each[0] != Course.Outcome.REPLACED)],
        widget=UnfoldAdminSelectWidget,
    )
    outcome_note = text_field(_("In your words"))
