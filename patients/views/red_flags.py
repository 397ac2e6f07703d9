"""The red-flag question: reachable from every page, at any pain. Its answer comes before anything else."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from clinic.requests import ClinicRequest
from patients.actions.red_flags import report_red_flags
from patients.red_flags import signs_for
from patients.views.records import SeeOther, own_membership, own_patient

MOST_SIGNS = 50
LONGEST_SIGN = 500


@require_http_methods(["GET", "HEAD", "POST"])
def red_flags(request: ClinicRequest, patient: UUID) -> HttpResponse:
    own_membership(request, patient)
    if request.method == "POST":
        if signs := signs_sent(request):
            report_red_flags(patient=patient, flags=signs, now=timezone.now())
            return SeeOther("red-flags-stop", patient)
        return SeeOther("today", patient, checked=1)
    own = own_patient(request, patient)
    context = {"patient": own, "signs": signs_for(request.clinic), "is_default": not request.clinic.red_flags}
    return render(request, "patients/red_flags.html", context | kept_by_the_phone(request))


@require_safe
def stop(request: ClinicRequest, patient: UUID) -> HttpResponse:
    """What to do now. It stands by itself, so that it can be opened again."""
    context = {"patient": own_patient(request, patient)}
    return render(request, "patients/red_flags_stop.html", context | kept_by_the_phone(request))


def kept_by_the_phone(request: ClinicRequest) -> dict[str, bool]:
    """Whether the page is fetched to be shown without a signal: it then holds nothing of this visit."""
    return {"without_signal": "offline" in request.GET}


def signs_sent(request: ClinicRequest) -> list[str]:
    """The words that were ticked, as they were shown: its list may have changed since, and no yes is refused."""
    sent = (sign.replace("\0", "").strip()[:LONGEST_SIGN] for sign in request.POST.getlist("sign"))
    return [sign for sign in sent if sign][:MOST_SIGNS]
