"""A letter as an email, and the mail server that takes it."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime, formataddr, parseaddr
from smtplib import SMTPException, SMTPRecipientsRefused, SMTPResponseException, SMTPSenderRefused
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection

from clinic.models import Clinic, Message
from clinic.outbox.letters import Letter, NotTaken

OK, CLOSING = 250, 421


class MailServer:
    """A connection to it: opened for the first email, and kept for the next until something goes wrong."""

    def __init__(self) -> None:
        self._backend: Any = None

    def take(self, mail: EmailMultiAlternatives) -> None:
        """Raises NotTaken. What goes wrong before the message is offered is our own trouble, not the address's."""
        was_open = self._still_answers()
        if not was_open:
            self._open()
        try:
            self._backend.send_messages([mail])
        except (SMTPException, OSError) as error:
            self.close()
            trouble = _trouble_of(error)
            # It has had enough of this connection, and says so before it takes anything.
            if was_open and (isinstance(error, SMTPSenderRefused) or trouble.code == CLOSING):
                self.take(mail)
            else:
                raise trouble from error

    def close(self) -> None:
        backend, self._backend = self._backend, None
        if backend:
            with suppress(SMTPException, OSError):
                backend.close()

    def _open(self) -> None:
        self._backend = get_connection()
        try:
            self._backend.open()
        except (SMTPException, OSError) as error:
            self.close()
            raise NotTaken(repr(error)) from error

    def _still_answers(self) -> bool:
        smtp = getattr(self._backend, "connection", None)
        with suppress(SMTPException, OSError):
            if smtp and smtp.noop()[0] == OK:
                return True
        self.close()
        return False


def _trouble_of(error: Exception) -> NotTaken:
    match error:
        case SMTPRecipientsRefused():
            [refusal] = error.recipients.values()
            return NotTaken.answered(*refusal, of_recipient=True)
        case SMTPResponseException():
            return NotTaken.answered(error.smtp_code, error.smtp_error)
    return NotTaken(repr(error), unknown=True)


@dataclass(frozen=True, slots=True)
class Mail:
    """A parcel that goes by email."""

    mail: EmailMultiAlternatives
    reported: dict[str, Any]
    server: MailServer

    @property
    def to(self) -> str:
        return str(self.mail.to[0])

    @property
    def subject(self) -> str:
        return str(self.mail.subject)

    def hand_over(self) -> None:
        self.server.take(self.mail)


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
