"""What would become of each row: who is new, who is there already, and what is wrong, in words."""

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import cast

from django.core.exceptions import ValidationError
from django.db.models import Field, TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic.models import Membership
from patients.actions.records import codes_after
from patients.importing.table import Table
from patients.models import Knee, Patient
from patients.models.search import words_of

KNEES = {
    Knee.LEFT: "left l links li linkes izquierda izquierdo izq",
    Knee.RIGHT: "right r rechts re rechtes derecha derecho der",
    Knee.BOTH: "both b beide beidseits beidseitig ambas ambos bilateral",
}
LANGUAGES = {
    "en": "en english englisch ingles",
    "de": "de german deutsch aleman",
    "es": "es spanish spanisch espanol",
}
KNEE_WORDS = {word: knee for knee, words in KNEES.items() for word in words.split()}
LANGUAGE_WORDS = {word: language for language, words in LANGUAGES.items() for word in words.split()}
OLDEST_YEAR = 1900


class State(TextChoices):
    NEW = "new", gettext_lazy("new")
    PERHAPS = "perhaps", gettext_lazy("perhaps already there")
    THERE = "there", gettext_lazy("already there")
    WRONG = "wrong", gettext_lazy("to be mended")


# How each looks: the colour of its chip, and the symbol that stands beside the words.
LOOKS = {
    State.NEW: ("good", "+"),
    State.PERHAPS: ("part", "?"),
    State.THERE: ("none", "="),
    State.WRONG: ("low", "✕"),
}


@dataclass(slots=True)
class Row:
    """One row of the table, and the record that it would make. `notes` say what is wrong, or who is there already."""

    number: int
    cells: list[str]
    patient: Patient
    state: State = State.NEW
    notes: list[str] = field(default_factory=list)
    is_ticked: bool = False

    @property
    def tone(self) -> str:
        return LOOKS[self.state][0]

    @property
    def symbol(self) -> str:
        return LOOKS[self.state][1]

    @property
    def key(self) -> tuple[str, int | None, str]:
        return identity(self.patient.name, self.patient.birth_year, self.patient.email)


@dataclass(frozen=True, slots=True)
class Preview:
    table: Table
    rows: list[Row]

    def in_state(self, *states: State) -> list[Row]:
        return [row for row in self.rows if row.state in states]

    def counts(self) -> Iterator[dict[str, object]]:
        """For the template: how many rows are in each state."""
        for state, (tone, symbol) in LOOKS.items():
            if number := len(self.in_state(state)):
                yield {"number": number, "label": state.label, "tone": tone, "symbol": symbol}

    def wrong(self) -> list[Row]:
        return self.in_state(State.WRONG)

    def can_import(self) -> bool:
        return bool(self.in_state(State.NEW, State.PERHAPS))

    def to_import(self) -> list[Patient]:
        """The new ones, and those perhaps there already that are ticked; all with a code."""
        rows = self.in_state(State.NEW) + [row for row in self.in_state(State.PERHAPS) if row.is_ticked]
        return self._with_codes(rows)

    def give_codes(self) -> None:
        """To each row without one, as they will have it if all are imported."""
        self._with_codes(self.in_state(State.NEW) + self.in_state(State.PERHAPS))

    def _with_codes(self, rows: Sequence[Row]) -> list[Patient]:
        free = codes_after([row.patient.code for row in self.rows])
        for row in rows:
            row.patient.code = row.patient.code or next(free)
        return [row.patient for row in rows]


def identity(name: str, birth_year: int | None, email: str) -> tuple[str, int | None, str]:
    """Who has all of this in common with another is perhaps the same person."""
    return " ".join(words_of(name)), birth_year, email.casefold()


def check(table: Table, *, by: Membership, today: date, ticked: Collection[str] = ()) -> Preview:
    """What each row would make, by the clinic's records as they are now; `ticked` are row numbers. Two queries."""
    clinicians = list(Membership.objects.clinicians().select_related("user"))
    rows = [_row(table, number, cells) for number, cells in table.rows]
    for row in rows:
        said = partial(table.cell, row.cells)
        _understand(row, said, today)
        _find_clinician(row, said("clinician"), clinicians, by)
        row.state = State.WRONG if row.notes else State.NEW
    _look_who_is_there(rows)
    for row in rows:
        row.is_ticked = str(row.number) in ticked
    return Preview(table, rows)


