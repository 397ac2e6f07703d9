"""Addresses: absolute ones for emails, and those of pages on the other side of the wall."""

from typing import Any

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
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


def sign_in_first(request: HttpRequest, door: str = "account_login") -> HttpResponse:
    """Leads to the sign-in, and back. A part of a page is refused instead: what was typed around it stays."""
    if request.headers.get("HX-Request"):
        return HttpResponse(status=401)
    return redirect_to_login(request.get_full_path(), outside(door))


def absolute(path: str) -> str:
    return f"{settings.BASE_URL}{path}"
