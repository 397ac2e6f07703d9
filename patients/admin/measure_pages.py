"""Entering, correcting and withdrawing what a patient answered about themselves."""

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
from patients.actions.measuring import Occasion, measure, measure_every_four_weeks, withdraw_measurement
from patients.admin.measure_form import MeasureForm
from patients.models import Course, Measurement, Patient

TITLES = {
    Occasion.START: gettext_lazy("Measures at the start"),
    Occasion.BETWEEN: gettext_lazy("Measures in between"),
    Occasion.END: gettext_lazy("Measures at the end"),
}


class MeasurePages(ClinicModelAdmin):
    measure_pages = {
        "measure": "<uuid:pk>/measure/",
        "correct_measure": "<uuid:pk>/measure/<uuid:measurement>/",
        "measure_again": "<uuid:pk>/measure-every-four-weeks/",
    }

    def measure(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """`?at=` start, between or end, of the running course or the last one."""
        patient = self.the(request, pk)
        course = latest_course(patient)
        occasion = request.GET.get("at", Occasion.BETWEEN)
        if course is None or occasion not in Occasion.values:
            raise Http404
        return self.measure_page(request, patient, course, occasion)

    def correct_measure(self, request: HttpRequest, pk: UUID, measurement: UUID) -> HttpResponse:
        patient = self.the(request, pk)
        before = get_object_or_404(
            Measurement.objects.select_related("course"), pk=measurement, course__patient=patient
        )
        if "withdraw" in request.POST:
            return self.withdraw_measure(request, patient, before)
        return self.measure_page(request, patient, before.course, before.occasion, before=before)

    def measure_again(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Ask every four weeks, or no more."""
        patient = self.the(request, pk)
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        wanted = request.POST.get("wanted") == "yes"
        measure_every_four_weeks(patient=patient, wanted=wanted)
        messages.success(request, _("Asked every four weeks.") if wanted else _("No longer asked every four weeks."))
        return redirect("admin:patients_patient_change", patient.pk)

    def measure_page(
        self, request: HttpRequest, patient: Patient, course: Course, occasion: str, before: Measurement | None = None
    ) -> HttpResponse:
        today = today_of(request)
        form = MeasureForm(
            request.POST or None,
            initial={"given_on": today},
            today=today,
            occasion=occasion,
            activity="" if occasion == Occasion.START else (before and before.activity) or activity_of(course),
            before=before,
        )
        if form.is_bound and form.is_valid():
            try:
                measure(
                    by=acting(request),
                    course=course,
                    occasion=occasion,
                    answers=form.answers(),
                    now=timezone.now(),
                    key=form.cleaned_data["key"],
                    replaces=before.pk if before else None,
                )
            except ValidationError as refusal:
                form.add_error(None, refusal)
            else:
                messages.success(request, _("Saved."))
                return redirect("admin:patients_patient_change", patient.pk)
        back = reverse("admin:patients_patient_change", args=[patient.pk])
        title = TITLES[Occasion(occasion)]
        shown: dict[str, Any] = {"form": form, "original": patient, "before": before, "back": back, "title": title}
        return self.page(request, "patients/admin/measure.html", **shown)

    def withdraw_measure(self, request: HttpRequest, patient: Patient, before: Measurement) -> HttpResponse:
        try:
            withdraw_measurement(by=acting(request), measurement=before.pk, now=timezone.now())
        except ValidationError as refusal:
            messages.error(request, " ".join(refusal.messages))
        else:
            messages.success(request, _("Withdrawn. It is kept, and shown no longer."))
        return redirect("admin:patients_patient_change", patient.pk)


def latest_course(patient: Patient) -> Course | None:
    """The running one, otherwise the one that ended last."""
    courses = Course.objects.filter(patient=patient)
    return courses.filter(ended_on=None).first() or courses.order_by("-ended_on", "-created_at").first()


def activity_of(course: Course) -> str:
    """The activity that the patient chose first in this course; empty where none was named."""
    named = course.measurements.current().exclude(activity="").values_list("activity", flat=True)
    return named.first() or ""
