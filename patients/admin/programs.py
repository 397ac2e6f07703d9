"""A program's page, with the way to prescribe it: the app below knows no patients."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from clinic.site import site
from programs.admin import ProgramAdmin
from programs.models import Program

site.unregister(Program)


@admin.register(Program, site=site)
class PrescribableProgramAdmin(ProgramAdmin):
    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        url = reverse("admin:patients_patient_prescribe_program", query={"program": object_id})
        return super().change_view(request, object_id, form_url, (extra_context or {}) | {"prescribe_url": url})
