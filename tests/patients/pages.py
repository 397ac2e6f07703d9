"""What the staff's pages of a patient say, and what is sent to them."""

import re
from typing import Any

from django.http import HttpResponse

from programs.models import Program
from tests.factories import TODAY


def words(answer: HttpResponse) -> str:
    """What is to be read on a page, its tags left out."""
    return in_words(re.sub(r"<(script|style).*?</\1>", " ", answer.text, flags=re.DOTALL))


def in_words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", html).split()).replace(" ,", ",")


def prescribing(program: Program, **fields: Any) -> dict[str, Any]:
    return {"program": program.pk, "affected_knee": "left", "starts_on": TODAY} | fields
