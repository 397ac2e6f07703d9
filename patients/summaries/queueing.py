"""Putting a week's summaries into the outbox."""

from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from clinic import outbox
from clinic.models import Clinic, Message
from patients.summaries.clinic_week import KIND as CLINIC_WEEK
from patients.summaries.clinic_week import gets_clinic_week
from patients.summaries.reading import KIND, shares_of_clinic
from patients.telling import clinicians_on


@transaction.atomic
def queue_summaries(*, clinic: Clinic, week: date, now: datetime) -> tuple[list[Message], int]:
    """A message for everybody in the open clinic who gets a summary of the week that starts on `week`, and one of the
    clinic's for its owners, sent on commit.

    Gives those that are new, and how many were there before. Again is harmless.
    """
    day = clinic.today(now)
    recipients, clinicians = shares_of_clinic(day).keys(), clinicians_on(day)
    owners = [each for each in clinicians.active.values() if gets_clinic_week(each, clinicians)]
    queued = outbox.queue(kind=KIND, week=week, recipients=recipients, now=now)
    queued += outbox.queue(kind=CLINIC_WEEK, week=week, recipients=owners, now=now)
    return queued, len(recipients) + len(owners) - len(queued)


@transaction.atomic
def queue_due_summaries(*, clinic_id: UUID, week: date, now: datetime) -> list[Message]:
    """The same, by whoever claims the week of the open clinic first; later comers queue nothing."""
    earlier = Q(summarised_through=None) | Q(summarised_through__lt=week)
    if not Clinic.objects.filter(earlier, pk=clinic_id).update(summarised_through=week):
        return []
    queued, _before = queue_summaries(clinic=Clinic.objects.get(pk=clinic_id), week=week, now=now)
    return queued
