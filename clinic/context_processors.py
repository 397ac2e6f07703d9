from typing import Any

from django.http import HttpRequest

from clinic.requests import is_inside


def clinic(request: HttpRequest) -> dict[str, Any]:
    """The open clinic, where the address names one."""
    return {"clinic": request.clinic if is_inside(request) else None}
