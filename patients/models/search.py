"""What is searched, in a normal form: without accents, capitals and spelling variants of the same sound."""

import re
import unicodedata
from typing import Any

from django.db import models
from django.db.models import Q

LONGEST_SEARCH = 400
# Letters that Unicode does not take apart into a letter and its accent.
LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"})
UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})


def words_of(text: str) -> list[str]:
    """The words of a text in their normal form: "Dr. Müller-Łoś" is dr, muller, los."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return re.findall(r"\w+", plain.translate(LETTERS))


def search_form(*texts: str) -> str:
    """The words of these texts, each after a blank, and what else is typed for them: mueller for Müller, 14 for 014."""
    composed = [unicodedata.normalize("NFC", text).casefold() for text in texts]
    words = [word for text in composed for word in [*words_of(text), *words_of(text.translate(UMLAUTS))]]
    words += [word.lstrip("0") for word in words if word.isdecimal()]
    return "".join(f" {word}" for word in dict.fromkeys(words) if word)[:LONGEST_SEARCH]


def starts_of_words(text: str, field: str) -> Q:
    """Where each word of `text` starts a word of this field. It reads the rows of the clinic, and those alone."""
    found = Q()
    for word in words_of(text):
        found &= Q(**{f"{field}__contains": f" {word}"})
    return found


class SearchField(models.CharField):
    """The search form of other fields of the row, kept by every way of saving but an `update()`."""

    def __init__(self, *args: Any, of: tuple[str, ...] = (), **kwargs: Any) -> None:
        self.of = of
        defaults: dict[str, Any] = {"max_length": LONGEST_SEARCH, "default": "", "editable": False}
        super().__init__(*args, **defaults | kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, {**kwargs, "of": self.of}

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        value = search_form(*(str(getattr(model_instance, name)) for name in self.of))
        setattr(model_instance, self.attname, value)
        return value
