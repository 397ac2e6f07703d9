"""The admin-style site of a clinic. What it shows has passed the wall; this decides who may see and change it."""

from collections.abc import Callable, Mapping
from datetime import date
from functools import wraps
from typing import Any
from uuid import UUID

from csp.constants import UNSAFE_INLINE
from csp.decorators import csp_replace
from django.conf import settings
from django.contrib import messages
from django.contrib.admin.options import BaseModelAdmin
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError
from django.db.models import Field, Model, QuerySet
from django.forms import Field as FormField
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import SimpleTemplateResponse, TemplateResponse
from django.templatetags.static import static
from django.urls import URLPattern, path
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.sites import UnfoldAdminSite

from clinic import links
from clinic.accounts import signed_in_with_password
from clinic.finding import asked, find
from clinic.models import Membership, Role, User
from clinic.requests import memberships_of

# The one thing that these pages may and others may not: Unfold copies rows of a form with the styles they have.
POLICY = {"style-src-attr": [UNSAFE_INLINE]}


def staff_membership(request: HttpRequest) -> Membership | None:
    """The membership under which this request acts as staff; None for patients, and without a password."""
    staff = next((membership for membership in memberships_of(request) if membership.is_staff), None)
    return staff if staff and signed_in_with_password(request) else None


def acting(request: HttpRequest) -> Membership:
    """The same for who needs one. Raises PermissionDenied."""
    if membership := staff_membership(request):
        return membership
    raise PermissionDenied


def today_of(request: HttpRequest) -> date:
    """The date in the open clinic. Raises PermissionDenied for who isn't staff."""
    return acting(request).clinic.today(timezone.now())


def is_clinician(request: HttpRequest) -> bool:
    membership = staff_membership(request)
    return membership is not None and membership.is_clinician


def is_owner(request: HttpRequest) -> bool:
    membership = staff_membership(request)
    return membership is not None and membership.role == Role.OWNER


def clinic_name(request: HttpRequest) -> str:
    return acting(request).clinic.name


def mark(request: HttpRequest) -> str:
    return static("img/mark.svg")


def favicon(request: HttpRequest) -> str:
    return static("img/favicon.svg")


def stylesheet(request: HttpRequest) -> str:
    return static("css/staff.css")


def frame_stylesheet(request: HttpRequest) -> str:
    return static("css/staff/frame.css")


class ClinicSite(UnfoldAdminSite):
    index_title = _("This week")
    enable_nav_sidebar = True

    def has_permission(self, request: HttpRequest) -> bool:
        return staff_membership(request) is not None

    def admin_view(self, view: Callable[..., Any], cacheable: bool = False) -> Callable[..., HttpResponseBase]:
        page = csp_replace(POLICY)(super().admin_view(view, cacheable))

        @wraps(page)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not self.has_permission(request):
                return turned_away(request)
            # In one language, whatever the browser asks for, until all of it is translated.
            with timezone.override(acting(request).clinic.zone), translation.override(settings.LANGUAGE_CODE):
                answer = page(request, *args, **kwargs)
                return answer.render() if isinstance(answer, SimpleTemplateResponse) else answer

        return guarded

    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return redirect(links.outside("account_login"))

    def logout(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return redirect(links.outside("account_logout"))

    def app_index(self, request: HttpRequest, app_label: str, extra_context: Any = None) -> HttpResponse:
        return redirect("admin:index")

    def search(self, request: HttpRequest, extra_context: Any = None) -> TemplateResponse:
        """In place of Unfold's, which keeps what it found per user and not per clinic: this keeps nothing."""
        text = asked(request.GET.get("q", ""))
        groups = find(request, text)
        found = {"text": text, "groups": groups, "count": sum(len(group.found) for group in groups)}
        request.current_app = self.name
        if request.headers.get("HX-Request"):
            return TemplateResponse(request, "clinic/admin/_options.html", found)
        shell = self.each_context(request) | {"title": _("Find")}
        return TemplateResponse(request, "clinic/admin/search.html", shell | found)


def turned_away(request: HttpRequest) -> HttpResponse:
    """Staff without a password are asked for it. For patients there is nothing here."""
    if not any(membership.is_staff for membership in memberships_of(request)):
        raise Http404
    messages.warning(request, _("These pages need your password. A code or a link opens patients' pages only."))
    has_password = isinstance(request.user, User) and request.user.has_usable_password()
    door = "account_reauthenticate" if has_password else "account_reset_password"
    return links.sign_in_first(request, door)


site = ClinicSite(name="admin")


class ClinicPermissions(BaseModelAdmin):
    """Clinicians see and change; assistants what `assistants_may` names. Deleting is off unless a class turns it on."""

    assistants_may: frozenset[str] = frozenset()
    owners_only = False
    deletable = False

    def may(self, request: HttpRequest, what: str) -> bool:
        if self.owners_only:
            return is_owner(request)
        return is_clinician(request) or (what in self.assistants_may and staff_membership(request) is not None)

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

    def formfield_for_dbfield(self, db_field: Field, request: HttpRequest, **kwargs: Any) -> FormField | None:
        """Without the small buttons that change the related object from here."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None and isinstance(field.widget, RelatedFieldWidgetWrapper):
            field.widget = field.widget.widget
        return field


class ViewOnly(ClinicPermissions):
    """What is looked at here and changed elsewhere."""

    def may(self, request: HttpRequest, what: str) -> bool:
        return what == "view" and super().may(request, what)


class ClinicModelAdmin(ClinicPermissions, ModelAdmin):
    """Another clinic's object is 404. Django's admin log is not the clinic's, so nothing is written to it.

    `pages` are views of the class's own: the name of a method, and its route.
    """

    actions = None
    warn_unsaved_form = True
    pages: Mapping[str, str] = {}

    def get_urls(self) -> list[URLPattern]:
        label = f"{self.opts.app_label}_{self.opts.model_name}"
        own = [
            path(route, self.admin_site.admin_view(getattr(self, name)), name=f"{label}_{name}")
            for name, route in self.pages.items()
        ]
        return own + super().get_urls()

    def page(self, request: HttpRequest, template: str, **context: Any) -> TemplateResponse:
        request.current_app = self.admin_site.name
        shell = self.admin_site.each_context(request) | {"opts": self.opts}
        return TemplateResponse(request, template, shell | context)

    def the(self, request: HttpRequest, pk: UUID, what: str = "change") -> Any:
        """The object of one of `pages`, for somebody who may do this with it. Raises PermissionDenied, Http404."""
        if not self.may(request, what):
            raise PermissionDenied
        queryset: QuerySet[Model] = self.get_queryset(request)
        return get_object_or_404(queryset, pk=pk)

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        if (found := super().get_object(request, object_id, from_field)) is None:
            raise Http404
        return found

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        try:
            return super().delete_view(request, object_id, extra_context)
        except IntegrityError:
            messages.error(request, _("This is in use, so it can't be deleted."))
            return redirect(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", object_id)

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        raise Http404

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> None:
        return None

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> None:
        return None

    def log_deletions(self, request: HttpRequest, queryset: Any) -> None:
        return None
