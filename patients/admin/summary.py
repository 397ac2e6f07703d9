"""One's own weekly email: how often it comes, and what it would say now. Owners see everybody's."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.actions.summaries import choose_summaries
from clinic.models import Membership, Summaries
from clinic.site import ClinicModelAdmin, acting, is_owner
from patients.admin.course_forms import uuid_or_none
from patients.summaries import preview


class SummaryPages(ClinicModelAdmin):
    summary_pages = {"summary": "summary/"}

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
            preview=told,
            html=told.html_in_a_page(nonce=str(getattr(request, "csp_nonce", ""))),
        )


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
