from uuid import UUID

from django import template
from uuid_utils.compat import uuid7

register = template.Library()


@register.simple_tag
def new_id() -> UUID:
    """The id of what a form makes: a form that is sent twice makes it once."""
    return uuid7()
