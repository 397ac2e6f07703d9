from uuid import UUID

from celery import shared_task
from django.utils import timezone

from clinic import outbox
from clinic.dispatch import dispatch_due
from clinic.models import Canary


@shared_task
def dispatch() -> None:
    now = timezone.now()
    overdue = dispatch_due(now=now)
    Canary.objects.update_or_create(defaults={"at": now, "overdue": overdue})


@shared_task
def deliver(clinic_id: UUID, message_id: UUID) -> None:
    outbox.deliver(clinic_id=clinic_id, message_id=message_id, now=timezone.now())
