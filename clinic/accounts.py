"""How people sign in: staff with a password, patients with an emailed code or an invitation."""

import time
from datetime import timedelta
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from django.http import HttpRequest
from django.utils import translation

from clinic import links
from clinic.languages import language_of_user
from clinic.models import User

PASSWORD_LASTS = timedelta(hours=12)


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody makes an account for themselves: a clinic adds its staff and its patients."""
        return False

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """In the language of the patient who gets it; that of the page where nobody knows one."""
        user = User.objects.filter(email=email.lower()).first()
        language = (language_of_user(user) if user else "") or translation.get_language() or ""
        with translation.override(language):
            super().send_mail(template_prefix, email, context)

    def get_reset_password_from_key_url(self, key: str) -> str:
        """Also from a page inside a clinic, which asks for it when it adds somebody to its staff."""
        user, _, token = key.partition("-")
        return links.absolute(links.outside("account_reset_password_from_key", user, token))


def signed_in_with_password(request: HttpRequest) -> bool:
    """Whether this session may act as staff: a code or a link never may, and a password for twelve hours."""
    records: list[dict[str, Any]] = get_authentication_records(request, request.user)
    since = time.time() - PASSWORD_LASTS.total_seconds()
    return any(record["method"] == "password" and record["at"] > since for record in records)
