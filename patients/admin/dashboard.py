"""The first page of the staff's site. Named in the settings, for the site itself knows nothing of patients."""

from typing import Any

from django.db.models import Count, Q
from django.http import HttpRequest
from django.urls import reverse

from clinic.models import Membership, Role
from clinic.returned import people_not_reached
from clinic.site import acting, today_of
from patients.admin.days_work import days_work
from patients.admin.figures import find_out_some, standings, with_attention
from patients.models import Patient

MOST_SHOWN = 50
MOST_NOT_REACHED = 5


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """The day's work, and how everybody does; of one's own patients, or with `?of=all` everybody's.

    No clinical content for assistants.
    """
    membership, today = acting(request), today_of(request)
    context |= not_reached(membership)
    if not membership.is_clinician:
        return context
    everybody = request.GET.get("of") == "all"
    still_looking = find_out_some(membership.clinic, today=today)
    patients = with_attention(Patient.objects.active())
    if not everybody:
        patients = patients.in_care_of(membership, today)
    shown = standings(patients.order_by("-attention__urgency", "code")[:MOST_SHOWN], today=today)
    of_all = {"patients": 0, "looks": 0}
    if len(shown) == MOST_SHOWN:
        of_all = patients.aggregate(patients=Count("pk"), looks=Count("pk", filter=Q(attention__urgency__gt=0)))
    work = days_work(shown, clinic=membership.clinic, of=None if everybody else membership, day=today)
    return (
        context
        | work
        | {
            "everybody": everybody,
            "still_looking": still_looking,
            "standings": shown,
            "more": max(of_all["patients"] - MOST_SHOWN, 0),
            "more_looks": max(of_all["looks"] - MOST_SHOWN, 0),
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
