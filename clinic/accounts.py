"""How people sign in: staff with a password, patients with an emailed code or an invitation."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from django.http import HttpRequest

from clinic import links


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody makes an account for themselves: a clinic adds its staff and its patients."""
        return False

    def get_reset_password_from_key_url(self, key: str) -> str:
        """Also from a page inside a clinic, which asks for it when it adds somebody to its staff."""
        user, _, token = key.partition("-")
        return links.absolute(links.outside("account_reset_password_from_key", user, token))


def signed_in_with_password(request: HttpRequest) -> bool:
    """Whether this session may act as staff. A code or a link opens patients' pages only."""
    records: list[dict[str, Any]] = get_authentication_records(request, request.user)
    return any(record["method"] == "password" for record in records)
