from datetime import date
from uuid import UUID

from celery import shared_task
from django.utils import timezone

from clinic.wall.scope import clinic_scope
from patients.summaries import queue_due_summaries


@shared_task
def queue_weekly_summaries(clinic_id: UUID, week: date) -> None:
    with clinic_scope(clinic_id):
        queue_due_summaries(clinic_id=clinic_id, week=week, now=timezone.now())
