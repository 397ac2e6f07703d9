"""Whose sheet somebody reads out."""

from uuid import UUID

from patients.handout.spoken import as_spoken, matching
from patients.models import Prescription


def holders_of(text: str) -> list[UUID] | None:
    """The patients with a prescription that goes by these three words; None where they are no such words.

    One query over the prescriptions of the clinic, and that only for three words of the list.
    """
    if as_spoken(text) is None:
        return None
    rows = list(Prescription.objects.values_list("pk", "program", "course__patient"))
    found = set(matching(text, [(key, program) for key, program, _patient in rows]))
    return [patient for key, _program, patient in rows if key in found]
