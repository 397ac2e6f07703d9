"""Which clinics' patients are due for their own week, and putting it into the outbox: each week once."""

import logging
from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet

from clinic import outbox
from clinic.models import Clinic, Membership, Message
from patients.models import Patient

logger = logging.getLogger(__name__)

KIND, TASK = "own_week", "patients.tasks.queue_own_weeks"
Read = Callable[[QuerySet[Any, Any]], list[tuple[Any, ...]]]


def find_due(read: Read, now: datetime) -> Iterator[tuple[str, UUID, date]]:
    """The task for each clinic with the week that is over and was not told yet, found by the dispatcher's role."""
    for clinic_id, zone, through in read(Clinic.objects.values_list("id", "time_zone", "own_weeks_through")):
        clinic = Clinic(id=clinic_id, time_zone=zone, own_weeks_through=through)
        try:
            week = clinic.own_week_to_tell(now)
        except (KeyError, ValueError) as error:
            logger.warning("Clinic %s can't be told the time: %s", clinic_id, error)
            continue
        if week:
            yield TASK, clinic_id, week


@transaction.atomic
def queue_due_own_weeks(*, clinic_id: UUID, week: date, now: datetime) -> list[Message]:
    """A message for each patient of the open clinic who wants their week, by whoever claims it first; later comers
    queue nothing."""
    earlier = Q(own_weeks_through=None) | Q(own_weeks_through__lt=week)
    if not Clinic.objects.filter(earlier, pk=clinic_id).update(own_weeks_through=week):
        return []
    wanted = Membership.objects.active().filter(own_week=True).exclude(user__email=None)
    recipients = wanted.filter(record__in=Patient.objects.active().values("pk"))
    return outbox.queue(kind=KIND, week=week, recipients=recipients, now=now)
