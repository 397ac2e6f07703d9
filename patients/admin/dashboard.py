"""The first page of the staff's site. Named in the settings, for the site itself knows nothing of patients."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from clinic.models import Membership, Role
from clinic.returned import people_not_reached
from clinic.site import acting, today_of
from patients.admin.alerts import days_work
from patients.admin.figures import find_out_some, standings, with_attention
from patients.models import Patient

MOST_SHOWN = 25
MOST_NOT_REACHED = 5


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """The day's work: open alerts, and who needs a look; of one's own patients, or with `?of=all` everybody's.

    No clinical content for assistants.
    """
    membership, today = acting(request), today_of(request)
    context |= not_reached(membership)
    if not membership.is_clinician:
        return context
    everybody = request.GET.get("of") == "all"
    still_looking = find_out_some(membership.clinic, today=today)
    patients = with_attention(Patient.objects.active() if everybody else Patient.objects.in_care_of(membership, today))
    needing, others = patients.filter(attention__urgency__gt=0), patients.filter(attention__urgency=0)
    first = [*needing.order_by("-attention__urgency", "code")[:MOST_SHOWN], *others.order_by("code")[:MOST_SHOWN]]
    shown = standings(first, today=today)
    urgent = [standing for standing in shown if standing.patient.urgency]
    calm = [standing for standing in shown if not standing.patient.urgency]
    number_needing, total = needing.count(), patients.count()
    alerts = days_work(of=None if everybody else membership, day=today)
    return (
        context
        | alerts
        | {
            "everybody": everybody,
            "still_looking": still_looking,
            "urgent": urgent,
            "more_urgent": number_needing - len(urgent),
            "calm": calm,
            "more_calm": total - number_needing - len(calm),
            "total": total,
            "clinician": "" if everybody else "me",
        }
    )


def not_reached(membership: Membership) -> dict[str, Any]:
    """Whom emails don't reach: patients, and for an owner staff as well. One query, two where there are any."""
    people = people_not_reached()
    records = {each.record for each in people if each.record}
    patients = Patient.objects.active().filter(pk__in=records).order_by("code") if records else []
    staff = [each for each in people if each.is_staff] if membership.role == Role.OWNER else []
    found = [
        *({"name": str(each), "url": reverse("admin:clinic_membership_change", args=[each.pk])} for each in staff),
        *({"name": str(each), "url": reverse("admin:patients_patient_change", args=[each.pk])} for each in patients),
    ]
    return {"not_reached": found[:MOST_NOT_REACHED], "more_not_reached": len(found[MOST_NOT_REACHED:])}
