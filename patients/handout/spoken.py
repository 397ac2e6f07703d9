"""The version of a prescription in three words, for two people on the phone: "is yours mango piano robot, too?"

One list for every language: words that English, German and Spanish readers know and say much alike, so a change of
language changes nothing. Two given prescriptions share their words once in a million: of ten versions for one patient
two are alike in one of 22,000 patients; among 5,000 prescriptions expect a dozen pairs, which the codes tell apart.
"""

from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path
from uuid import UUID

# A hundred, and they stay as they are: printed handouts have them.
WORDS = Path(__file__).with_name("words.txt").read_text(encoding="utf-8").split()
HOW_MANY = 3


def spoken(prescription: UUID, program: UUID) -> str:
    """Three words that stand for this prescription of this program: always the same ones."""
    number = int.from_bytes(sha256(prescription.bytes + program.bytes).digest())
    words = []
    for _place in range(HOW_MANY):
        number, index = divmod(number, len(WORDS))
        words.append(WORDS[index])
    return " ".join(words)


def as_spoken(text: str) -> str | None:
    """What somebody typed in the form of `spoken`, or None where it can't be that."""
    words = text.lower().replace(",", " ").split()
    return " ".join(words) if len(words) == HOW_MANY and set(words) <= set(WORDS) else None


def matching(text: str, prescriptions: Iterable[tuple[UUID, UUID]]) -> list[UUID]:
    """The prescriptions, of pairs with their program, that go by these words."""
    wanted = as_spoken(text)
    return [key for key, program in prescriptions if spoken(key, program) == wanted] if wanted else []
