"""A day of a patient: what is due, how to do it, and logging it. Plain forms; htmx only swaps the same pages in."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.core.exceptions import BadRequest, ValidationError
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from clinic.requests import ClinicRequest
from patients.actions.logging import LogConflict, check_changeable, is_loggable, record_log, withdraw_log
from patients.forms.entry import EntryForm, PlannedForm, SkipForm
from patients.forms.posted import posted_form, with_a_shorter_note, with_another_id
from patients.forms.sets import SetsForm, answers_of, exercises_in
from patients.models import Log, Patient
from patients.mornings import morning_of_day
from patients.today.day import Day, bands_of_clinic, read_day, tasks_with
from patients.today.shown import find_log, latest_correction, show
from patients.views.records import SeeOther, own_membership, own_patient, page
from programs.models import Band

FAR_TOO_LONG = gettext_lazy(
    "Your note is far too long. Only its beginning is below."
    " To keep all of it, go back in your browser and copy it first."
)


@require_safe
def today(request: ClinicRequest, patient: UUID) -> HttpResponse:
    return day_page(request, own_patient(request, patient), request.clinic.today(timezone.now()))


@require_safe
def day(request: ClinicRequest, patient: UUID, day: date) -> HttpResponse:
    """Today or one of the two days before it; from any other date the way leads to today."""
    own = own_patient(request, patient)
    if not is_loggable(day, today=request.clinic.today(timezone.now())):
        return redirect("today", patient)
    return day_page(request, own, day)


@require_safe
def session(request: ClinicRequest, patient: UUID, day: date) -> HttpResponse:
    """One exercise after the other, set by set; without JavaScript all sets in one form. It keeps the day that it began
    on, for as long as that can be logged."""
    own, today = own_patient(request, patient), request.clinic.today(timezone.now())
    if not is_loggable(day, today=today):
        return redirect("today", patient)
    shown = read_day(own, day, today=today)
    context = {"patient": own, "day": shown, "action": reverse("log", args=[own.pk, day])}
    return page(request, "session", context | forms_of(shown, sent=None, refusals=None, bands=bands_of_clinic()))


@require_http_methods(["GET", "HEAD", "POST"])
def log(request: ClinicRequest, patient: UUID, day: date) -> HttpResponse:
    """Where forms are sent to. Opened as a page, after a sign-in for example, it leads to the day."""
    own_membership(request, patient)
    return keep(request, patient, day=day) if request.method == "POST" else redirect("day", patient, day)


@require_http_methods(["GET", "HEAD", "POST"])
def correct(request: ClinicRequest, patient: UUID, log: UUID) -> HttpResponse:
    membership = own_membership(request, patient)
    corrected = log_or_404(patient, log)
    if request.method == "POST":
        return keep(request, patient, day=corrected.date, corrected=corrected)
    own = own_patient(request, patient)
    try:
        check_changeable(corrected, by=membership, now=timezone.now())
    except ValidationError as error:
        return refused(request, own, error)
    if corrected.withdrawn_at:
        return redirect("day", patient, corrected.date)
    return correction_page(request, own, corrected)


@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: ClinicRequest, patient: UUID, log: UUID) -> HttpResponse:
    """GET asks, and only POST acts."""
    membership, now = own_membership(request, patient), timezone.now()
    withdrawn = log_or_404(patient, log)
    if request.method == "POST":
        try:
            withdraw_log(by=membership, patient=patient, log=log, now=now)
        except ValidationError as error:
            return refused(request, own_patient(request, patient), error)
        return back_to(withdrawn, request.clinic.today(now), withdrawn=1)
    own = own_patient(request, patient)
    return page(request, "withdraw", {"patient": own, "shown": show(withdrawn)})


def keep(request: ClinicRequest, patient: UUID, *, day: date, corrected: Log | None = None) -> HttpResponse:
    """Save what was sent and go back to its day. What can't be saved comes back as it was typed, with a sentence."""
    membership = own_membership(request, patient)
    if getattr(request, "is_cut", False):
        return again(request, patient, day=day, corrected=corrected, refusal=ValidationError(FAR_TOO_LONG))
    form, now = posted_form(request.POST, initial=answers_of(corrected) if corrected else {}), timezone.now()
    if not form.is_valid():
        if "id" in form.errors:
            raise BadRequest("The id of a log is made by its page.")
        return again(request, patient, day=day, corrected=corrected)
    entry = form.entry(day=day, replaces=corrected.pk if corrected else None)
    try:
        kept, _created = record_log(by=membership, patient=patient, entry=entry, now=now)
    except LogConflict as conflict:
        return conflicting(request, patient, day=day, standing=conflict.standing)
    except ValidationError as error:
        return again(request, patient, day=day, corrected=corrected, refusal=error)
    return back_to(kept, request.clinic.today(now), saved=kept.pk)


