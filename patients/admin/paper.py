"""The sheet of paper that a patient takes home, and its twin: the page on which staff type in what was ticked."""

import re
from dataclasses import replace
from datetime import date, timedelta
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext
from uuid_utils.compat import uuid7

from clinic import links
from clinic.actions.access import INVITATION_LASTS, invite
from clinic.site import ClinicModelAdmin, acting, today_of
from patients.actions.paper import SheetRefused, keep_sheet
from patients.adherence import monday_of
from patients.admin.paper_sheet import PaperSheet
from patients.handout.facts import Link, Paper
from patients.handout.layout import lay_out
from patients.handout.reading import NothingToHandOut, read_handout
from patients.models import Patient
from patients.paper import Ticked

NOTHING = gettext_noop("There is no program to hand out: prescribe one first.")
PAUSED = gettext_noop("The program is paused without an end, so it has no dates to print: resume it first.")
DAY = timedelta(days=1)
EARLIEST = date(2000, 1, 3)


class PaperPages(ClinicModelAdmin):
    paper_pages = {
        "handout": "<uuid:pk>/handout/",
        "paper": "<uuid:pk>/paper/",
    }

    def handout(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """The PDF. By POST its QR code is a fresh invitation; otherwise it leads to where the patient signs in."""
        patient = self.the(request, pk)
        by, today = acting(request), today_of(request)
        paper = Paper.LETTER if request.GET.get("paper", request.POST.get("paper")) == Paper.LETTER else Paper.A4
        link = Link(url=links.absolute(links.inside(by.clinic, "today", patient.pk)), by_email=bool(patient.email))
        try:
            handout = read_handout(by.clinic, patient, link=link, today=today)
        except NothingToHandOut as nothing:
            messages.warning(request, _(PAUSED if nothing.paused else NOTHING))
            return redirect("admin:patients_patient_change", patient.pk)
        if request.method == "POST":
            url = invite(by=by, clinic=by.clinic, record=patient.pk, now=timezone.now())
            handout = replace(handout, link=Link(url=url, once_until=today + INVITATION_LASTS - DAY))
        return pdf(lay_out(handout, paper).output(), patient, handout.language)

    def paper(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """The paper twin: what was ticked at home is typed in, six weeks at a time."""
        patient, today = self.the(request, pk), today_of(request)
        sheet = PaperSheet(patient, asked_monday(request, today), today, page_id(request), request.POST)
        if request.method == "POST":
            days = sheet.read()
            if not days and not sheet.has_problems:
                messages.warning(request, _("Nothing was typed in yet."))
            elif not sheet.has_problems and self.kept(request, sheet, days):
                return redirect(f"{request.path}?{urlencode({'from': sheet.monday})}")
        title = _("Type in a calendar")
        back = reverse("admin:patients_patient_change", args=[patient.pk])
        return self.page(
            request,
            "patients/admin/paper.html",
            sheet=sheet,
            original=patient,
            patient=patient,
            title=title,
            back=back,
        )

    def kept(self, request: HttpRequest, sheet: PaperSheet, days: dict[date, Ticked]) -> bool:
        by, now = acting(request), timezone.now()
        try:
            new = keep_sheet(by=by, patient=sheet.patient.pk, sheet=sheet.page, days=days, now=now)
        except SheetRefused as refused:
            sheet.tell(refused.problems)
            return False
        saved = ngettext("%(days)d day saved.", "%(days)d days saved.", new) % {"days": new}
        messages.success(request, saved if new else _("All of this was saved before."))
        return True


def asked_monday(request: HttpRequest, today: date) -> date | None:
    """The Monday of the date that was asked for, today's at the latest; None for none and for nonsense."""
    try:
        return max(monday_of(min(date.fromisoformat(request.GET.get("from", "")), today)), EARLIEST)
    except (ValueError, OverflowError):
        return None


def page_id(request: HttpRequest) -> UUID:
    """Made with the page, so that what is sent twice is kept once."""
    try:
        return UUID(request.POST.get("page", ""))
    except ValueError:
        return uuid7()


def pdf(content: bytes, patient: Patient, language: str) -> HttpResponse:
    """Shown in the browser, under a name that tells the patient's code only."""
    code = re.sub(r"[^A-Za-z0-9-]+", "-", patient.code).strip("-") or "patient"
    answer = HttpResponse(
        content,
        content_type="application/pdf",
        headers={
            "Content-Disposition": f'inline; filename="handout-{code}.pdf"',
            "Content-Language": language,
            "Cache-Control": "no-store",
        },
    )
    answer._csp_exempt = True  # type: ignore[attr-defined]  # a policy for pages can keep a browser's viewer from a PDF
    return answer
