"""The weekly summaries of a population, put into the outbox and asked for as the dispatcher does it."""

import logging
from datetime import date
from uuid import UUID

from django.utils import timezone

from clinic.dispatch import dispatch_due
from clinic.models import Clinic, Message
from clinic.wall.scope import clinic_scope
from patients.summaries import queue_summaries
from tests.trouble import NO_REDIS, redis_at


def queue(clinics: list[UUID], week: date) -> int:
    """So many messages, of which no worker was told: the dispatcher finds them."""
    queued = 0
    logging.getLogger("clinic.wake").setLevel(logging.ERROR)
    for clinic in clinics:
        with redis_at(NO_REDIS), clinic_scope(clinic):
            messages, _before = queue_summaries(clinic=Clinic.objects.get(pk=clinic), week=week, now=timezone.now())
            queued += len(messages)
    return queued


def nothing_else_is_due(clinics: list[UUID], week: date) -> None:
    for clinic in clinics:
        with clinic_scope(clinic):
            Clinic.objects.filter(pk=clinic).update(summarised_through=week, alerted_through=timezone.now().date())


def dispatch() -> None:
    dispatch_due(now=timezone.now())


def states(clinics: list[UUID], week: date) -> set[str]:
    found: set[str] = set()
    for clinic in clinics:
        with clinic_scope(clinic):
            found.update(Message.objects.filter(week=week).values_list("state", flat=True))
    return found
