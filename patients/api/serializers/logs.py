from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from patients.actions.logging import MOST_SETS_IN_A_LOG, Entry, SetEntry
from patients.api.arriving import StrictSerializer, WaitedField, waited_of
from patients.models import Log, LoggedSet
from patients.models.log import LONGEST_NOTE, MOST_IN_A_SET

EXAMPLES = [
    OpenApiExample(
        "Counted set by set",
        request_only=True,
        value={
            "id": "0197a2c4-6d3e-7f10-9b52-3f6a1c8e4d70",
            "date": "2026-11-18",
            "sets": [
                {"exercise": "lateral-band-walk", "left": 10, "right": 10},
                {"exercise": "lateral-band-walk", "left": 10, "right": 8},
                {"exercise": "double-band-hip-thrust", "amount": 14},
                {"exercise": "double-band-hip-thrust", "as_planned": True},
            ],
            "pain_before": 2,
            "pain_during": 3,
        },
    ),
    OpenApiExample(
        "As planned",
        request_only=True,
        value={"id": "0197a2c4-6d3e-7f10-9b52-3f6a1c8e4d71", "date": "2026-11-18", "as_planned": True},
    ),
    OpenApiExample(
        "Nothing done",
        request_only=True,
        value={"id": "0197a2c4-6d3e-7f10-9b52-3f6a1c8e4d72", "date": "2026-11-17", "skip_reason": "pain"},
    ),
    OpenApiExample(
        "A correction sent an hour later",
        request_only=True,
        value={
            "id": "0197a2c4-6d3e-7f10-9b52-3f6a1c8e4d73",
            "date": "2026-11-18",
            "sets": [{"exercise": "double-band-hip-thrust", "amount": 20}],
            "replaces": "0197a2c4-6d3e-7f10-9b52-3f6a1c8e4d70",
            "waited_seconds": 3600,
        },
    ),
]


@extend_schema_field({"type": "integer", "minimum": 0, "maximum": 10, "nullable": True})
class RatingField(serializers.IntegerField):
    """0 to 10, null where it stays unanswered. The bounds are the action's; here they are only told."""


@extend_schema_field({"type": "integer", "minimum": 0, "maximum": MOST_IN_A_SET, "nullable": True})
class CountField(serializers.IntegerField):
    """Steps or repetitions of one set. The bounds are the action's; here they are only told."""


class SetEntrySerializer(StrictSerializer):
    """One set: repetitions in `amount`, or steps in `left` and `right`, as the exercise is counted."""

    exercise = serializers.CharField(max_length=50, help_text=_("Its key."))
    amount = CountField(default=None, allow_null=True, help_text=_("Repetitions, both sides together."))
    left = CountField(default=None, allow_null=True, help_text=_("Steps to the left."))
    right = CountField(default=None, allow_null=True, help_text=_("Steps to the right."))
    as_planned = serializers.BooleanField(
        default=False,
        help_text=_("Confirmed, not counted: the plan's numbers, as you showed it or as it is now."),
    )
    short_band = serializers.UUIDField(default=None, allow_null=True, help_text=_("Where it was not the planned one."))
    long_band = serializers.UUIDField(default=None, allow_null=True, help_text=_("Where it was not the planned one."))
    placement = serializers.CharField(
        default="", allow_blank=True, max_length=20, help_text=_("Of the short band, where it was not the planned one.")
    )


@extend_schema_serializer(examples=EXAMPLES)
class EntrySerializer(StrictSerializer):
    """What was done on a date: sets, the whole session as planned, or the reason why nothing was.

    Fields that are not listed here are refused.
    """

    id = serializers.UUIDField(help_text=_("Made by you. Sent again with the same body it is the same log."))
    date = serializers.DateField(input_formats=["%Y-%m-%d"], help_text=_("In the clinic's time zone."))
    sets: serializers.ListSerializer = serializers.ListSerializer(
        child=SetEntrySerializer(), default=list, max_length=MOST_SETS_IN_A_LOG
    )
    as_planned = serializers.BooleanField(default=False, help_text=_("The whole session as planned, without sets."))
    skip_reason = serializers.ChoiceField(
        Log.SkipReason.choices, default="", allow_blank=True, help_text=_("Why nothing was done, without sets.")
    )
    pain_before = RatingField(default=None, allow_null=True)
    pain_during = RatingField(default=None, allow_null=True)
    pain_after = RatingField(default=None, allow_null=True)
    effort = RatingField(default=None, allow_null=True)
    note = serializers.CharField(default="", allow_blank=True, max_length=LONGEST_NOTE)
    replaces = serializers.UUIDField(default=None, allow_null=True, help_text=_("The log that this one corrects."))
    waited_seconds = WaitedField()
    for_staff = serializers.BooleanField(
        default=False, help_text=_("Keep it for the clinic's staff where the date can't be logged any more.")
    )

    def entry(self) -> Entry:
        """What was said, once it is valid."""
        said = dict(self.validated_data)
        waited = waited_of(said)
        sets = tuple(SetEntry(**each) for each in said.pop("sets"))
        return Entry(**said, sets=sets, waited=waited)


class ReceiptSerializer(serializers.ModelSerializer[Log]):
    """How a log was taken. One that is not accepted waits for the clinic's staff and does not count yet."""

    class Meta:
        model = Log
        fields = ["id", "date", "provenance", "accepted", "entered_at", "received_at"]
        read_only_fields = fields


class LoggedSetSerializer(serializers.ModelSerializer[LoggedSet]):
    exercise = serializers.CharField(source="exercise_id")
    short_band = serializers.UUIDField(source="short_band_id", allow_null=True)
    long_band = serializers.UUIDField(source="long_band_id", allow_null=True)

    class Meta:
        model = LoggedSet
        fields = ["exercise", "amount", "left", "right", "as_planned", "short_band", "long_band", "placement"]
        read_only_fields = fields


class LogSerializer(serializers.ModelSerializer[Log]):
    sets = LoggedSetSerializer(many=True)
    skip_reason = serializers.ChoiceField(Log.SkipReason.choices, allow_blank=True)
    replaces = serializers.UUIDField(source="replaces_id", allow_null=True)

    class Meta:
        model = Log
        fields = [
            *ReceiptSerializer.Meta.fields,
            "sets",
            "skip_reason",
            "pain_before",
            "pain_during",
            "pain_after",
            "effort",
            "note",
            "replaces",
            "replaced_at",
            "withdrawn_at",
        ]
        read_only_fields = fields


class StandingLogSerializer(LogSerializer):
    """With what is known of the session that the log belongs to."""

    pain_next_morning = serializers.IntegerField(
        allow_null=True, min_value=0, max_value=10, help_text=_("Of the whole session of its date; null unanswered.")
    )

    class Meta(LogSerializer.Meta):
        fields = [*LogSerializer.Meta.fields, "pain_next_morning"]
        read_only_fields = fields


class DetailSerializer(serializers.Serializer):
    detail = serializers.CharField()


class ConflictSerializer(DetailSerializer):
    """The id was used for something else, which stays as it is."""

    standing = LogSerializer(allow_null=True, help_text=_("What the id stands for; null if another patient's."))
