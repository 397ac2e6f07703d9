"""What was ticked on a sheet of paper, in as few keys as it takes: `3` is "done as planned, pain 3 afterwards".

x           done as planned                 x3, or only 3   ... and the pain afterwards, 0 to 10
a, b, ab    only these exercises            a3              ... and the pain afterwards
-           not done                        -p -t -u -e     ... it hurt, no time, unwell, no bands
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from patients.models import Log
from programs.models import Exercise

LETTERS = "ABCDEFGH"
DONE = re.compile(r"(?P<what>x|✓|[a-h]+)?(?P<pain>[0-9]{1,3})?")
NOT_DONE = re.compile(r"[-–—](?P<why>[a-z])?")
REASONS = {
    "": Log.SkipReason.OTHER,
    "p": Log.SkipReason.PAIN,
    "t": Log.SkipReason.TIME,
    "u": Log.SkipReason.UNWELL,
    "e": Log.SkipReason.EQUIPMENT,
    "o": Log.SkipReason.OTHER,
}
LONGEST = 12


def letter_of(exercise: Exercise) -> str:
    """What an exercise goes by on every sheet: A is the first of the catalogue, whatever else a phase holds."""
    return LETTERS[(exercise.position - 1) % len(LETTERS)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticked:
    """A day of the sheet. Without exercises and a reason it is the whole session as planned."""

    exercises: tuple[str, ...] = ()
    pain: int | None = None
    skip_reason: str = ""


def read_ticked(text: str, letters: Mapping[str, str]) -> Ticked | None:
    """What somebody typed for a day; None for nothing. `letters` are the exercises' keys by letter, upper case.

    Raises ValidationError with a sentence for a person.
    """
    typed = "".join(text.split()).lower()
    if not typed:
        return None
    if not_done := NOT_DONE.fullmatch(typed):
        if (why := not_done["why"] or "") not in REASONS:
            raise ValidationError(_("“%(text)s”: after the dash p, t, u or e."), params={"text": text[:LONGEST]})
        return Ticked(skip_reason=REASONS[why])
    if not (done := DONE.fullmatch(typed)):
        raise ValidationError(_("“%(text)s” is none of the signs above."), params={"text": text[:LONGEST]})
    pain = int(done["pain"]) if done["pain"] else None
    if pain is not None and pain > 10:
        raise ValidationError(_("Pain is a number from 0 to 10, not %(pain)s."), params={"pain": done["pain"]})
    what = done["what"] or "x"
    return Ticked(exercises=() if what in "x✓" else _exercises(what, letters), pain=pain)


def _exercises(what: str, letters: Mapping[str, str]) -> tuple[str, ...]:
    for letter in what.upper():
        if letter not in letters:
            raise ValidationError(_("There is no exercise %(letter)s on this day."), params={"letter": letter})
    return tuple(letters[letter] for letter in dict.fromkeys(what.upper()))
