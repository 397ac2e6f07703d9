"""What a summary is made from: one week of one clinic's patients, as read for one recipient."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from patients import adherence
from patients.alerts import Session


@dataclass(frozen=True, slots=True)
class Entry:
    """What one log says beside what was done. `pain` is None where it was not answered; a skip has no sets."""

    day: date
    received_on: date
    pain: int | None = None
    late: bool = False
    sets: int = 0
    as_planned: int = 0


@dataclass(frozen=True, slots=True)
class Person:
    """A patient as an email names them, and the address of their page, which needs a sign-in."""

    id: UUID
    label: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Decided:
    """One decision. `by` and `called_by` are empty for the reader; of a revision its first date and what it changed."""

    kind: str
    on: date
    by: str = ""
    starts_on: date | None = None
    changes: tuple[str, ...] = ()
    call_on: date | None = None
    called_on: date | None = None
    called_by: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """One patient: `entries` since the week before the reported one, `logs` as far back as weeks can be revised.

    `last_log` and `last_session` are dates up to the week's Sunday. `sessions` are those of the week and of the one
    before it, with their sets where they were easy enough to ask whether the patient is ready for more; `exercises` are
    the names of what is in them. `reported` has what this recipient was last told about earlier weeks, by their
    Monday. `decisions` has those of the week, the calls of the week and those to make. `instead_of` names the clinician
    for whom this recipient stands in; `why_here` says why the owner gets a patient instead of a clinician of theirs.
    """

    person: Person
    course: adherence.Course
    logs: tuple[adherence.Log, ...] = ()
    entries: tuple[Entry, ...] = ()
    sessions: tuple[Session, ...] = ()
    exercises: Mapping[str, str] = field(default_factory=dict)
    red_flags: tuple[date, ...] = ()
    last_log: date | None = None
    last_session: date | None = None
    reported: Mapping[date, str] = field(default_factory=dict)
    decisions: tuple[Decided, ...] = ()
    instead_of: str = ""
    why_here: str = ""

    def pain_between(self, first: date, last: date) -> list[int]:
        return [entry.pain for entry in self.entries if first <= entry.day <= last and entry.pain is not None]

    def sessions_between(self, first: date, last: date) -> set[date]:
        return {entry.day for entry in self.entries if entry.sets and first <= entry.day <= last}

    def mornings_between(self, first: date, last: date) -> list[int]:
        """The answers about sessions of these dates; those of a session that was withdrawn don't count."""
        return [each.morning for each in self.sessions if first <= each.day <= last and each.morning is not None]
