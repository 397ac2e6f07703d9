"""Opens the clinic that the address names, around the whole response."""

import re
from collections.abc import Callable
from typing import cast

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.urls import get_script_prefix, set_script_prefix
from django.utils import translation
from django.utils.cache import add_never_cache_headers

from clinic import links
from clinic.languages import asked_by_browser
from clinic.models import Membership, User
from clinic.requests import ClinicRequest
from clinic.wall.scope import clinic_scope, user_scope

PAGES = re.compile(r"^/clinic/(?P<slug>[-\w]+)(?P<rest>/.*)$")
PATIENTS = "/my/"
API = re.compile(r"^/api/v1/clinic/(?P<slug>[-\w]+)/")


class ClinicMiddleware:
    """`/clinic/<slug>/...` and `/api/v1/clinic/<slug>/...` are served inside that clinic, to its members.

    The clinic of a page moves into the script prefix, so that `reverse()` carries it everywhere. Where the user is no
    member the answer is 404, whether the clinic exists or not. A response of 500 or more rolls back all it wrote.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if page := PAGES.match(request.path_info):
            if not request.user.is_authenticated:
                return links.sign_in_first(request)
            return self.inside(request, request.user, page["slug"], page["rest"])
        if api := API.match(request.path_info):
            if not request.user.is_authenticated:
                return JsonResponse({"detail": "Sign in first."}, status=401)
            return self.inside(request, request.user, api["slug"])
        return self.get_response(request)

    def inside(self, request: HttpRequest, user: User, slug: str, rest: str | None = None) -> HttpResponseBase:
        memberships = memberships_in(user, slug)
        if not memberships:
            return not_a_member(request)
        opened = cast(ClinicRequest, request)
        opened.clinic, opened.memberships = memberships[0].clinic, memberships
        user.name = memberships[0].name
        before = get_script_prefix()
        if rest:
            set_script_prefix(f"/clinic/{slug}/")
            request.path_info, request.urlconf = rest, settings.INSIDE_URLCONF
        try:
            with clinic_scope(opened.clinic.pk), translation.override(language_of_page(opened, rest)):
                response = self.get_response(request)
                if response.streaming:
                    raise ImproperlyConfigured("A page of a clinic can't stream: it would be read after it is closed.")
                if response.status_code >= 500:
                    transaction.set_rollback(True)
                say_language(opened, response, rest)
        finally:
            set_script_prefix(before)
        add_never_cache_headers(response)
        return response


def language_of_page(request: ClinicRequest, rest: str | None) -> str:
    """The patients' pages are in the clinic's language, until they know the record's. The staff's are in one, whatever
    the browser asks for, until all of them is translated. The API is for programs, and has the browser's."""
    if rest is None:
        return translation.get_language() or settings.LANGUAGE_CODE
    if not rest.startswith(PATIENTS):
        return settings.LANGUAGE_CODE
    return request.clinic.language or asked_by_browser(request)


def say_language(request: ClinicRequest, response: HttpResponseBase, rest: str | None) -> None:
    """In the header. The phone also keeps that of a patient's page, for pages that know nobody yet: the sign-in."""
    language = translation.get_language() or settings.LANGUAGE_CODE
    response.headers.setdefault("Content-Language", language)
    known = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME)
    if rest and rest.startswith(PATIENTS) and response.status_code == 200 and known != language:
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            language,
            max_age=settings.LANGUAGE_COOKIE_AGE,
            secure=settings.LANGUAGE_COOKIE_SECURE,
            httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
            samesite="Lax",
        )


def memberships_in(user: User, slug: str) -> list[Membership]:
    """The user's active memberships in one clinic, staff's first. Their transaction ends before the clinic opens."""
    with user_scope(user.pk):
        return sorted(
            Membership.objects.active().filter(user=user, clinic__slug=slug).select_related("clinic"),
            key=lambda membership: not membership.is_staff,
        )


def not_a_member(request: HttpRequest) -> HttpResponse:
    if API.match(request.path_info):
        return JsonResponse({"detail": "Not found."}, status=404)
    raise Http404
