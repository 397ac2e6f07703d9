from typing import Any

from django import template

from clinic import links

register = template.Library()


@register.simple_tag
def outside(name: str, *args: Any) -> str:
    """`{% outside 'account_logout' %}`: a page outside of the clinic that this page is in."""
    return links.outside(name, *args)
