"""What a browser keeps, to say on its own that it is reached at another address from now on. It can do nothing else."""

from uuid import UUID

from django.core import signing

from clinic import links
from clinic.models import Membership

SIGNER = signing.Signer(salt="patients.reminders.renew", sep=".")


def renewal_of(recipient: Membership) -> str:
    """The path that takes the new address of a browser of theirs."""
    ids = recipient.clinic.pk.bytes + recipient.pk.bytes
    return links.outside("reminder-renew", SIGNER.sign(signing.b64_encode(ids).decode()))


def read_renewal(token: str) -> tuple[UUID, UUID]:
    """The clinic and the recipient. Raises ValueError for a token that is not ours."""
    try:
        ids = signing.b64_decode(SIGNER.unsign(token).encode())
    except signing.BadSignature as error:
        raise ValueError("This is no link of a reminder.") from error
    return UUID(bytes=ids[:16]), UUID(bytes=ids[16:])
