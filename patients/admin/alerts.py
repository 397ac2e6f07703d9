"""Alerts on the staff's pages: the open ones, and the page that asks what was done about one."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Case, IntegerField, Q, QuerySet, Value, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminTextareaWidget

from clinic.models import Deputy, Membership, Role
from clinic.site import ClinicModelAdmin, acting
from patients.actions.alerts import LONGEST_NOTE, acknowledge
from patients.alert_words import Shown, in_words
from patients.alerts import AT_ONCE, Kind
from patients.models import Alert, Patient

MOST_SHOWN = 50
GROUPS = (
    (gettext_lazy("Now"), AT_ONCE),
    (
        gettext_lazy("Pain and load"),
        (Kind.PAIN, Kind.MORNING_AFTER, Kind.PAIN_RISING, Kind.SKIPS_FOR_PAIN, Kind.ABOVE_DUE),
    ),
    (gettext_lazy("Not started"), (Kind.NOT_STARTED,)),
    (gettext_lazy("Falling"), (Kind.SILENT, Kind.BELOW_HALF)),
    (gettext_lazy("Ready to progress?"), (Kind.READY,)),
)
IN_ORDER = [kind for _title, kinds in GROUPS for kind in kinds]


@dataclass(frozen=True, slots=True)
class Group:
    title: str
    alerts: list[Shown]


def open_alerts(*, of: Membership | None = None, day: date | None = None) -> QuerySet[Alert]:
    """The worst first; all, or those of one's own patients on a date. An owner's own are also those whom no clinician
    looks after."""
    rank = Case(
        *[When(kind=kind, then=Value(place)) for place, kind in enumerate(IN_ORDER)], output_field=IntegerField()
    )
    alerts = Alert.objects.filter(acknowledged_at=None).select_related("patient", "clinic")
    if of is not None and day is not None:
        own = Q(patient__responsible=of) | Q(patient__responsible__in=Deputy.objects.stood_in_for_by(of, day))
        if of.role == Role.OWNER:
            looked_after = Membership.objects.clinicians().values("pk")
            stood_in_for = Deputy.objects.on(day).filter(deputy__in=looked_after).values("clinician")
            own |= Q(patient__responsible=None) | ~(
                Q(patient__responsible__in=looked_after) | Q(patient__responsible__in=stood_in_for)
            )
        alerts = alerts.filter(own)
    return alerts.order_by(rank, "-level", "-changed_at", "pk")


def days_work(*, of: Membership | None, day: date) -> dict[str, Any]:
    """The open alerts in groups. At most four queries."""
    alerts = open_alerts(of=of, day=day)
    shown = in_words(alerts[:MOST_SHOWN])
    groups = [Group(str(title), [each for each in shown if each.alert.kind in kinds]) for title, kinds in GROUPS]
    number = alerts.count() if len(shown) == MOST_SHOWN else len(shown)
    return {"alert_groups": [each for each in groups if each.alerts], "more_alerts": number - len(shown)}


def alerts_of(patient: Patient) -> list[Shown]:
    """The open ones of one patient, the worst first."""
    return in_words(open_alerts().filter(patient=patient))


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
