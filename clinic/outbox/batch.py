"""Messages that go out together."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import Any, Self, TypeVar
from uuid import UUID

from clinic.models import Membership, Message
from clinic.outbox.mail import MailServer

Read = TypeVar("Read")


@dataclass(frozen=True, slots=True)
class Batch:
    """A few messages of the open clinic that go out one after the other: over one connection to the mail server, and
    what a writer read for the first of them serves the others."""

    messages: Sequence[UUID]
    mail_server: MailServer = field(default_factory=MailServer)
    _read: dict[Hashable, Any] = field(default_factory=dict)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.mail_server.close()

    def of_one(self, message: Message) -> "Batch":
        """The message alone, over the same connection."""
        return Batch([message.pk], self.mail_server)

    def once(self, key: Hashable, read: Callable[[], Read]) -> Read:
        """What `read` gave when it was first asked for under this key."""
        if key not in self._read:
            self._read[key] = read()
        return self._read[key]

    def recipients_like(self, message: Message) -> set[Membership]:
        """Who gets a message of the same kind and week, this one's recipient among them."""
        like = Message.objects.filter(pk__in=self.messages, kind=message.kind, week=message.week)
        return {message.recipient, *Membership.objects.filter(messages__in=like)}
