from datetime import date
from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList as BaseChangeList
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.views import ChangeList

from clinic.site import ClinicModelAdmin, site
from programs.admin.compare import ComparePages
from programs.admin.pages import BuilderPages
from programs.models import Program
from programs.words import program_in_short


class ProgramList(ChangeList):
    def get_queryset(self, request: HttpRequest, *args: Any, **kwargs: Any) -> QuerySet[Program]:
        return super().get_queryset(request, *args, **kwargs).prefetch_related("phases")


@admin.register(Program, site=site)
class ProgramAdmin(BuilderPages, ComparePages, ClinicModelAdmin):
    list_display = ["title", "state", "phases_in_short", "made_by", "made_on"]
    list_filter = ["is_template", ("frozen_at", admin.EmptyFieldListFilter)]
    list_select_related = ["made_by__user"]
    search_fields = ["title"]
    deletable = True
    pages = BuilderPages.builder_pages | ComparePages.compare_pages

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[BaseChangeList]:
        return ProgramList

    def has_change_permission(self, request: HttpRequest, obj: Program | None = None) -> bool:
        return super().has_change_permission(request, obj) and not (obj and obj.is_frozen)

    def has_delete_permission(self, request: HttpRequest, obj: Program | None = None) -> bool:
        """Not what was prescribed, nor the template that it was copied from."""
        if not super().has_delete_permission(request, obj):
            return False
        return obj is None or not (obj.is_frozen or obj.copies.exclude(frozen_at=None).exists())

    @display(description=_("state"), label={"prescribed": "info", "template": "primary", "draft": "warning"})
    def state(self, program: Program) -> tuple[str, Any]:
        if program.is_frozen:
            return "prescribed", _("prescribed")
        return ("template", _("template")) if program.is_template else ("draft", _("draft"))

    @display(description=_("made on"), ordering="made_at")
    def made_on(self, program: Program) -> date:
        return timezone.localdate(program.made_at)

    @display(description=_("phases"))
    def phases_in_short(self, program: Program) -> str:
        return program_in_short(program.phases.all()) or "–"
