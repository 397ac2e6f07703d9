import time
from datetime import date
from uuid import UUID

from celery import shared_task
from django.utils import timezone

from clinic.actions.forgetting import forget_messages
from clinic.models import Clinic
from clinic.wall.scope import clinic_scope
from patients.actions import telling
from patients.actions.nightly import raise_due_alerts
from patients.attention import find_out
from patients.own_week import queue_due_own_weeks
from patients.reminders import queue_due_reminders
from patients.summaries import queue_due_summaries

FOUND_OUT_AT_ONCE = 200
LONGEST_LOOK = 45  # seconds; what is left then is taken up by the next page that asks


@shared_task
def queue_weekly_summaries(clinic_id: UUID, week: date) -> None:
    with clinic_scope(clinic_id):
        queue_due_summaries(clinic_id=clinic_id, week=week, now=timezone.now())
    # A new week: who needs a look is found out before the first page asks.
    find_out_who_needs_a_look(clinic_id)


@shared_task
def queue_reminders(clinic_id: UUID) -> None:
    with clinic_scope(clinic_id):
        queue_due_reminders(clinic=Clinic.objects.get(pk=clinic_id), now=timezone.now())


@shared_task
def queue_own_weeks(clinic_id: UUID, week: date) -> None:
    with clinic_scope(clinic_id):
        queue_due_own_weeks(clinic_id=clinic_id, week=week, now=timezone.now())


@shared_task
def raise_nightly_alerts(clinic_id: UUID, day: date) -> None:
    with clinic_scope(clinic_id):
        raise_due_alerts(clinic_id=clinic_id, day=day, now=timezone.now())
    with clinic_scope(clinic_id):
        forget_messages(now=timezone.now())


@shared_task
def tell_somebody_else(clinic_id: UUID) -> None:
    with clinic_scope(clinic_id):
        telling.tell_somebody_else(now=timezone.now())


@shared_task
def find_out_who_needs_a_look(clinic_id: UUID) -> None:
    """In steps, each a short transaction: a log that is written meanwhile waits for one of them at most."""
    clinic, deadline = Clinic.objects.get(pk=clinic_id), time.monotonic() + LONGEST_LOOK
    left = True
    while left and time.monotonic() < deadline:
        with clinic_scope(clinic_id):
            left = find_out(clinic, today=clinic.today(timezone.now()), most=FOUND_OUT_AT_ONCE)
