from typing import Any, cast

from django import forms
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from unfold.widgets import BASE_INPUT_CLASSES, UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from patients.models import Knee, Patient
from programs.models import Program


def date_field(label: Any, **kwargs: Any) -> forms.DateField:
    """The browser's own date picker."""
    attrs = {"type": "date", "class": " ".join([*BASE_INPUT_CLASSES, "max-w-2xl"])}
    return forms.DateField(label=label, widget=forms.DateInput(attrs=attrs, format="%Y-%m-%d"), **kwargs)


def text_field(label: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=300, required=False, widget=UnfoldAdminTextInputWidget)


class ProgramChoice(forms.ModelChoiceField):
    def label_from_instance(self, program: Program) -> str:
        kind = (
            _("template")
            if program.is_template
            else _("made on %(date)s") % {"date": date_format(timezone.localdate(program.made_at))}
        )
        return f"{program.title} ({kind})"


def offer(form: forms.Form, name: str, choices: QuerySet[Any]) -> None:
    cast(forms.ModelChoiceField, form.fields[name]).queryset = choices


class PrescribeForm(forms.Form):
    """A program for a patient, from a date. Without `patients` it is known for whom."""

    patient = forms.ModelChoiceField(Patient.objects.none(), label=_("Patient"), widget=UnfoldAdminSelectWidget)
    program = ProgramChoice(Program.objects.none(), label=_("Program"), widget=UnfoldAdminSelectWidget)
    affected_knee = forms.ChoiceField(
        label=_("Affected knee"), choices=[("", "–"), *Knee.choices], widget=UnfoldAdminSelectWidget
    )
    starts_on = date_field(_("Starts on"))

    def __init__(
        self, *args: Any, programs: QuerySet[Program], patients: QuerySet[Patient] | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "program", programs)
        if patients is None:
            del self.fields["patient"]
        else:
            offer(self, "patient", patients)


class ReviseForm(forms.Form):
    program = ProgramChoice(Program.objects.none(), label=_("Program"), widget=UnfoldAdminSelectWidget)
    starts_on = date_field(_("Starts on"))

    def __init__(self, *args: Any, programs: QuerySet[Program], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "program", programs)


class PauseForm(forms.Form):
    starts_on = date_field(_("First date"))
    ends_on = date_field(_("Last date"), required=False, help_text=_("Empty: until you resume it."))
    reason = text_field(_("Reason"))


class ResumeForm(forms.Form):
    on = date_field(_("Goes on from"))


class EndForm(forms.Form):
    last_date = date_field(_("Last date"))
    outcome = text_field(_("Outcome"))
