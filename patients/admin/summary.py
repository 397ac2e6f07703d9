"""One's own weekly email: how often it comes."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from clinic.actions.summaries import choose_summaries
from clinic.models import Summaries
from clinic.site import ClinicModelAdmin, acting, is_owner


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
        return self.page(
            request,
            "patients/admin/summary.html",
            title=_("My weekly email"),
            choices=Summaries.choices,
            chosen=by.summaries,
            address=by.user.email,
            weekday=by.clinic.get_summary_weekday_display(),
            is_owner=is_owner(request),
        )
