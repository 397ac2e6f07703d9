"""Patient records: their codes, and who may open them."""

import re

from django.db import transaction

from clinic.actions.access import let_sign_in_by_email
from patients.models import Patient

CODE = re.compile(r"P-(\d+)")


def next_code() -> str:
    """The code after the highest of the clinic's, in the form P-001."""
    codes = (CODE.fullmatch(code) for code in Patient.objects.values_list("code", flat=True))
    highest = max((int(code[1]) for code in codes if code), default=0)
    return f"P-{highest + 1:03}"


@transaction.atomic
def keep_record(*, patient: Patient) -> None:
    """Save a record. Whoever reads its email may open it, and whoever read the one before no longer."""
    before = Patient.objects.filter(pk=patient.pk).values_list("email", flat=True).first()
    patient.save()
    if patient.email != (before or ""):
        let_sign_in_by_email(record=patient.pk, email=patient.email)
