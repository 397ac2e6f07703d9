"""The API of one patient: the same actions and the same arithmetic as behind the pages."""

from datetime import timedelta
from typing import Any, TypeVar
from uuid import UUID

from django.core.exceptions import ObjectDoesNotExist, RequestDataTooBig, ValidationError
from django.db.models import F, Prefetch, Q, QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_exempt, ensure_csrf_cookie
from django.views.decorators.http import require_safe
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, OpenApiTypes, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import APIException, NotFound, ParseError
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from clinic.models import Membership
from clinic.requests import memberships_of
from clinic.site import staff_membership
from patients import adherence
from patients.actions.logging import LogConflict, record_log, withdraw_log
from patients.api.parsers import BodyParser
from patients.api.serializers.logs import (
    ConflictSerializer,
    DetailSerializer,
    EntrySerializer,
    LogSerializer,
    ReceiptSerializer,
    StandingLogSerializer,
)
from patients.api.serializers.prescriptions import PrescriptionsSerializer
from patients.api.serializers.weeks import AdherenceSerializer, WeeksAskedSerializer
from patients.languages import language_of_record
from patients.models import Log, Patient, Prescription
from patients.models.morning import with_next_morning
from patients.plans import course_on, logs_of
from programs.models import Dose, Phase

Body = TypeVar("Body", bound=serializers.Serializer)
WEEK = timedelta(weeks=1)
STRANGERS = {
    401: OpenApiResponse(DetailSerializer, "Nobody is signed in."),
    404: OpenApiResponse(DetailSerializer, "Not there, or not for whoever is signed in."),
}
WRONG = {400: OpenApiResponse(OpenApiTypes.OBJECT, "Sentences by field, or in `non_field_errors` or `detail`.")}
WRONG_POST = WRONG | {
    403: OpenApiResponse(DetailSerializer, "The header `X-CSRFToken` is missing."),
    413: OpenApiResponse(DetailSerializer, "More than a million bytes."),
}
PLACE = [
    OpenApiParameter("clinic", str, OpenApiParameter.PATH, description="As in the addresses of the clinic's pages."),
    OpenApiParameter("patient", UUID, OpenApiParameter.PATH, description="As in the address of the patient's page."),
]
OWN = OpenApiParameter(
    "own",
    OpenApiTypes.STR,
    description="Any value: only under the patient's own sign-in, so that staff who share the device don't send it.",
)


class TooLarge(APIException):
    status_code = 413
    default_detail = gettext_lazy("This is too much to send at once.")
    default_code = "too_large"


@extend_schema(parameters=PLACE)
class PatientView(APIView):
    """One patient of the open clinic: for that patient, and for the clinic's clinicians; for everybody else 404."""

    parser_classes = [BodyParser]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        self.membership = acting_membership(request, kwargs["patient"])
        self.now = timezone.now()
        self.today = self.membership.clinic.today(self.now)

    def speak(self) -> None:
        """In the patient's own language, from where on there is something to say."""
        if self.membership.record and (language := language_of_record(self.membership.record)):
            translation.activate(language)

    def checked(self, kind: type[Body], request: Request) -> Body:
        """What was sent, once it is valid. Raises serializers.ValidationError."""
        body = kind(data=request.data)
        if not body.is_valid():
            self.speak()  # a serializer's sentences are those of the moment in which it checks
            body = kind(data=request.data)
            body.is_valid(raise_exception=True)
        return body

    def refuse_staff_on_a_patients_device(self) -> None:
        if "own" in self.request.query_params and self.membership.is_staff:
            raise NotFound

    def handle_exception(self, exc: Exception) -> Response:
        if isinstance(exc, ValidationError):
            self.speak()
        return super().handle_exception(as_api_exception(exc))


def acting_membership(request: Request, patient: UUID) -> Membership:
    """What the user is to the patient: the patient, where the record is their own, or a clinician. Raises NotFound."""
    own = next((membership for membership in memberships_of(request) if membership.record == patient), None)
    staff = staff_membership(request)
    if own is not None:
        return own
    if staff is not None and staff.is_clinician:
        return staff
    raise NotFound


def as_api_exception(error: Exception) -> Exception:
    """What the actions and Django raise, as an answer with a sentence."""
    match error:
        case ValidationError():
            return serializers.ValidationError(serializers.as_serializer_error(error))
        case ObjectDoesNotExist():
            return NotFound()
        case RequestDataTooBig():
            return TooLarge()
        case RecursionError():
            return ParseError(_("This is nested too deeply."))
    return error


class PrescriptionsView(PatientView):
    @extend_schema(
        operation_id="prescriptions",
        summary="What was prescribed, and the doses of today",
        tags=["plan"],
        responses={200: PrescriptionsSerializer} | STRANGERS,
    )
    def get(self, request: Request, clinic: str, patient: UUID) -> Response:
        """Of today: the phase in force in the clinic's time zone, with what each exercise asks for in one session."""
        Patient.objects.only("pk").get(pk=patient)
        course = course_on(patient, self.today)
        planned = course.plan_on(self.today)
        answer = {
            "date": self.today,
            "paused": course.paused_between(self.today, self.today) > 0,
            "today": planned and {"planned": planned, "phase": phase_of(planned)},
            "prescriptions": prescriptions_of(patient),
        }
        return Response(PrescriptionsSerializer(answer).data)


