"""Where a page of the staff's site is: the list, the object, this page."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from django.db.models import Model
from django.db.models.options import Options
from django.urls import NoReverseMatch, reverse
from django.utils.text import capfirst


class Crumb(NamedTuple):
    title: str
    link: str = ""


def trail(context: Mapping[str, Any]) -> list[Crumb]:
    """From a page's context. The last one is the page itself, without a link.

    A form is the page of its object, unless `below` is in the context: then that has another, and the form is below it.
    """
    found = context.get("original") or context.get("object")
    thing = found if isinstance(found, Model) else None
    opts: Options | None = thing._meta if thing else context.get("opts")
    crumbs = [list_of(opts, context)] if opts else []
    if thing and opts:
        crumbs.append(Crumb(str(thing), page_of(opts, "change", thing.pk)))
    title = str(context.get("title") or "")
    is_its_own_page = "cl" in context or (thing and "adminform" in context and "below" not in context)
    if title and not is_its_own_page and title not in [crumb.title for crumb in crumbs]:
        crumbs.append(Crumb(title))
    return crumbs


def list_of(opts: Options, context: Mapping[str, Any]) -> Crumb:
    """Named as in the menu, where it is there."""
    link = page_of(opts, "changelist")
    items = [item for group in context.get("sidebar_navigation") or [] for item in group["items"]]
    title = next((item["title"] for item in items if item["link"] == link), opts.verbose_name_plural)
    return Crumb(capfirst(str(title)), link)


def page_of(opts: Options, page: str, *args: Any) -> str:
    """Its address; empty where the site does not show this model."""
    try:
        return reverse(f"admin:{opts.app_label}_{opts.model_name}_{page}", args=args)
    except NoReverseMatch:
        return ""