def back_to(log: Log, today: date, **query: object) -> SeeOther:
    """The page of its day; for today the one without a date, for a phone leaves it open until tomorrow."""
    if log.date == today:
        return SeeOther("today", log.patient_id, **query)
    return SeeOther("day", log.patient_id, log.date, **query)


def again(
    request: ClinicRequest,
    patient: UUID,
    *,
    day: date,
    corrected: Log | None = None,
    refusal: ValidationError | None = None,
) -> HttpResponse:
    """The page with the form as it was sent. A day that can't be logged any more gives way to today."""
    own = own_patient(request, patient)
    sent = with_a_shorter_note(request.POST) if getattr(request, "is_cut", False) else request.POST
    refusals = refusal.messages if refusal else []
    if corrected:
        return correction_page(request, own, corrected, sent=sent, refusals=refusals, status=422)
    now_today = request.clinic.today(timezone.now())
    day = day if is_loggable(day, today=now_today) else now_today
    return day_page(request, own, day, sent=sent, refusals=refusals, status=422)


def conflicting(request: ClinicRequest, patient: UUID, *, day: date, standing: Log | None) -> HttpResponse:
    """The id stands for other answers already, after a step back in the browser for example. The first stay; what was
    sent now can be saved as their correction, or anew where nothing stands."""
    own = own_patient(request, patient)
    sent = with_another_id(request.POST)
    latest = latest_correction(standing) if standing else None
    if latest is None or latest.withdrawn_at:
        refusals = [_("This was not saved: what you sent before was taken back. If it is right now, save it again.")]
        return day_page(request, own, day, sent=sent, refusals=refusals, status=409)
    return correction_page(request, own, latest, sent=sent, conflict=True, status=409)


def refused(request: ClinicRequest, own: Patient, error: ValidationError) -> HttpResponse:
    return page(request, "refused", {"patient": own, "sentences": error.messages}, status=409)


def day_page(
    request: ClinicRequest,
    own: Patient,
    day: date,
    *,
    sent: QueryDict | None = None,
    refusals: list[str] | None = None,
    status: int = 200,
) -> HttpResponse:
    shown = read_day(own, day, today=request.clinic.today(timezone.now()))
    context = {
        "patient": own,
        "day": shown,
        "action": reverse("log", args=[own.pk, shown.on]),
        "saved": next((each for each in shown.logged if str(each.log.pk) == request.GET.get("saved")), None),
        "withdrawn": "withdrawn" in request.GET,
        "checked": "checked" in request.GET,
        "morning": morning_of_day(shown),
        "answered": "answered" in request.GET,
        **forms_of(shown, sent=sent, refusals=refusals, bands=bands_of_clinic() if sent else ()),
    }
    return page(request, "day", context, status=status)


def correction_page(
    request: ClinicRequest,
    own: Patient,
    corrected: Log,
    *,
    sent: QueryDict | None = None,
    refusals: list[str] | None = None,
    conflict: bool = False,
    status: int = 200,
) -> HttpResponse:
    shown = read_day(own, corrected.date, today=request.clinic.today(timezone.now()))
    context = {
        "patient": own,
        "day": shown,
        "corrected": show(corrected),
        "conflict": conflict,
        "action": reverse("correct", args=[own.pk, corrected.pk]),
        **forms_of(shown, sent=sent, refusals=refusals, corrected=corrected, bands=bands_of_clinic()),
    }
    return page(request, "correct", context, status=status)


def forms_of(
    shown: Day,
    *,
    sent: QueryDict | None,
    refusals: list[str] | None,
    corrected: Log | None = None,
    bands: Sequence[Band] = (),
) -> dict[str, Any]:
    """The forms of a page by their kind. The one that was sent, and could not be kept, is as it was sent."""
    initial = answers_of(corrected) if corrected else {}
    tasks = tasks_with(shown, exercises_in([*initial, *(sent or ())]))
    forms: dict[str, EntryForm] = {form.kind: form(tasks=tasks, initial=initial) for form in (PlannedForm, SkipForm)}
    forms["sets"] = SetsForm(tasks=tasks, initial=initial, bands=bands)
    if sent is None:
        return {"forms": forms}
    form = posted_form(sent, tasks=tasks, bands=bands, initial=initial)
    for sentence in refusals or []:
        form.add_error(None, sentence)
    return {"forms": forms | {form.kind: form}, "sent": form}


def log_or_404(patient: UUID, log: UUID) -> Log:
    try:
        return find_log(patient, log)
    except Log.DoesNotExist:
        raise Http404 from None
