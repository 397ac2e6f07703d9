"""Which records a user may open here, and how the pages of one are served."""

from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import push_url

from clinic import links
from clinic.models import Clinic, Membership
from clinic.requests import ClinicRequest
from clinic.wall.scope import user_scope
from patients.actions.records import choose_language
from patients.models import Patient


@require_safe
def my_records(request: ClinicRequest) -> HttpResponse:
    """Straight to the one record that this user opens, or a choice by name: a couple may share an email. Who says that
    they are somebody else is asked as well, for a phone may be anybody's."""
    records = [membership.record for membership in request.memberships if membership.record]
    if not records:
        raise Http404
    if len(records) == 1 and "change" not in request.GET:
        return redirect("today", records[0])
    patients = list(Patient.objects.filter(pk__in=records).order_by("name"))
    speak(*patients)
    return render(request, "patients/my_records.html", {"patients": patients, "elsewhere": elsewhere(request)})


def elsewhere(request: ClinicRequest) -> list[dict[str, str]]:
    """The other clinics in which this user is a patient."""
    user = request.memberships[0].user_id
    with user_scope(user):
        others = Membership.objects.active().filter(user=user).exclude(record=None)
        clinics = Clinic.objects.filter(pk__in=others.exclude(clinic=request.clinic).values("clinic")).order_by("name")
        return [{"name": clinic.name, "url": links.inside(clinic, "my-records")} for clinic in clinics]


@require_POST
def language(request: ClinicRequest, patient: UUID) -> HttpResponse:
    """The patient's own choice of language, from the foot of each page."""
    own = own_patient(request, patient)
    try:
        choose_language(by=own_membership(request, patient), patient=patient, language=request.POST.get("language", ""))
    except ValidationError as error:
        return page(request, "refused", {"patient": own, "sentences": error.messages}, status=422)
    return SeeOther("today", patient)


def own_membership(request: ClinicRequest, patient: UUID) -> Membership:
    """The membership under which this user acts for this patient; 404 where there is none, for staff as well."""
    for membership in request.memberships:
        if membership.record == patient:
            return membership
    raise Http404


def own_patient(request: ClinicRequest, patient: UUID) -> Patient:
    """The user's own record, and its language for what is left of the request; 404 where it is not theirs.

    Sentences that were made before, such as those of an error, are to be lazy.
    """
    own_membership(request, patient)
    record = Patient.objects.get(pk=patient)
    speak(record)
    return record


def speak(*records: Patient) -> None:
    """For what is left of the request, in the language of these records. Where they have none, or differ, it stays that
    of the clinic or the browser, with which it began."""
    languages = {record.language for record in records}
    if len(languages) == 1 and (language := languages.pop()):
        translation.activate(language)


def page(request: ClinicRequest, name: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    """The whole page; for htmx the part of it between header and footer, under the address of the page it was sent from
    where something was wrong."""
    if not request.htmx or request.htmx.history_restore_request:
        return render(request, f"patients/{name}.html", context, status=status)
    response = render(request, f"patients/_{name}.html", context, status=status)
    return response if status < 400 else push_url(response, False)


class SeeOther(HttpResponseRedirect):
    """What answers a form that was saved: reloading the page that follows sends nothing again."""

    status_code = 303

    def __init__(self, name: str, *args: Any, **query: Any) -> None:
        super().__init__(reverse(name, args=args, query=query or None))
