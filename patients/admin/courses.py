"""Prescribing, and what may happen to a course after that: each a page with a form, and the action behind it."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.site import ClinicModelAdmin, acting, today_of
from patients.actions import prescribing
from patients.admin.course_forms import EndForm, PauseForm, PrescribeForm, ResumeForm, ReviseForm
from patients.models import Course, Patient, Prescription
from programs.models import Program

Action = Callable[[dict[str, Any]], Any]


class CoursePages(ClinicModelAdmin):
    course_pages = {
        "prescribe": "<uuid:pk>/prescribe/",
        "prescribe_program": "prescribe/",
        "revise": "<uuid:pk>/revise/",
        "pause": "<uuid:pk>/pause/",
        "resume": "<uuid:pk>/resume/",
        "end": "<uuid:pk>/end/",
    }

    def prescribe(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        patient = self.the(request, pk)
        initial = {"affected_knee": patient.affected_knee, "starts_on": today_of(request)}
        form = PrescribeForm(request.POST or None, initial=initial, programs=Program.objects.open_to_change())
        return self.course_page(
            request,
            form,
            lambda data: prescribing.prescribe(by=acting(request), patient=patient, now=timezone.now(), **data),
            patient=patient,
            title=_("Prescribe a program"),
            button=_("Prescribe"),
            explanation=_("The program is frozen from then on. A template is copied first, and stays open to change."),
        )

    def prescribe_program(self, request: HttpRequest) -> HttpResponse:
        """From a program's page: for whom?"""
        if not self.may(request, "change"):
            raise Http404
        try:
            program = get_object_or_404(Program, pk=request.GET.get("program"))
        except ValidationError as error:
            raise Http404 from error
        free = Patient.objects.active().exclude(courses__in=Course.objects.filter(ended_on=None))
        initial = {"starts_on": today_of(request), "program": program.pk}
        form = PrescribeForm(
            request.POST or None, initial=initial, programs=Program.objects.filter(pk=program.pk), patients=free
        )
        return self.course_page(
            request,
            form,
            lambda data: prescribing.prescribe(by=acting(request), now=timezone.now(), **data),
            title=_("Prescribe “%(program)s”") % {"program": program},
            button=_("Prescribe"),
            explanation=_("Patients whose program is running are not in the list: revise theirs from their own page."),
        )

    def revise(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        patient = self.the(request, pk)
        current = self.current(patient)
        earliest = prescribing.earliest_revision(patient=patient, today=today_of(request))
        programs = Program.objects.open_to_change()
        newest = programs.filter(copy_of=current.program_id).first()
        form = ReviseForm(
            request.POST or None, initial={"starts_on": earliest, "program": newest and newest.pk}, programs=programs
        )
        return self.course_page(
            request,
            form,
            lambda data: prescribing.revise(by=acting(request), prescription=current, now=timezone.now(), **data),
            patient=patient,
            title=_("Go on with a changed program"),
            button=_("Start it"),
            explanation=_("What was done before stays as it was. First copy the present program and change the copy."),
            copy_first=current.program,
        )

    def pause(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        patient = self.the(request, pk)
        course = self.running(patient)
        form = PauseForm(request.POST or None, initial={"starts_on": today_of(request)})
        return self.course_page(
            request,
            form,
            lambda data: prescribing.pause(by=acting(request), course=course, now=timezone.now(), **data),
            patient=patient,
            title=_("Pause"),
            button=_("Pause"),
            explanation=_("Nothing is due on these dates, and what follows moves. It may lie in the past."),
        )

    def resume(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        patient = self.the(request, pk)
        course = self.running(patient)
        form = ResumeForm(request.POST or None, initial={"on": today_of(request)})
        return self.course_page(
            request,
            form,
            lambda data: prescribing.resume(by=acting(request), course=course, **data),
            patient=patient,
            title=_("Resume"),
            button=_("Resume"),
            explanation=_("The pause ends the day before. Pauses that would start later are gone."),
        )

    def end(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        patient = self.the(request, pk)
        course = self.running(patient)
        form = EndForm(request.POST or None, initial={"last_date": today_of(request)})
        return self.course_page(
            request,
            form,
            lambda data: prescribing.end_course(by=acting(request), course=course, **data),
            patient=patient,
            title=_("End the course"),
            button=_("End it"),
            explanation=_("Nothing is due after this date. All that was logged is kept."),
        )

    def current(self, patient: Patient) -> Prescription:
        """The prescription that a revision would follow. Raises Http404."""
        return get_object_or_404(
            Prescription.objects.select_related("program"), course__patient=patient, course__ended_on=None, ends_on=None
        )

    def running(self, patient: Patient) -> Course:
        return get_object_or_404(Course, patient=patient, ended_on=None)

    def course_page(
        self, request: HttpRequest, form: Form, act: Action, *, patient: Patient | None = None, **texts: Any
    ) -> HttpResponse:
        """Show the form, or do what it says; what stands against it is said at the form."""
        if request.method == "POST" and form.is_valid():
            try:
                act(form.cleaned_data)
            except ValidationError as error:
                form.add_error(None, error.messages)
            else:
                patient = patient or form.cleaned_data["patient"]
                messages.success(request, _("Done."))
                return redirect("admin:patients_patient_change", patient.pk)
        back = reverse("admin:patients_patient_change", args=[patient.pk]) if patient else reverse("admin:index")
        return self.page(request, "patients/admin/form.html", form=form, original=patient, back=back, **texts)
