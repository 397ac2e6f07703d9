"""The admin-style site of a clinic. What it shows has passed the wall; this decides who may see and change it."""

from typing import Any

from django.contrib.admin.options import BaseModelAdmin
from django.http import Http404, HttpRequest, HttpResponse
from unfold.admin import ModelAdmin, StackedInline, TabularInline
from unfold.sites import UnfoldAdminSite

from clinic.accounts import signed_in_with_password
from clinic.models import Membership


def staff_membership(request: HttpRequest) -> Membership | None:
    """The membership under which this request acts as staff; None for patients, and without a password."""
    memberships = getattr(request, "memberships", [])
    staff = next((membership for membership in memberships if membership.is_staff), None)
    return staff if staff and signed_in_with_password(request) else None


class ClinicSite(UnfoldAdminSite):
    site_header = site_title = "Steady Knee"
    index_title = "The clinic"
    enable_nav_sidebar = True

    def has_permission(self, request: HttpRequest) -> bool:
        return staff_membership(request) is not None


site = ClinicSite(name="admin")


class ClinicPermissions(BaseModelAdmin):
    """Clinicians see and change; assistants what `assistants_may` names. Deleting is off unless a class turns it on."""

    assistants_may: frozenset[str] = frozenset()
    deletable = False

    def may(self, request: HttpRequest, what: str) -> bool:
        membership = staff_membership(request)
        return membership is not None and (membership.is_clinician or what in self.assistants_may)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.may(request, "view")

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may(request, "view")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may(request, "add")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may(request, "change")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.deletable and self.may(request, "delete")


class ClinicModelAdmin(ClinicPermissions, ModelAdmin):
    """Another clinic's object is 404. Django's admin log is not the clinic's, so nothing is written to it."""

    def _get_obj_does_not_exist_redirect(self, request: HttpRequest, opts: Any, object_id: str) -> HttpResponse:
        raise Http404

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> None:
        return None

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> None:
        return None

    def log_deletions(self, request: HttpRequest, queryset: Any) -> None:
        return None


class ClinicTabularInline(ClinicPermissions, TabularInline):
    extra = 0


class ClinicStackedInline(ClinicPermissions, StackedInline):
    extra = 0
