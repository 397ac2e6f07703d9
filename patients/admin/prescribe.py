"""Prescribing: a program to a patient from their page, or to one or several of them from the program's."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from clinic.site import acting, today_of
from patients.actions import prescribing
from patients.actions.several import prescribe_to_several
from patients.admin import calendars
from patients.admin.course_forms import PrescribeForm, programs_to_prescribe, said, uuid_or_none
from patients.admin.planning import ASKS, PlanPages, form_of, is_htmx, with_measures
from patients.admin.several_form import SeveralForm
from patients.models import Knee, Measurement, Prescription
from programs.models import Program

PRESCRIBED = gettext_noop("Prescribed. The patient sees it from its first date on.")


class PrescribePages(PlanPages):
    prescribe_pages = {
        "prescribe": "<uuid:pk>/prescribe/",
        "prescribe_program": "prescribe/",
        "prescribed": "prescribed/",
    }

    def prescribe(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        patient = self.the(request, pk)
        proposed = {"affected_knee": patient.affected_knee, "starts_on": today_of(request)} | request.GET.dict()
        form = form_of(request, PrescribeForm, proposed, programs=programs_to_prescribe(request))

        def act(data: dict[str, Any]) -> Any:
            course = uuid_or_none(request.POST.get("instead_of"))
            return prescribing.prescribe(
                by=acting(request), patient=patient, now=timezone.now(), instead_of=course, **data
            )

        return self.plan_page(
            request,
            form,
            act,
            patient=patient,
            plan=lambda: calendars.of_program(said(form, "program"), said(form, "starts_on")),
            title=_("Prescribe a program"),
            done=_(PRESCRIBED),
            button=_("Prescribe"),
            then_measure=Measurement.Occasion.START,
            offers_building=True,
            explanation=_("The program is frozen from then on. A template is copied first, and stays open to change."),
        )

    def prescribe_program(self, request: HttpRequest) -> HttpResponse:
        """From a program's page: for whom? One patient or several."""
        if not self.may(request, "change"):
            raise Http404
        program = get_object_or_404(Program, pk=uuid_or_none(request.GET.get("program")))
        form = several_form_of(request)
        if form.is_bound and form.is_valid():
            try:
                made = prescribe_to_several(
                    by=acting(request), program=program, now=timezone.now(), **form.cleaned_data
                )
            except ValidationError as refusal:
                form.refuse(refusal)
            else:
                return self.after_prescribing(request, made)
        shown: dict[str, Any] = {"form": form, "program": program, "knees": Knee.choices}
        if is_htmx(request) and request.POST.get("show") == "patients":
            return TemplateResponse(request, "patients/admin/_patients_to_choose.html", shown)
        plan = calendars.of_program(program, said(form, "starts_on"))
        if is_htmx(request):
            return TemplateResponse(request, "patients/admin/_calendar.html", {"plan": plan, "announce": True})
        shown |= {
            "plan": plan,
            "title": _("Prescribe “%(program)s”") % {"program": program},
            "button": _("Prescribe"),
            "back": reverse("admin:programs_program_change", args=[program.pk]),
        }
        return self.page(request, "patients/admin/prescribe_program.html", **shown)

    def after_prescribing(self, request: HttpRequest, made: list[Prescription]) -> HttpResponse:
        if len(made) == 1:
            patient = made[0].course.patient
            messages.success(request, with_measures(_(PRESCRIBED), patient, Measurement.Occasion.START))
            return redirect("admin:patients_patient_change", patient.pk)
        keys = [("prescription", str(each.pk)) for each in made]
        return redirect(reverse("admin:patients_patient_prescribed", query=keys))

    def prescribed(self, request: HttpRequest) -> HttpResponse:
        """What was prescribed at once, for whom."""
        if not self.may(request, "change"):
            raise Http404
        keys = filter(None, map(uuid_or_none, request.GET.getlist("prescription")))
        made = list(
            Prescription.objects.filter(pk__in=keys)
            .select_related("course__patient", "program")
            .order_by("course__patient__code")
        )
        if not made:
            raise Http404
        return self.page(request, "patients/admin/prescribed.html", made=made, title=_("Prescribed"))


def several_form_of(request: HttpRequest) -> SeveralForm:
    """As `form_of`: bound where it is sent, otherwise holding what was typed and ticked."""
    today = today_of(request)
    sends = request.method == "POST" and ASKS.isdisjoint(request.POST)
    return SeveralForm(request.POST if sends else None, today=today, typed=request.POST)
