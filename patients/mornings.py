"""What pages show of the morning after a session."""

import datetime as dt
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from uuid_utils.compat import uuid7

from patients.actions.mornings import MOST, is_answerable, standing_morning
from patients.models import Log
from patients.today.day import Day
from patients.today.shown import PAIN_TO_ASK_ABOUT

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Morning:
    """The question about the morning after the session of a date, and the pain that was answered, if it was.

    `id` is that of the answer to come, `replaces` that of the one which stands. `refused` is a sentence about what was
    sent, `sent` the number that it said.
    """

    date: dt.date
    today: dt.date
    pain: int | None
    id: UUID
    replaces: UUID | None = None
    refused: str = ""
    sent: int | None = None

    @property
    def is_this_morning(self) -> bool:
        return self.today - self.date == DAY

    @property
    def is_answered(self) -> bool:
        return self.pain is not None

    @property
    def numbers(self) -> range:
        return range(MOST + 1)

    @property
    def hurts_a_lot(self) -> bool:
        return self.pain is not None and self.pain >= PAIN_TO_ASK_ABOUT


def morning_after(patient: UUID, date: date, *, today: date, refused: str = "", sent: int | None = None) -> Morning:
    """With all that is needed to change the answer. One query."""
    standing = standing_morning(patient, date)
    pain, replaces = (standing.pain, standing.pk) if standing else (None, None)
    return Morning(date=date, today=today, pain=pain, id=uuid7(), replaces=replaces, refused=refused, sent=sent)


def morning_of_day(day: Day) -> Morning | None:
    """What the page of a day asks: today about yesterday's session, an earlier day about its own; None without one."""
    on = day.on - DAY if day.is_today else day.on
    done = (shown.log for shown in day.logged if shown.log.date == on)
    session = next((log for log in done if log.accepted and not log.skip_reason), None)
    if session is None or not is_answerable(on, today=day.today):
        return None
    return Morning(date=on, today=day.today, pain=getattr(session, "pain_next_morning", None), id=uuid7())


def was_done_on(patient: UUID, date: date) -> bool:
    """Whether there is a session to ask about. One query."""
    return Log.objects.current().filter(patient=patient, date=date, skip_reason="").exists()
