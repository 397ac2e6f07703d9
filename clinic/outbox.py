"""The outbox: a message is claimed, sent outside of any transaction, and recorded. Nothing is sent twice in silence.

Mostly an email; a writer may also give a parcel that goes another way.

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
from typing import Any, Protocol
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.db import InterfaceError, OperationalError
from django.utils.module_loading import import_string

from clinic.actions import suppressing
from clinic.models import Clinic, Membership, Message, Suppression
from clinic.refusals import says_no_such_mailbox
from clinic.wake import wake_all
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


class Parcel(Protocol):
    """What is ready to go. `to` and `subject` are recorded once it went, and say nothing of anybody's health."""

    @property
    def to(self) -> str: ...

    @property
    def subject(self) -> str: ...

    @property
    def reported(self) -> dict[str, Any]: ...

    def hand_over(self) -> None:
        """Raises NotTaken. Called outside of any transaction."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """A message that is ours to send now. `perhaps_sent`: nobody knows whether an earlier attempt arrived."""

    clinic_id: UUID
    message: Message
    at: datetime
    perhaps_sent: bool


class NotWanted(Exception):
    """A writer says why its message is not to be sent any more."""


class AddressSuppressed(Exception):
    """The clinic writes to this address no more. Says what its mail server said, or why else."""


class NotTaken(Exception):
    """The mail server did not take the message; `unknown` where it may have. `code` is its answer, 0 without one.

    `no_mailbox`: it says that the address is wrong.
    """

    def __init__(
        self,
        why: str,
        *,
        code: int = 0,
        unknown: bool = False,
        for_good: bool | None = None,
        no_mailbox: bool = False,
    ):
        super().__init__(why)
        self.code, self.unknown, self.no_mailbox = code, unknown, no_mailbox
        self.for_good = 500 <= code < 600 if for_good is None else for_good

    @classmethod
    def answered(cls, code: int, answer: bytes | str, *, of_recipient: bool = False) -> "NotTaken":
        text = (answer.decode(errors="replace") if isinstance(answer, bytes) else answer).replace("\0", "")
        no_mailbox = of_recipient and says_no_such_mailbox(code, text)
        return cls(f"{code} {text}", code=code, no_mailbox=no_mailbox)

    @property
    def in_short(self) -> str:
        return str(self.code) if self.code else "no answer" if self.unknown else "unreachable"


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
    wake_all([("clinic.tasks.deliver", message.clinic_id, message.pk) for message in queued])
    return queued


def deliver(*, clinic_id: UUID, message_id: UUID, now: datetime) -> None:
    """Send one message, if it still waits and nobody else has it. Its row then says what became of it."""
    attempt = _claim(clinic_id, message_id, now)
    if attempt is None:
        return
    try:
        parcel = _compose(attempt)
    except NotWanted as reason:
        _record(attempt, State.SKIPPED, error=str(reason))
        return
    except AddressSuppressed as reason:
        _record(attempt, State.SUPPRESSED, error=str(reason))
        return
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:
        logger.exception("Message %s of clinic %s can't be written", message_id, clinic_id)
        _record(attempt, State.FAILED, error=f"It could not be written: {error!r}", code="unwritten")
        return
    if parcel is None:
        _record(attempt, State.SKIPPED)
        return
    try:
        parcel.hand_over()
    except NotTaken as trouble:
        _not_taken(attempt, parcel, trouble)
        return
    state = State.UNCERTAIN if attempt.perhaps_sent else State.SENT
    told = {"sent_to": parcel.to, "subject": parcel.subject, "reported": parcel.reported}
    _record(attempt, state, sent_at=now, error="", code="", **told)


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
            message.state, message.code = State.FAILED, "given up"
            message.error = "Too many attempts. The last one may have arrived."
        message.save(update_fields=["state", "attempts", "claimed_at", "error", "code"])
        return Attempt(clinic_id, message, now, perhaps_sent) if message.state == State.SENDING else None


def _compose(attempt: Attempt) -> Parcel | None:
    """What is to be sent as things are now; None where its recipient is no longer to have it.

    Raises NotWanted, AddressSuppressed.
    """
    message = attempt.message
    with clinic_scope(attempt.clinic_id):
        message.recipient = Membership.objects.select_related("clinic", "user").get(pk=message.recipient_id)
        user = message.recipient.user
        if not (message.recipient.is_active and user.is_active):
            return None
        written: Letter | Parcel | None = import_string(settings.MESSAGE_WRITERS[message.kind])(message, now=attempt.at)
        if not isinstance(written, Letter):
            return written
        if not user.email:
            return None
        if suppression := suppressing.standing([user.email]).get(user.email):
            raise AddressSuppressed(suppression.answer or suppression.get_reason_display())
        return Mail(mail_of(message, written, at=attempt.at), written.reported)


@dataclass(frozen=True, slots=True)
class Mail:
    """A parcel that goes by email."""

    mail: EmailMultiAlternatives
    reported: dict[str, Any]

    @property
    def to(self) -> str:
        return str(self.mail.to[0])

    @property
    def subject(self) -> str:
        return str(self.mail.subject)

    def hand_over(self) -> None:
        _hand_over(self.mail)


def mail_of(message: Message, letter: Letter, *, at: datetime) -> EmailMultiAlternatives:
    """As it goes to its recipient. Raises where something can't be sent at all, such as a header with a line break."""
    mail = EmailMultiAlternatives(
        subject=letter.subject,
        body=letter.text,
        from_email=_sender(message.recipient.clinic),
        to=[address for address in [message.recipient.user.email] if address],
        headers={
            "Message-ID": message.message_id,
            "Date": format_datetime(at),
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
        raise NotTaken.answered(*refusal, of_recipient=True) from error
    except SMTPResponseException as error:
        raise NotTaken.answered(error.smtp_code, error.smtp_error) from error
    except (SMTPException, OSError) as error:
        raise NotTaken(repr(error), unknown=True) from error
    finally:
        with suppress(SMTPException, OSError):
            connection.close()


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
