"""What the handout has, for staff: its words beside the prescription."""

from django import template

from patients.handout.spoken import spoken
from patients.languages import language_of
from patients.models import Patient, Prescription
from programs.catalogue_words import is_reviewed

register = template.Library()


@register.filter
def spoken_version(prescription: Prescription) -> str:
    return spoken(prescription.pk, prescription.program_id)


@register.filter
def wording_is_reviewed(patient: Patient) -> bool:
    """Whether a clinician has read the catalogue in the language of this patient's handout."""
    return is_reviewed(language_of(patient, patient.clinic))
