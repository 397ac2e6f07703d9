"""Links that stop reminders without a sign-in, and can do nothing else."""

from dataclasses import dataclass
from uuid import UUID

from django.core import signing

from clinic import links
from clinic.models import Membership

SIGNER = signing.Signer(salt="patients.reminders.stop", sep=".")


@dataclass(frozen=True, slots=True)
class Stop:
    """What a link stops: the emails to a member, or with a device the messages to that browser."""

    clinic: UUID
    recipient: UUID
    device: UUID | None = None

    @property
    def path(self) -> str:
        ids = b"".join(each.bytes for each in (self.clinic, self.recipient, self.device) if each)
        return links.outside("reminder-stop", SIGNER.sign(signing.b64_encode(ids).decode()))


def stop_of(recipient: Membership, device: UUID | None = None) -> Stop:
    return Stop(recipient.clinic.pk, recipient.pk, device)


def read_stop(token: str) -> Stop:
    """Raises ValueError for a token that is not ours."""
    try:
        ids = signing.b64_decode(SIGNER.unsign(token).encode())
        clinic, recipient, device = ids[:16], ids[16:32], ids[32:]
        return Stop(UUID(bytes=clinic), UUID(bytes=recipient), UUID(bytes=device) if device else None)
    except signing.BadSignature as error:
        raise ValueError("This is no link of a reminder.") from error
