from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList as BaseChangeList
from django.core.exceptions import ValidationError
from django.db.models import Field, QuerySet
from django.forms import Field as FormField
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.views import ChangeList

from clinic.actions.access import invite, sign_out_phones
from clinic.models import Membership
from clinic.site import ClinicModelAdmin, acting, is_clinician, site, today_of
from patients.actions.records import email_invitation, keep_record, next_code
from patients.adherence import monday_of
from patients.admin.courses import CoursePages
from patients.admin.figures import weeks_of
from patients.admin.logs import LogPages
from patients.admin.overview import overview
from patients.models import Patient
from patients.templatetags.weeks import band, figures

CONTACT = ["code", "name", "email", "phone", "language"]


class ResponsibleFilter(admin.RelatedFieldListFilter):
    """Those who are responsible for somebody, read with their names at once."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> list[tuple[Any, Any]]:
        with_patients = model_admin.get_queryset(request).order_by().values("responsible")
        people = Membership.objects.filter(pk__in=with_patients).select_related("user").order_by("name")
        return [(person.pk, str(person)) for person in people]


class PatientList(ChangeList):
    """The page's patients with their week, for those who may see it."""

    result_list: Any

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        patients: list[Any] = list(self.result_list)
        self.result_list = patients
        if is_clinician(request):
            today = today_of(request)
            weeks = weeks_of([patient.pk for patient in patients], monday_of(today), today=today)
            for patient in patients:
                [patient.this_week] = weeks[patient.pk]


@admin.register(Patient, site=site)
class PatientAdmin(CoursePages, LogPages, ClinicModelAdmin):
    assistants_may = frozenset({"view", "invite"})
    search_fields = ["code", "name"]
    list_display_links = ["code", "name"]
    list_select_related = ["responsible__user"]
    change_form_outer_before_template = "patients/admin/_patient.html"
    pages = (
        CoursePages.course_pages
        | LogPages.log_pages
        | {
            "invitation": "<uuid:pk>/invitation/",
            "sign_out": "<uuid:pk>/sign-out/",
        }
    )

    def get_list_display(self, request: HttpRequest) -> list[str]:
        return [
            "code",
            "name",
            "responsible",
            *(["affected_knee", "week"] if is_clinician(request) else ["email", "phone"]),
        ]

    def get_list_filter(self, request: HttpRequest) -> list[Any]:
        return [
            ("responsible", ResponsibleFilter),
            *(["affected_knee"] if is_clinician(request) else []),
        ]

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[BaseChangeList]:
        return PatientList

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """For assistants no filter by what they may not see."""
        known = is_clinician(request) or lookup.partition("__")[0] in [*CONTACT, "responsible"]
        return known and super().lookup_allowed(lookup, value, request)

    def get_fieldsets(self, request: HttpRequest, obj: Patient | None = None) -> list[Any]:
        if not is_clinician(request):
            return [(None, {"fields": [*CONTACT, "clinician"]})]
        care = {"fields": ["affected_knee", "responsible", "birth_year", "emergency_note"]}
        return [(_("Record"), {"fields": CONTACT}), (_("Care"), care)]

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"code": next_code(), "responsible": acting(request).pk} | super().get_changeform_initial_data(request)

    def formfield_for_dbfield(self, db_field: Field, request: HttpRequest, **kwargs: Any) -> FormField | None:
        if db_field.name == "responsible":
            kwargs["queryset"] = Membership.objects.clinicians().select_related("user").order_by("name")
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Patient]:
        return super().get_queryset(request).select_related("responsible__user")

    def save_model(self, request: HttpRequest, obj: Patient, form: Any, change: bool) -> None:
        keep_record(patient=obj)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        patient = self.get_object(request, object_id)
        extra_context = (extra_context or {}) | {"patient": patient}
        if is_clinician(request):
            extra_context |= overview(acting(request).clinic, patient, now=timezone.now())
        return super().change_view(request, object_id, form_url, extra_context)

    def invitation(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """A fresh link, on the answer to the button and nowhere else; for the front desk, to the record's address."""
        patient = self.the(request, pk, "invite")
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        by, now = acting(request), timezone.now()
        if by.is_clinician:
            link = invite(by=by, clinic=by.clinic, record=patient.pk, now=now)
            return self.page(request, "patients/admin/invitation.html", original=patient, patient=patient, link=link)
        try:
            email_invitation(by=by, patient=patient, now=now)
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        else:
            messages.success(request, _("The invitation is on its way to %(email)s.") % {"email": patient.email})
        return redirect("admin:patients_patient_change", patient.pk)

    def sign_out(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """For a phone that was lost: it needs a new invitation to get in again."""
        patient = self.the(request, pk)
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        sign_out_phones(record=patient.pk)
        messages.success(request, _("No phone is signed in by an invitation any more."))
        return redirect("admin:patients_patient_change", patient.pk)

    @display(description=_("responsible clinician"))
    def clinician(self, patient: Patient) -> str:
        """In words, for who may not open the page of that person."""
        return str(patient.responsible or "–")

    @display(description=_("this week so far"))
    def week(self, patient: Any) -> SafeString | str:
        week = patient.this_week
        return figures(week) if week.due else format_html('<span class="staff">{}</span>', band(week))
