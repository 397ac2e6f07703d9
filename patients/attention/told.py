"""What the day's work still has to say: reasons for a look that no alert tells, and that nobody decided about. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from patients.adherence import monday_of
from patients.alerts import Kind as AlertKind
from patients.attention.reasons import Kind, Reason

WEEK = timedelta(weeks=1)
TOLD_BY = {
    Kind.RED_FLAG: {AlertKind.RED_FLAG},
    Kind.ALARMING_PAIN: {AlertKind.ALARMING_PAIN},
    Kind.PAIN: {AlertKind.PAIN, AlertKind.PAIN_TWICE, AlertKind.ALARMING_PAIN},
    Kind.SKIPS_FOR_PAIN: {AlertKind.SKIPS_FOR_PAIN},
    Kind.SILENT: {AlertKind.SILENT},
    Kind.NOT_STARTED: {AlertKind.NOT_STARTED},
    Kind.NOTHING_LOGGED: {AlertKind.SILENT, AlertKind.NOT_STARTED, AlertKind.BELOW_HALF},
    Kind.LOW: {AlertKind.BELOW_HALF},
}


@dataclass(frozen=True, slots=True)
class LastAlert:
    """The last of its kind: the date that it is about, and whether it is open."""

    on: date
    is_open: bool


def left_to_say(
    reasons: Iterable[Reason], alerts: Mapping[AlertKind, LastAlert], *, decided_on: date | None, today: date
) -> list[Reason]:
    """An open alert tells all of its kind; one that was acknowledged what came by its date, and so does a decision."""
    last_week = monday_of(today) - WEEK
    return [
        reason
        for reason in reasons
        if not (
            _is_decided(reason, decided_on, today)
            or any(
                alert.is_open or alert.on >= (reason.day or last_week)
                for kind in TOLD_BY.get(reason.kind, ())
                if (alert := alerts.get(kind))
            )
        )
    ]


def _is_decided(reason: Reason, decided_on: date | None, today: date) -> bool:
    """What came on a date by a decision of a later one, for it may have come after one of the same; what is about the
    weeks before this one by any of this week. A log that waits is only accepted or declined."""
    if decided_on is None or reason.kind == Kind.WAITING:
        return False
    return reason.day < decided_on if reason.day else decided_on >= monday_of(today)
