"""The nightly pass over one clinic's patients: what is due of a date that is over, raised once."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q

from clinic.dispatch import Read, due_in_clinics
from clinic.models import Clinic
from patients.actions.alerts import MOST_EVIDENCE, alert_of
from patients.alerts import AT_ONCE, Due, Kind, Thresholds, due_in_digest
from patients.evidence import known_on
from patients.limits import limits_of
from patients.models import Alert, Patient

TASK = "patients.tasks.raise_nightly_alerts"
AT_A_TIME = 200
# What is told of them is how long it lasts, so the newest takes the place of what was told before.
GO_ON = {Kind.SILENT, Kind.NOT_STARTED}
Found = list[tuple[UUID, Due]]


def find_due(read: Read, now: datetime) -> Iterator[tuple[str, UUID, date]]:
    """The task for each clinic with the date that is over and was not looked at, found by the dispatcher's role."""
    known = ["id", "time_zone", "alerted_through"]
    return ((TASK, *due) for due in due_in_clinics(read, known, Clinic.day_to_look_at, now))


@transaction.atomic
def raise_due_alerts(*, clinic_id: UUID, day: date, now: datetime) -> bool:
    """Look at all patients of the open clinic, by whoever claims the date first; False for later comers.

    All of it is one transaction: a worker that is killed leaves the date unclaimed, and the next tick starts anew.
    """
    earlier = Q(alerted_through=None) | Q(alerted_through__lt=day)
    if not Clinic.objects.filter(earlier, pk=clinic_id).update(alerted_through=day):
        return False
    limits = limits_of(Clinic.objects.get(pk=clinic_id))
    patients = list(Patient.objects.active().values_list("pk", flat=True))
    for start in range(0, len(patients), AT_A_TIME):
        raise_for_patients(patients[start : start + AT_A_TIME], limits, day=day, now=now)
    return True


def raise_for_patients(patients: Sequence[UUID], limits: Thresholds, *, day: date, now: datetime) -> None:
    """What was acknowledged is raised again only by what came after it, or by more of it."""
    found = [
        (patient, due)
        for patient, known in known_on(patients, day).items()
        for due in due_in_digest(day, known, limits)
    ]
    last = _last_alerts({patient for patient, _due in found})
    fresh = list(_fresh(found, last))
    added = [(alert, due) for patient, due in fresh if (alert := last.get((patient, due.kind))) and alert.is_open]
    for alert, due in sorted(added, key=lambda each: each[0].pk):  # as whoever closes several holds them
        _add(alert, due, now=now)
    new = [alert_of(patient, due, now=now) for patient, due in fresh if not _is_open(last.get((patient, due.kind)))]
    Alert.objects.bulk_create(new, ignore_conflicts=True)


def _last_alerts(patients: Iterable[UUID]) -> dict[tuple[UUID, str], Alert]:
    """Of each patient and kind the open one, otherwise the last that was acknowledged. One query."""
    alerts = Alert.objects.filter(patient__in=patients).exclude(kind__in=AT_ONCE)
    alerts = alerts.order_by("patient_id", "kind", F("acknowledged_at").desc(nulls_first=True))
    return {(alert.patient_id, alert.kind): alert for alert in alerts.distinct("patient_id", "kind")}


def _fresh(found: Found, last: dict[tuple[UUID, str], Alert]) -> Iterator[tuple[UUID, Due]]:
    for patient, due in found:
        known = last.get((patient, due.kind))
        if known is None or due.is_news(known.on, known.level, is_open=known.is_open):
            yield patient, due


def _is_open(alert: Alert | None) -> bool:
    return alert is not None and alert.is_open


def _add(standing: Alert, due: Due, *, now: datetime) -> None:
    """Unless somebody acknowledges it at this moment: what they saw stays as it was."""
    before: list[dict[str, Any]] = [] if due.kind in GO_ON else standing.evidence
    evidence = [*before, *(each for each in due.evidence if each not in before)][-MOST_EVIDENCE:]
    still_open = Alert.objects.filter(pk=standing.pk, acknowledged_at=None)
    still_open.update(evidence=evidence, on=due.on, level=due.level, changed_at=now)
