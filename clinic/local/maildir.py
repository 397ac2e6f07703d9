"""Reading what the catcher kept."""

from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import cast


@dataclass(frozen=True)
class Mail:
    """One caught message, and when it arrived."""

    key: str
    arrived: datetime
    message: EmailMessage

    @property
    def subject(self) -> str:
        return str(self.message["Subject"] or "(no subject)")

    @property
    def sender(self) -> str:
        return str(self.message["From"] or "")

    @property
    def recipients(self) -> str:
        return str(self.message["X-Envelope-To"] or self.message["To"] or "")

    @property
    def headers(self) -> list[tuple[str, str]]:
        return [(name, str(value)) for name, value in self.message.items()]

    @property
    def text(self) -> str:
        return self._part("plain")

    @property
    def html(self) -> str:
        return self._part("html")

    def _part(self, kind: str) -> str:
        part = self.message.get_body(preferencelist=(kind,))
        return cast(str, part.get_content()) if part else ""


def newest(folder: Path, *, at_most: int = 200) -> list[Mail]:
    """The messages of a maildir, newest first."""
    files = sorted(_files(folder), key=lambda file: file.stat().st_mtime_ns, reverse=True)
    return [_read(file) for file in files[:at_most]]


def one(folder: Path, key: str) -> Mail:
    """The message of that key; raises KeyError."""
    return _read({file.name: file for file in _files(folder)}[key])


def _files(folder: Path) -> list[Path]:
    """A message is whole once it is in `new`, where it stays: nobody marks these as read."""
    return list((folder / "new").glob("*"))


def _read(file: Path) -> Mail:
    message = message_from_bytes(file.read_bytes(), policy=policy.default)
    return Mail(file.name, datetime.fromtimestamp(file.stat().st_mtime, tz=UTC), message)
