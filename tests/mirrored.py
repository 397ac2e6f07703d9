"""A language that nobody speaks, for tests: right to left, a third longer, and unlike anything that was not translated.

It has all that German has. Letters become Hebrew ones; places, tags and format characters stay.
"""

import re
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from programs import catalogue_words
from tests.test_translations import Key, sentences_for_patients, written

CODE = "ar-xb"  # Django knows Arabic to be written from right to left
KEPT = re.compile(r"(%\(\w+\)[sd]|%%|{\w+}|<[^>]+>|&\w+;)")
LETTERS = str.maketrans(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "אבגדהוזחטיכלמנסעפצקרשתאבגדאבגדהוזחטיכלמנסעפצקרשתאבגד",
)
HEADER = "Language: ar_XB\nContent-Type: text/plain; charset=UTF-8\nPlural-Forms: nplurals=2; plural=(n != 1);\n"


def mirrored(text: str) -> str:
    """In letters of the other direction, and a third longer."""
    parts = [part if KEPT.fullmatch(part) else part.translate(LETTERS) for part in KEPT.split(text)]
    words = re.findall(r"[א-ת]+", "".join(parts))
    return " ".join(["".join(parts), *words[: -(-len(words) // 3)]])


def compiled(messages: dict[str, str]) -> bytes:
    """A .mo file, as gettext's manual gives its format."""
    pairs = sorted((key.encode(), text.encode()) for key, text in messages.items())
    start, ids, texts = 28 + 16 * len(pairs), b"", b""
    for key, text in pairs:
        ids, texts = ids + key + b"\0", texts + text + b"\0"
    places, at, at_text = [], start, start + len(ids)
    for key, _text in pairs:
        places.append((len(key), at))
        at += len(key) + 1
    for _key, text in pairs:
        places.append((len(text), at_text))
        at_text += len(text) + 1
    head = struct.pack("<7I", 0x950412DE, 0, len(pairs), 28, 28 + 8 * len(pairs), 0, 0)
    return head + b"".join(struct.pack("<2I", *place) for place in places) + ids + texts


def messages() -> dict[str, str]:
    found = {"": HEADER}
    key: Key
    for key, (plural, _translations) in written("de").items():
        context, text = key
        if text:
            said = text if "date format" in context else mirrored(text)
            name = f"{context}\4{text}" if context else text
            found[f"{name}\0{plural}" if plural else name] = f"{said}\0{mirrored(plural)}" if plural else said
    return found


@pytest.fixture
def mirrored_language(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Its code. It is in no list of languages: only who asks for it by its code reads it."""
    folder = tmp_path / "ar_XB" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "django.mo").write_bytes(compiled(messages()))
    sentences = "\n".join(f"'''{text}''' = '''{mirrored(text)}'''" for text in sentences_for_patients())
    (tmp_path / "catalogue.ar.toml").write_text(
        "reviewed = false\n[sentences]\n" + sentences.replace("'''", '"'), encoding="utf-8"
    )
    monkeypatch.setattr(catalogue_words, "FOLDER", tmp_path)
    catalogue_words.words_of.cache_clear()
    settings.LOCALE_PATHS = [tmp_path, *settings.LOCALE_PATHS]
    yield CODE
    catalogue_words.words_of.cache_clear()
