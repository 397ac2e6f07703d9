"""What an alert can be about."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """The worst first."""

    RED_FLAG = "red_flag"
    ALARMING_PAIN = "alarming_pain"
    PAIN_TWICE = "pain_twice"
    PAIN = "pain"
    MORNING_AFTER = "morning_after"
    PAIN_RISING = "pain_rising"
    SKIPS_FOR_PAIN = "skips_for_pain"
    ABOVE_DUE = "above_due"
    SILENT = "silent"
    NOT_STARTED = "not_started"
    BELOW_HALF = "below_half"
    READY = "ready"


# Raised with what is written, whether paused or not. All others are found by the nightly pass.
AT_ONCE = (Kind.RED_FLAG, Kind.ALARMING_PAIN, Kind.PAIN_TWICE)


@dataclass(frozen=True, slots=True)
class Due:
    """An alert that is due. `evidence` is dates, numbers and ids, ready to be kept as JSON.

    `level` is the days of silence that were reached, 0 for everything else. `since` is given where it takes two of
    something: the first date of the least that makes it.
    """

    kind: Kind
    on: date
    evidence: tuple[dict[str, Any], ...]
    level: int = 0
    since: date | None = None

    def is_news(self, on: date, level: int, *, is_open: bool) -> bool:
        """Beside what was raised last: something later, or more of the same. Acknowledged counts for nothing again."""
        return ((self.on if is_open else self.since or self.on), self.level) > (on, level)
