"""Which records a user may open here, and how the pages of one are served."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.views.decorators.http import require_safe
from django_htmx.http import push_url

from clinic.models import Membership
from clinic.requests import ClinicRequest
from patients.models import Patient


@require_safe
def my_records(request: ClinicRequest) -> HttpResponse:
    """Straight to the one record that this user opens, or a choice by name: a couple may share an email."""
    records = [membership.record for membership in request.memberships if membership.record]
    if not records:
        raise Http404
    if len(records) == 1:
        return redirect("today", records[0])
    patients = Patient.objects.filter(pk__in=records).order_by("name")
    return render(request, "patients/my_records.html", {"patients": patients})


def own_membership(request: ClinicRequest, patient: UUID) -> Membership:
    """The membership under which this user acts for this patient; 404 where there is none, for staff as well."""
    for membership in request.memberships:
        if membership.record == patient:
            return membership
    raise Http404


def own_patient(request: ClinicRequest, patient: UUID) -> Patient:
    """The user's own record, and its language for what is left of the request; 404 where it is not theirs."""
    own_membership(request, patient)
    record = Patient.objects.get(pk=patient)
    translation.activate(record.language or request.clinic.language)
    return record


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
