"""How the knee is on the morning after a session: one tap, from the page of a day or from a link."""

from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import BadRequest, ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from clinic.requests import ClinicRequest
from patients.actions.mornings import (
    MOST,
    MorningConflict,
    is_answerable,
    record_morning,
    withdraw_morning,
)
from patients.models import Patient
from patients.mornings import morning_after, was_done_on
from patients.views.records import SeeOther, own_membership, own_patient, page

SENTENCE = gettext_lazy("Choose a number from 0 to 10.")


class MorningForm(forms.Form):
    id = forms.UUIDField()
    replaces = forms.UUIDField(required=False)
    pain = forms.IntegerField(
        min_value=0,
        max_value=MOST,
        error_messages=dict.fromkeys(["required", "invalid", "min_value", "max_value"], SENTENCE),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def morning(request: ClinicRequest, patient: UUID, day: date) -> HttpResponse:
    """`day` is the session's. GET asks, and only POST acts."""
    own_membership(request, patient)
    if request.method == "POST":
        return answer(request, patient, day)
    own, today = own_patient(request, patient), request.clinic.today(timezone.now())
    if not is_answerable(day, today=today) or not was_done_on(patient, day):
        return redirect("today", patient)
    return morning_page(request, own, day)


@require_http_methods(["POST"])
def withdraw(request: ClinicRequest, patient: UUID, day: date) -> HttpResponse:
    membership = own_membership(request, patient)
    try:
        withdraw_morning(by=membership, patient=patient, date=day, now=timezone.now())
    except ValidationError as error:
        return refused(request, patient, error)
    return SeeOther("today", patient, withdrawn=1)


def answer(request: ClinicRequest, patient: UUID, day: date) -> HttpResponse:
    form, now = MorningForm(request.POST), timezone.now()
    if not form.is_valid():
        if "pain" not in form.errors:
            raise BadRequest("The id of an answer is made by its page.")
        return morning_page(request, own_patient(request, patient), day, refused=str(SENTENCE), status=422)
    said = {name: form.cleaned_data[name] for name in ("pain", "replaces")} | {"key": form.cleaned_data["id"]}
    try:
        kept, _created = record_morning(by=own_membership(request, patient), patient=patient, date=day, now=now, **said)
    except MorningConflict as conflict:
        return conflicting(request, patient, day, sent=form.cleaned_data["pain"], stands=conflict.standing is not None)
    except ValidationError as error:
        return refused(request, patient, error)
    shown = morning_after(patient, kept.date, today=request.clinic.today(now))
    name, args = ("today", [patient]) if shown.is_this_morning else ("morning", [patient, day])
    return SeeOther(name, *args, answered=1)


def conflicting(request: ClinicRequest, patient: UUID, day: date, *, sent: int, stands: bool) -> HttpResponse:
    """The first answer stays. What was tapped now can be saved in its place, or anew where nothing stands."""
    own = own_patient(request, patient)
    sentence = (
        _("You gave another answer before. It stands until you change it.")
        if stands
        else _("What you answered before was taken back. If it is right now, choose it again.")
    )
    return morning_page(request, own, day, refused=sentence, sent=sent, status=409)


def refused(request: ClinicRequest, patient: UUID, error: ValidationError) -> HttpResponse:
    own = own_patient(request, patient)
    return page(request, "refused", {"patient": own, "sentences": error.messages}, status=409)


def morning_page(request: ClinicRequest, own: Patient, day: date, *, status: int = 200, **more: Any) -> HttpResponse:
    shown = morning_after(own.pk, day, today=request.clinic.today(timezone.now()), **more)
    context = {"patient": own, "morning": shown, "answered": "answered" in request.GET}
    return page(request, "morning", context, status=status)
