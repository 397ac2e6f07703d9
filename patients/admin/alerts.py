"""The page that asks what was done about an alert."""

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
from patients.actions.alerts import LONGEST_NOTE, acknowledge
from patients.alert_words import in_words
from patients.models import Alert, Patient


class AcknowledgeForm(forms.Form):
    """`seen` is when the alert was last changed, as the page showed it."""

    note = forms.CharField(
        label=gettext_lazy("What was done"),
        max_length=LONGEST_NOTE,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        help_text=gettext_lazy("Kept in the patient's history, with your name."),
        error_messages={"required": gettext_lazy("Say in a few words what was done.")},
    )
    seen = forms.DateTimeField(widget=forms.HiddenInput)


class AlertPages(ClinicModelAdmin):
    alert_pages = {"acknowledge": "<uuid:pk>/alerts/<uuid:alert>/"}

    def acknowledge(self, request: HttpRequest, pk: UUID, alert: UUID) -> HttpResponse:
        """Asks what was done; `?from=patient` leads back to their page instead of the first one."""
        patient = self.the(request, pk)
        found = self.the_alert(patient, alert)
        from_patient = request.GET.get("from") == "patient"
        back = reverse("admin:patients_patient_change", args=[pk]) if from_patient else reverse("admin:index")
        form = AcknowledgeForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            try:
                acknowledge(by=acting(request), alert=found.pk, now=timezone.now(), **form.cleaned_data)
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
