"""What staff enter, correct, withdraw and accept for a patient, by the same actions as the patient's own pages."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.site import ClinicModelAdmin, acting, today_of
from patients.actions.logging import LogConflict, accept_log, record_log, withdraw_log
from patients.admin.log_form import LogForm
from patients.models import Log, Patient


class LogPages(ClinicModelAdmin):
    log_pages = {
        "log": "<uuid:pk>/log/",
        "correct": "<uuid:pk>/log/<uuid:log>/correct/",
        "withdraw": "<uuid:pk>/log/<uuid:log>/withdraw/",
        "accept": "<uuid:pk>/log/<uuid:log>/accept/",
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
        return self.carry_out(request, pk, log, withdraw_log, _("Withdrawn. It is kept, and counts no longer."))

    def accept(self, request: HttpRequest, pk: UUID, log: UUID) -> HttpResponse:
        return self.carry_out(request, pk, log, accept_log, _("Accepted. It counts from now on."))

    def carry_out(self, request: HttpRequest, pk: UUID, log: UUID, act: Any, done: str) -> HttpResponse:
        patient = self.the(request, pk)
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        get_object_or_404(Log, pk=log, patient=patient)
        try:
            act(by=acting(request), patient=patient.pk, log=log, now=timezone.now())
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
