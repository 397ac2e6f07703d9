"""What the staff's search finds. The settings name the finders, for the site knows nothing of the apps above."""

import re
from collections.abc import Callable, Iterable
from typing import NamedTuple

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.module_loading import import_string

MOST = 8
LONGEST = 100


class Found(NamedTuple):
    title: str | Promise
    link: str
    icon: str
    detail: str | Promise = ""


class Group(NamedTuple):
    """Things of one kind; `more` leads to where all of them are."""

    title: str | Promise
    found: list[Found]
    more: Found | None = None


Finder = Callable[[HttpRequest, str], Group | None]


def asked(text: str) -> str:
    """What somebody typed, as a database takes it."""
    return text.replace("\0", "").strip()[:LONGEST]


def words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())


def find(request: HttpRequest, text: str) -> list[Group]:
    """In the order of the settings; each finder shows what this person may open, and asks the database once at most."""
    finders: Iterable[Finder] = map(import_string, settings.FINDERS)
    groups = (finder(request, text) for finder in finders)
    return [group for group in groups if group and group.found]
