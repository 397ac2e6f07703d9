"""A patient's own week by email: whether it comes, what it would say now, and the link that stops it."""

from uuid import UUID

from csp.constants import UNSAFE_INLINE
from csp.decorators import csp_replace
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone, translation
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from clinic import unsubscribing
from clinic.actions.own_week import choose_own_week
from clinic.languages import first_of, language_of_record
from clinic.models import Membership
from clinic.requests import ClinicRequest
from clinic.wall.scope import clinic_scope
from patients.own_week import KIND
from patients.own_week.writing import STOP
from patients.summaries import Preview, preview
from patients.views.records import SeeOther, own_membership, own_patient, page


# The email in the frame has its styles at its elements, as mail programs need them.
@csp_replace({"style-src-attr": [UNSAFE_INLINE]})
@require_http_methods(["GET", "HEAD", "POST"])
def own_week(request: ClinicRequest, patient: UUID) -> HttpResponse:
    own, membership = own_patient(request, patient), own_membership(request, patient)
    refusals: list[str] = []
    if request.method == "POST":
        try:
            choose_own_week(by=membership, wanted=request.POST.get("choice") == "on")
        except ValidationError as error:
            refusals = error.messages
        else:
            return SeeOther("own-week", patient, saved=1)
    told = if_it_came(membership) if membership.user.email else Preview()
    context = {
        "patient": own,
        "email": membership.user.email,
        "is_on": membership.own_week,
        "saved": "saved" in request.GET,
        "refusals": refusals,
        "preview": told,
        "html": told.html_in_a_page(nonce=str(getattr(request, "csp_nonce", ""))),
    }
    return page(request, "own_week", context, status=422 if refusals else 200)


def if_it_came(membership: Membership) -> Preview:
    """What would be sent now to who wants it, whether they do or not."""
    wanting = Membership.objects.select_related("clinic", "user").get(pk=membership.pk)
    wanting.own_week = True
    return preview(wanting, now=timezone.now(), kind=KIND)


@never_cache
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: HttpRequest, token: str) -> HttpResponse:
    """GET asks, and only POST acts: mail scanners open every link. The token is all that is needed, so that a mail
    program can stop it in one click (RFC 8058); it can do nothing but that, and bring it back."""
    try:
        clinic_id, pk = unsubscribing.read(token, STOP)
    except ValueError:
        raise Http404 from None
    with clinic_scope(clinic_id):
        recipient = get_object_or_404(Membership.objects.select_related("clinic"), pk=pk, record__isnull=False)
        language = language_of_record(recipient.clinic, recipient.record) if recipient.record else ""
        with translation.override(first_of(language, translation.get_language() or "")):
            if request.method == "POST":
                choose_own_week(by=recipient, wanted=request.POST.get("choice") == "on")
            context = {
                "stopping": recipient.clinic,
                "wanted": recipient.own_week,
                "done": request.method == "POST",
            }
            return render(request, "patients/own_week_stop.html", context)
