from typing import Any

from django import template
from django.template import RequestContext

from clinic.breadcrumbs import trail

register = template.Library()


@register.inclusion_tag("clinic/admin/_breadcrumbs.html", takes_context=True)
def breadcrumbs(context: RequestContext) -> dict[str, Any]:
    page: Any = context.flatten()
    return {"crumbs": trail(page)}
