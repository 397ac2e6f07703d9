"""The page that asks what was done about an alert."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminTextareaWidget

from clinic.site import ClinicModelAdmin, acting
from patients.actions.alerts import LONGEST_NOTE, acknowledge_all
from patients.admin.days_work import alerts_of
from patients.alert_words import Shown, in_words
from patients.models import Alert, Patient


class AcknowledgeForm(forms.Form):
    """`seen` is when the alert was last changed, as the page showed it; `also` are others of which the note is true."""

    note = forms.CharField(
        label=gettext_lazy("What was done"),
        max_length=LONGEST_NOTE,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        help_text=gettext_lazy("Kept in the patient's history, with your name."),
        error_messages={"required": gettext_lazy("Say in a few words what was done.")},
    )
    seen = forms.DateTimeField(widget=forms.HiddenInput)

    def __init__(self, data: Any, others: Sequence[Shown]) -> None:
        super().__init__(data)
        self.others = {_as_seen(each.alert): each for each in others}
        self.fields["also"] = forms.MultipleChoiceField(
            choices=[(value, value) for value in self.others],
            required=False,
            error_messages={
                "invalid_choice": _("Something was added to another one in the meantime. Please look at it first.")
            },
        )

    def seen_of(self, alert: Alert) -> dict[UUID, datetime]:
        """What was seen of it and of the others that were ticked."""
        also = [self.others[value].alert for value in self.cleaned_data["also"]]
        return {alert.pk: self.cleaned_data["seen"]} | {each.pk: each.changed_at for each in also}


def _as_seen(alert: Alert) -> str:
    return f"{alert.pk} {alert.changed_at.isoformat()}"


class AlertPages(ClinicModelAdmin):
    alert_pages = {"acknowledge": "<uuid:pk>/alerts/<uuid:alert>/"}

    def acknowledge(self, request: HttpRequest, pk: UUID, alert: UUID) -> HttpResponse:
        """Asks what was done; `?from=patient` leads back to their page instead of the first one."""
        patient = self.the(request, pk)
        found = self.the_alert(patient, alert)
        from_patient = request.GET.get("from") == "patient"
        back = reverse("admin:patients_patient_change", args=[pk]) if from_patient else reverse("admin:index")
        others = [each for each in alerts_of(patient) if each.alert.pk != alert]
        form = AcknowledgeForm(request.POST or None, others)
        if request.method == "POST" and form.is_valid():
            note, seen = form.cleaned_data["note"], form.seen_of(found)
            try:
                acknowledge_all(by=acting(request), seen=seen, note=note, now=timezone.now())
            except ValidationError as refusal:
                form.add_error(None, refusal)
                found = self.the_alert(patient, alert)
            else:
                messages.success(request, _("Acknowledged."))
                return redirect(back)
        [shown] = in_words([found])
        context = {"form": form, "shown": shown, "alert": found, "original": patient, "back": back}
        return self.page(request, "patients/admin/acknowledge.html", title=found.get_kind_display(), **context)

    def the_alert(self, patient: Patient, pk: UUID) -> Alert:
        """Raises Http404."""
        alerts = Alert.objects.select_related("clinic", "acknowledged_by__user")
        return get_object_or_404(alerts, pk=pk, patient=patient)
