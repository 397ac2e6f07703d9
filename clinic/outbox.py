"""The outbox: a message is claimed, sent outside of any transaction, and recorded. Nothing is sent twice in silence.

`claimed_at` stays set for as long as the fate of an attempt is unknown: a worker was killed in mid-send, or the mail
server fell silent when it had the message. What is then sent once more has the same Message-ID and ends as `uncertain`.
"""

import logging
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from email.utils import format_datetime, formataddr, parseaddr
from smtplib import SMTPException, SMTPRecipientsRefused, SMTPResponseException
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.db import InterfaceError, OperationalError
from django.utils.module_loading import import_string

from clinic.models import Clinic, Membership, Message
from clinic.wake import wake
from clinic.wall.scope import clinic_scope

logger = logging.getLogger(__name__)

State = Message.State


@dataclass(frozen=True, slots=True)
class Letter:
    """What a writer of MESSAGE_WRITERS gives. `reported` is kept with the message once it is sent.

    `headers` are those of this letter alone, beside what all have.
    """

    subject: str
    text: str
    html: str
    reported: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Attempt:
    """A message that is ours to send now. `perhaps_sent`: nobody knows whether an earlier attempt arrived."""

    clinic_id: UUID
    message: Message
    at: datetime
    perhaps_sent: bool


class NotWanted(Exception):
    """A writer says why its message is not to be sent any more."""


class NotTaken(Exception):
    """The mail server did not take the message; `unknown` where it may have. `code` is its answer, 0 without one."""

    def __init__(self, why: str, *, code: int = 0, unknown: bool = False):
        super().__init__(why)
        self.code, self.unknown = code, unknown

    @classmethod
    def answered(cls, code: int, answer: bytes | str) -> "NotTaken":
        text = answer.decode(errors="replace") if isinstance(answer, bytes) else answer
        return cls(f"{code} {text}".replace("\0", ""), code=code)

    @property
    def for_good(self) -> bool:
        return 500 <= self.code < 600


def queue(*, kind: str, week: date, recipients: Iterable[Membership], now: datetime) -> list[Message]:
    """Put a message for each recipient into the open clinic's outbox; gives those that were not there before.

    They are sent once this is committed.
    """
    messages = [
        Message(recipient=recipient, kind=kind, week=week, due_at=now, created_at=now) for recipient in recipients
    ]
    Message.objects.bulk_create(messages, ignore_conflicts=True)
    queued = list(Message.objects.filter(pk__in=[message.pk for message in messages]))
    for message in queued:
        wake("clinic.tasks.deliver", message.clinic_id, message.pk)
    return queued


def deliver(*, clinic_id: UUID, message_id: UUID, now: datetime) -> None:
    """Send one message, if it still waits and nobody else has it. Its row then says what became of it."""
    attempt = _claim(clinic_id, message_id, now)
    if attempt is None:
        return
    try:
        composed = _compose(attempt)
    except NotWanted as reason:
        _record(attempt, State.SKIPPED, error=str(reason))
        return
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:
        logger.exception("Message %s of clinic %s can't be written", message_id, clinic_id)
        _record(attempt, State.FAILED, error=f"It could not be written: {error!r}")
        return
    if composed is None:
        _record(attempt, State.SKIPPED)
        return
    mail, reported = composed
    try:
        _hand_over(mail)
    except NotTaken as trouble:
        _not_taken(attempt, trouble)
        return
    state = State.UNCERTAIN if attempt.perhaps_sent else State.SENT
    _record(attempt, state, sent_at=now, sent_to=mail.to[0], subject=mail.subject, reported=reported, error="")


def _claim(clinic_id: UUID, message_id: UUID, now: datetime) -> Attempt | None:
    with clinic_scope(clinic_id):
        waiting = Message.objects.claimable(now).select_for_update(skip_locked=True)
        message = waiting.filter(pk=message_id).first()
        if message is None:
            return None
        perhaps_sent = message.claimed_at is not None
        message.attempts += 1
        message.state, message.claimed_at = State.SENDING, now
        if message.attempts > Message.MOST_ATTEMPTS:
            message.state, message.error = State.FAILED, "Too many attempts. The last one may have arrived."
        message.save(update_fields=["state", "attempts", "claimed_at", "error"])
        return Attempt(clinic_id, message, now, perhaps_sent) if message.state == State.SENDING else None


def _compose(attempt: Attempt) -> tuple[EmailMultiAlternatives, dict[str, Any]] | None:
    """The mail as things are now, and what it reports; None where its recipient is no longer to have it."""
    message = attempt.message
    with clinic_scope(attempt.clinic_id):
        message.recipient = Membership.objects.select_related("clinic", "user").get(pk=message.recipient_id)
        user = message.recipient.user
        if not (message.recipient.is_active and user.is_active and user.email):
            return None
        letter: Letter | None = import_string(settings.MESSAGE_WRITERS[message.kind])(message, now=attempt.at)
        return None if letter is None else (_mail(attempt, letter, to=user.email), letter.reported)


def _mail(attempt: Attempt, letter: Letter, *, to: str) -> EmailMultiAlternatives:
    """Raises where something in it can't be sent at all, such as a header with a line break."""
    message = attempt.message
    mail = EmailMultiAlternatives(
        subject=letter.subject,
        body=letter.text,
        from_email=_sender(message.recipient.clinic),
        to=[to],
        headers={
            "Message-ID": message.message_id,
            "Date": format_datetime(attempt.at),
            "Auto-Submitted": "auto-generated",
            "X-Auto-Response-Suppress": "All",
            **letter.headers,
        },
        alternatives=[(letter.html, "text/html")],
    )
    mail.message()
    return mail


def _sender(clinic: Clinic) -> str:
    """The clinic's name at our address. A name is typed by people: whatever breaks a line in it becomes a space."""
    product, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    return formataddr((" ".join(f"{clinic.name} · {product}".split()), address))


def _hand_over(mail: EmailMultiAlternatives) -> None:
    """Raises NotTaken. What goes wrong before the message is offered is our own trouble, not the address's."""
    connection = get_connection()
    try:
        connection.open()
    except (SMTPException, OSError) as error:
        raise NotTaken(repr(error)) from error
    try:
        connection.send_messages([mail])
    except SMTPRecipientsRefused as error:
        [refusal] = error.recipients.values()
        raise NotTaken.answered(*refusal) from error
    except SMTPResponseException as error:
        raise NotTaken.answered(error.smtp_code, error.smtp_error) from error
    except (SMTPException, OSError) as error:
        raise NotTaken(repr(error), unknown=True) from error
    finally:
        with suppress(SMTPException, OSError):
            connection.close()


def _not_taken(attempt: Attempt, trouble: NotTaken) -> None:
    message = attempt.message
    gives_up = trouble.for_good or message.attempts >= Message.MOST_ATTEMPTS
    logger.warning("Message %s of clinic %s was not taken: %s", message.pk, attempt.clinic_id, trouble)
    _record(
        attempt,
        State.FAILED if gives_up else State.QUEUED,
        due_at=attempt.at + timedelta(minutes=3**message.attempts),
        claimed_at=attempt.at if attempt.perhaps_sent or trouble.unknown else None,
        error=str(trouble),
    )


def _record(attempt: Attempt, state: State, **fields: Any) -> None:
    """Unless it took so long that another worker took over: then that one knows."""
    with clinic_scope(attempt.clinic_id):
        ours = Message.objects.filter(pk=attempt.message.pk, state=State.SENDING, claimed_at=attempt.at)
        ours.update(state=state, **fields)
