"""The first page of the staff's site. Named in the settings, for the site itself knows nothing of patients."""

from typing import Any

from django.http import HttpRequest

from clinic.site import acting, today_of
from patients.admin.figures import standings
from patients.models import Patient


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Who needs a look: one's own patients, or with `?of=all` everybody's. No clinical content for assistants."""
    membership = acting(request)
    if not membership.is_clinician:
        return context
    everybody = request.GET.get("of") == "all"
    patients = Patient.objects.active() if everybody else Patient.objects.in_care_of(membership)
    found = standings(
        membership.clinic,
        patients.select_related("responsible__user"),
        today=today_of(request),
    )
    urgent = [standing for standing in found if standing.reasons]
    return context | {
        "everybody": everybody,
        "urgent": urgent,
        "calm": [standing for standing in found if not standing.reasons],
        "total": len(found),
    }
