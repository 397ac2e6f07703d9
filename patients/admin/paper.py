"""The sheet of paper that a patient takes home."""

import re
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from clinic import links
from clinic.actions.access import INVITATION_LASTS, invite
from clinic.site import ClinicModelAdmin, acting, today_of
from patients.handout.facts import Link, Paper
from patients.handout.layout import lay_out
from patients.handout.reading import NothingToHandOut, read_handout
from patients.models import Patient

NOTHING = gettext_noop("There is no program to hand out: prescribe one first.")
PAUSED = gettext_noop("The program is paused without an end, so it has no dates to print: resume it first.")
DAY = timedelta(days=1)


class PaperPages(ClinicModelAdmin):
    paper_pages = {
        "handout": "<uuid:pk>/handout/",
    }

    def handout(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """The PDF. By POST its QR code is a fresh invitation; otherwise it leads to where the patient signs in."""
        patient = self.the(request, pk)
        by, today = acting(request), today_of(request)
        paper = Paper.LETTER if request.GET.get("paper", request.POST.get("paper")) == Paper.LETTER else Paper.A4
        link = Link(url=links.absolute(links.inside(by.clinic, "today", patient.pk)))
        try:
            handout = read_handout(by.clinic, patient, link=link, today=today)
        except NothingToHandOut as nothing:
            messages.warning(request, _(PAUSED if nothing.paused else NOTHING))
            return redirect("admin:patients_patient_change", patient.pk)
        if request.method == "POST":
            url = invite(by=by, clinic=by.clinic, record=patient.pk, now=timezone.now())
            handout = replace(handout, link=Link(url=url, once_until=today + INVITATION_LASTS - DAY))
        return pdf(lay_out(handout, paper).output(), patient, handout.language)


def pdf(content: bytes, patient: Patient, language: str) -> HttpResponse:
    """Shown in the browser, under a name that tells the patient's code only."""
    code = re.sub(r"[^A-Za-z0-9-]+", "-", patient.code).strip("-") or "patient"
    return HttpResponse(
        content,
        content_type="application/pdf",
        headers={
            "Content-Disposition": f'inline; filename="handout-{code}.pdf"',
            "Content-Language": language,
            "Cache-Control": "no-store",
        },
    )
