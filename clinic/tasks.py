from uuid import UUID

from celery import shared_task
from django.utils import timezone

from clinic import outbox
from clinic.dispatch import dispatch_due
from clinic.models import Canary
from clinic.wake import wake_now


@shared_task
def dispatch() -> None:
    now = timezone.now()
    overdue = dispatch_due(now=now)
    Canary.objects.update_or_create(defaults={"at": now, "overdue": overdue})


@shared_task
def deliver(clinic_id: UUID, message_ids: list[UUID]) -> None:
    if left := outbox.deliver(clinic_id=clinic_id, message_ids=message_ids):
        wake_now([("clinic.tasks.deliver", clinic_id, left)])
