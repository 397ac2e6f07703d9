"""Patients, as the staff's search finds them: by code, name or the words of their handout; nothing clinical."""

from django.db.models import F
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic.finding import MOST, Found, Group, words
from clinic.site import is_clinician
from patients.handout.holders import holders_of
from patients.models import Patient


def patients(request: HttpRequest, text: str) -> Group | None:
    """Those of the open clinic; who was archived comes last."""
    if not words(text):
        return None
    holders = holders_of(text) if is_clinician(request) else None
    found = Patient.objects.found_by(text) if holders is None else Patient.objects.filter(pk__in=holders)
    in_order = found.order_by(F("archived_at").desc(nulls_first=True), "code")
    first = list(in_order.only("code", "name", "archived_at")[: MOST + 1])
    everybody = reverse("admin:patients_patient_changelist", query={"q": text})
    more = Found(_("All patients with “%(text)s”") % {"text": text}, everybody, "group")
    return Group(gettext_lazy("Patients"), [as_found(each) for each in first[:MOST]], more if first[MOST:] else None)


def as_found(patient: Patient) -> Found:
    link = reverse("admin:patients_patient_change", args=[patient.pk])
    return Found(str(patient), link, "person", _("archived") if patient.archived_at else "")
