"""Patient records: their codes, and who may open them."""

import re
from datetime import datetime

from django.core.exceptions import ValidationError
from django.core.mail import send_mail
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from clinic.actions.access import invite, let_sign_in_by_email
from clinic.models import Membership
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


@transaction.atomic
def email_invitation(*, by: Membership, patient: Patient, now: datetime) -> None:
    """An invitation to the record's address, from who may not see what it opens. Raises ValidationError without one."""
    if not patient.email:
        raise ValidationError(_("This record has no email address. Ask a clinician to hand over the link."))
    link = invite(by=by, clinic=by.clinic, record=patient.pk, now=now)
    with translation.override(patient.language or by.clinic.language):
        text = render_to_string("patients/invitation.txt", {"clinic": by.clinic, "link": link})
        subject = _("Your exercises from %(clinic)s") % {"clinic": " ".join(by.clinic.name.split())}
    transaction.on_commit(lambda: send_mail(subject, text, None, [patient.email]), robust=True)
