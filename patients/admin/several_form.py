"""The form on a program's page: for whom, from when."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef, QuerySet
from django.http import QueryDict
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget, UnfoldBooleanWidget

from clinic.models import Membership
from patients.actions.several import SomeRefused
from patients.admin.course_forms import CourseForm, date_field, offer, said, submission_key, uuid_or_none
from patients.models import Course, Knee, Patient

SHOWN = 25


@dataclass(slots=True)
class Choice:
    """A patient in the list: ticked or not, with the knee chosen and what stands against it."""

    patient: Patient
    is_ticked: bool
    knee: str
    is_busy: bool
    errors: list[str]


class SeveralForm(CourseForm):
    """Patients to tick, each with a knee, one date for all. `typed` is what was sent, also where it is not to act."""

    drawn_from = ["starts_on"]
    key = submission_key()
    starts_on = date_field(_("Starts on"))
    measured_every_four_weeks = forms.BooleanField(
        label=_("Ask about activity, pain and change every four weeks"), required=False, widget=UnfoldBooleanWidget
    )
    q = forms.CharField(label=_("Name or code"), required=False, max_length=120, widget=UnfoldAdminTextInputWidget)
    responsible = forms.ModelChoiceField(
        Membership.objects.none(),
        label=_("Clinician"),
        required=False,
        empty_label=_("everybody"),
        widget=UnfoldAdminSelectWidget,
    )

    def __init__(self, data: QueryDict | None, *, today: date, typed: QueryDict) -> None:
        super().__init__(data, today=today, initial={"starts_on": today} | typed.dict())
        offer(self, "responsible", Membership.objects.clinicians().select_related("user").order_by("name"))
        self.typed = typed
        self.refusals: dict[UUID, list[str]] = {}

    @cached_property
    def ticked(self) -> list[Any]:
        """The patients who were ticked, with `is_busy`: whether another program runs."""
        keys = [key for text in self.typed.getlist("patients") if (key := uuid_or_none(text))]
        return list(with_busy(Patient.objects.active()).filter(pk__in=keys))

    @cached_property
    def others(self) -> list[Any]:
        """Those who are free, as far as they match; the busy ones come after them where somebody is searched for."""
        text = (self["q"].value() or "").strip()[:120]
        found = with_busy(Patient.objects.active().found_by(text)).exclude(pk__in=[each.pk for each in self.ticked])
        if not text:
            found = found.filter(is_busy=False)
        if (clinician := said(self, "responsible")) is not None:
            found = found.filter(responsible=clinician)
        return list(found.order_by("is_busy", "code")[: SHOWN + 1])

    def choices(self) -> list[Choice]:
        return [self._choice(patient, is_ticked=True) for patient in self.ticked] + [
            self._choice(patient, is_ticked=False) for patient in self.others[:SHOWN]
        ]

    @property
    def has_more(self) -> bool:
        return len(self.others) > SHOWN

    def clean(self) -> dict[str, Any]:
        """What the action takes. Raises ValidationError where nobody is ticked."""
        cleaned = super().clean() or {}
        cleaned["knees"] = {patient: self._knee(patient) for patient in self.ticked}
        if not self.ticked:
            raise ValidationError(_("Tick at least one patient."))
        for patient, knee in cleaned["knees"].items():
            if knee not in Knee.values:
                self.refusals[patient.pk] = [str(_("Choose the affected knee."))]
        if self.refusals:
            raise ValidationError(_("Nothing was prescribed yet: see what is said beside the patients."))
        return {name: value for name, value in cleaned.items() if name not in {"q", "responsible"}}

    def refuse(self, refusal: ValidationError) -> None:
        """Say beside each patient what stands against it, and the rest at the form."""
        if isinstance(refusal, SomeRefused):
            self.refusals = {key: each.messages for key, each in refusal.refusals.items()}
        self.add_error(None, refusal)

    def _choice(self, patient: Any, *, is_ticked: bool) -> Choice:
        return Choice(patient, is_ticked, self._knee(patient), patient.is_busy, self.refusals.get(patient.pk, []))

    def _knee(self, patient: Patient) -> str:
        return self.typed.get(f"knee-{patient.pk}", patient.affected_knee)


def with_busy(patients: QuerySet[Patient]) -> QuerySet[Any]:
    running = Course.objects.filter(patient=OuterRef("pk"), ended_on=None)
    return patients.annotate(is_busy=Exists(running)).select_related("responsible__user").order_by("code")
