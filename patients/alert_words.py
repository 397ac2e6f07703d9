"""What alerts say: each with what it is made of."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from patients.alerts import Kind
from patients.models import Alert, Log
from programs.models import Exercise

# How each looks: the colour of its chip, and the symbol that stands beside the words.
LOOKS = {
    Kind.RED_FLAG: ("low", "⚠"),
    Kind.ALARMING_PAIN: ("low", "▲"),
    Kind.PAIN_TWICE: ("low", "▲"),
    Kind.PAIN: ("part", "△"),
    Kind.MORNING_AFTER: ("part", "△"),
    Kind.PAIN_RISING: ("part", "↗"),
    Kind.SKIPS_FOR_PAIN: ("part", "⊘"),
    Kind.ABOVE_DUE: ("calm", "+"),
    Kind.SILENT: ("none", "○"),
    Kind.NOT_STARTED: ("none", "○"),
    Kind.BELOW_HALF: ("part", "▼"),
    Kind.READY: ("good", "✓"),
}
SENTENCES = {
    Kind.RED_FLAG: gettext_lazy("Yes to a warning sign on %(at)s"),
    Kind.ALARMING_PAIN: gettext_lazy("pain %(pain)s of 10 on %(day)s"),
    Kind.PAIN_TWICE: gettext_lazy("pain %(pain)s of 10 on %(day)s"),
    Kind.PAIN: gettext_lazy("pain %(pain)s of 10 on %(day)s"),
    Kind.MORNING_AFTER: gettext_lazy("pain %(before)s before the session on %(day)s, %(morning)s on the next morning"),
    Kind.PAIN_RISING: gettext_lazy("week of %(week)s: mean %(mean)s from %(answers)s answers"),
    Kind.SKIPS_FOR_PAIN: gettext_lazy("skipped on %(day)s"),
    Kind.ABOVE_DUE: gettext_lazy("%(done)s sessions of %(due)s due in the week of %(week)s"),
    Kind.SILENT: gettext_lazy("nothing logged since %(since)s, and something due for %(days)s active days"),
    Kind.NOT_STARTED: gettext_lazy(
        "no session since the start on %(since)s, and something due for %(days)s active days"
    ),
    Kind.BELOW_HALF: gettext_lazy("%(done)s of %(due)s in the week of %(week)s"),
    Kind.READY: gettext_lazy(
        "%(exercise)s on %(day)s: last set %(last_set)s, top %(top)s; pain %(pain)s, effort %(effort)s,"
        " next morning %(morning)s after %(before)s before"
    ),
}
CAME_LATER = gettext_lazy("Yes to a warning sign on %(at)s, which arrived on %(arrived)s")
CAME_OFF_THE_CLOCK = gettext_lazy("Yes to a warning sign, which arrived on %(arrived)s; when it was said is not known")
DATES = ("day", "week", "since")
TIMES = ("at", "arrived")


@dataclass(frozen=True, slots=True)
class Shown:
    """An alert with what it is made of; `question` where the time has come for one."""

    alert: Alert
    tone: str
    symbol: str
    made_of: list[str]
    question: str = ""


def in_words(alerts: Iterable[Alert]) -> list[Shown]:
    """In the same order. At most two queries."""
    alerts = list(alerts)
    gone = _no_longer_so({each["log"] for alert in alerts for each in alert.evidence if "log" in each})
    names = _names({each["exercise"] for alert in alerts for each in alert.evidence if "exercise" in each})
    return [
        Shown(
            alert,
            *LOOKS[Kind(alert.kind)],
            [_sentence(alert, each, gone, names) for each in alert.evidence],
            _question(alert),
        )
        for alert in alerts
    ]


def _question(alert: Alert) -> str:
    long = alert.kind in {Kind.SILENT, Kind.NOT_STARTED} and alert.level >= alert.clinic.alert_silent_end_days
    return _("Close the course, or pause it?") if long else ""


def _no_longer_so(logs: set[str]) -> set[str]:
    found = (
        Log.objects.filter(~Q(replaced_at=None) | ~Q(withdrawn_at=None), pk__in=logs) if logs else Log.objects.none()
    )
    return {str(log) for log in found.values_list("pk", flat=True)}


def _names(exercises: set[str]) -> dict[str, str]:
    return dict(Exercise.objects.filter(pk__in=exercises).values_list("pk", "name")) if exercises else {}


def _sentence(alert: Alert, one: dict[str, Any], gone: set[str], names: dict[str, str]) -> str:
    said = dict(one) | {name: date_format(date.fromisoformat(one[name]), "j M") for name in DATES if name in one}
    for name in TIMES:
        if name in one:
            said[name] = date_format(timezone.localtime(datetime.fromisoformat(one[name])), "j M, H:i")
    if "sum" in one:
        said["mean"] = f"{one['sum'] / one['answers']:.1f}"
    if "exercise" in one:
        said["exercise"] = names.get(one["exercise"], one["exercise"])
    words = SENTENCES[Kind(alert.kind)]
    if "arrived" in one:
        words = CAME_LATER if one["at"] != one["arrived"] else CAME_OFF_THE_CLOCK
    sentence = str(words) % said
    return (
        _("%(sentence)s (corrected or withdrawn since)") % {"sentence": sentence}
        if one.get("log") in gone
        else sentence
    )
