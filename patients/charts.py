"""What the charts of a patient's page are drawn from. Pure: numbers in, places out; the templates draw them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from patients.adherence import Week
from patients.models import Log

MOST_PAIN = 10


@dataclass(frozen=True, slots=True)
class Block:
    """One of the sessions due in a week: `kind` is done, part or open."""

    x: int
    kind: str


@dataclass(frozen=True, slots=True)
class WeekCell:
    """A week as small multiples show it: one block for each session due."""

    week: Week

    @property
    def blocks(self) -> list[Block]:
        week = self.week
        part = min(week.part_done, week.due - week.done)
        kinds = ["done"] * week.done + ["part"] * part + ["open"] * (week.due - week.done - part)
        return [Block(14 * place, kind) for place, kind in enumerate(kinds)]


@dataclass(frozen=True, slots=True)
class PainDay:
    """The highest answers of one date; None where nothing was answered."""

    date: date
    before: int | None
    during: int | None
    after: int | None

    @property
    def worst(self) -> int:
        return max(value for value in (self.before, self.during, self.after) if value is not None)


@dataclass(frozen=True, slots=True)
class Zone:
    """Pain from `low` to `high`, both included. `top` and `height` in the chart, where 10 is at the top."""

    kind: str
    name: str
    low: int
    high: int

    @property
    def top(self) -> float:
        return MOST_PAIN - self.high - (0.5 if self.high < MOST_PAIN else 0.4)

    @property
    def height(self) -> float:
        return MOST_PAIN - self.low + (0.5 if self.low else 0.4) - self.top

    @property
    def middle(self) -> float:
        """In hundredths of the chart's height, from its top."""
        return (self.top + 0.4 + self.height / 2) / 10.8 * 100

    @property
    def numbers(self) -> str:
        return f"{self.low}–{self.high}" if self.low != self.high else str(self.low)


@dataclass(frozen=True, slots=True)
class PainChart:
    """Pain by date, `weeks` weeks from a Monday. One unit across is a day, one unit down a step of the scale."""

    first: date
    weeks: int
    days: list[PainDay]
    zones: list[Zone]

    @property
    def width(self) -> int:
        return 7 * self.weeks

    @property
    def points(self) -> list[tuple[float, int]]:
        return [((each.date - self.first).days + 0.5, MOST_PAIN - each.worst) for each in self.days]

    @property
    def line(self) -> str:
        return " ".join(f"{x},{y}" for x, y in self.points)

    @property
    def mondays(self) -> list[date]:
        return [self.first + timedelta(weeks=number) for number in range(self.weeks)]

    @property
    def in_words(self) -> str:
        """What the line shows, for who can't see it: the worst, the last."""
        worst, last = max(self.days, key=lambda each: (each.worst, each.date)), self.days[-1]
        return _("Highest: %(worst)d of 10 on %(worst_day)s. Last: %(last)d of 10 on %(last_day)s.") % {
            "worst": worst.worst,
            "worst_day": date_format(worst.date, "j M"),
            "last": last.worst,
            "last_day": date_format(last.date, "j M"),
        }


def zones_of(acceptable_from: int, too_much_from: int) -> list[Zone]:
    """The clinic's three zones, the highest first; one that has no number is left out."""
    zones = [
        Zone("much", _("too much"), too_much_from, MOST_PAIN),
        Zone("fair", _("acceptable"), acceptable_from, too_much_from - 1),
        Zone("safe", _("safe"), 0, acceptable_from - 1),
    ]
    return [zone for zone in zones if zone.low <= zone.high]


def pain_days(logs: Iterable[Log]) -> list[PainDay]:
    """The dates with an answer, in order."""
    by_date: dict[date, list[Log]] = {}
    for log in logs:
        if log.pain is not None:
            by_date.setdefault(log.date, []).append(log)
    return [
        PainDay(
            day,
            _highest([log.pain_before for log in of_day]),
            _highest([log.pain_during for log in of_day]),
            _highest([log.pain_after for log in of_day]),
        )
        for day, of_day in sorted(by_date.items())
    ]


def _highest(values: Sequence[int | None]) -> int | None:
    return max((value for value in values if value is not None), default=None)
