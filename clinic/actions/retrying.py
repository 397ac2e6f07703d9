"""Messages that were given up, sent after all."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from clinic.models import Message
from clinic.wake import wake


@transaction.atomic
def retry(*, message: UUID, now: datetime) -> bool:
    """Queue a message of the open clinic anew. Again is harmless; False where it was not given up.

    One that may have arrived is still marked so when it goes out again.
    """
    given_up = Message.objects.filter(pk=message, state__in=Message.GIVEN_UP)
    if not given_up.update(state=Message.State.QUEUED, due_at=now, attempts=0):
        return False
    wake("clinic.tasks.deliver", Message.objects.values_list("clinic", flat=True).get(pk=message), [message])
    return True
