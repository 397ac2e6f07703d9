from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Field, QuerySet
from django.forms.utils import ErrorDict
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.widgets import UnfoldAdminSelectWidget

from clinic.inlines import ClinicStackedInline
from clinic.site import ClinicModelAdmin, acting, site
from programs.actions import check_prescribable, copy_program
from programs.admin.forms import DoseForm, DoseFormSet, PhaseForm, placement_choices
from programs.models import Band, Dose, Exercise, Phase, Program
from programs.words import usual_dose


class OfProgram(ClinicStackedInline):
    """Rows of a program, which change as long as it does."""

    deletable = True
    ordering_field = "position"
    hide_ordering_field = True

    def get_fieldsets(self, request: HttpRequest, obj: Program | Phase | None = None) -> Any:
        """Without the position where nothing can be moved."""
        fieldsets = super().get_fieldsets(request, obj)
        if not is_frozen(obj):
            return fieldsets
        return [
            (title, options | {"fields": [name for name in options["fields"] if name != "position"]})
            for title, options in fieldsets
        ]

    def has_add_permission(self, request: HttpRequest, obj: Program | Phase | None = None) -> bool:
        return super().has_add_permission(request, obj) and not is_frozen(obj)

    def has_change_permission(self, request: HttpRequest, obj: Program | None = None) -> bool:
        return super().has_change_permission(request, obj) and not is_frozen(obj)

    def has_delete_permission(self, request: HttpRequest, obj: Program | None = None) -> bool:
        return super().has_delete_permission(request, obj) and not is_frozen(obj)


class DoseInline(OfProgram):
    model = Dose
    form = DoseForm
    formset = DoseFormSet
    verbose_name = _("exercise")
    verbose_name_plural = _("exercises of this phase")
    fieldsets = [
        (
            None,
            {
                "fields": [
                    ("exercise", "required"),
                    ("sets_min", "sets_max", "amount_min", "amount_max"),
                    "reason",
                    "position",
                ]
            },
        ),
        (
            _("Bands, rest and words for the patient"),
            {
                "classes": ["collapse"],
                "fields": [
                    ("placement", "short_band", "long_band"),
                    ("rest_seconds", "hold_seconds", "tempo"),
                    ("own_cues", "substitute"),
                ],
            },
        ),
    ]

    def formfield_for_dbfield(self, db_field: Field, request: HttpRequest, **kwargs: Any) -> forms.Field | None:
        if db_field.name == "placement":
            places = placement_choices(choices_of(request).exercises)
            return forms.ChoiceField(
                label=db_field.verbose_name, required=False, choices=places, widget=UnfoldAdminSelectWidget
            )
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.related_model is Band:
            kwargs["queryset"] = Band.objects.filter(ladder__length=db_field.name.removesuffix("_band"))
        field: Any = super().formfield_for_foreignkey(db_field, request, **kwargs)
        field.choices = choices_of(request).of(db_field.name)
        if db_field.name == "exercise":
            field.help_text = choices_of(request).doses
        return field


class PhaseInline(OfProgram):
    model = Phase
    form = PhaseForm
    inlines = [DoseInline]
    fieldsets = [(None, {"fields": [("title", "weeks"), "frequency", "weekdays", "position"]})]


@admin.register(Program, site=site)
class ProgramAdmin(ClinicModelAdmin):
    list_display = ["title", "state", "phases_in_short", "made_by", "made_on"]
    list_filter = ["is_template", ("frozen_at", admin.EmptyFieldListFilter)]
    list_select_related = ["made_by__user"]
    search_fields = ["title"]
    fields = ["title", "goal", "notes_for_patient", "notes_for_staff", "is_template"]
    inlines = [PhaseInline]
    deletable = True
    warn_unsaved_form = True
    compressed_fields = False
    change_form_outer_before_template = "programs/admin/_program.html"
    pages = {"copy": "<uuid:pk>/copy/"}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Program]:
        return super().get_queryset(request).prefetch_related("phases__doses__exercise")

    def has_change_permission(self, request: HttpRequest, obj: Program | None = None) -> bool:
        return super().has_change_permission(request, obj) and not is_frozen(obj)

    def has_delete_permission(self, request: HttpRequest, obj: Program | None = None) -> bool:
        return super().has_delete_permission(request, obj) and not is_frozen(obj)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        program = self.get_object(request, object_id)
        if request.method == "POST" and self.may(request, "change") and is_frozen_for_good(program):
            messages.error(
                request,
                _("This program was prescribed meanwhile and can't change any more. Copy it and change the copy."),
            )
            return redirect("admin:programs_program_change", object_id)
        extra_context = (extra_context or {}) | {"program": program, "missing": missing_in(program)}
        return super().change_view(request, object_id, form_url, extra_context)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """The line at the top that there are mistakes: Django looks for them in phases only, not in their exercises."""
        if request.method == "POST":
            context["errors"] = context["errors"] or mistakes_in_doses(context["inline_admin_formsets"])
        return super().render_change_form(request, context, *args, **kwargs)

    def save_model(self, request: HttpRequest, obj: Program, form: forms.ModelForm, change: bool) -> None:
        if not change:
            obj.made_by = acting(request)
        super().save_model(request, obj, form, change)

    def copy(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        program = self.the(request, pk, "add")
        if request.method != "POST":
            raise PermissionDenied
        copy = copy_program(by=acting(request), program=program, now=timezone.now())
        messages.success(request, _("This is a copy. Change it as you like; the one before stays as it is."))
        return redirect("admin:programs_program_change", copy.pk)

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
        return "; ".join(", ".join(str(dose) for dose in phase.doses.all()) for phase in program.phases.all()) or "–"


class Choices:
    """What the many dose forms of one page offer, read once for all of them."""

    def __init__(self) -> None:
        self.exercises = list(Exercise.objects.all())
        self.bands = list(Band.objects.select_related("ladder").order_by("ladder__maker", "position"))
        self.doses = " ".join(f"{exercise}: {usual_dose(exercise)}." for exercise in self.exercises)

    def of(self, name: str) -> list[tuple[Any, Any]]:
        if name == "exercise":
            return [
                ("", _("Choose an exercise")),
                *((each.pk, each.name) for each in self.exercises if not each.retired),
            ]
        length = name.removesuffix("_band")
        fitting = (band for band in self.bands if band.ladder.length == length)
        return [("", _("none")), *((band.pk, f"{band.ladder.maker}: {band}") for band in fitting)]


def choices_of(request: HttpRequest) -> Choices:
    of_request = vars(request)
    if "dose_choices" not in of_request:
        of_request["dose_choices"] = Choices()
    return of_request["dose_choices"]


def mistakes_in_doses(inlines: Iterable[Any]) -> ErrorDict:
    phases = (phase for inline in inlines for phase in inline.formset.forms)
    doses = (form for phase in phases for nested in phase.nested_formsets for form in nested.formset.forms)
    return ErrorDict({form.prefix: form.errors for form in doses if form.errors})


def is_frozen(row: Program | Phase | None) -> bool:
    if row is None or row._state.adding:
        return False
    return (row.program if isinstance(row, Phase) else row).is_frozen


def is_frozen_for_good(program: Program) -> bool:
    """Whether it is frozen, asked under a lock: what prescribes it waits until this request is done."""
    return Program.objects.select_for_update().get(pk=program.pk).is_frozen


def missing_in(program: Program) -> list[str]:
    """What is missing before it can be prescribed, in sentences."""
    try:
        check_prescribable(program)
    except ValidationError as error:
        return error.messages
    return []
