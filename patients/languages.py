"""The language of a patient's pages and emails."""

from uuid import UUID

from clinic.languages import first_of
from clinic.models import Clinic
from patients.models import Patient


def language_of_record(record: UUID) -> str:
    """Their own choice, or the clinic's for them; empty where the record has none."""
    return Patient.objects.filter(pk=record).values_list("language", flat=True).first() or ""


def language_of(patient: Patient, clinic: Clinic) -> str:
    """For what has no browser to ask, such as an email or a sheet of paper."""
    return first_of(patient.language, clinic.language)
