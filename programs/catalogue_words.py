"""The catalogue's sentences in the patient's language: `catalogue.<language>.toml`, beside the catalogue itself.

A sentence that has no translation stays English. No file counts as reviewed until a clinician has read it.
"""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import get_language

FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Words:
    """`reviewed`: whether a clinician who speaks the language has read all of it. `sentences` are keyed by English."""

    reviewed: bool
    sentences: dict[str, str]


ENGLISH = Words(reviewed=True, sentences={})


@cache
def words_of(language: str) -> Words:
    """What there is for a language such as `de` or `de-at`; nothing for one without a file."""
    file = FOLDER / f"catalogue.{language.partition('-')[0]}.toml"
    if not language.isascii() or not language.replace("-", "").isalpha() or not file.exists():
        return ENGLISH
    table = tomllib.loads(file.read_text(encoding="utf-8"))
    return Words(reviewed=table["reviewed"], sentences=table["sentences"])


def in_words(sentence: str, language: str | None = None) -> str:
    """The sentence in this language, or in the active one; in English where it has no translation."""
    return words_of(language or get_language() or "en").sentences.get(sentence, sentence)


def is_reviewed(language: str) -> bool:
    return words_of(language).reviewed


def unreviewed_languages() -> list[Any]:
    """The names of the languages whose sentences no clinician has read yet."""
    return [name for code, name in settings.LANGUAGES if not is_reviewed(code)]
