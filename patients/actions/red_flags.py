"""Answers to the red-flag question."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from patients.models import RedFlagReport


def report_red_flags(*, patient: UUID, flags: Sequence[str], now: datetime) -> RedFlagReport:
    """Keep which warning signs a patient said yes to, in the words that were shown. It is never refused."""
    return RedFlagReport.objects.create(patient_id=patient, reported_at=now, flags=list(flags))
