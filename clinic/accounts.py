"""How people sign in: staff with a password, patients with an emailed code or an invitation."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody makes an account for themselves: a clinic adds its staff and its patients."""
        return False


def signed_in_with_password(request: HttpRequest) -> bool:
    """Whether this session may act as staff. A code or a link opens patients' pages only."""
    records: list[dict[str, Any]] = get_authentication_records(request)
    return any(record["method"] == "password" for record in records)
