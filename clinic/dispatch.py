"""Finds what is due in all clinics, and wakes a worker for each. Its role sees nothing else and may not write."""

import logging
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import psycopg
from django.conf import settings
from django.db.models import QuerySet
from django.utils.module_loading import import_string

from clinic.models import Clinic, Message
from clinic.outbox import to_deliver
from clinic.wake import wake_now

logger = logging.getLogger(__name__)

MOST_AT_ONCE = 5000  # more than workers send in a minute; the oldest come first
Read = Callable[[QuerySet[Any, Any]], list[tuple[Any, ...]]]
OVERDUE = timedelta(minutes=15)
SCHEDULE = ["id", "time_zone", "summary_weekday", "summary_hour", "summarised_through", "created_at"]


def dispatch_due(*, now: datetime) -> int:
    """Ask for the summaries of every clinic that is due, for what else is due, and for each message that waits.

    Gives how many of these have waited too long.

    Twice at once is harmless: the week and the message are claimed by whoever does the work.
    """
    with psycopg.connect(settings.DISPATCHER_DATABASE_URL, connect_timeout=5) as connection:
        here = partial(read, connection)
        due_weeks = list(due_in_clinics(here, SCHEDULE, Clinic.week_to_summarise, now))
        found = [task for finder in settings.DUE_FINDERS for task in import_string(finder)(here, now)]
        due = Message.objects.claimable(now).order_by("due_at").values_list("clinic", "pk", "due_at")
        waiting = read(connection, due[:MOST_AT_ONCE])
    weeks = [(settings.WEEKLY_TASK, clinic_id, week) for clinic_id, week in due_weeks]
    wake_now([*weeks, *found, *to_deliver((clinic_id, message_id) for clinic_id, message_id, _due_at in waiting)])
    return sum(due_at < now - OVERDUE for *_ids, due_at in waiting)


def read(connection: psycopg.Connection[tuple[Any, ...]], rows: QuerySet[Any, Any]) -> list[tuple[Any, ...]]:
    """The rows of a queryset, read by the dispatcher: the application's own role sees no clinic from outside."""
    query, params = rows.query.sql_with_params()
    return connection.execute(query.encode(), params).fetchall()


def due_in_clinics(
    read: Read, known: Sequence[str], due: Callable[[Clinic, datetime], date | None], now: datetime
) -> Iterator[tuple[UUID, date]]:
    """Each clinic in which a date is due, with that date; `known` are the fields that tell. One whose time zone is
    unknown here does not hold up the others."""
    for values in read(Clinic.objects.values_list(*known)):
        clinic = Clinic(**dict(zip(known, values, strict=True)))
        try:
            day = due(clinic, now)
        except (KeyError, ValueError) as error:
            logger.warning("Clinic %s can't be told the time: %s", clinic.pk, error)
            continue
        if day:
            yield clinic.pk, day
