"""When a patient is to be asked about themselves again. Pure: dates in, a date out."""

from collections.abc import Iterable
from datetime import date, timedelta

EVERY = timedelta(weeks=4)
EARLY = timedelta(weeks=1)


def due_since(starts_on: date, given_on: Iterable[date], *, today: date) -> date | None:
    """The last multiple of four weeks from the start, where nothing was answered since a week before it.

    None where it was, and in the first four weeks.
    """
    due = starts_on + (today - starts_on) // EVERY * EVERY
    if due <= starts_on or any(day >= due - EARLY for day in given_on):
        return None
    return due
