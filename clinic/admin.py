"""The clinic itself: its staff and who stands in for whom, its settings, its outbox."""

from typing import Any
from uuid import UUID
from zoneinfo import available_timezones

from allauth.account.forms import ResetPasswordForm
from allauth.core.context import request_context
from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, Field, OuterRef, QuerySet
from django.forms import Field as FormField
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.widgets import (
    BASE_INPUT_CLASSES,
    UnfoldAdminEmailInputWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from clinic.actions.deputies import name_deputy
from clinic.actions.retrying import retry
from clinic.actions.staff import STAFF_ROLES, add_staff, check_an_owner_stays, check_is_not_staff
from clinic.actions.suppressing import standing
from clinic.models import Clinic, Deputy, Membership, Message, Role, Suppression
from clinic.models.clinic import LONGEST_SIGN, MOST_SIGNS
from clinic.models.thresholds import THRESHOLDS
from clinic.returned import write_again
from clinic.site import ClinicModelAdmin, ViewOnly, acting, is_owner, site

INVITED = _("%(email)s gets an email with a link to choose a password. The sign-in page sends another to who asks.")
NOT_INVITED = _(
    "Emails to %(email)s don't arrive, so no link was sent. Their page says why, and how to go on. After that, the "
    "sign-in page sends a link to who asks."
)


class NewStaffForm(forms.ModelForm):
    name = forms.CharField(label=_("Name"), max_length=120, widget=UnfoldAdminTextInputWidget)
    email = forms.EmailField(
        label=_("Email"),
        widget=UnfoldAdminEmailInputWidget,
        help_text=_("They get an email with a link to choose a password."),
    )
    role = forms.ChoiceField(label=_("Role"), choices=STAFF_ROLES, widget=UnfoldAdminSelectWidget)

    class Meta:
        model = Membership
        fields: list[str] = []

    def clean_email(self) -> str:
        check_is_not_staff(self.cleaned_data["email"])
        return self.cleaned_data["email"]

    def save(self, commit: bool = True) -> Membership:
        super().save(commit=False)
        self.instance = add_staff(**self.cleaned_data)
        return self.instance


class StaffForm(forms.ModelForm):
    role = forms.ChoiceField(label=_("Role"), choices=STAFF_ROLES, widget=UnfoldAdminSelectWidget)

    class Meta:
        model = Membership
        fields = ["name", "role", "summaries", "is_active"]

    def clean(self) -> dict[str, Any]:
        if "role" in self.cleaned_data:
            check_an_owner_stays(
                membership=self.instance, role=self.cleaned_data["role"], is_active=self.cleaned_data["is_active"]
            )
        return self.cleaned_data


@admin.register(Membership, site=site)
class StaffAdmin(ClinicModelAdmin):
    owners_only = True
    list_display = ["person", "email", "role", "summaries", "is_active"]
    list_select_related = ["user"]
    ordering = ["name"]
    search_fields = ["name", "user__email"]
    change_form_outer_before_template = "clinic/admin/_returned_here.html"
    pages = {"write_again": "<uuid:pk>/write-again/"}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Membership]:
        suppressed = Exists(Suppression.objects.standing().filter(address=OuterRef("user__email")))
        staff = super().get_queryset(request).exclude(role=Role.PATIENT)
        return staff.select_related("user").annotate(suppressed=suppressed)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        return super().get_form(request, obj, change, **kwargs | {"form": StaffForm if change else NewStaffForm})

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        return ["name", "email", "role", "summaries", "is_active"] if obj else ["name", "email", "role"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["email"] if obj else []

    @display(description=_("name"), ordering="name")
    def person(self, membership: Membership) -> str:
        return str(membership)

    @display(description=_("email"))
    def email(self, membership: Membership) -> str:
        address = membership.user.email or ""
        if getattr(membership, "suppressed", False):
            return _("%(address)s (emails don't arrive)") % {"address": address}
        return address

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        member = self.get_object(request, object_id)
        suppression = standing([member.user.email or ""]).get(member.user.email)
        again = reverse("admin:clinic_membership_write_again", args=[member.pk])
        told = {"suppression": suppression, "write_again": again}
        return super().change_view(request, object_id, form_url, (extra_context or {}) | told)

    def write_again(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        member = self.the(request, pk)
        return write_again(request, member.user.email or "", back="admin:clinic_membership_change", pk=pk)

    def save_model(self, request: HttpRequest, obj: Membership, form: Any, change: bool) -> None:
        if change:
            super().save_model(request, obj, form, change)
            return
        said = {"email": obj.user.email}
        if standing([obj.user.email or ""]):
            messages.warning(request, NOT_INVITED % said)
            return
        transaction.on_commit(lambda: email_a_link_to_choose_a_password(request, obj), robust=True)
        messages.info(request, INVITED % said)


def email_a_link_to_choose_a_password(request: HttpRequest, membership: Membership) -> None:
    """To everybody alike: whether somebody has a password already is not this clinic's to know."""
    form = ResetPasswordForm({"email": membership.user.email})
    with request_context(request):
        if form.is_valid():
            form.save(request)


@admin.register(Deputy, site=site)
class DeputyAdmin(ClinicModelAdmin):
    """All clinicians see who is away. Owners name anybody's deputy, others their own."""

    list_display = ["clinician", "deputy", "starts_on", "ends_on"]
    fields = ["clinician", "deputy", "starts_on", "ends_on"]
    deletable = True

    def get_queryset(self, request: HttpRequest) -> QuerySet[Deputy]:
        return super().get_queryset(request).select_related("clinician__user", "deputy__user")

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"clinician": acting(request).pk} | super().get_changeform_initial_data(request)

    def formfield_for_dbfield(self, db_field: Field, request: HttpRequest, **kwargs: Any) -> FormField | None:
        if db_field.name in {"starts_on", "ends_on"}:
            date = {"type": "date", "class": " ".join([*BASE_INPUT_CLASSES, "max-w-2xl"])}
            return db_field.formfield(widget=forms.DateInput(attrs=date, format="%Y-%m-%d"))
        if db_field.name in {"clinician", "deputy"}:
            clinicians = Membership.objects.clinicians().select_related("user").order_by("name")
            theirs = db_field.name == "clinician" and not is_owner(request)
            kwargs["queryset"] = clinicians.filter(pk=acting(request).pk) if theirs else clinicians
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and self.is_theirs(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and self.is_theirs(request, obj)

    def is_theirs(self, request: HttpRequest, deputy: Deputy | None) -> bool:
        return deputy is None or is_owner(request) or deputy.clinician_id == acting(request).pk

    def save_model(self, request: HttpRequest, obj: Deputy, form: Any, change: bool) -> None:
        name_deputy(by=acting(request), deputy=obj, now=timezone.now())


class ClinicForm(forms.ModelForm):
    time_zone = forms.ChoiceField(
        label=_("Time zone"),
        choices=[(zone, zone) for zone in sorted(available_timezones())],
        widget=UnfoldAdminSelectWidget,
    )
    colour = forms.CharField(
        label=_("Colour"),
        widget=forms.TextInput(attrs={"type": "color"}),
        help_text=Clinic._meta.get_field("colour").help_text,
    )
    red_flags = forms.CharField(
        label=_("Warning signs"),
        required=False,
        widget=UnfoldAdminTextareaWidget,
        help_text=_("The clinic's own list, one on each line. Empty: the default list, until you have reviewed it."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["red_flags"] = "\n".join(self.instance.red_flags)

    def clean_colour(self) -> str:
        return self.cleaned_data["colour"].lower()

    def clean_red_flags(self) -> list[str]:
        signs = [line for text in self.cleaned_data["red_flags"].splitlines() if (line := text.strip())]
        if len(signs) > MOST_SIGNS or any(len(sign) > LONGEST_SIGN for sign in signs):
            limits = {"most": MOST_SIGNS, "longest": LONGEST_SIGN}
            raise ValidationError(_("At most %(most)d warning signs of %(longest)d characters each.") % limits)
        return signs


@admin.register(Clinic, site=site)
class SettingsAdmin(ClinicModelAdmin):
    """The settings of the clinic that is open. All clinics' rows can be read, so this one alone is asked for."""

    owners_only = True
    form = ClinicForm
    fieldsets = [
        (None, {"fields": ["name", "phone", "emergency_number", "colour", "language", "time_zone"]}),
        (_("Safety"), {"fields": ["red_flags", "pain_acceptable_from", "pain_too_much_from"]}),
        (
            _("Alerts"),
            {"fields": [*THRESHOLDS], "description": _("When a patient needs a clinician.")},
        ),
        (_("Weekly summary"), {"fields": ["summary_weekday", "summary_hour", "names_in_email"]}),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Clinic]:
        return super().get_queryset(request).filter(pk=acting(request).clinic.pk)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return redirect("admin:clinic_clinic_change", acting(request).clinic.pk)


@admin.register(Message, site=site)
class OutboxAdmin(ViewOnly, ClinicModelAdmin):
    owners_only = True
    pages = {"retry": "<uuid:pk>/retry/"}
    change_form_outer_before_template = "clinic/admin/_retry.html"
    list_display = ["week", "kind", "recipient", "state", "due_at", "sent_at", "attempts", "error"]
    list_filter = ["state"]
    list_select_related = ["recipient__user"]
    ordering = ["-due_at"]
    fields = [
        *["recipient", "kind", "week", "state", "subject", "sent_to"],
        *["due_at", "claimed_at", "sent_at", "attempts", "error", "created_at"],
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Message]:
        """What comes once a week to the staff. What patients get, and when, is theirs."""
        return super().get_queryset(request).filter(key="", recipient__record=None)

    def retry(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        message = self.the(request, pk, "view")
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if retry(message=message.pk, now=timezone.now()):
            messages.success(request, _("It is sent in a moment. This page then says what became of it."))
        return redirect("admin:clinic_message_change", message.pk)
