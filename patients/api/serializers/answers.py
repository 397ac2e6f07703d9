from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers

from patients.actions.mornings import LEAST, MOST
from patients.actions.red_flags import cleaned
from patients.api.arriving import StrictSerializer, WaitedField, waited_of
from patients.api.serializers.logs import DetailSerializer
from patients.models import NextMorning, RedFlagReport


class MorningSerializer(StrictSerializer):
    """How the knee was on the morning after a session. Fields that are not listed here are refused."""

    id = serializers.UUIDField(help_text=_("Made by you. Sent again with the same body it is the same answer."))
    date = serializers.DateField(input_formats=["%Y-%m-%d"], help_text=_("Of the session, not of the morning."))
    pain = serializers.IntegerField(min_value=LEAST, max_value=MOST)
    replaces = serializers.UUIDField(default=None, allow_null=True, help_text=_("The answer that this one corrects."))
    waited_seconds = WaitedField()

    def said(self) -> dict[str, Any]:
        """For `record_morning`, once it is valid."""
        said = dict(self.validated_data)
        waited = waited_of(said)
        return {"key": said.pop("id"), "waited": waited} | said


class MorningReceiptSerializer(serializers.ModelSerializer[NextMorning]):
    """How an answer was taken. One that is not accepted waits for the clinic's staff."""

    class Meta:
        model = NextMorning
        fields = ["id", "date", "pain", "provenance", "accepted", "entered_at", "received_at", "replaces"]
        read_only_fields = fields

    replaces = serializers.UUIDField(source="replaces_id", allow_null=True)


class MorningConflictSerializer(DetailSerializer):
    """Another answer was given, which stays as it is."""

    standing = MorningReceiptSerializer(allow_null=True, help_text=_("What stands; null if nothing does."))


@extend_schema_serializer(component_name="RedFlagsSaid")
class RedFlagsSerializer(StrictSerializer):
    """Which warning signs the patient said yes to. Fields that are not listed here are refused."""

    id = serializers.UUIDField(help_text=_("Made by you. Sent again with the same body it is the same report."))
    flags = serializers.ListField(
        child=serializers.CharField(allow_blank=True),
        min_length=1,
        help_text=_("The words as they were shown. The first 50 are kept, and 500 characters of each."),
    )
    waited_seconds = WaitedField()

    def validate_flags(self, flags: list[str]) -> list[str]:
        return cleaned(flags) or self.fields["flags"].fail("empty")

    def said(self) -> dict[str, Any]:
        """For `report_red_flags`, once it is valid."""
        said = dict(self.validated_data)
        return {"key": said.pop("id"), "waited": waited_of(said)} | said


class RedFlagReceiptSerializer(serializers.ModelSerializer[RedFlagReport]):
    """`id` is another than what was sent where that stood for something else: a yes is never refused."""

    class Meta:
        model = RedFlagReport
        fields = ["id", "flags", "provenance", "reported_at", "received_at"]
        read_only_fields = fields

    flags = serializers.ListField(child=serializers.CharField())
