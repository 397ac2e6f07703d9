from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from patients.models import Prescription
from programs.models import Band, Dose, Exercise, Phase, bands_used


class BandSerializer(serializers.ModelSerializer[Band]):
    maker = serializers.CharField(source="ladder.maker")

    class Meta:
        model = Band
        fields = ["maker", "label", "colour", "force_newtons"]
        read_only_fields = fields


class PlacementSerializer(serializers.Serializer):
    key = serializers.CharField(source="placement")
    text = serializers.CharField(source="place")


class BandUseSerializer(serializers.Serializer):
    kind = serializers.ChoiceField(Exercise.Band.choices)
    placement = PlacementSerializer(source="*")
    band = BandSerializer(allow_null=True, help_text=_("Null where the clinic left it open."))


class DoseSerializer(serializers.ModelSerializer[Dose]):
    """What one exercise asks for in one session. Of a range the lower end is what counts as the whole dose."""

    exercise = serializers.CharField(source="exercise_id", help_text=_("Its key."))
    name = serializers.CharField(source="exercise.name")
    counted_in = serializers.ChoiceField(Exercise.CountedIn.choices, source="exercise.counted_in")
    bands = serializers.SerializerMethodField()

    class Meta:
        model = Dose
        fields = [
            "exercise",
            "name",
            "counted_in",
            "required",
            "sets_min",
            "sets_max",
            "amount_min",
            "amount_max",
            "hold_seconds",
            "rest_seconds",
            "tempo",
            "bands",
            "substitute",
            "cues",
            "own_cues",
        ]
        read_only_fields = fields

    @extend_schema_field(BandUseSerializer(many=True))
    def get_bands(self, dose: Dose) -> Any:
        return BandUseSerializer(bands_used(dose.exercise, dose), many=True).data


class PhaseSerializer(serializers.ModelSerializer[Phase]):
    title = serializers.CharField(source="__str__")

    class Meta:
        model = Phase
        fields = ["title", "weeks", "frequency", "weekdays"]
        read_only_fields = fields


class TodaySerializer(serializers.Serializer):
    prescription = serializers.UUIDField(source="planned.prescription.key")
    phase = PhaseSerializer()
    week = serializers.IntegerField(source="planned.week", help_text=_("Of the phase, from 1."))
    day = serializers.IntegerField(
        source="planned.day", help_text=_("Of the prescription, from 1, without paused days.")
    )
    doses = DoseSerializer(source="phase.doses.all", many=True)


class PrescriptionSerializer(serializers.ModelSerializer[Prescription]):
    title = serializers.CharField(source="program.title")
    goal = serializers.CharField(source="program.goal")
    notes_for_patient = serializers.CharField(source="program.notes_for_patient")

    class Meta:
        model = Prescription
        fields = ["id", "title", "goal", "notes_for_patient", "affected_knee", "starts_on", "ends_on"]
        read_only_fields = fields


class PrescriptionsSerializer(serializers.Serializer):
    date = serializers.DateField(help_text=_("Today, in the clinic's time zone."))
    paused = serializers.BooleanField()
    today = TodaySerializer(
        allow_null=True, help_text=_("In force today; null in a pause, before the start, after the end.")
    )
    prescriptions = PrescriptionSerializer(many=True, help_text=_("The newest first."))