def prescriptions_of(patient: UUID) -> QuerySet[Prescription]:
    """All but those that were revised before their first day."""
    took_effect = Q(ends_on=None) | Q(ends_on__gte=F("starts_on"))
    prescriptions = Prescription.objects.filter(took_effect, course__patient=patient)
    return prescriptions.select_related("program").order_by("-starts_on")


def phase_of(planned: adherence.Planned) -> Phase:
    phases = Phase.objects.filter(program__prescriptions=planned.prescription.key)
    related = ["exercise", "short_band__ladder", "long_band__ladder"]
    return phases.prefetch_related(Prefetch("doses", Dose.objects.select_related(*related)))[planned.phase_index]


class LogPages(CursorPagination):
    page_size = 20
    page_size_query_param = "limit"
    max_page_size = 100
    ordering = ("-date", "-entered_at", "-id")

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        """As OpenAPI 3.1 says it: REST framework's own still has the `nullable` of 3.0."""
        link = {"type": ["string", "null"], "format": "uri"}
        properties = {"next": link, "previous": link, "results": schema}
        return {"type": "object", "required": list(properties), "properties": properties}


class LogsView(PatientView):
    pagination_class = LogPages

    @extend_schema(
        operation_id="logs",
        summary="What was logged and stands, the newest first",
        tags=["logs"],
        responses={200: StandingLogSerializer(many=True)} | STRANGERS,
    )
    def get(self, request: Request, clinic: str, patient: UUID) -> Response:
        """Without what was corrected or withdrawn, or waits for the clinic's staff."""
        Patient.objects.only("pk").get(pk=patient)
        pages = LogPages()
        standing = with_next_morning(Log.objects.current().filter(patient=patient)).prefetch_related("sets")
        page = pages.paginate_queryset(standing, request, view=self)
        return pages.get_paginated_response(StandingLogSerializer(page, many=True).data)

    @extend_schema(
        operation_id="log_session",
        summary="Log a session, a part of one, or why there was none",
        tags=["logs"],
        parameters=[OWN],
        request=EntrySerializer,
        responses={
            200: OpenApiResponse(ReceiptSerializer, "The same log was here already."),
            201: OpenApiResponse(ReceiptSerializer, "It is kept."),
            409: OpenApiResponse(ConflictSerializer, "The id stands for something else, which stays as it is."),
        }
        | WRONG_POST
        | STRANGERS,
    )
    def post(self, request: Request, clinic: str, patient: UUID) -> Response:
        """Safe to send again: the same id with the same body is the same log."""
        self.refuse_staff_on_a_patients_device()
        body = self.checked(EntrySerializer, request)
        try:
            log, created = record_log(by=self.membership, patient=patient, entry=body.entry(), now=self.now)
        except LogConflict as conflict:
            self.speak()
            detail = _("This id stands for another log. Nothing was changed.")
            return Response(ConflictSerializer({"detail": detail, "standing": conflict.standing}).data, status=409)
        return Response(ReceiptSerializer(log).data, status=201 if created else 200)


class WithdrawView(PatientView):
    @extend_schema(
        operation_id="withdraw_log",
        summary="Take a log back",
        tags=["logs"],
        request=None,
        responses={200: LogSerializer} | WRONG_POST | STRANGERS,
    )
    def post(self, request: Request, clinic: str, patient: UUID, log: UUID) -> Response:
        """It is kept, but stands no longer. Again is harmless."""
        withdrawn = withdraw_log(by=self.membership, patient=patient, log=log, now=self.now)
        return Response(LogSerializer(withdrawn).data)


class AdherenceView(PatientView):
    @extend_schema(
        operation_id="adherence",
        summary="Sessions done of those due, by week and to date",
        tags=["adherence"],
        parameters=[WeeksAskedSerializer],
        responses={200: AdherenceSerializer} | WRONG | STRANGERS,
    )
    def get(self, request: Request, clinic: str, patient: UUID) -> Response:
        """The figures are those of one course: the last to have started by the end of the weeks asked for."""
        asked = WeeksAskedSerializer(data=request.query_params, context={"today": self.today})
        asked.is_valid(raise_exception=True)
        first, last = asked.validated_data["first"], asked.validated_data["last"]
        Patient.objects.only("pk").get(pk=patient)
        course = course_on(patient, min(last + WEEK - timedelta(days=1), self.today))
        since = min(first, adherence.monday_of(course.starts_on or first))
        logs = logs_of([patient], since=since)[patient]
        through = min(last, adherence.monday_of(self.today) - WEEK)
        answer = {
            "today": self.today,
            "weeks": adherence.weeks(course, logs, first, last, today=self.today),
            "to_date": {"through": through, "figures": adherence.to_date(course, logs, through)},
        }
        return Response(AdherenceSerializer(answer).data)


@require_safe
@ensure_csrf_cookie
def documentation(request: HttpRequest) -> HttpResponse:
    return render(request, "patients/api.html")


@csrf_exempt
def nothing_here(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"detail": "Not found."}, status=404)
