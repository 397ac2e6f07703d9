import re
from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from patients import adherence
from patients.adherence import Band
from patients.models import Log

WEEK = re.compile(r"(20[0-9]{2})-W([0-9]{2})")
WEEKS_BEFORE = timedelta(weeks=7)
MOST_WEEKS = 104
BANDS = [
    (Band.ON_TRACK.value, _("at least 80 %")),
    (Band.PARTIAL.value, _("at least 50 %")),
    (Band.LOW.value, _("below 50 %")),
    (Band.NO_DATA.value, _("a complete week in which nothing was logged")),
    (Band.NONE.value, _("fewer than four active dates: too few to say")),
    (Band.NOT_APPLICABLE.value, _("nothing was due")),
]


@extend_schema_field({"type": "string", "pattern": f"^{WEEK.pattern}$", "example": "2026-W47"})
class WeekField(serializers.Field):
    """An ISO week such as 2026-W47; in Python its Monday."""

    default_error_messages = {"invalid": _("Write a week like 2026-W47.")}

    def to_internal_value(self, data: Any) -> date:
        written = WEEK.fullmatch(str(data))
        try:
            return date.fromisocalendar(int(written[1]), int(written[2]), 1) if written else self.fail("invalid")
        except ValueError:
            self.fail("invalid")

    def to_representation(self, value: date) -> str:
        year, week, _weekday = value.isocalendar()
        return f"{year}-W{week:02}"


class WeeksAskedSerializer(serializers.Serializer):
    """From which week to which, both included."""

    def get_fields(self) -> dict[str, Any]:
        return {
            "from": WeekField(required=False, help_text=_("The first week. Seven weeks before the last unless given.")),
            "to": WeekField(required=False, help_text=_("The last week. This week unless given.")),
        }

    def validate(self, attrs: dict[str, date]) -> dict[str, date]:
        this_week = adherence.monday_of(self.context["today"])
        last = attrs.get("to", this_week)
        first = attrs.get("from", last - WEEKS_BEFORE)
        if last > this_week:
            raise serializers.ValidationError({"to": [_("This week is still to come.")]})
        if first > last:
            raise serializers.ValidationError({"from": [_("The first week is after the last.")]})
        if last - first >= timedelta(weeks=MOST_WEEKS):
            raise serializers.ValidationError({"from": [_("Ask for at most %(most)d weeks.") % {"most": MOST_WEEKS}]})
        return {"first": first, "last": last}


class SkipSerializer(serializers.Serializer):
    reason = serializers.ChoiceField(Log.SkipReason.choices)
    dates = serializers.IntegerField()


class WeekSerializer(serializers.Serializer):
    """One week, counted in dates. A percentage is null where there is none to show."""

    week = WeekField(source="monday")
    monday = serializers.DateField()
    sunday = serializers.DateField()
    complete = serializers.BooleanField(help_text=_("Its Sunday is over."))
    active_dates = serializers.IntegerField(help_text=_("Dates with a plan in force."))
    paused_dates = serializers.IntegerField()
    due = serializers.IntegerField()
    done = serializers.IntegerField(help_text=_("Sessions that count, at most those due."))
    extra = serializers.IntegerField(help_text=_("Sessions above those due, and those on dates without a plan."))
    part_done = serializers.IntegerField()
    skipped = serializers.IntegerField()
    skips = serializers.SerializerMethodField(help_text=_("By reason, the commonest first."))
    percent = serializers.IntegerField(allow_null=True, help_text=_("Done of due."))
    dose_percent = serializers.IntegerField(allow_null=True, help_text=_("The best doses of due."))
    band = serializers.ChoiceField(BANDS)

    @extend_schema_field(SkipSerializer(many=True))
    def get_skips(self, week: adherence.Week) -> list[dict[str, Any]]:
        return [{"reason": reason, "dates": dates} for reason, dates in week.skips]


class ToDateSerializer(serializers.Serializer):
    through = WeekField(help_text=_("The last complete week."))
    done = serializers.IntegerField(source="figures.done")
    due = serializers.IntegerField(source="figures.due")
    percent = serializers.IntegerField(source="figures.percent", allow_null=True)


class AdherenceSerializer(serializers.Serializer):
    """What the patient says they did, not how well they recover."""

    today = serializers.DateField(help_text=_("In the clinic's time zone."))
    weeks = WeekSerializer(many=True)
    to_date = ToDateSerializer(help_text=_("Over the weeks of the course, from its first."))
