"""Sending what waits: a message is claimed, written and handed over, and its row then says what became of it.

`claimed_at` stays set for as long as the fate of an attempt is unknown: a worker was killed in mid-send, or the mail
server fell silent when it had the message. What is then sent once more has the same Message-ID and ends as `uncertain`.
"""

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.utils import timezone
from django.utils.module_loading import import_string

from clinic.actions import suppressing
from clinic.models import Clinic, Message, Suppression
from clinic.outbox.batch import Batch
from clinic.outbox.letters import AddressSuppressed, Letter, NotTaken, NotWanted, Parcel
from clinic.outbox.mail import Mail, mail_of
from clinic.wall.scope import clinic_scope

logger = logging.getLogger(__name__)

State = Message.State
LONGEST = 20  # seconds in which a batch begins with another of its messages
NOT_OF_THE_MESSAGE = (OperationalError, InterfaceError, SoftTimeLimitExceeded)  # what ends the whole batch


@dataclass(frozen=True, slots=True)
class Attempt:
    """A message that is ours to send now. `perhaps_sent`: nobody knows whether an earlier attempt arrived."""

    clinic_id: UUID
    message: Message
    at: datetime
    perhaps_sent: bool


def deliver(*, clinic_id: UUID, message_ids: Sequence[UUID], now: datetime | None = None) -> Sequence[UUID]:
    """Send those of these messages that still wait and that nobody else has, one after the other.

    As of `now`, or each as of its own moment. Gives those for which there was no time.
    """
    deadline = time.monotonic() + LONGEST
    with Batch(message_ids) as batch:
        for place, message_id in enumerate(message_ids):
            if time.monotonic() > deadline:
                return message_ids[place:]
            if attempt := _claim(clinic_id, message_id, now or timezone.now()):
                _send(attempt, batch)
    return ()


def _send(attempt: Attempt, batch: Batch) -> None:
    try:
        parcel = _compose(attempt, batch)
    except NotWanted as reason:
        _record(attempt, State.SKIPPED, error=str(reason))
        return
    except AddressSuppressed as reason:
        _record(attempt, State.SUPPRESSED, error=str(reason))
        return
    except NOT_OF_THE_MESSAGE:
        raise
    except Exception as error:
        if len(batch.messages) > 1:  # what can't be read may be another's
            what = type(error).__name__  # its words may be about somebody
            logger.warning("Message %s of clinic %s is tried alone: %s", attempt.message.pk, attempt.clinic_id, what)
            _send(attempt, batch.of_one(attempt.message))
            return
        logger.exception("Message %s of clinic %s can't be written", attempt.message.pk, attempt.clinic_id)
        _record(attempt, State.FAILED, error=f"It could not be written: {error!r}", code="unwritten")
        return
    if parcel is None:
        _record(attempt, State.SKIPPED)
    else:
        _hand_over(attempt, parcel)


def _hand_over(attempt: Attempt, parcel: Parcel) -> None:
    try:
        parcel.hand_over()
    except NotTaken as trouble:
        _not_taken(attempt, parcel, trouble)
        return
    except NOT_OF_THE_MESSAGE:
        raise
    except Exception:
        logger.exception("Nobody knows what became of message %s of clinic %s", attempt.message.pk, attempt.clinic_id)
        return
    state = State.UNCERTAIN if attempt.perhaps_sent else State.SENT
    told = {"sent_to": parcel.to, "subject": parcel.subject, "reported": parcel.reported}
    _record(attempt, state, sent_at=attempt.at, error="", code="", **told)


def _claim(clinic_id: UUID, message_id: UUID, now: datetime) -> Attempt | None:
    with clinic_scope(clinic_id):
        waiting = Message.objects.claimable(now).select_for_update(of=["self"], skip_locked=True)
        message = waiting.select_related("recipient__user").filter(pk=message_id).first()
        if message is None:
            return None
        perhaps_sent = message.claimed_at is not None
        message.attempts += 1
        message.state, message.claimed_at = State.SENDING, now
        if message.attempts > Message.MOST_ATTEMPTS:
            message.state, message.code = State.FAILED, "given up"
            message.error = "Too many attempts. The last one may have arrived."
        message.save(update_fields=["state", "attempts", "claimed_at", "error", "code"])
        return Attempt(clinic_id, message, now, perhaps_sent) if message.state == State.SENDING else None


def _compose(attempt: Attempt, batch: Batch) -> Parcel | None:
    """What is to be sent as things are now; None where its recipient is no longer to have it.

    Raises NotWanted, AddressSuppressed.
    """
    message = attempt.message
    with clinic_scope(attempt.clinic_id):
        message.recipient.clinic = batch.once(Clinic, lambda: Clinic.objects.get(pk=attempt.clinic_id))
        user = message.recipient.user
        if not (message.recipient.is_active and user.is_active):
            return None
        write = import_string(settings.MESSAGE_WRITERS[message.kind])
        written: Letter | Parcel | None = write(message, now=attempt.at, batch=batch)
        if not isinstance(written, Letter):
            return written
        if not user.email:
            return None
        if suppression := suppressing.standing([user.email]).get(user.email):
            raise AddressSuppressed(suppression.answer or suppression.get_reason_display())
        return Mail(mail_of(message, written, at=attempt.at), written.reported, batch.mail_server)


def _not_taken(attempt: Attempt, parcel: Parcel, trouble: NotTaken) -> None:
    message = attempt.message
    logger.warning("Message %s of clinic %s was not taken: %s", message.pk, attempt.clinic_id, trouble.in_short)
    state = State.QUEUED
    if trouble.for_good or message.attempts >= Message.MOST_ATTEMPTS:
        state = State.SUPPRESSED if trouble.no_mailbox else State.FAILED
    with clinic_scope(attempt.clinic_id):
        if state == State.SUPPRESSED:
            reason = Suppression.Reason.REFUSED
            suppressing.suppress(address=parcel.to, reason=reason, answer=str(trouble), now=attempt.at)
        _record(
            attempt,
            state,
            due_at=attempt.at + timedelta(minutes=3**message.attempts),
            claimed_at=attempt.at if attempt.perhaps_sent or trouble.unknown else None,
            error=str(trouble),
            code=trouble.in_short,
        )


def _record(attempt: Attempt, state: State, **fields: Any) -> None:
    """Unless it took so long that another worker took over: then that one knows."""
    with clinic_scope(attempt.clinic_id):
        ours = Message.objects.filter(pk=attempt.message.pk, state=State.SENDING, claimed_at=attempt.at)
        ours.update(state=state, **fields)
