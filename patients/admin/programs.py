"""A program's pages, with what the app below can't know: how a patient sees it, and how it is prescribed."""

from django.contrib import admin
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

from clinic.site import acting, site
from patients.models import Prescription
from patients.today.task import Task
from programs.admin import ProgramAdmin
from programs.admin.builder import Builder, PhaseRow
from programs.admin.forms import Choices
from programs.admin.pages import Way
from programs.models import Program

site.unregister(Program)


@admin.register(Program, site=site)
class PrescribableProgramAdmin(ProgramAdmin):
    pages = ProgramAdmin.pages | {"preview": "preview/"}

    def preview_url(self) -> str:
        return reverse("admin:programs_program_preview")

    def way_on(self, request: HttpRequest, program: Program) -> Way:
        """To whom it is prescribed; where it is to follow a prescription, to that patient's revision."""
        if followed := followed_by(request):
            patient = followed.course.patient
            query = {"program": program.pk} | {name: request.GET[name] for name in ["starts_on"] if name in request.GET}
            url = reverse("admin:patients_patient_revise", args=[patient.pk], query=query)
            return Way(url, _("Save, and start it for %(code)s") % {"code": patient.code})
        url = reverse("admin:patients_patient_prescribe_program", query={"program": program.pk})
        return Way(url, _("Save and prescribe"))

    def preview(self, request: HttpRequest) -> HttpResponse:
        """What was typed into the builder, as the page of a patient in that phase. Nothing is saved."""
        if request.method != "POST" or not self.may(request, "change"):
            raise PermissionDenied
        builder = Builder.sent(Program(), request.POST, Choices())
        row = builder.row(request.POST.get("show", ""))
        page = render_to_string(
            "patients/preview.html",
            {"builder": builder, "row": row, "tasks": tasks_of(row), "by": acting(request)},
            request,
        )
        return render(request, "patients/admin/_preview.html", {"builder": builder, "row": row, "page": page})


def followed_by(request: HttpRequest) -> Prescription | None:
    """The prescription that the program is to follow, as the address says. Raises Http404."""
    if (key := request.GET.get("for")) is None:
        return None
    try:
        return Prescription.objects.select_related("course__patient").get(pk=key)
    except (Prescription.DoesNotExist, ValidationError) as error:
        raise Http404 from error


def tasks_of(row: PhaseRow | None) -> list[Task]:
    """The exercises whose numbers can be read so far."""
    return [Task(form.exercise, form.dose()) for form in row.doses if form.has_numbers] if row else []
