"""The shape that the pages of a course share: a form, the calendar it makes, and the action behind it."""

from collections.abc import Callable
from typing import Any, TypeVar

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from clinic.requests import is_inside
from clinic.site import ClinicModelAdmin, today_of
from patients.actions.prescribing import DAY, InTheWay
from patients.admin.calendars import PlanShown
from patients.admin.course_forms import CourseForm, said
from patients.models import Patient

Made = TypeVar("Made", bound=CourseForm)
ASKS = {"show", "use", "copy"}  # buttons of a form that don't send it


def form_of(request: HttpRequest, form_class: type[Made], proposed: dict[str, Any], **kwargs: Any) -> Made:
    """Bound where it is sent. Where only its calendar is asked for, it holds what was typed and blames nobody."""
    today = today_of(request)
    if request.method != "POST":
        return form_class(initial=proposed, today=today, **kwargs)
    if ASKS.isdisjoint(request.POST):
        return form_class(request.POST, today=today, **kwargs)
    typed = request.POST.dict()
    if "use" in typed:
        typed["starts_on"] = typed["use"]
    return form_class(initial=typed, today=today, **kwargs)


def is_htmx(request: HttpRequest) -> bool:
    return is_inside(request) and bool(request.htmx)


def with_measures(said: str, patient: Patient, then_measure: str) -> SafeString | str:
    """What was done, and where it is asked for, the way to the patient's measures."""
    if not then_measure:
        return said
    page = reverse("admin:patients_patient_measure", args=[patient.pk], query={"at": then_measure})
    text = _("Enter the measures at the start") if then_measure == "start" else _("Enter the measures at the end")
    link = format_html('<a class="underline font-semibold" href="{}">{}</a>', page, text)
    return format_html("{} {} {}", said, link, _("now, or later from here."))


class PlanPages(ClinicModelAdmin):
    def plan_page(
        self,
        request: HttpRequest,
        form: CourseForm,
        act: Callable[[dict[str, Any]], Any],
        *,
        patient: Patient,
        done: str,
        plan: Callable[[], PlanShown] | None = None,
        template: str = "patients/admin/form.html",
        then_measure: str = "",
        **texts: Any,
    ) -> HttpResponse:
        """Show the form with its calendar, or only that, or do what it says; what stands against it is said in it.

        `done`: what is said once it is. `then_measure`: when the patient's measures are offered afterwards.
        """
        if plan is not None and is_htmx(request):
            return TemplateResponse(
                request, "patients/admin/_calendar.html", {"plan": plan(), "announce": True, **texts}
            )
        way_out = None
        if form.is_bound and form.is_valid():
            try:
                act(form.cleaned_data)
            except ValidationError as refusal:
                form.add_error(None, refusal)
                way_out = self.way_out(form, refusal)
            else:
                messages.success(request, with_measures(done, patient, then_measure))
                return redirect("admin:patients_patient_change", patient.pk)
        back = reverse("admin:patients_patient_change", args=[patient.pk])
        shown = {"form": form, "original": patient, "back": back, "plan": plan and plan(), "way_out": way_out}
        return self.page(request, template, **shown, **texts)

    def way_out(self, form: Form, refusal: ValidationError) -> dict[str, Any] | None:
        """Where another course has the dates: what can be done about it."""
        if not isinstance(refusal, InTheWay):
            return None
        standing, starts_on, program = refusal.prescription, said(form, "starts_on"), said(form, "program")
        query = {"program": program.pk, "starts_on": starts_on}
        first = standing.course.prescriptions.earliest("starts_on").starts_on
        return {
            "standing": standing,
            "starts_on": starts_on,
            "earliest": refusal.earliest,
            "revise": reverse("admin:patients_patient_revise", args=[standing.course.patient_id], query=query),
            "day_before": starts_on - DAY if refusal.earliest is None and first <= starts_on else None,
        }

    def nothing_runs(self, request: HttpRequest, patient: Patient) -> HttpResponse:
        """Where a colleague ended the course meanwhile, or this was sent twice."""
        messages.warning(request, _("No program is running, so there is nothing to change."))
        return redirect("admin:patients_patient_change", patient.pk)
