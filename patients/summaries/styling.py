"""An email's HTML as mail programs need it."""

from css_inline import CSSInliner
from django.template.loader import render_to_string

MOST_BYTES = 102_000  # Gmail cuts what is longer

# What can't be inlined, the dark colours, stays in a style element.
inliner = CSSInliner(keep_at_rules=True, load_remote_stylesheets=False)


def html_of(template: str, context: dict[str, object]) -> str:
    """With the page's style inlined, and that of its many rows once in the head: they have their colours as attributes
    where a mail program drops it. Without the indentation, which is a third of it."""
    inlined = inliner.inline(_without_indentation(render_to_string(template, context)))
    rows = _without_indentation(render_to_string("patients/summary/rows.css"))
    return inlined.replace("</head>", f"<style>{rows}</style></head>", 1)


def _without_indentation(text: str) -> str:
    return "\n".join(filter(None, map(str.strip, text.splitlines())))
