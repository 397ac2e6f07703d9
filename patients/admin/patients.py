from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Field, QuerySet
from django.forms import Field as FormField
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clinic.actions.access import invite, sign_out_phones
from clinic.actions.suppressing import standing
from clinic.models import Clinic, Membership
from clinic.returned import write_again
from clinic.site import ClinicModelAdmin, acting, site, today_of
from patients.actions.records import archive, bring_back, email_invitation, keep_record, next_code
from patients.actions.reminding import forget_devices
from patients.admin.alerts import AlertPages
from patients.admin.courses import CoursePages
from patients.admin.days_work import alerts_of, calls_of, left_of
from patients.admin.decide import DecidePages
from patients.admin.imports import ImportPages
from patients.admin.listing import Asked, choices_for, page_of_patients
from patients.admin.logs import LogPages
from patients.admin.overview import overview
from patients.admin.paper import PaperPages
from patients.admin.summary import SummaryPages
from patients.models import Patient
from programs.catalogue_words import unreviewed_languages


def wants_a_part(request: Any) -> bool:
    return bool(request.htmx) and not request.htmx.history_restore_request and not request.htmx.boosted


def age_in_words(patient: Patient, *, today: date) -> str:
    """Of a year of birth nobody knows the day."""
    oldest = today.year - (patient.birth_year or today.year)
    return _("%(least)d or %(most)d years") % {"least": oldest - 1, "most": oldest} if oldest > 0 else ""


def told_of(patient: Patient, clinic: Clinic, *, now: datetime) -> dict[str, Any]:
    """All that a clinician is shown, each thing once."""
    told, today = overview(clinic, patient, now=now), clinic.today(now)
    left = left_of({patient.pk: told["reasons"]}, clinic=clinic, today=today)
    return told | {
        "alerts": alerts_of(patient),
        "calls": calls_of(patient),
        "reasons": left[patient.pk],
        "today": today,
    }


CONTACT = ["code", "name", "email", "phone", "language"]


@admin.register(Patient, site=site)
class PatientAdmin(
    AlertPages, CoursePages, DecidePages, LogPages, PaperPages, ImportPages, SummaryPages, ClinicModelAdmin
):
    assistants_may = frozenset({"view", "invite"})
    search_fields = ["code", "name"]
    pages = (
        AlertPages.alert_pages
        | CoursePages.course_pages
        | DecidePages.decide_pages
        | LogPages.log_pages
        | PaperPages.paper_pages
        | ImportPages.import_pages
        | SummaryPages.summary_pages
        | {
            "record": "<uuid:pk>/record/",
            "archive": "<uuid:pk>/archive/",
            "bring_back": "<uuid:pk>/bring-back/",
            "invitation": "<uuid:pk>/invitation/",
            "sign_out": "<uuid:pk>/sign-out/",
            "write_again": "<uuid:pk>/write-again/",
        }
    )

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The list; as a part of the page where htmx asks for no more."""
        if not self.may(request, "view"):
            raise PermissionDenied
        by, today = acting(request), today_of(request)
        asked = Asked.of(request.GET, is_clinician=by.is_clinician)
        found = page_of_patients(asked, by=by, today=today) | choices_for(asked, by=by)
        if wants_a_part(request):
            return self.page(request, "patients/admin/_patients.html", part=True, **found)
        return self.page(request, "patients/admin/patients.html", title=_("Patients"), **found)

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        return queryset.found_by(search_term), False

    def get_fieldsets(self, request: HttpRequest, obj: Patient | None = None) -> list[Any]:
        care = {"fields": ["affected_knee", "responsible", "birth_year", "emergency_note"]}
        return [(_("Record"), {"fields": CONTACT}), (_("Care"), care)]

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"code": next_code(), "responsible": acting(request).pk} | super().get_changeform_initial_data(request)

    def formfield_for_dbfield(self, db_field: Field, request: HttpRequest, **kwargs: Any) -> FormField | None:
        if db_field.name == "language" and (languages := ", ".join(map(str, unreviewed_languages()))):
            sentence = _(
                "No clinician has reviewed the wording of the exercises in these languages yet: %(languages)s."
            )
            kwargs["help_text"] = sentence % {"languages": languages}
        if db_field.name == "responsible":
            kwargs["queryset"] = Membership.objects.clinicians().select_related("user").order_by("name")
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Patient]:
        return super().get_queryset(request).select_related("responsible__user")

    def save_model(self, request: HttpRequest, obj: Patient, form: Any, change: bool) -> None:
        keep_record(by=acting(request), patient=obj, now=timezone.now())

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """All there is to see of a patient; the form of the record has a page of its own."""
        if request.method == "POST":
            return super().change_view(request, object_id, form_url, extra_context)
        if not self.may(request, "view"):
            raise PermissionDenied
        patient, by, now = self.get_object(request, object_id), acting(request), timezone.now()
        told = told_of(patient, by.clinic, now=now) if by.is_clinician else {}
        return self.page(
            request,
            "patients/admin/patient.html",
            title=str(patient),
            original=patient,
            patient=patient,
            is_clinician=by.is_clinician,
            age=age_in_words(patient, today=by.clinic.today(now)),
            suppression=standing([patient.email]).get(patient.email.lower()),
            write_again=reverse("admin:patients_patient_write_again", args=[patient.pk]),
            **told,
        )

    def record(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        self.the(request, pk)
        one_way_out = {"show_save_and_continue": False, "show_save_and_add_another": False}
        context = {"title": _("Edit the record"), "below": True, **one_way_out}
        return super().change_view(request, str(pk), extra_context=context)

    def response_post_save_add(self, request: HttpRequest, obj: Patient) -> HttpResponse:
        return redirect("admin:patients_patient_change", obj.pk)

    def response_post_save_change(self, request: HttpRequest, obj: Patient) -> HttpResponse:
        return redirect("admin:patients_patient_change", obj.pk)

    def archive(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        return self.put(request, pk, archive, _("Archived. Nothing is lost; it can be brought back."))

    def bring_back(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        return self.put(request, pk, bring_back, _("Brought back from the archive."))

    def put(self, request: HttpRequest, pk: UUID, act: Any, done: Any) -> HttpResponse:
        patient = self.the(request, pk)
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        try:
            act(by=acting(request), patient=patient, now=timezone.now())
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        else:
            messages.success(request, done)
        return redirect("admin:patients_patient_change", patient.pk)

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
        forget_devices(record=patient.pk)
        messages.success(request, _("No phone is signed in by an invitation any more."))
        return redirect("admin:patients_patient_change", patient.pk)

    def write_again(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        patient = self.the(request, pk, "invite")
        return write_again(request, patient.email, back="admin:patients_patient_change", pk=pk)
