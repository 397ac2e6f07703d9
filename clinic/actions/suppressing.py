"""Addresses that the open clinic writes to no more: where nobody reads, or somebody asked for that."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from clinic.models import Membership, Suppression


def suppress(*, address: str, reason: Suppression.Reason, answer: str, now: datetime) -> None:
    """Write no more to an address. Again is harmless: the first reason stands."""
    row = Suppression(address=address.lower(), reason=reason, answer=answer, since=now)
    Suppression.objects.bulk_create([row], ignore_conflicts=True)


def standing(addresses: Iterable[str]) -> dict[str, Suppression]:
    """Those of these addresses that are suppressed, in lower case. One query."""
    wanted = {address.lower() for address in addresses if address}
    return {each.address: each for each in Suppression.objects.standing().filter(address__in=wanted)}


@transaction.atomic
def lift(*, by: Membership, address: str, now: datetime) -> bool:
    """Write to it again, for somebody made sure that it is right. False where there was nothing to lift."""
    lifted = Suppression.objects.standing().filter(address=address.lower()).update(lifted_by=by, lifted_at=now)
    return bool(lifted)
