"""What a patient's page tells a clinician: who, the program in force, the weeks, pain, the last logs, what happened."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any

from django.db.models import BooleanField, ExpressionWrapper, Prefetch, Q, QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clinic.models import Clinic
from patients import adherence
from patients.adherence import monday_of, to_date, weeks
from patients.admin.history import SHOWN, history
from patients.admin.measures import measures_of
from patients.attention import Reason, find_out
from patients.charts import PainChart, WeekCell, pain_days, zones_of
from patients.models import Attention, Course, Log, LoggedSet, NextMorning, Patient, Pause, Prescription
from patients.models.morning import with_next_morning
from patients.plans import course_on, logs_of
from patients.today.shown import used_in_words
from programs.models import Dose, Phase
from programs.words import details_in_words, dose_in_words, phase_in_words

WEEKS_SHOWN = 12
LOGS_SHOWN = 8
NOTES_SHOWN = 6
WEEK = timedelta(weeks=1)


@dataclass(frozen=True, slots=True)
class PhaseShown:
    """A phase in words, and its doses, each with what else is said of it. `now` is where the patient is in it."""

    title: str
    in_words: str
    doses: list[tuple[Dose, str, list[str]]]
    now: str = ""


@dataclass(frozen=True, slots=True)
class Current:
    """The prescription that is in force, or was last, or is to come; and the one that is known to follow it."""

    prescription: Prescription
    phases: list[PhaseShown]
    state: str
    followed_by: Prescription | None


def overview(clinic: Clinic, patient: Patient, *, now: datetime) -> dict[str, Any]:
    today = clinic.today(now)
    this_monday = monday_of(today)
    first_monday = this_monday - (WEEKS_SHOWN - 1) * WEEK
    prescriptions, pauses = list(_prescriptions(patient)), list(_pauses(patient))
    red_flags = list(patient.red_flag_reports.all()[:SHOWN])
    running = next((each.course for each in prescriptions if each.course.ended_on is None), None)
    course, logs = course_on(patient.pk, today), logs_of([patient.pk]).get(patient.pk, [])
    recent = list(Log.objects.current().filter(patient=patient, date__gte=first_monday).order_by("date", "entered_at"))
    return {
        "running": running,
        "pause": _longest([each for each in pauses if running and _is_on(each, running, today)]),
        "since": course.starts_on,
        "current": _current(prescriptions, course, today),
        "reasons": _reasons(clinic, patient, today),
        "weeks": _weeks_shown(weeks(course, logs, first_monday, this_monday, today=today)),
        "to_date": to_date(course, logs, this_monday - WEEK),
        "pain": PainChart(
            first=first_monday,
            weeks=WEEKS_SHOWN,
            days=pain_days(recent),
            zones=zones_of(clinic.pain_acceptable_from, clinic.pain_too_much_from),
        ),
        "measures": measures_of(patient, today=today),
        "logs": [(log, sets_in_short(log)) for log in last_logs(patient)],
        "mornings": list(NextMorning.objects.waiting().filter(patient=patient)),
        "notes": [log for log in reversed(recent) if log.note][:NOTES_SHOWN],
        "red_flags": [each for each in red_flags if clinic.today(each.received_at) >= this_monday - WEEK],
        "history": history(clinic, patient, prescriptions=prescriptions, pauses=pauses, red_flags=red_flags),
    }


def _prescriptions(patient: Patient) -> QuerySet[Prescription]:
    """All of them in order, with all that was prescribed. Three queries."""
    doses = Dose.objects.select_related("exercise", "short_band", "long_band")
    phases = Phase.objects.prefetch_related(Prefetch("doses", doses))
    return (
        Prescription.objects.filter(course__patient=patient)
        .select_related("program", "course__ended_by__user", "prescribed_by__user")
        .prefetch_related(Prefetch("program__phases", phases))
        .order_by("starts_on", "prescribed_at")
    )


def _pauses(patient: Patient) -> QuerySet[Pause]:
    return Pause.objects.filter(course__patient=patient).select_related("made_by__user", "ended_by__user")


def _is_on(pause: Pause, running: Any, today: date) -> bool:
    return pause.course_id == running.pk and pause.starts_on <= today and (pause.ends_on or today) >= today


def _longest(pauses: list[Pause]) -> Pause | None:
    """Of those that lie over one another the one that ends last."""
    return max(pauses, key=lambda each: each.ends_on or date.max, default=None)


def _current(prescriptions: list[Prescription], course: adherence.Course, today: date) -> Current | None:
    """None once every course is over; one that ends on a date to come is not."""
    standing = [each for each in prescriptions if _came_into_force(each) and not _is_over(each.course, today)]
    started = [each for each in standing if each.starts_on <= today]
    to_come = [each for each in standing if each.starts_on > today]
    if not standing:
        return None
    current = started[-1] if started else to_come[0]
    planned = course.plan_on(today)
    phases = [
        _phase_shown(place, phase, planned if planned and planned.prescription.key == current.pk else None)
        for place, phase in enumerate(current.program.phases.all())
    ]
    followed_by = to_come[0] if started and to_come else None
    return Current(current, phases, _state(current, planned, course, today), followed_by)


def _is_over(course: Course, today: date) -> bool:
    return course.ended_on is not None and course.ended_on <= today


def _came_into_force(prescription: Prescription) -> bool:
    return prescription.ends_on is None or prescription.ends_on >= prescription.starts_on


def _phase_shown(place: int, phase: Phase, planned: adherence.Planned | None) -> PhaseShown:
    doses = [(dose, dose_in_words(dose), details_in_words(dose)) for dose in phase.doses.all()]
    now = ""
    if planned and planned.phase_index == place:
        words = _("week %(week)d of %(weeks)d") if phase.weeks else _("week %(week)d")
        now = words % {"week": planned.week, "weeks": phase.weeks}
    title = phase.title or _("Phase %(number)d") % {"number": place + 1}
    return PhaseShown(title, phase_in_words(phase), doses, now)


def _state(current: Prescription, planned: adherence.Planned | None, course: adherence.Course, today: date) -> str:
    if planned and current.ends_on:
        dates = {"first": date_format(current.starts_on, "j M Y"), "last": date_format(current.ends_on, "j M Y")}
        return _("in force from %(first)s to %(last)s") % dates
    if planned:
        return _("in force since %(day)s") % {"day": date_format(current.starts_on, "j M Y")}
    if current.starts_on > today:
        return _("starts on %(day)s") % {"day": date_format(current.starts_on, "j M Y")}
    if course.paused_between(today, today):
        return _("paused")
    return _("all its weeks are over: end it, or go on with another")


def _reasons(clinic: Clinic, patient: Patient, today: date) -> list[Reason]:
    find_out(clinic, today=today, most=1, only=patient.pk)
    kept = Attention.objects.filter(patient=patient).values_list("reasons", flat=True).get()
    return [Reason.from_json(each) for each in kept]


def _weeks_shown(found: list[adherence.Week]) -> list[WeekCell]:
    """From the first in which something was due or logged."""
    while found and not (found[0].active_dates or found[0].paused_dates) and found[0].nothing_logged:
        found = found[1:]
    return [WeekCell(week) for week in found]


def last_logs(patient: Patient) -> list[Log]:
    """What waits to be accepted, then the last ones that were not replaced, those that were withdrawn included."""
    waits = ExpressionWrapper(Q(accepted=False, withdrawn_at=None), output_field=BooleanField())
    return list(
        with_next_morning(Log.objects.filter(patient=patient, replaced_at=None))
        .select_related("entered_by__user", "withdrawn_by__user")
        .prefetch_related("sets__exercise", "sets__short_band", "sets__long_band")
        .order_by(waits.desc(), "-date", "-entered_at")[:LOGS_SHOWN]
    )


def sets_in_short(log: Log) -> list[tuple[str, str, str, str]]:
    """Each exercise with its sets, how many were only confirmed as planned, and the bands where they differed."""

    def exercise_of(each: LoggedSet) -> str:
        return each.exercise.name

    grouped = groupby(sorted(log.sets.all(), key=lambda each: (each.exercise.position, each.position)), exercise_of)
    rows = [(exercise, list(sets)) for exercise, sets in grouped]
    return [(name, ", ".join(map(str, sets)), confirmed_in_words(sets), used_in_words(sets)) for name, sets in rows]


def confirmed_in_words(sets: list[LoggedSet]) -> str:
    """Empty where all were counted."""
    confirmed = sum(each.as_planned for each in sets)
    if confirmed == len(sets):
        return _("as planned, not counted")
    sentence = ngettext("%(n)d set as planned, not counted", "%(n)d sets as planned, not counted", confirmed)
    return sentence % {"n": confirmed} if confirmed else ""
