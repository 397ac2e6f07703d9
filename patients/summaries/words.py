"""The words and figures of a summary, the fraction always first."""

from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction
from math import floor
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from patients.adherence import Band, Week

NO_FIGURE = "–"


def day(value: date) -> str:
    """Sun 22 Nov."""
    return date_format(value, "D j M")


def week_name(monday: date) -> str:
    return _("Week %(number)d") % {"number": monday.isocalendar().week}


def week_dates(monday: date, sunday: date) -> str:
    return f"{date_format(monday, 'j M')} – {date_format(sunday, 'j M Y')}"


def sessions(week: Week) -> str:
    """2/3; 0/3 also where nothing was logged; n/a where nothing was due."""
    return week.fraction_text if week.due else _("n/a")


def told(week: Week) -> str:
    """As it is kept with a message, to be compared later: in no language."""
    return week.fraction_text if week.due else "n/a"


def with_percent(fraction: str, percent: int | None) -> str:
    return fraction if percent is None else f"{fraction} ({percent} %)"


def tenths(number: Fraction) -> str:
    """Cut, not rounded, as percentages are: 2.96 is 2.9, and 3 is 3."""
    cut = floor(number * 10)
    return f"{cut // 10}.{cut % 10}" if cut % 10 else f"{cut // 10}"


def dose(week: Week) -> str:
    return with_percent(f"{tenths(week.dose_sum)}/{week.due}", week.dose_percent)


def skips(week: Week) -> str:
    """The commonest reason for skipping, as the patients choose it."""
    if not week.skips:
        return ""
    reason, dates = week.skips[0]
    reasons = {
        "pain": _("pain"),
        "time": _("no time"),
        "unwell": _("unwell"),
        "equipment": _("no bands"),
        "other": _("another reason"),
    }
    return _("skipped %(dates)d× (%(reason)s)") % {"dates": dates, "reason": reasons.get(reason, reason)}


def days(number: int) -> str:
    return ngettext("%(number)d day", "%(number)d days", number) % {"number": number}


def colour(value: Band) -> str:
    """As an attribute: there are mail programs that know no style."""
    return {Band.ON_TRACK: "#ddf0e1", Band.PARTIAL: "#fdecd0", Band.LOW: "#fbe2dd"}.get(value, "#ebeae2")


def squares(week: Week) -> str:
    return "■" * week.done + "□" * (week.due - week.done)


def answers(number: int) -> str:
    return ngettext("%(number)d answer", "%(number)d answers", number) % {"number": number}


BANDS = {
    Band.ON_TRACK: ("✓", gettext_lazy("on track")),
    Band.PARTIAL: ("◐", gettext_lazy("partial")),
    Band.LOW: ("▼", gettext_lazy("low")),
    Band.NO_DATA: ("○", gettext_lazy("nothing logged")),
    Band.NONE: ("·", gettext_lazy("short week")),
    Band.NOT_APPLICABLE: (NO_FIGURE, gettext_lazy("nothing due")),
}


def symbol(value: Band) -> str:
    """So that a colour never stands alone."""
    return BANDS[value][0]


def band(value: Band) -> tuple[str, str]:
    """Its symbol and its word."""
    return symbol(value), str(BANDS[value][1])


def ready(evidence: Sequence[Mapping[str, Any]], exercises: Mapping[str, str]) -> str:
    """What two sessions running say for a step on."""
    first, second = evidence
    return _(
        "%(exercise)s, last set %(amounts)s (top of the range %(top)s) on %(days)s; pain %(pain)s, effort %(effort)s of"
        " 10, next morning %(morning)s after %(before)s before"
    ) % {
        "exercise": exercises.get(second["exercise"], second["exercise"]),
        "amounts": _both(first, second, "last_set"),
        "top": second["top"],
        "days": _("%(first)s and %(second)s")
        % {"first": day(date.fromisoformat(first["day"])), "second": day(date.fromisoformat(second["day"]))},
        "pain": _both(first, second, "pain"),
        "effort": _both(first, second, "effort"),
        "morning": _both(first, second, "morning"),
        "before": _both(first, second, "before"),
    }


def _both(first: Mapping[str, Any], second: Mapping[str, Any], name: str) -> str:
    return _("%(first)s and %(second)s") % {"first": first[name], "second": second[name]}


def patients(number: int) -> str:
    return ngettext("%(number)d patient", "%(number)d patients", number) % {"number": number}


def on_track(number: int, judged: int) -> str:
    return _("%(on_track)d of %(judged)d on track") % {"on_track": number, "judged": judged}


def sessions_done(done: int, due: int) -> str:
    return _("%(done)d of %(due)d sessions done") % {"done": done, "due": due}


def needing(number: int) -> str:
    if not number:
        return _("nobody needs you")
    return ngettext("%(number)d needs you", "%(number)d need you", number) % {"number": number}


def worst_pain(this_week: list[int], week_before: list[int]) -> str:
    """The week's worst answer, of how many, and how it changed. No answer is not "no pain"."""
    if not this_week:
        return _("pain not answered")
    return _("worst pain %(worst)d of 10") % {"worst": max(this_week)} + _made_of(this_week, week_before)


def worst_morning(this_week: list[int], week_before: list[int]) -> str:
    """The same for the mornings after the sessions."""
    if not this_week:
        return _("next morning not answered")
    return _("next morning at worst %(worst)d of 10") % {"worst": max(this_week)} + _made_of(this_week, week_before)


def _made_of(this_week: list[int], week_before: list[int]) -> str:
    made_of = answers(len(this_week))
    if not week_before:
        return f" ({made_of})"
    change = max(this_week) - max(week_before)
    text = _("up from %(before)d") if change > 0 else _("down from %(before)d") if change else _("as the week before")
    return f" ({made_of}; {text % {'before': max(week_before)}})"
