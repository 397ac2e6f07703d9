"""What of somebody's reminders did not arrive of late, to tell them on their own page."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from clinic.actions import suppressing
from clinic.models import Membership, Message
from patients.models import PushDevice
from patients.reminders.due import EMAIL, PUSH

OF_LATE = timedelta(days=14)
LOST = [Message.State.FAILED, Message.State.SUPPRESSED]
KNOWN = [Message.State.SENT, Message.State.UNCERTAIN, *LOST]


@dataclass(frozen=True, slots=True)
class Unreached:
    """`address_closed`: the clinic writes to their address no more. `email`: when the last email was lost. `devices`
    are those whose last message was lost; `gone`: when one was forgotten, for its browser takes no messages."""

    address_closed: bool
    email: datetime | None
    devices: frozenset[UUID]
    gone: datetime | None


def unreached(recipient: Membership, devices: Collection[PushDevice], *, now: datetime) -> Unreached:
    """Two queries."""
    last: dict[str, tuple[str, datetime]] = {}
    known = Message.objects.filter(recipient=recipient, kind__in=[EMAIL, PUSH], state__in=KNOWN)
    of_late = known.filter(created_at__gt=now - OF_LATE).order_by("created_at")
    for kind, key, state, at in of_late.values_list("kind", "key", "state", "created_at"):
        last[EMAIL if kind == EMAIL else key.split()[1]] = (state, at)
    lost = {where: at for where, (state, at) in last.items() if state in LOST}
    email, here = lost.pop(EMAIL, None), {str(device.pk) for device in devices}
    gone = max((at for where, at in lost.items() if where not in here), default=None)
    if gone and any(device.created_at > gone for device in devices):
        gone = None
    return Unreached(
        address_closed=bool(suppressing.standing([recipient.user.email or ""])),
        email=email,
        devices=frozenset(UUID(where) for where in lost if where in here),
        gone=gone,
    )
