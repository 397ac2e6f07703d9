"""Lines over dates, and where their points are. Pure: dates and numbers in, places out; the template draws them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

WIDTH, HEIGHT = 320, 190
LEFT, RIGHT, TOP, BOTTOM = 30, 10, 10, 26
STEP = 10


@dataclass(frozen=True, slots=True)
class Series:
    """Numbers by date, in order. `kind` says how it is drawn: "first" round and solid, "second" square and dashed."""

    kind: str
    name: str
    values: tuple[tuple[date, int], ...]

    @property
    def in_words(self) -> str:
        """Its first and last number, for who can't see the line."""
        if not self.values:
            return _("%(name)s: no answer yet") % {"name": self.name}
        (first_day, first), (last_day, last) = self.values[0], self.values[-1]
        if first_day == last_day:
            return _("%(name)s: %(first)d on %(day)s") % {
                "name": self.name,
                "first": first,
                "day": day_in_words(first_day),
            }
        return _("%(name)s: %(first)d on %(first_day)s, %(last)d on %(last_day)s") % {
            "name": self.name,
            "first": first,
            "last": last,
            "first_day": day_in_words(first_day),
            "last_day": day_in_words(last_day),
        }


@dataclass(frozen=True, slots=True)
class Band:
    """A part of the scale with a name, from `low` to `high`, both included."""

    kind: str
    name: str
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Drawn:
    """A series as it is drawn: the points of its line, and a path for each dot."""

    series: Series
    line: str
    dots: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LineChart:
    """`most` is the top of the scale, which starts at 0."""

    series: tuple[Series, ...]
    most: int
    bands: tuple[Band, ...] = ()

    @property
    def days(self) -> tuple[date, date]:
        """The first and the last with a number."""
        found = [day for each in self.series for day, _value in each.values]
        return min(found), max(found)

    @property
    def drawn(self) -> list[Drawn]:
        found = []
        first, last = self.days
        for each in self.series:
            places = [(f"{_x(day, first, last):.1f}", f"{self._y(value):.1f}") for day, value in each.values]
            line, dots = " ".join(f"{x},{y}" for x, y in places), tuple(f"M{x} {y}h0" for x, y in places)
            found.append(Drawn(each, line, dots))
        return found

    @property
    def marks(self) -> list[tuple[int, str]]:
        """The numbers at the side, each with its place from the top."""
        return [(value, f"{self._y(value):.1f}") for value in (0, self.most // 2, self.most)]

    @property
    def areas(self) -> list[tuple[Band, str, str]]:
        """Each band with its place from the top and its height."""
        found = []
        for band in self.bands:
            top, bottom = self._y(min(band.high + 0.5, self.most)), self._y(max(band.low - 0.5, 0))
            found.append((band, f"{top:.1f}", f"{bottom - top:.1f}"))
        return found

    @property
    def in_words(self) -> str:
        return ". ".join(each.in_words for each in self.series) + "."

    def _y(self, value: float) -> float:
        return TOP + (1 - value / self.most) * (HEIGHT - TOP - BOTTOM)


def _x(day: date, first: date, last: date) -> float:
    span = (last - first).days
    return LEFT + ((day - first).days / span if span else 0.5) * (WIDTH - LEFT - RIGHT)


def day_in_words(day: date) -> str:
    return date_format(day, pgettext("date format", "j M"))


def rounded_up(values: Sequence[int]) -> int:
    """The top of a scale on which all of these fit: a multiple of 10, at least 10."""
    return max(STEP, -(-max(values, default=0) // STEP) * STEP)
