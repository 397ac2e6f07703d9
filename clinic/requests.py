"""The request as it is inside a clinic."""

from typing import TypeGuard

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from clinic.models import Clinic, Membership


class ClinicRequest(HttpRequest):
    """A request inside a clinic, as the middlewares hand it on. The memberships are the user's here, staff's first."""

    clinic: Clinic
    memberships: list[Membership]
    htmx: HtmxDetails


def is_inside(request: HttpRequest) -> TypeGuard[ClinicRequest]:
    """Whether ClinicMiddleware opened a clinic for this request."""
    return hasattr(request, "clinic")


def memberships_of(request: HttpRequest) -> list[Membership]:
    """The user's memberships in the open clinic; none where no clinic is open."""
    return request.memberships if is_inside(request) else []
