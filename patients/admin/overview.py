"""What a patient's page tells a clinician: the course, its weeks, the last logs, the warning signs."""

from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any

from clinic.models import Clinic, Invitation
from patients.adherence import Week, monday_of, to_date
from patients.admin.figures import weeks_of
from patients.models import Course, Log, LoggedSet, Patient, Prescription
from patients.plans import course_on, logs_of

WEEKS_SHOWN = 12
LOGS_SHOWN = 8
REPORTS_SHOWN = 5


def overview(clinic: Clinic, patient: Patient, *, now: datetime) -> dict[str, Any]:
    today = clinic.today(now)
    running = Course.objects.filter(patient=patient, ended_on=None).first()
    logs = logs_of([patient.pk]).get(patient.pk, [])
    return {
        "running": running,
        "pauses": list(running.pauses.order_by("starts_on")) if running else [],
        "is_paused": running is not None
        and running.pauses.filter(starts_on__lte=today).exclude(ends_on__lt=today).exists(),
        "prescriptions": Prescription.objects.filter(course__patient=patient)
        .select_related("program", "course", "prescribed_by__user")
        .order_by("-starts_on", "-prescribed_at"),
        "weeks": shown_weeks(patient, today=today),
        "to_date": to_date(course_on(patient.pk, today), logs, monday_of(today) - timedelta(weeks=1)),
        "logs": [(log, sets_in_short(log)) for log in last_logs(patient)],
        "invitations": list(
            Invitation.objects.filter(record=patient.pk).select_related("invited_by__user").order_by("-created_at")[:5]
        ),
        "red_flag_reports": [
            (report.reported_at.astimezone(clinic.zone), report.flags)
            for report in patient.red_flag_reports.all()[:REPORTS_SHOWN]
        ],
    }


def shown_weeks(patient: Patient, *, today: date) -> list[Week]:
    """The newest weeks first, from the first in which something was due or logged."""
    first = monday_of(today) - timedelta(weeks=WEEKS_SHOWN - 1)
    weeks = weeks_of([patient.pk], first, today=today)[patient.pk]
    while weeks and not (weeks[0].active_dates or weeks[0].paused_dates) and weeks[0].nothing_logged:
        weeks = weeks[1:]
    return weeks[::-1]


def last_logs(patient: Patient) -> list[Log]:
    """The last ones that were not replaced, those that wait and those that were withdrawn included."""
    return list(
        Log.objects.filter(patient=patient, replaced_at=None)
        .select_related("entered_by__user", "withdrawn_by__user")
        .prefetch_related("sets__exercise")
        .order_by("-date", "-entered_at")[:LOGS_SHOWN]
    )


def sets_in_short(log: Log) -> list[tuple[str, str, bool]]:
    """Each exercise with its sets, and whether all of them were only confirmed as planned."""

    def exercise_of(each: LoggedSet) -> str:
        return each.exercise.name

    grouped = groupby(sorted(log.sets.all(), key=lambda each: (each.exercise.position, each.position)), exercise_of)
    rows = [(exercise, list(sets)) for exercise, sets in grouped]
    return [(name, ", ".join(str(each) for each in sets), all(each.as_planned for each in sets)) for name, sets in rows]
