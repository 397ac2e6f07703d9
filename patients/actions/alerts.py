"""Raising alerts, and acknowledging them. Which are due is decided by patients.alerts."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from clinic.models import Clinic, Membership
from patients.actions.telling import tell_at_once
from patients.alerts import AT_ONCE, Due, Kind, Session, Thresholds, due_across, due_at_once
from patients.evidence import session
from patients.limits import limits_of
from patients.models import Alert, Log, RedFlagReport
from patients.telling import clinicians_on

MOST_EVIDENCE = 30
LONGEST_NOTE = 500


def raise_for_log(log: Log, *, clinic: Clinic, now: datetime) -> None:
    """What is told at once of a log that stands from now on. No query where it says of no pain worth one, and corrects
    nothing.

    A correction that is no worse than what it replaces raises nothing that was acknowledged before.
    """
    if not log.accepted:
        return
    limits = limits_of(clinic)
    replaced = Log.objects.filter(pk=log.replaces_id).first() if log.replaces_id else None
    if log.pain is not None and log.pain >= min(limits.pain_too_much, limits.pain_at_once):
        worse = replaced is None or replaced.pain is None or replaced.pain < log.pain
        moved = replaced is not None and replaced.date != log.date
        for due in due_at_once(log.pain, str(log.pk), log.date, _sessions(log.patient_id), limits):
            anew = worse or (moved and due.kind == Kind.PAIN_TWICE)
            _raise(log.patient_id, due, now=now, anew=anew, instead_of=str(log.replaces_id))
    if replaced and (log.skip_reason or replaced.date != log.date):
        _raise_for_gap(replaced, limits, now=now)


def raise_for_withdrawal(log: Log, *, clinic: Clinic, now: datetime) -> None:
    """What is told at once when a log stands no longer: it may have stood between two painful sessions."""
    if log.accepted:
        _raise_for_gap(log, limits_of(clinic), now=now)


def _raise_for_gap(log: Log, limits: Thresholds, *, now: datetime) -> None:
    if not log.skip_reason:
        for due in due_across(log.date, log.pain, _sessions(log.patient_id), limits):
            _raise(log.patient_id, due, now=now)


def raise_for_red_flags(report: RedFlagReport, *, now: datetime) -> None:
    evidence = {"report": str(report.pk), "at": report.reported_at.isoformat()}
    if report.came_later:
        evidence["arrived"] = report.received_at.isoformat()
    day = report.patient.clinic.today(report.reported_at)
    _raise(report.patient_id, Due(Kind.RED_FLAG, day, (evidence,)), now=now)


@transaction.atomic
def acknowledge(*, by: Membership, alert: UUID, note: str, seen: datetime, now: datetime) -> Alert:
    """Close an alert with a note of what was done. `seen` is when it was last changed, as its reader saw it.

    Raises ValidationError with a sentence where it was acknowledged or added to in the meantime, or without a note;
    Alert.DoesNotExist.
    """
    found = Alert.objects.select_for_update(of=["self"]).select_related("acknowledged_by__user").get(pk=alert)
    note = " ".join(note.replace("\0", "").split())
    if found.acknowledged_at is not None:
        when = date_format(found.acknowledged_at.astimezone(by.clinic.zone), "j M Y, H:i")
        words = _("%(who)s acknowledged this on %(when)s: %(note)s")
        raise ValidationError(words % {"who": found.acknowledged_by, "when": when, "note": found.note}, code="done")
    if found.changed_at != seen:
        raise ValidationError(
            _("Something was added to this in the meantime. Please look at it first."), code="changed"
        )
    if not note:
        raise ValidationError({"note": _("Say in a few words what was done.")})
    if len(note) > LONGEST_NOTE:
        raise ValidationError({"note": _("A note has at most %(most)d characters.") % {"most": LONGEST_NOTE}})
    found.acknowledged_at, found.acknowledged_by, found.note = now, by, note
    found.save(update_fields=["acknowledged_at", "acknowledged_by", "note"])
    return found


@transaction.atomic
def acknowledge_all(*, by: Membership, seen: Mapping[UUID, datetime], note: str, now: datetime) -> list[Alert]:
    """Close several with one note, or none of them; as above."""
    return [acknowledge(by=by, alert=alert, note=note, seen=seen[alert], now=now) for alert in sorted(seen)]


def _sessions(patient: UUID) -> list[Session]:
    """All of a patient's, with their pain."""
    by_date: dict[Any, list[Log]] = {}
    for log in Log.objects.current().filter(patient=patient, skip_reason="").order_by("date", "entered_at", "id"):
        by_date.setdefault(log.date, []).append(log)
    return [session(day, logs) for day, logs in by_date.items()]


def _raise(patient: UUID, due: Due, *, now: datetime, anew: bool = True, instead_of: str = "") -> None:
    """Add to the open alert of this kind; without one open a new one, if `anew`. What is new of it is told at once.

    Whoever raises the same at the same moment waits for the other, and adds to theirs. Acknowledged in between, it is
    opened again.
    """
    while True:
        # All of the patient's that a message may tell of, in the order in which it holds them.
        known = Alert.objects.filter(patient=patient, kind__in=AT_ONCE, acknowledged_at=None)
        held = known.select_related("patient__clinic").select_for_update(of=["self"]).order_by("pk")
        if standing := next((each for each in held if each.kind == due.kind), None):
            is_news = anew and any(each not in standing.evidence for each in due.evidence)
            standing.evidence = _with(standing.evidence, due.evidence, instead_of)
            standing.on, standing.changed_at = max(standing.on, due.on), now
            standing.save(update_fields=["evidence", "on", "changed_at"])
            if is_news:
                _tell(standing, now=now)
            return
        if not anew:
            return
        opened = alert_of(patient, due, now=now)
        Alert.objects.bulk_create([opened], ignore_conflicts=True)
        if kept := Alert.objects.filter(pk=opened.pk).select_related("patient__clinic").first():
            _tell(kept, now=now)
            return


def _tell(alert: Alert, *, now: datetime) -> None:
    tell_at_once(alert, clinicians_on(alert.patient.clinic.today(now)), now=now)


def alert_of(patient: UUID, due: Due, *, now: datetime) -> Alert:
    return Alert(
        patient_id=patient,
        kind=due.kind,
        on=due.on,
        level=due.level,
        evidence=list(due.evidence),
        raised_at=now,
        changed_at=now,
    )


def _with(before: list[dict[str, Any]], added: Iterable[dict[str, Any]], instead_of: str) -> list[dict[str, Any]]:
    """What was known already is not told twice, and a correction takes the place of what it corrects."""
    added = list(added)
    logs = {each["log"] for each in added if "log" in each} | {instead_of}
    kept = [each for each in before if each.get("log") not in logs]
    return [*kept, *added][-MOST_EVIDENCE:]
