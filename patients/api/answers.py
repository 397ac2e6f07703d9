"""What a patient answers beside a session: the morning after, and the warning signs."""

from uuid import UUID

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from patients.actions.mornings import MorningConflict, record_morning
from patients.actions.red_flags import report_red_flags
from patients.api.serializers.answers import (
    MorningConflictSerializer,
    MorningReceiptSerializer,
    MorningSerializer,
    RedFlagReceiptSerializer,
    RedFlagsSerializer,
)
from patients.api.views import OWN, STRANGERS, WRONG_POST, PatientView


class MorningsView(PatientView):
    @extend_schema(
        operation_id="answer_morning",
        summary="Say how the knee was on the morning after a session",
        tags=["logs"],
        parameters=[OWN],
        request=MorningSerializer,
        responses={
            200: OpenApiResponse(MorningReceiptSerializer, "The same answer was here already."),
            201: OpenApiResponse(MorningReceiptSerializer, "It is kept."),
            409: OpenApiResponse(MorningConflictSerializer, "Another answer stands, or the id stands for one."),
        }
        | WRONG_POST
        | STRANGERS,
    )
    def post(self, request: Request, clinic: str, patient: UUID) -> Response:
        """Safe to send again: the same id with the same body is the same answer."""
        self.refuse_staff_on_a_patients_device()
        body = self.checked(MorningSerializer, request)
        try:
            kept, created = record_morning(by=self.membership, patient=patient, now=self.now, **body.said())
        except MorningConflict as conflict:
            self.speak()
            detail = _("Another answer was given before. Nothing was changed.")
            said = MorningConflictSerializer({"detail": detail, "standing": conflict.standing})
            return Response(said.data, status=409)
        return Response(MorningReceiptSerializer(kept).data, status=201 if created else 200)


class RedFlagsView(PatientView):
    @extend_schema(
        operation_id="report_red_flags",
        summary="Say yes to warning signs",
        tags=["logs"],
        request=RedFlagsSerializer,
        responses={
            200: OpenApiResponse(RedFlagReceiptSerializer, "The same report was here already."),
            201: OpenApiResponse(RedFlagReceiptSerializer, "It is kept, and clinicians are alerted."),
        }
        | WRONG_POST
        | STRANGERS,
    )
    def post(self, request: Request, clinic: str, patient: UUID) -> Response:
        """Of the patients themselves; never refused for its time. Nobody watches it for emergencies: say so, and whom
        to call."""
        if self.membership.is_staff:
            raise NotFound
        body = self.checked(RedFlagsSerializer, request)
        report, created = report_red_flags(patient=patient, now=self.now, **body.said())
        return Response(RedFlagReceiptSerializer(report).data, status=201 if created else 200)
