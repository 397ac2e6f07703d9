"""Which clinics' patients are due for their own week, and putting it into the outbox: each week once."""

from collections.abc import Iterator
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from clinic import outbox
from clinic.dispatch import Read, due_in_clinics
from clinic.models import Clinic, Membership, Message
from patients.models import Patient

KIND, TASK = "own_week", "patients.tasks.queue_own_weeks"


def find_due(read: Read, now: datetime) -> Iterator[tuple[str, UUID, date]]:
    """The task for each clinic with the week that is over and was not told yet, found by the dispatcher's role."""
    known = ["id", "time_zone", "own_weeks_through"]
    return ((TASK, *due) for due in due_in_clinics(read, known, Clinic.own_week_to_tell, now))


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
