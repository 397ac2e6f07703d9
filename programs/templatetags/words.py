"""The catalogue's sentences in the language of the page."""

from typing import Any

from django import template
from django.conf import settings

from programs.catalogue_words import in_words, is_reviewed

register = template.Library()
register.filter("in_words", in_words)


@register.simple_tag
def unreviewed_languages() -> list[Any]:
    """The languages whose sentences no clinician has read yet."""
    return [name for code, name in settings.LANGUAGES if not is_reviewed(code)]
