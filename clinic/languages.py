"""Which language somebody reads: their record's, else their clinic's, else the one that their browser asks for."""

from uuid import UUID

from django.conf import settings
from django.http import HttpRequest
from django.utils.module_loading import import_string
from django.utils.translation import get_supported_language_variant
from django.utils.translation.trans_real import parse_accept_lang_header

from clinic.models import Clinic, Membership, User
from clinic.wall.scope import clinic_scope, user_scope


def first_of(*languages: str) -> str:
    """The first that is not empty; English where nobody said anything, as in an email."""
    return next(filter(None, languages), settings.LANGUAGE_CODE)


def asked_by_browser(request: HttpRequest) -> str:
    """Of our languages the one that the browser prefers. What a page before this one was written in says nothing."""
    for wanted, _weight in parse_accept_lang_header(request.headers.get("Accept-Language", "").lower()):
        try:
            return get_supported_language_variant(wanted)
        except LookupError:
            continue
    return settings.LANGUAGE_CODE


def language_of_record(clinic: Clinic, record: UUID) -> str:
    """Of one of its patients, once the clinic is open: their own or the clinic's; empty where neither says."""
    return str(import_string(settings.LANGUAGE_OF_RECORD)(record)) or clinic.language


def language_of_user(user: User) -> str:
    """Of a patient, from outside of any clinic; empty where their records differ or say nothing, and for staff."""
    with user_scope(user.pk):
        memberships = list(Membership.objects.active().filter(user=user).select_related("clinic"))
    languages = set()
    for membership in memberships:
        if membership.record:
            with clinic_scope(membership.clinic.pk):
                languages.add(language_of_record(membership.clinic, membership.record))
    return languages.pop() if len(languages) == 1 else ""
