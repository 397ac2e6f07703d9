"""Links in an email that change how often it comes, without a sign-in, and can do nothing else."""

from uuid import UUID

from django.core import signing

from clinic import links
from clinic.models import Membership

SALTS = {
    "weekly-email": "clinic.unsubscribing",
    "clinic-week": "clinic.unsubscribing.clinic-week",
    "own-week-stop": "clinic.unsubscribing.own-week",
}


def one_click(url: str) -> dict[str, str]:
    """The headers with which a mail program offers to stop an email by a POST to `url` (RFC 8058)."""
    return {"List-Unsubscribe": f"<{url}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}


def url_of(recipient: Membership, page: str = "weekly-email") -> str:
    """The same for ever: an email is found again after months, and its link has to work. `page` is one of SALTS, and
    what stops one email stops no other."""
    ids = signing.b64_encode(recipient.clinic.pk.bytes + recipient.pk.bytes).decode()
    return links.absolute(links.outside(page, _signer(page).sign(ids)))


def read(token: str, page: str = "weekly-email") -> tuple[UUID, UUID]:
    """The clinic and the membership of a link. Raises ValueError for one that is not ours."""
    try:
        ids = signing.b64_decode(_signer(page).unsign(token).encode())
    except signing.BadSignature as error:
        raise ValueError("This is no link of ours.") from error
    return UUID(bytes=ids[:16]), UUID(bytes=ids[16:])


def _signer(page: str) -> signing.Signer:
    return signing.Signer(salt=SALTS[page], sep=".")
