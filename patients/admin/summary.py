"""One's own weekly email: how often it comes, and what it would say now. Owners see everybody's."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.actions.summaries import choose_clinic_week, choose_summaries
from clinic.models import Membership, Summaries
from clinic.site import ClinicModelAdmin, acting, is_owner
from patients.admin.course_forms import uuid_or_none
from patients.summaries import CLINIC_WEEK, Preview, preview


class SummaryPages(ClinicModelAdmin):
    summary_pages = {"summary": "summary/", "clinic_week": "clinic-week/"}

    def summary(self, request: HttpRequest) -> HttpResponse:
        if not self.may(request, "change"):
            raise PermissionDenied
        by = acting(request)
        if request.method == "POST":
            try:
                choose_summaries(by=by, choice=request.POST.get("choice", ""))
            except ValidationError as error:
                messages.error(request, " ".join(error.messages))
            else:
                messages.success(request, _("Saved."))
            return redirect("admin:patients_patient_summary")
        recipient = shown_to(request, by)
        told = preview(recipient, now=timezone.now())
        return self.page(
            request,
            "patients/admin/summary.html",
            title=_("My weekly email"),
            choices=Summaries.choices,
            chosen=by.summaries,
            address=by.user.email,
            weekday=by.clinic.get_summary_weekday_display(),
            is_owner=is_owner(request),
            recipients=recipients() if is_owner(request) else [],
            recipient=recipient,
            **shown(request, told),
        )

    def clinic_week(self, request: HttpRequest) -> HttpResponse:
        """The clinic's, for its owners."""
        if not is_owner(request):
            raise PermissionDenied
        by = acting(request)
        if request.method == "POST":
            choose_clinic_week(by=by, wanted=request.POST.get("choice") == "on")
            messages.success(request, _("Saved."))
            return redirect("admin:patients_patient_clinic_week")
        return self.page(
            request,
            "patients/admin/clinic_week.html",
            title=_("The clinic's weekly email"),
            wanted=by.clinic_week,
            address=by.user.email,
            weekday=by.clinic.get_summary_weekday_display(),
            **shown(request, preview(by, now=timezone.now(), kind=CLINIC_WEEK)),
        )


def shown(request: HttpRequest, told: Preview) -> dict[str, Any]:
    """For the template: an email, and its HTML as a frame of ours takes it."""
    return {"preview": told, "html": told.html_in_a_page(nonce=str(getattr(request, "csp_nonce", "")))}


def recipients() -> QuerySet[Membership]:
    return Membership.objects.clinicians().select_related("clinic", "user").order_by("name")


def shown_to(request: HttpRequest, by: Membership) -> Membership:
    """Whose email is looked at: one's own, or for an owner anybody's. Raises Http404."""
    of = request.GET.get("of")
    if not of or of == str(by.pk):
        return by
    if not is_owner(request):
        raise Http404
    return get_object_or_404(recipients(), pk=uuid_or_none(of))
