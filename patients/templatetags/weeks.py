"""How a week is written for staff: the fraction first, then the percentage; the band in words, with a symbol."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from patients.adherence import Band, Week
from patients.models import Log

register = template.Library()

BANDS = {
    Band.ON_TRACK: ("good", "✓", _("on track")),
    Band.PARTIAL: ("part", "◐", _("partial")),
    Band.LOW: ("low", "▼", _("low")),
    Band.NO_DATA: ("none", "○", _("nothing logged")),
    Band.NONE: ("none", "–", _("too short to say")),
    Band.NOT_APPLICABLE: ("none", "–", _("nothing due")),
}
PAUSED = ("calm", "❚❚", _("paused"))
GOES_ON = ("neutral", "…", _("so far"))


@register.filter
def figures(week: Week) -> str:
    """`2 of 3 (66 %)`; without a percentage where there is none to show."""
    if week.due == 0:
        return "–"
    fraction = _("%(done)d of %(due)d") % {"done": week.done, "due": week.due}
    return (
        f"{fraction} ({week.percent}\N{NO-BREAK SPACE}%)"
        if week.complete and week.percent is not None
        else str(fraction)
    )


@register.filter
def band(week: Week) -> SafeString:
    """A week that goes on has no band yet: on Tuesday one of three is not low."""
    if week.whole_week_paused:
        kind, symbol, word = PAUSED
    elif week.complete or week.due == 0:
        kind, symbol, word = BANDS[week.band]
    else:
        kind, symbol, word = GOES_ON
    return format_html(
        '<span class="chip {}"><span class="symbol" aria-hidden="true">{}</span> {}</span>', kind, symbol, word
    )


@register.filter
def also(week: Week) -> str:
    """What is beside the figures: extra, part done, skipped with its reasons, paused dates."""
    labels = dict(Log.SkipReason.choices)
    parts = [
        (week.extra, _("%(count)d extra")),
        (week.part_done, _("%(count)d part done")),
        (0 if week.whole_week_paused else week.paused_dates, _("%(count)d days paused")),
    ]
    words = [str(text % {"count": count}) for count, text in parts if count]
    words += [f"{count} × {labels.get(reason, reason)}" for reason, count in week.skips]
    return "; ".join(words) or "–"
