"""The first page of the staff's site. Named in the settings, for the site itself knows nothing of patients."""

from typing import Any

from django.http import HttpRequest

from clinic.site import acting, today_of
from patients.admin.figures import find_out_some, standings, with_attention
from patients.models import Patient

MOST_SHOWN = 25


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Who needs a look: one's own patients, or with `?of=all` everybody's. No clinical content for assistants."""
    membership, today = acting(request), today_of(request)
    if not membership.is_clinician:
        return context
    everybody = request.GET.get("of") == "all"
    still_looking = find_out_some(membership.clinic, today=today)
    patients = with_attention(Patient.objects.active() if everybody else Patient.objects.in_care_of(membership))
    shown = standings(patients.order_by("-attention__urgency", "code")[: 2 * MOST_SHOWN], today=today)
    total, needing = patients.count(), patients.filter(attention__urgency__gt=0).count()
    urgent = [standing for standing in shown if standing.reasons][:MOST_SHOWN]
    calm = [standing for standing in shown if not standing.reasons][:MOST_SHOWN]
    return context | {
        "everybody": everybody,
        "still_looking": still_looking,
        "urgent": urgent,
        "more_urgent": needing - len(urgent),
        "calm": calm,
        "more_calm": total - needing - len(calm),
        "total": total,
        "clinician": "" if everybody else "me",
    }
