"""A patient's own progress: how often they were there, and what they answered. It only reads."""

from uuid import UUID

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from clinic.requests import ClinicRequest
from patients.progress import read_progress
from patients.views.records import own_patient, page


@require_safe
def progress(request: ClinicRequest, patient: UUID) -> HttpResponse:
    own, today = own_patient(request, patient), request.clinic.today(timezone.now())
    shown = read_progress(request.clinic, own, today=today)
    return page(request, "progress", {"patient": own, "progress": shown, "today": today})
