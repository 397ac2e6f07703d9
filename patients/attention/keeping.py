"""Finding out who needs a look, and keeping it: thousands can be asked, and each request finds out about a few."""

import json
from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.db import connection
from django.db.models import Q

from clinic.models import Clinic
from patients.adherence import monday_of
from patients.attention.reasons import Signs, good_until, reasons_on, urgency
from patients.limits import limits_of
from patients.models import Attention, Log, NextMorning, RedFlagReport
from patients.plans import courses_on, last_dates_of, logs_of

KEEP = """
UPDATE patients_attention SET reasons = found.reasons::jsonb, urgency = found.urgency, last_log = found.last_log,
    good_until = found.good_until
FROM unnest(%s::uuid[], %s::text[], %s::int[], %s::date[], %s::date[])
    AS found(patient_id, reasons, urgency, last_log, good_until)
WHERE patients_attention.patient_id = found.patient_id
"""


def find_out(clinic: Clinic, *, today: date, most: int, only: UUID | None = None) -> bool:
    """Look anew at up to `most` patients of the open clinic whose kept answer is old; whether some are left then.

    One query where there is nobody to look at, otherwise eight. A row that somebody else is looking at, or that is
    being written about, is left to them.
    """
    unknown = Q(good_until=None) | Q(good_until__lte=today)
    whose = {"patient": only} if only else {"patient__archived_at": None}
    patients = list(
        Attention.objects.filter(unknown, **whose)
        .select_for_update(of=["self"], no_key=True, skip_locked=True)
        .values_list("patient", flat=True)[: most + 1]
    )
    if patients:
        _keep(clinic, patients[:most], today)
    return len(patients) > most


def _keep(clinic: Clinic, patients: list[UUID], today: date) -> None:
    limits = limits_of(clinic)
    rows = [
        (
            patient,
            json.dumps([reason.as_json() for reason in reasons]),
            urgency(reasons),
            signs.last_log,
            good_until(today, signs, limits=limits),
        )
        for patient, signs in read_signs(clinic, patients, today=today).items()
        for reasons in [reasons_on(today, signs, limits=limits)]
    ]
    with connection.cursor() as cursor:
        cursor.execute(KEEP, [list(column) for column in zip(*rows, strict=True)])


def read_signs(clinic: Clinic, patients: Sequence[UUID], *, today: date) -> dict[UUID, Signs]:
    """Six queries, however many patients."""
    since = monday_of(today) - timedelta(weeks=1)
    courses, logs = courses_on(patients, today), logs_of(patients, since=since)
    red_flags, last_dates = _red_flags(clinic, patients, since), last_dates_of(patients)
    pain, waiting = _entries(patients, since)
    waiting |= set(NextMorning.objects.waiting().filter(patient__in=patients).values_list("patient", flat=True))
    return {
        patient: Signs(
            course=courses[patient],
            logs=logs.get(patient, ()),
            red_flags=red_flags[patient],
            pain=pain[patient],
            waiting=patient in waiting,
            last_log=last_log,
            last_session=last_session,
        )
        for patient in patients
        for last_log, last_session in [last_dates.get(patient, (None, None))]
    }


def _red_flags(clinic: Clinic, patients: Sequence[UUID], since: date) -> defaultdict[UUID, list[date]]:
    reports = RedFlagReport.objects.filter(
        patient__in=patients, received_at__gte=datetime.combine(since, time.min, clinic.zone)
    )
    dates: defaultdict[UUID, list[date]] = defaultdict(list)
    for patient, reported_at in reports.values_list("patient", "reported_at"):
        dates[patient].append(clinic.today(reported_at))
    return dates


def _entries(patients: Sequence[UUID], since: date) -> tuple[defaultdict[UUID, list[tuple[int, date]]], set[UUID]]:
    """The pain of what stands, with its dates, and for whom something waits to be accepted."""
    kept = Log.objects.filter(
        Q(accepted=False) | Q(date__gte=since), patient__in=patients, replaced_at=None, withdrawn_at=None
    )
    pain: defaultdict[UUID, list[tuple[int, date]]] = defaultdict(list)
    waiting = set()
    for log in kept.only("patient", "date", "accepted", "pain_before", "pain_during", "pain_after"):
        if not log.accepted:
            waiting.add(log.patient_id)
        elif log.pain is not None:
            pain[log.patient_id].append((log.pain, log.date))
    return pain, waiting
