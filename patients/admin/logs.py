"""What staff enter, correct, withdraw and accept for a patient, by the same actions as the patient's own pages."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic.site import ClinicModelAdmin, acting, today_of
from patients.actions.logging import LogConflict, accept_log, record_log, withdraw_log
from patients.actions.mornings import accept_morning, decline_morning
from patients.admin.log_form import LogForm
from patients.models import Log, NextMorning, Patient

ACCEPTED = gettext_lazy("Accepted. It counts from now on.")
WITHDRAWN = gettext_lazy("Withdrawn. It is kept, and counts no longer.")


class LogPages(ClinicModelAdmin):
    log_pages = {
        "log": "<uuid:pk>/log/",
        "correct": "<uuid:pk>/log/<uuid:log>/correct/",
        "withdraw": "<uuid:pk>/log/<uuid:log>/withdraw/",
        "accept": "<uuid:pk>/log/<uuid:log>/accept/",
        "accept_morning": "<uuid:pk>/morning/<uuid:morning>/accept/",
        "decline_morning": "<uuid:pk>/morning/<uuid:morning>/decline/",
    }

    def log(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        patient = self.the(request, pk)
        form = LogForm(request.POST or None, today=today_of(request))
        return self.log_page(request, patient, form, title=_("Enter a log"))

    def correct(self, request: HttpRequest, pk: UUID, log: UUID) -> HttpResponse:
        patient = self.the(request, pk)
        before = get_object_or_404(Log.objects.prefetch_related("sets"), pk=log, patient=patient)
        form = LogForm(request.POST or None, today=today_of(request), before=before)
        return self.log_page(request, patient, form, title=_("Correct a log"))

    def withdraw(self, request: HttpRequest, pk: UUID, log: UUID) -> HttpResponse:
        return self.carry_out(request, pk, withdraw_log, WITHDRAWN, log=log)

    def accept(self, request: HttpRequest, pk: UUID, log: UUID) -> HttpResponse:
        return self.carry_out(request, pk, accept_log, ACCEPTED, log=log)

    def accept_morning(self, request: HttpRequest, pk: UUID, morning: UUID) -> HttpResponse:
        return self.carry_out(request, pk, accept_morning, ACCEPTED, morning=morning)

    def decline_morning(self, request: HttpRequest, pk: UUID, morning: UUID) -> HttpResponse:
        return self.carry_out(request, pk, decline_morning, WITHDRAWN, morning=morning)

    def carry_out(self, request: HttpRequest, pk: UUID, act: Any, done: Any, **what: UUID) -> HttpResponse:
        """`what` is the log or the morning, by the name that the action gives it."""
        patient = self.the(request, pk)
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        try:
            act(by=acting(request), patient=patient.pk, now=timezone.now(), **what)
        except (Log.DoesNotExist, NextMorning.DoesNotExist):
            raise Http404 from None
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        else:
            messages.success(request, done)
        return redirect("admin:patients_patient_change", patient.pk)

    def log_page(self, request: HttpRequest, patient: Patient, form: LogForm, title: str) -> HttpResponse:
        if request.method == "POST" and form.is_valid():
            try:
                record_log(by=acting(request), patient=patient.pk, entry=form.entry(), now=timezone.now())
            except ValidationError as error:
                form.add_error(None, error.messages)
            except LogConflict:
                form.add_error(None, _("This page was sent before with other numbers. Open it again."))
            else:
                messages.success(request, _("Saved."))
                return redirect("admin:patients_patient_change", patient.pk)
        back = reverse("admin:patients_patient_change", args=[patient.pk])
        return self.page(request, "patients/admin/log.html", form=form, original=patient, title=title, back=back)
