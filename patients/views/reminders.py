"""When a patient wants to be reminded, and how; and the links that stop it without a sign-in."""

from uuid import UUID

from django import forms
from django.core.exceptions import BadRequest, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clinic import webpush
from clinic.languages import first_of, language_of_record
from clinic.models import Clinic, Membership
from clinic.models.clinic import Weekday
from clinic.requests import ClinicRequest
from clinic.wall.scope import clinic_scope
from patients.actions.reminding import add_device, move_device, remove_device, set_reminder, stop_emails
from patients.models import PushDevice, Reminder
from patients.reminders import unreached
from patients.reminders.renewing import read_renewal, renewal_of
from patients.reminders.stopping import Stop, read_stop
from patients.views.records import SeeOther, own_membership, own_patient, page

FIRST_HOUR = 9


class ReminderForm(forms.Form):
    weekdays = forms.TypedMultipleChoiceField(
        label=_("On which days?"),
        choices=[(day.value, day.label) for day in Weekday],
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    hour = forms.TypedChoiceField(
        label=_("At what time?"), choices=[(hour, f"{hour:02}:00") for hour in range(24)], coerce=int
    )
    by_email = forms.BooleanField(label=_("By email"), required=False)


@require_http_methods(["GET", "HEAD", "POST"])
def reminders(request: ClinicRequest, patient: UUID) -> HttpResponse:
    membership = own_membership(request, patient)
    if request.method != "POST":
        return reminders_page(request, patient, form=form_of(membership))
    kind, now = request.POST.get("kind"), timezone.now()
    if kind == "stop":
        remove_device(recipient=membership.pk, device=uuid_or_400(request.POST.get("device", "")))
        return SeeOther("reminders", patient, stopped=1)
    form = ReminderForm(request.POST) if kind == "save" else form_of(membership)
    try:
        if kind == "here":
            add_device(by=membership, browser=browser_of(request), now=now)
        elif not form.is_valid():
            return reminders_page(request, patient, form=form, status=422)
        else:
            set_reminder(by=membership, now=now, **form.cleaned_data)
    except ValidationError as error:
        return reminders_page(request, patient, form=form, refusals=error.messages, status=422)
    return SeeOther("reminders", patient, saved=1)


def form_of(membership: Membership) -> ReminderForm:
    kept = Reminder.objects.filter(recipient=membership).first()
    if kept is None:
        return ReminderForm(initial={"hour": FIRST_HOUR})
    return ReminderForm(initial={"weekdays": kept.weekdays, "hour": kept.hour, "by_email": kept.by_email})


def browser_of(request: HttpRequest) -> webpush.Browser:
    return webpush.Browser(*(request.POST.get(name, "") for name in ("endpoint", "p256dh", "auth")))


def reminders_page(
    request: ClinicRequest, patient: UUID, *, form: ReminderForm, refusals: list[str] | None = None, status: int = 200
) -> HttpResponse:
    own, membership = own_patient(request, patient), own_membership(request, patient)
    kept = Reminder.objects.filter(recipient=membership).first()
    devices = list(PushDevice.objects.filter(recipient=membership))
    context = {
        "patient": own,
        "form": form,
        "refusals": refusals,
        "email": membership.user.email,
        "is_on": kept is not None and bool(kept.weekdays),
        "by_email": kept is not None and kept.by_email,
        "devices": devices,
        "unreached": unreached(membership, devices, now=timezone.now()),
        "push_key": webpush.public_key(),
        "renewal": renewal_of(membership),
        "saved": "saved" in request.GET,
        "stopped": "stopped" in request.GET,
    }
    return page(request, "reminders", context, status=status)


@never_cache
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: HttpRequest, token: str) -> HttpResponse:
    """GET asks, and only POST acts: mail scanners open every link. The token is all that is needed, so that a mail
    program can stop them in one click (RFC 8058); it can do nothing else."""
    try:
        stopped = read_stop(token)
    except ValueError:
        raise Http404 from None
    clinic = get_object_or_404(Clinic, pk=stopped.clinic)
    with clinic_scope(stopped.clinic):
        if request.method == "POST":
            stop_what(stopped)
        context = {"stopping": clinic, "on_a_device": stopped.device is not None, "done": request.method == "POST"}
        with translation.override(language_of(stopped, clinic)):
            return render(request, "patients/reminder_stop.html", context)


@never_cache
@csrf_exempt
@require_POST
def renew(request: HttpRequest, token: str) -> HttpResponse:
    """A browser's push service gave it another address, while no page was open. The token is the recipient's; that the
    old address is known here is what lets it be moved: a browser on which reminders were stopped stays forgotten."""
    try:
        clinic, recipient = read_renewal(token)
    except ValueError:
        raise Http404 from None
    with clinic_scope(clinic):
        try:
            moved = move_device(recipient=recipient, endpoint=request.POST.get("old", ""), browser=browser_of(request))
        except (ValidationError, Membership.DoesNotExist):
            moved = False
    return HttpResponse(status=204 if moved else 404)


@never_cache
@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker that shows reminders. It serves no page: only what lies below its own address would be its."""
    return render(request, "patients/push_worker.js", content_type="text/javascript")


def stop_what(stopped: Stop) -> None:
    if stopped.device:
        remove_device(recipient=stopped.recipient, device=stopped.device)
    else:
        stop_emails(recipient=stopped.recipient)


def language_of(stopped: Stop, clinic: Clinic) -> str:
    """The patient's, or the clinic's; that of the browser where neither has one."""
    membership = Membership.objects.filter(pk=stopped.recipient).first()
    known = language_of_record(clinic, membership.record) if membership and membership.record else clinic.language
    return first_of(known, translation.get_language() or "")


def uuid_or_400(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise BadRequest("A device has an id.") from None
