"""Alerts of which nobody was told, for the address was wrong, or the person left in these five minutes."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from patients.actions.telling import NOT_TOLD
from patients.models import Alert

TASK = "patients.tasks.tell_somebody_else"
Read = Callable[[QuerySet[Any, Any]], list[tuple[Any, ...]]]


def find_untold(read: Read, now: datetime) -> Iterator[tuple[str, UUID]]:
    """The task for each clinic that has such alerts, found by the dispatcher's role."""
    for (clinic_id,) in read(Alert.objects.filter(NOT_TOLD).order_by().values_list("clinic").distinct()):
        yield TASK, clinic_id
