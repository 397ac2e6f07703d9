"""The pages of the menu and the actions, as the search finds them. Which there are is in the settings."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from clinic.finding import Found, Group, words


def actions(request: HttpRequest, text: str) -> Group:
    return Group(_("Actions"), matching(request, settings.ACTIONS, text))


def pages(request: HttpRequest, text: str) -> Group:
    menu: Any = settings.UNFOLD["SIDEBAR"]["navigation"]
    return Group(_("Pages"), matching(request, [item for group in menu for item in group["items"]], text))


def matching(request: HttpRequest, items: Iterable[Mapping[str, Any]], text: str) -> list[Found]:
    """Those that this person may open, where each word of the text begins a word of the title."""
    return [
        Found(item["title"], str(item["link"]), item["icon"])
        for item in items
        if begins(text, str(item["title"])) and (not item["permission"] or import_string(item["permission"])(request))
    ]


def begins(text: str, title: str) -> bool:
    return all(any(of_title.startswith(word) for of_title in words(title)) for word in words(text))
