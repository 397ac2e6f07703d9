from typing import Any

from django.http import HttpRequest


def clinic(request: HttpRequest) -> dict[str, Any]:
    """The open clinic, where the address names one."""
    return {"clinic": getattr(request, "clinic", None)}
