from uuid import UUID

from celery import shared_task
from django.utils import timezone

from clinic import outbox
from clinic.dispatch import dispatch_due


@shared_task
def dispatch() -> None:
    dispatch_due(now=timezone.now())


@shared_task
def deliver(clinic_id: UUID, message_id: UUID) -> None:
    outbox.deliver(clinic_id=clinic_id, message_id=message_id, now=timezone.now())
