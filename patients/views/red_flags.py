"""The red-flag question: reachable from every page, at any pain. Its answer comes before anything else."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe
from uuid_utils.compat import uuid7

from clinic.requests import ClinicRequest
from patients.actions.red_flags import cleaned, report_red_flags
from patients.red_flags import signs_for
from patients.views.records import SeeOther, own_membership, own_patient


@require_http_methods(["GET", "HEAD", "POST"])
def red_flags(request: ClinicRequest, patient: UUID) -> HttpResponse:
    own_membership(request, patient)
    if request.method == "POST":
        if signs := cleaned(request.POST.getlist("sign")):
            report_red_flags(patient=patient, flags=signs, now=timezone.now(), key=id_of(request))
            return SeeOther("red-flags-stop", patient)
        return SeeOther("today", patient, checked=1)
    own = own_patient(request, patient)
    context = {"patient": own, "signs": signs_for(request.clinic), "is_default": not request.clinic.red_flags}
    context["id"] = uuid7()
    return render(request, "patients/red_flags.html", context | kept_by_the_phone(request))


@require_safe
def stop(request: ClinicRequest, patient: UUID) -> HttpResponse:
    """What to do now. It stands by itself, so that it can be opened again."""
    kept = kept_by_the_phone(request)
    context = {"patient": own_patient(request, patient), "unsent": kept["without_signal"] or "kept" in request.GET}
    return render(request, "patients/red_flags_stop.html", context | kept)


def kept_by_the_phone(request: ClinicRequest) -> dict[str, bool]:
    """Whether the page is fetched to be shown without a signal: it then holds nothing of this visit."""
    return {"without_signal": "offline" in request.GET}


def id_of(request: ClinicRequest) -> UUID | None:
    """Made by the page or the phone, so that a yes that is sent again is the same; without one each is another."""
    try:
        return UUID(request.POST.get("id", ""))
    except ValueError:
        return None
