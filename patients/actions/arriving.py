"""When something was entered that a phone may have kept for a while, and whether it stands at once."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from clinic.models import Membership
from patients.models import Log

LONGEST_HELD = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Arrival:
    """What is not accepted waits for staff: it came too late or off the clock, and its time is that of arrival."""

    entered_at: datetime
    provenance: Log.Provenance
    accepted: bool = True


def arrival(
    *, by: Membership, waited: timedelta, now: datetime, live_on: date, in_time: Callable[[date], bool]
) -> Arrival:
    """How it came, `waited` being the time that the phone itself saw pass since it was entered.

    `in_time` tells whether it may be entered on a date, `live_on` is the date on which that is not late.
    """
    if by.is_staff:
        return Arrival(now - waited, Log.Provenance.STAFF)
    entered_on = by.clinic.today(now - waited) if is_plausible(waited) else None
    if entered_on is None or not in_time(entered_on):
        return Arrival(now, Log.Provenance.HELD, accepted=False)
    if entered_on != by.clinic.today(now):
        return Arrival(now - waited, Log.Provenance.HELD)
    return Arrival(now - waited, Log.Provenance.LIVE if entered_on == live_on else Log.Provenance.LATE)


def is_plausible(waited: timedelta) -> bool:
    """Whether it came soon enough, by a clock that makes sense."""
    return timedelta(0) <= waited <= LONGEST_HELD
