"""What a weekly summary says: the templates show this and decide nothing."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from clinic import links
from patients.adherence import Band
from patients.summaries import words
from patients.summaries.facts import Person
from patients.summaries.reasons import Reason


@dataclass(frozen=True, slots=True)
class Way:
    """A way from a patient's week to what is done about it: a page that needs a sign-in, and asks."""

    kind: str
    word: str
    path: str

    @property
    def url(self) -> str:
        return links.absolute(self.path)


@dataclass(frozen=True, slots=True)
class Need:
    """A patient who needs the clinician, and why: the worst reason first."""

    person: Person
    reasons: tuple[Reason, ...]
    ways: tuple[Way, ...] = ()

    @property
    def is_urgent(self) -> bool:
        return self.reasons[0].is_urgent


@dataclass(frozen=True, slots=True)
class TrendWeek:
    """`squares` draws it where no picture is shown: one for each session due, filled where it was done."""

    text: str
    band: Band
    monday: date
    squares: str = ""

    @property
    def colour(self) -> str:
        return words.colour(self.band)

    @property
    def symbol(self) -> str:
        return words.symbol(self.band)

    @property
    def name(self) -> str:
        return words.week_name(self.monday)


@dataclass(frozen=True, slots=True)
class Row:
    """A patient of the caseload who has figures for this week."""

    person: Person
    sessions: str
    band: Band
    band_symbol: str
    band_words: str
    trend: tuple[TrendWeek, ...]
    lines: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Bands:
    """How many patients' week went so."""

    band: Band
    number: int
    words: str

    @property
    def symbol(self) -> str:
        return words.symbol(self.band)

    @property
    def colour(self) -> str:
        return words.colour(self.band)


@dataclass(frozen=True, slots=True)
class Member:
    """`trend` where there is no row for them."""

    person: Person
    text: str
    trend: tuple[TrendWeek, ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """Patients without figures, or worth a word beside them: why, and each with what there is to say."""

    title: str
    members: tuple[Member, ...]


@dataclass(frozen=True, slots=True)
class Revision:
    """What this recipient was told about an earlier week, and what it is now."""

    person: Person
    monday: date
    before: str
    now: str

    @property
    def week(self) -> str:
        return words.week_name(self.monday)


@dataclass(frozen=True, slots=True)
class Summary:
    """One recipient's week. `reported`: the figures it tells, by patient and Monday, as Message.reported has them.

    `calls`: whom to call; `decided`: what was decided in the week and what happened since, each with the patient.
    `unattended`: how many of the patients come to the owner, because no clinician of theirs is told. `away` says who
    stands in for the recipient, if somebody does.
    """

    monday: date
    patients: int
    on_track: int
    judged: int
    done: int
    due: int
    bands: tuple[Bands, ...]
    needs: tuple[Need, ...]
    more: int
    rows: tuple[Row, ...]
    groups: tuple[Group, ...]
    revised: tuple[Revision, ...]
    reported: dict[str, dict[str, str]]
    calls: tuple[tuple[Person, str], ...] = ()
    decided: tuple[tuple[Person, str], ...] = ()
    unattended: int = 0
    away: str = ""

    @property
    def is_needed(self) -> bool:
        """Whether it goes to who wants it only when needed: for a need, a call, or a patient nobody else is told of."""
        return bool(self.needs or self.calls or self.unattended)

    @property
    def subject(self) -> str:
        """Counts only: no name, no diagnosis, no pain."""
        return f"{words.week_name(self.monday)}: {', '.join(self._counts())}"

    @property
    def headline(self) -> str:
        """The week in one line; there even where nothing happened, for silence must only ever mean failure."""
        if not self.patients and self.away:
            return _("Nothing to report meanwhile.")
        if not self.patients:
            return _("You have no patients here at present, so there is nothing to report.")
        if not self.due and not self.needs:
            return _("No sessions were due this week, and nobody needs you.")
        done = words.sessions_done(self.done, self.due)
        return f"{capfirst(', '.join([*self._counts(), done]))}."

    @property
    def calls_title(self) -> str:
        return _("To call")

    @property
    def decided_title(self) -> str:
        return _("Decided, and since")

    def _counts(self) -> list[str]:
        needing = len(self.needs) + self.more
        counts = [words.needing(needing)]
        if self.judged:
            counts.append(words.on_track(self.on_track, self.judged))
        return counts

    @property
    def title(self) -> str:
        return words.week_name(self.monday)

    @property
    def dates(self) -> str:
        return words.week_dates(self.monday, self.monday + timedelta(days=6))
