"""Answers to the red-flag question."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from patients.actions.alerts import raise_for_red_flags
from patients.models import RedFlagReport


@transaction.atomic
def report_red_flags(*, patient: UUID, flags: Sequence[str], now: datetime) -> RedFlagReport:
    """Keep which warning signs a patient said yes to, in the words that were shown; clinicians are alerted.

    It is never refused.
    """
    report = RedFlagReport.objects.create(patient_id=patient, reported_at=now, flags=list(flags))
    raise_for_red_flags(report, now=now)
    return report
