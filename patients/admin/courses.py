"""What may happen to a course: revised, paused, resumed, ended. Each a page with a form, and the action behind it."""

from datetime import date
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.site import acting, today_of
from patients import adherence
from patients.actions import prescribing
from patients.admin import calendars
from patients.admin.calendars import PlanShown
from patients.admin.course_forms import EndForm, PauseForm, ResumeForm, ReviseForm, programs_to_prescribe, said
from patients.admin.decide import decided_shown, reading_of
from patients.admin.measure_pages import MeasurePages
from patients.admin.planning import form_of
from patients.admin.prescribe import PrescribePages
from patients.calendar import resumed, with_pause
from patients.models import Course, Measurement, Patient, Prescription
from patients.plans import plan_of
from programs.actions import copy_program
from programs.admin.pages import sent_id
from programs.comparing import changes
from programs.models import Program


class CoursePages(PrescribePages, MeasurePages):
    course_pages = {
        "revise": "<uuid:pk>/revise/",
        "pause": "<uuid:pk>/pause/",
        "resume": "<uuid:pk>/resume/",
        "end": "<uuid:pk>/end/",
        **PrescribePages.prescribe_pages,
        **MeasurePages.measure_pages,
    }

    def revise(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        patient = self.the(request, pk)
        if (current := running_prescription(patient)) is None:
            return self.nothing_runs(request, patient)
        programs = programs_to_prescribe(request)
        earliest = prescribing.earliest_revision(patient=patient, today=today_of(request))
        newest = programs.filter(copy_of=current.program_id, frozen_at=None).values_list("pk", flat=True).first()
        decided = decided_shown(request, patient)
        hints = {"starts_on": earliest, "program": newest, "follows": current.pk}
        proposed = hints | request.GET.dict() | {"decided": len(decided)}
        form = form_of(request, ReviseForm, proposed, programs=programs)
        if "copy" in request.POST:
            copy = copy_program(
                by=acting(request), program=current.program, now=timezone.now(), key=sent_id(request, "copy")
            )
            hints = {"for": current.pk, "starts_on": said(form, "starts_on") or earliest}
            return redirect(reverse("admin:programs_program_change", args=[copy.pk], query=hints))

        def act(data: dict[str, Any]) -> Any:
            before = current if (opened := data.pop("follows")) is None else of_course(current.course, opened)
            form.follow(current)
            reading = reading_of(request, form, data, decided)
            return prescribing.revise(
                by=acting(request), prescription=before, now=timezone.now(), reading=reading, **data
            )

        return self.plan_page(
            request,
            form,
            act,
            patient=patient,
            plan=lambda: plan_of_revision(current, said(form, "program"), said(form, "starts_on")),
            template="patients/admin/revise.html",
            title=_("Change the program"),
            done=_("The changed program follows on its first date."),
            button=_("Start it"),
            current=current,
            decided=decided,
            effects_title=_("What changes"),
        )

    def pause(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        patient = self.the(request, pk)
        if (course := running_course(patient)) is None:
            return self.nothing_runs(request, patient)
        decided = decided_shown(request, patient)
        form = form_of(request, PauseForm, {"starts_on": today_of(request), "decided": len(decided)})

        def act(data: dict[str, Any]) -> Any:
            reading = reading_of(request, form, data, decided)
            return prescribing.pause(by=acting(request), course=course, now=timezone.now(), reading=reading, **data)

        return self.plan_page(
            request,
            form,
            act,
            patient=patient,
            plan=lambda: plan_paused(course, said(form, "starts_on"), said(form, "ends_on"), today=today_of(request)),
            title=_("Pause"),
            done=_("Paused: nothing is due on these dates."),
            button=_("Pause"),
            explanation=_("Nothing is due on these dates, and what follows moves. It may lie in the past."),
            decided=decided,
            effects_title=_("What moves"),
        )

    def resume(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        patient = self.the(request, pk)
        if (course := running_course(patient)) is None:
            return self.nothing_runs(request, patient)
        form = form_of(request, ResumeForm, {"on": today_of(request)})
        return self.plan_page(
            request,
            form,
            lambda data: prescribing.resume(by=acting(request), course=course, **data),
            patient=patient,
            plan=lambda: plan_resumed(course, said(form, "on"), today=today_of(request)),
            title=_("Resume"),
            done=_("The program goes on."),
            button=_("Resume"),
            explanation=_("The pause ends the day before. Pauses that would start later are gone."),
            effects_title=_("What moves"),
        )

    def end(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        patient = self.the(request, pk)
        if (course := course_to_end(patient, today_of(request))) is None:
            return self.nothing_runs(request, patient)
        form = form_of(request, EndForm, {"last_date": today_of(request)})
        return self.plan_page(
            request,
            form,
            lambda data: prescribing.end_course(by=acting(request), course=course, **data),
            patient=patient,
            title=_("End the course"),
            done=_("The program ends on its last date."),
            button=_("End it"),
            then_measure=Measurement.Occasion.END,
            aside=_("Once it has ended, you can enter what the patient says at the end."),
            explanation=_("Nothing is due after this date. All that was logged is kept."),
        )


def running_course(patient: Patient) -> Course | None:
    return Course.objects.filter(patient=patient, ended_on=None).first()


def course_to_end(patient: Patient, today: date) -> Course | None:
    """The running one, otherwise one whose end is still to come: it can be brought forward."""
    return running_course(patient) or Course.objects.filter(patient=patient, ended_on__gt=today).first()


def running_prescription(patient: Patient) -> Prescription | None:
    """The one that a revision would follow."""
    running = Prescription.objects.filter(course__patient=patient, course__ended_on=None, ends_on=None)
    return running.select_related("program", "course").first()


def of_course(course: Course, key: UUID) -> Prescription:
    """Raises Http404 for one of another course."""
    return get_object_or_404(Prescription, pk=key, course=course)


def plan_of_revision(current: Prescription, program: Program | None, starts_on: date | None) -> PlanShown:
    """The calendar from the first date of the revision, and what is different in it."""
    plan = calendars.of_program(program, starts_on, after=plan_of(current.course))
    if program is not None:
        plan.effects.extend(changes(current.program, program) or [_("Nothing: it is the present program.")])
    return plan


def plan_paused(course: Course, starts_on: date | None, ends_on: date | None, *, today: date) -> PlanShown:
    if starts_on is None or (ends_on is not None and ends_on < starts_on):
        return PlanShown(problems=[_("Choose the dates, and what they move is shown here.")])
    before = plan_of(course)
    return since_week(before, with_pause(before, adherence.Pause(starts_on, ends_on)), min(starts_on, today))


def plan_resumed(course: Course, on: date | None, *, today: date) -> PlanShown:
    if on is None:
        return PlanShown(problems=[_("Choose the date, and what it moves is shown here.")])
    before = plan_of(course)
    return since_week(before, resumed(before, on), min(on, today))


def since_week(before: adherence.Course, after: adherence.Course, day: date) -> PlanShown:
    return calendars.of_change(before, after, since=adherence.monday_of(day))
