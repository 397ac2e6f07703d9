"""Putting messages into the outbox, and asking for them."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import cast
from uuid import UUID

from clinic.models import Membership, Message
from clinic.wake import wake_all

MOST_TOGETHER = 10


def queue(*, kind: str, week: date, recipients: Iterable[Membership], now: datetime) -> list[Message]:
    """Put a message for each recipient into the open clinic's outbox; gives those that were not there before.

    They are sent once this is committed.
    """
    return queue_all(Message(recipient=each, kind=kind, week=week, due_at=now, created_at=now) for each in recipients)


def queue_all(messages: Iterable[Message]) -> list[Message]:
    """The same for messages of any kind and key."""
    messages = list(messages)
    Message.objects.bulk_create(messages, ignore_conflicts=True)
    queued = list(Message.objects.filter(pk__in=[message.pk for message in messages]))
    wake_all(to_deliver((cast(UUID, message.clinic_id), message.pk) for message in queued))
    return queued


def to_deliver(waiting: Iterable[tuple[UUID, UUID]]) -> list[tuple[str, UUID, list[UUID]]]:
    """The tasks that deliver messages, given by their clinic and id: a few of one clinic together, as many as are
    written and sent within seconds. Those that come first stay first."""
    tasks: list[tuple[str, UUID, list[UUID]]] = []
    together: dict[UUID, list[UUID]] = {}
    for clinic_id, message_id in waiting:
        if len(together.get(clinic_id, ())) % MOST_TOGETHER == 0:
            together[clinic_id] = []
            tasks.append(("clinic.tasks.deliver", clinic_id, together[clinic_id]))
        together[clinic_id].append(message_id)
    return tasks
