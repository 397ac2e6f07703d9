"""What a handout says: plain values, so that the layout knows neither the database nor the clock."""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum


class Paper(StrEnum):
    A4 = "a4"
    LETTER = "letter"


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """A band in words, and its colour as `#rrggbb` where the clinic chose a rung."""

    text: str
    colour: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A drawing as SVG, `ratio` times as high as it is wide, and what it shows in words."""

    svg: str
    caption: str
    ratio: float = 1
    is_fault: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Exercise:
    """One dose of the phase, by its `letter` on the calendar.

    `remarks` are the clinician's, in full sentences; `cues` are what to think of.
    """

    letter: str
    name: str
    dose: str
    required: bool = True
    bands: tuple[Band, ...] = ()
    remarks: tuple[str, ...] = ()
    cues: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()
    pictures: tuple[Picture, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """A date of the calendar. `active`: a plan is in force; `due`: one of the fixed weekdays; `paused` says why not."""

    on: date
    active: bool
    due: bool = False
    paused: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """Monday to Sunday. `aim`: how many sessions; None where weekdays are fixed. `news` starts another phase."""

    days: tuple[Day, ...]
    aim: int | None = None
    news: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clinic:
    name: str
    phone: str
    emergency_number: str
    colour: str
    warning_signs: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """What the QR code opens. With `once_until` it is an invitation, which works once and until that date.

    Otherwise it leads to the sign-in, which only `by_email` is of use.
    """

    url: str
    by_email: bool = True
    once_until: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Handout:
    """One page. `spoken` is the version of the prescription, to be read out; `rhythm` says when sessions are due."""

    language: str
    clinic: Clinic
    code: str
    name: str
    title: str
    phase: str
    knee: str
    rhythm: str
    first: date
    last: date | None
    spoken: str
    prescribed_by: str
    link: Link
    exercises: tuple[Exercise, ...]
    weeks: tuple[Week, ...] = field(default=())
    goal: str = ""
    notes: str = ""
