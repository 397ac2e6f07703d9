"""Absolute addresses, for emails and for pages on the other side of the wall."""

from typing import Any

from django.conf import settings
from django.urls import get_script_prefix, reverse, set_script_prefix

from clinic.models import Clinic


def _reverse(prefix: str, urlconf: str, name: str, args: tuple[Any, ...]) -> str:
    before = get_script_prefix()
    set_script_prefix(prefix)
    try:
        return reverse(name, urlconf=urlconf, args=args)
    finally:
        set_script_prefix(before)


def outside(name: str, *args: Any) -> str:
    """The path of a page outside of any clinic, from wherever it is asked."""
    return _reverse("/", settings.ROOT_URLCONF, name, args)


def inside(clinic: Clinic, name: str, *args: Any) -> str:
    """The path of a page inside a clinic, from wherever it is asked."""
    return _reverse(f"/clinic/{clinic.slug}/", settings.INSIDE_URLCONF, name, args)


def absolute(path: str) -> str:
    return f"{settings.BASE_URL}{path}"
