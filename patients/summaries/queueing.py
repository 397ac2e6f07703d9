"""Putting a week's summaries into the outbox."""

from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from clinic import outbox
from clinic.models import Clinic, Message
from patients.summaries.reading import KIND, shares_of_clinic


@transaction.atomic
def queue_summaries(*, clinic: Clinic, week: date, now: datetime) -> tuple[list[Message], int]:
    """A message for everybody in the open clinic who gets a summary of the week that starts on `week`, sent on commit.

    Gives those that are new, and how many were there before. Again is harmless.
    """
    recipients = shares_of_clinic(clinic.today(now)).keys()
    queued = outbox.queue(kind=KIND, week=week, recipients=recipients, now=now)
    return queued, len(recipients) - len(queued)


@transaction.atomic
def queue_due_summaries(*, clinic_id: UUID, week: date, now: datetime) -> list[Message]:
    """The same, by whoever claims the week of the open clinic first; later comers queue nothing."""
    earlier = Q(summarised_through=None) | Q(summarised_through__lt=week)
    if not Clinic.objects.filter(earlier, pk=clinic_id).update(summarised_through=week):
        return []
    queued, _before = queue_summaries(clinic=Clinic.objects.get(pk=clinic_id), week=week, now=now)
    return queued
