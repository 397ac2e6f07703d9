"""What is kept for a time only."""

from datetime import datetime
from uuid import UUID

from django.conf import settings

from clinic.models import Message


def forget_messages(*, now: datetime) -> int:
    """Remove from the open clinic's outbox what nobody asks for any more: reminders of long ago. Gives how many.

    The database lets the application's role remove no other message. Ids begin with the time: they find the oldest.
    """
    kept_since = now - settings.REMINDERS_KEPT
    oldest_kept = UUID(int=int(kept_since.timestamp() * 1000) << 80)
    old = Message.objects.filter(pk__lt=oldest_kept, kind__in=settings.FORGOTTEN, due_at__lt=kept_since)
    return old.exclude(state__in=Message.WAITING).delete()[0]
