"""Reads the exercise catalogue from its file and brings the database in line with it."""

import tomllib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.core.validators import validate_slug
from django.db import models, transaction

from programs.models import Citation, Claim, Exercise

CATALOGUE_FILE = Path(__file__).with_name("catalogue.toml")
LARGEST_COUNT = 1000

TYPE_NAMES = {str: "a text", bool: "true or false", int: "a whole number", list: "a list", dict: "a table"}

Values = dict[str, Any]
Change = tuple[str, str]
Row = TypeVar("Row", bound=models.Model)


class CatalogueError(ValueError):
    """The file can't be loaded; the message names the entry and what is wrong with it."""


@dataclass(frozen=True)
class Catalogue:
    """The values of every row, by key; rows refer to each other by key."""

    citations: dict[str, Values]
    exercises: dict[str, Values]
    claims: dict[tuple[str, str], Values]


class Entry:
    """One table of the file: every value is taken once and checked, and nothing may be left over."""

    def __init__(self, name: str, table: Any) -> None:
        self.name = name
        self.rest = dict(self.checked("the entry", table, dict))

    def error(self, problem: str) -> CatalogueError:
        return CatalogueError(f"{self.name}: {problem}")

    def checked(self, field: str, value: Any, kind: type) -> Any:
        if type(value) is not kind:
            raise self.error(f"{field} must be {TYPE_NAMES[kind]}, not {value!r}")
        return value

    def take(self, field: str, kind: type, default: Any = None) -> Any:
        if field not in self.rest and default is None:
            raise self.error(f"{field} is missing")
        return self.checked(field, self.rest.pop(field, default), kind)

    def optional(self, field: str, kind: type) -> Any:
        return self.take(field, kind) if field in self.rest else None

    def tables(self, field: str) -> "list[Entry]":
        return [Entry(f"{self.name}, {field}", table) for table in self.take(field, list)]

    def text(self, field: str, default: str | None = None, *, longest: int = 2000) -> str:
        value: str = self.take(field, str, default).strip()
        if not value and default is None:
            raise self.error(f"{field} is empty")
        if len(value) > longest:
            raise self.error(f"{field} has {len(value)} characters, but there is room for {longest}")
        return value

    def slug(self, field: str) -> str:
        value = self.text(field, longest=50)
        try:
            validate_slug(value)
        except ValidationError:
            raise self.error(f"{field} may hold only letters, digits and hyphens, not {value!r}") from None
        return value

    def choice(self, field: str, choices: Iterable[str]) -> str:
        return self.one_of(field, self.text(field), choices)

    def one_of(self, field: str, value: str, choices: Iterable[str]) -> str:
        known = list(choices)
        if value not in known:
            raise self.error(f"{field} is {value!r}, but must be one of: {', '.join(known)}")
        return value

    def words(self, field: str, choices: Iterable[str]) -> list[str]:
        known, words = list(choices), self.take(field, list)
        if not words:
            raise self.error(f"{field} is empty")
        return [self.one_of(field, self.checked(field, word, str), known) for word in words]

    def range(self, field: str) -> tuple[int, int]:
        limits = Entry(f"{self.name}, {field}", self.take(field, dict))
        low, high = limits.take("from", int), limits.take("to", int)
        limits.done()
        if not 1 <= low <= high <= LARGEST_COUNT:
            raise self.error(f"{field} must go from a number to the same or a larger one, not from {low} to {high}")
        return low, high

    def sentences(self, field: str) -> list[dict[str, str]]:
        """Sentences as they are stored: a plain one is the source's, `{ ours = "..." }` is our reading."""
        sentences = []
        for value in self.take(field, list, []):
            ours = isinstance(value, dict)
            sentence = Entry(f"{self.name}, {field}", value if ours else {"source": value})
            reading = Exercise.Reading.OURS if ours else Exercise.Reading.SOURCE
            sentences.append({"text": sentence.text(reading.value), "reading": reading.value})
            sentence.done()
        return sentences

    def gaps(self, field: str) -> list[dict[str, str]]:
        gaps = Entry(f"{self.name}, {field}", self.take(field, dict, {}))
        return [{"key": key, "text": gaps.text(key)} for key in list(gaps.rest)]

    def done(self) -> None:
        if self.rest:
            raise self.error(f"nothing is known about {', '.join(map(repr, self.rest))}")


