"""A program's pages, with what the app below can't know: how a patient sees it, and how it is prescribed."""

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse

from clinic.site import acting, site
from patients.today import Task
from programs.admin import ProgramAdmin
from programs.admin.builder import Builder, PhaseRow
from programs.admin.forms import Choices
from programs.models import Program

site.unregister(Program)


@admin.register(Program, site=site)
class PrescribableProgramAdmin(ProgramAdmin):
    pages = ProgramAdmin.pages | {"preview": "preview/"}

    def preview_url(self) -> str:
        return reverse("admin:programs_program_preview")

    def prescribe_url(self, request: HttpRequest, program: Program) -> str:
        return reverse("admin:patients_patient_prescribe_program", query={"program": program.pk})

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


def tasks_of(row: PhaseRow | None) -> list[Task]:
    """The exercises whose numbers can be read so far."""
    return [Task(form.exercise, form.dose()) for form in row.doses if form.has_numbers] if row else []
