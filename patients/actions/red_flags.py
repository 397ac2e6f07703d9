"""Answers to the red-flag question."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID, uuid5

from django.db import transaction
from uuid_utils.compat import uuid7

from clinic.models.clinic import LONGEST_SIGN, MOST_SIGNS
from patients.actions.alerts import raise_for_red_flags
from patients.actions.arriving import is_plausible
from patients.models import Log, Patient, RedFlagReport


@transaction.atomic
def report_red_flags(
    *, patient: UUID, flags: Sequence[str], now: datetime, key: UUID | None = None, waited: timedelta = timedelta(0)
) -> tuple[RedFlagReport, bool]:
    """Keep which warning signs a patient said yes to, in the words that were shown; clinicians are alerted.

    It is never refused, however late it arrives. `key` becomes its id: sent again it is the same, (report, False).
    Where that id stands for something else, one that follows from both takes its place.
    """
    record = Patient.objects.select_for_update(of=["self"]).select_related("clinic").get(pk=patient)
    said = list(flags)
    key = key or uuid7()
    kept = RedFlagReport.objects.filter(pk=key).first()
    if kept and (kept.patient_id, kept.flags) != (patient, said):
        key = uuid5(key, json.dumps([str(patient), said]))
        kept = RedFlagReport.objects.filter(pk=key).first()
    if kept:
        return kept, False
    at = now - waited if is_plausible(waited) else now
    is_live = at == now - waited and record.clinic.today(at) == record.clinic.today(now)
    report = RedFlagReport.objects.create(
        id=key,
        patient=record,
        reported_at=at,
        received_at=now,
        provenance=Log.Provenance.LIVE if is_live else Log.Provenance.HELD,
        flags=said,
    )
    raise_for_red_flags(report, now=now)
    return report, True


def cleaned(signs: Sequence[str]) -> list[str]:
    """The words that were ticked, as they were shown: the list may have changed since, and no yes is refused."""
    kept = (sign.replace("\0", "").strip()[:LONGEST_SIGN] for sign in signs)
    return [sign for sign in kept if sign][:MOST_SIGNS]