def read_catalogue(path: Path = CATALOGUE_FILE) -> Catalogue:
    """Read and check the whole file. Raises CatalogueError, also for a file that is missing or isn't TOML."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as problem:
        raise CatalogueError(f"{path}: {problem}") from problem
    file = Entry(path.name, table)

    citations = dict(_rows(file, "citations", lambda entry: [_citation(entry)]))
    shared = Entry("both", file.take("both", dict, {}))
    both = {"why": shared.sentences("why"), "muscles": shared.sentences("muscles"), "silent": shared.gaps("silent")}
    shared.done()
    exercises = dict(_rows(file, "exercises", lambda entry: [_exercise(entry, citations, both)]))
    claims = dict(_rows(file, "claims", lambda entry: _claims(entry, citations, exercises)))
    file.done()

    for position, exercise in enumerate(exercises.values(), start=1):
        exercise["position"] = position
    for position, claim in enumerate(claims.values(), start=1):
        claim["position"] = position
    return Catalogue(citations, exercises, claims)


def _rows(file: Entry, field: str, rows_of: Callable[[Entry], list[tuple[Any, Values]]]) -> list[tuple[Any, Values]]:
    rows = []
    for number, table in enumerate(file.take(field, list), start=1):
        key = table.get("key") if isinstance(table, dict) else None
        entry = Entry(f"{field} {key!r}" if key else f"{field}, entry {number}", table)
        rows += rows_of(entry)
        entry.done()
    repeated = [key for key, count in Counter(key for key, _ in rows).items() if count > 1]
    if repeated:
        raise file.error(f"{field} {repeated[0]!r} is there twice")
    return rows


def _citation(entry: Entry) -> tuple[str, Values]:
    return entry.slug("key"), {"text": entry.text("text"), "identifier": entry.text("identifier", "", longest=40)}


def _exercise(entry: Entry, citations: Iterable[str], both: Mapping[str, list[Any]]) -> tuple[str, Values]:
    sets, amount = entry.range("sets"), entry.range("amount")
    bands = entry.words("bands", Exercise.Band.values)
    lists = ("counting", "why", "muscles", "equipment", "set_up", "movement", "cues", "faults")
    texts: dict[str, list[Any]] = {field: entry.sentences(field) for field in lists} | {"silent": entry.gaps("silent")}
    return entry.slug("key"), {
        "name": entry.text("name", longest=80),
        "retired": False,
        "source": entry.choice("source", citations),
        "counted_in": entry.choice("counted_in", Exercise.CountedIn.values),
        "sets_min": sets[0],
        "sets_max": sets[1],
        "amount_min": amount[0],
        "amount_max": amount[1],
        "start_only": entry.take("start_only", bool),
        "needs_short_band": Exercise.Band.SHORT in bands,
        "needs_long_band": Exercise.Band.LONG in bands,
        "placements": _placements(entry, bands),
        "asks": [entry.one_of("asks", ask, Exercise.Asks.values) for ask in entry.take("asks", list, [])],
        **{field: both.get(field, []) + sentences for field, sentences in texts.items()},
    }


def _placements(entry: Entry, bands: list[str]) -> list[dict[str, str]]:
    placements = []
    for table in entry.take("placements", list):
        place = Entry(f"{entry.name}, placements", table)
        placements.append({"band": place.choice("band", bands), "key": place.slug("key"), "text": place.text("text")})
        place.done()
    homeless = set(bands) - {place["band"] for place in placements}
    if homeless:
        raise entry.error(f"placements say nothing about the {homeless.pop()} band")
    return placements


def _claims(entry: Entry, citations: Iterable[str], exercises: Iterable[str]) -> list[tuple[tuple[str, str], Values]]:
    key, kind, text = entry.slug("key"), entry.choice("kind", Claim.Kind.values), entry.text("text")
    citation = entry.choice("citation", citations) if "citation" in entry.rest else None
    if (kind in Claim.NEEDS_CITATION) != (citation is not None):
        raise entry.error(f"a claim of kind {kind!r} {'must not have' if citation else 'needs'} a citation")
    return [
        ((exercise, key), {"kind": kind, "text": text, "citation": citation})
        for exercise in entry.words("about", exercises)
    ]


@transaction.atomic
def load_catalogue(catalogue: Catalogue) -> list[Change]:
    """
    Bring the database in line with the catalogue, and return what was done as `(what, row)`.

    An exercise that left the file is retired, never deleted: programs may hold it. Its claims stay with it.
    """
    changes: list[Change] = []
    citations = {key: _put(changes, Citation, {"key": key}, row) for key, row in catalogue.citations.items()}
    exercises = {
        key: _put(changes, Exercise, {"key": key}, row | {"source": citations[row["source"]]})
        for key, row in catalogue.exercises.items()
    }
    for (exercise, key), row in catalogue.claims.items():
        cited = citations[row["citation"]] if row["citation"] else None
        _put(changes, Claim, {"exercise": exercises[exercise], "key": key}, row | {"citation": cited})

    for left in Exercise.objects.offered().exclude(key__in=exercises):
        left.retired = True
        left.save(update_fields=["retired"])
        changes.append(("retired", f"exercise {left.key}"))
    for claim in Claim.objects.filter(exercise__retired=False).select_related("exercise"):
        if (claim.exercise.key, claim.key) not in catalogue.claims:
            changes.append(("removed", f"claim {claim.key}"))
            claim.delete()
    for citation in Citation.objects.filter(claims=None, exercises=None).exclude(key__in=citations):
        changes.append(("removed", f"citation {citation.key}"))
        citation.delete()
    return changes


def _put(changes: list[Change], model: type[Row], key: Values, values: Values) -> Row:
    row = model._default_manager.filter(**key).first()
    if row is None:
        row = model._default_manager.create(**key, **values)
        changes.append(("added", f"{model._meta.verbose_name} {key['key']}"))
        return row
    stale = [field for field, value in values.items() if getattr(row, field) != value]
    for field in stale:
        setattr(row, field, values[field])
    if stale:
        row.save(update_fields=stale)
        changes.append(("changed", f"{model._meta.verbose_name} {key['key']}: {', '.join(stale)}"))
    return row
