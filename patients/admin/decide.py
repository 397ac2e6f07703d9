"""Deciding about a patient after reading a week: each page asks, and only what is sent from it acts, once."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminTextareaWidget

from clinic.models import Clinic
from clinic.site import ClinicModelAdmin, acting
from patients.actions.deciding import LONGEST_NOTE, Reading, decide, decided_about, last_week, mark_called
from patients.actions.prescribing import FIRST_DATE
from patients.adherence import monday_of
from patients.admin.course_forms import CourseForm, date_field, decisions_shown, submission_key
from patients.admin.days_work import alerts_of
from patients.admin.decision_words import what
from patients.admin.planning import form_of
from patients.models import Decision, Patient
from patients.summaries import ways_to_decide, week_of_one

CALL_BACK, SEEN = Decision.Kind.CALL_BACK, Decision.Kind.SEEN
TITLES = {CALL_BACK: gettext_lazy("Call back"), SEEN: gettext_lazy("Seen")}
BUTTONS = {CALL_BACK: gettext_lazy("Call back on this date"), SEEN: gettext_lazy("I have seen it")}


def note_field(label: Any, **kwargs: Any) -> forms.CharField:
    widget = UnfoldAdminTextareaWidget(attrs={"rows": 3})
    return forms.CharField(label=label, max_length=LONGEST_NOTE, widget=widget, **kwargs)


class SeenForm(CourseForm):
    key = submission_key()
    decided = decisions_shown()
    note = note_field(
        gettext_lazy("Note"), required=False, help_text=gettext_lazy("Kept in the patient's history, with your name.")
    )


class CallForm(SeenForm):
    call_on = date_field(gettext_lazy("Call on"))
    field_order = ["key", "decided", "call_on", "note"]


class CalledForm(forms.Form):
    note = note_field(
        gettext_lazy("What came of it"),
        help_text=gettext_lazy("Kept in the patient's history, with your name."),
        error_messages={"required": gettext_lazy("Say in a few words what came of it.")},
    )


FORMS: dict[str, type[SeenForm]] = {CALL_BACK: CallForm, SEEN: SeenForm}


def week_asked_for(request: HttpRequest, clinic: Clinic) -> date:
    """The Monday of `?week=`, of a week that is over and of our time; otherwise the last of these."""
    last = last_week(clinic, timezone.now())
    try:
        asked = parse_date(request.GET.get("week", ""))
    except ValueError:
        asked = None
    return min(monday_of(max(asked, FIRST_DATE)), last) if asked else last


def decided_shown(request: HttpRequest, patient: Patient) -> list[tuple[Decision, str]]:
    """What was decided about the week that is asked for, the newest first, with what it says."""
    week = week_asked_for(request, acting(request).clinic)
    return [(each, what(each)) for each in decided_about(patient.pk, week)]


def reading_of(request: HttpRequest, form: CourseForm, data: dict[str, Any], decided: Sequence[Any]) -> Reading:
    """The week that is asked for, and how many decisions the sender's page showed. Shown again, it shows these."""
    form.be_aware_of(len(decided))
    return Reading(week_asked_for(request, acting(request).clinic), data.pop("decided"))


class DecidePages(ClinicModelAdmin):
    decide_pages = {"decide": "<uuid:pk>/decide/", "called": "<uuid:pk>/calls/<uuid:decision>/"}

    def decide(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Of `?what=`: to call back on a date, otherwise that the week was seen."""
        patient, by, now = self.the(request, pk), acting(request), timezone.now()
        kind = CALL_BACK if request.GET.get("what") == CALL_BACK else SEEN
        week = week_asked_for(request, by.clinic)
        decided = decided_shown(request, patient)
        form = form_of(request, FORMS[kind], {"decided": len(decided)})
        if form.is_bound and form.is_valid():
            reading = reading_of(request, form, form.cleaned_data, decided)
            try:
                decide(by=by, patient=patient.pk, kind=kind, reading=reading, now=now, **form.cleaned_data)
            except ValidationError as refusal:
                form.add_error(None, refusal)
            else:
                messages.success(request, _("Kept in the patient's history."))
                return redirect("admin:patients_patient_change", pk)
        return self.page(
            request,
            "patients/admin/decide.html",
            title=TITLES[kind],
            original=patient,
            told=week_of_one(by, patient, week),
            alerts=alerts_of(patient),
            decided=decided,
            ways=[(way.word, way.path, way.kind == kind) for way in ways_to_decide(by.clinic, pk, week)],
            button=BUTTONS[kind],
            form=form,
        )

    def called(self, request: HttpRequest, pk: UUID, decision: UUID) -> HttpResponse:
        """Asks what came of a call."""
        patient = self.the(request, pk)
        calls = Decision.objects.filter(kind=CALL_BACK).select_related("by__user", "called_by__user")
        call = get_object_or_404(calls, pk=decision, patient=patient)
        form = CalledForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            try:
                mark_called(by=acting(request), decision=call.pk, now=timezone.now(), **form.cleaned_data)
            except ValidationError as refusal:
                form.add_error(None, refusal)
                call.refresh_from_db()
            else:
                messages.success(request, _("Marked as done."))
                return redirect("admin:patients_patient_change", pk)
        return self.page(
            request,
            "patients/admin/called.html",
            title=_("Call back"),
            original=patient,
            call=call,
            said=what(call),
            form=form,
        )
