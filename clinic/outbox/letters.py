"""What is sent, and what may come of it."""

from dataclasses import dataclass, field
from typing import Any, Protocol

from clinic.refusals import says_no_such_mailbox


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