def _row(table: Table, number: int, cells: list[str]) -> Row:
    """The row as far as it is said in plain text; what is wrong about that is noted."""
    said = partial(table.cell, cells)
    patient = Patient(
        code=said("code"),
        name=said("name") or " ".join(filter(None, [said("first_name"), said("last_name")])),
        email=said("email"),
        phone=said("phone"),
        emergency_note=said("emergency_note"),
    )
    row = Row(number, cells, patient)
    if not patient.name:
        row.notes.append(_("the name is missing"))
    row.notes += _faults(patient)
    return row


def _understand(row: Row, said: Callable[[str], str], today: date) -> None:
    """What is written as a word or a date and kept as a choice or a number."""
    knee, language, year = said("knee"), said("language"), said("birth_year")
    if found := KNEE_WORDS.get("".join(words_of(knee))):
        row.patient.affected_knee = found
    elif knee:
        row.notes.append(_("the knee is “%(knee)s”: write left, right or both") % {"knee": knee[:40]})
    else:
        row.notes.append(_("the knee is missing: write left, right or both"))
    row.patient.language = LANGUAGE_WORDS.get("".join(words_of(language)), "")
    if language and not row.patient.language:
        row.notes.append(_("the language is “%(language)s”: write en, de or es") % {"language": language[:40]})
    if years := re.findall(r"(?<!\d)\d{4}(?!\d)", year):
        row.patient.birth_year = int(years[0])
    if year and not OLDEST_YEAR <= (row.patient.birth_year or 0) <= today.year:
        row.patient.birth_year = None
        row.notes.append(_("“%(year)s” is no year of birth: write it with four digits") % {"year": year[:40]})


def _find_clinician(row: Row, said: str, clinicians: Sequence[Membership], by: Membership) -> None:
    """By words of the name or by the email address; whoever imports, where none is named."""
    found = [each for each in clinicians if _is_called(each, said)] if said else [by]
    if len(found) == 1:
        row.patient.responsible = found[0]
    elif found:
        row.notes.append(_("several clinicians are called “%(said)s”: write the email address") % {"said": said[:80]})
    else:
        row.notes.append(_("no clinician here is called “%(said)s”") % {"said": said[:80]})


def _is_called(clinician: Membership, said: str) -> bool:
    words = set(words_of(said))
    return said.casefold() == clinician.user.email or (bool(words) and words <= set(words_of(str(clinician))))


def _faults(patient: Patient) -> list[str]:
    """What the record's own fields refuse, each with the field's name."""
    empty = [name for name in ("code", "name") if not getattr(patient, name)]
    try:
        patient.clean_fields(exclude=["clinic", "responsible", "affected_knee", *empty])
    except ValidationError as error:
        return [
            f"{cast(Field, Patient._meta.get_field(name)).verbose_name}: {' '.join(messages)}"
            for name, messages in error.message_dict.items()
        ]
    return []


def _look_who_is_there(rows: Sequence[Row]) -> None:
    """Who is there already: by code; without one, by what else is known of them."""
    records = Patient.objects.values_list("code", "name", "birth_year", "email")
    by_code: dict[str, list[str]] = {}
    by_identity: dict[tuple[str, int | None, str], str] = {}
    for code, name, birth_year, email in records:
        by_code[code] = words_of(name)
        by_identity[identity(name, birth_year, email)] = _("perhaps already there as %(code)s") % {"code": code}
    codes: dict[str, int] = {}
    for row in rows:
        code = row.patient.code
        if code in codes:
            row.notes.append(_("row %(row)d has this code too") % {"row": codes[code]})
            row.state = State.WRONG
        elif code and by_code.get(code) == words_of(row.patient.name):
            row.notes, row.state = [_("already there, nothing to do")], State.THERE
        elif code in by_code:
            row.notes.append(_("this code is taken"))
            row.state = State.WRONG
        elif not code and row.state == State.NEW and (there := by_identity.get(row.key)):
            row.notes, row.state = [there], State.PERHAPS
        if code:
            codes.setdefault(code, row.number)
        elif row.state == State.NEW:
            by_identity[row.key] = _("perhaps the same person as in row %(row)d") % {"row": row.number}
