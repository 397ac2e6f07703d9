"""Patient records: their codes, who may open them, and where they are kept."""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import count
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import send_mail
from django.db import transaction
from django.db.models import Q
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from clinic.actions.access import invite, let_new_records_sign_in_by_email, let_sign_in_by_email
from clinic.actions.suppressing import standing
from clinic.models import Membership
from patients.languages import language_of
from patients.models import Course, Patient, RecordEvent

CODE = re.compile(r"P-(\d+)")


def next_code() -> str:
    return next(codes_after())


def codes_after(others: Iterable[str] = ()) -> Iterator[str]:
    """The codes after the highest of the clinic's and of these, in the form P-001."""
    codes = (CODE.fullmatch(code) for code in [*others, *Patient.objects.values_list("code", flat=True)])
    highest = max((int(code[1]) for code in codes if code), default=0)
    return (f"P-{number:03}" for number in count(highest + 1))


@transaction.atomic
def keep_record(*, by: Membership, patient: Patient, now: datetime) -> None:
    """Save a record. Whoever reads its email may open it, and whoever read the one before no longer."""
    before = Patient.objects.filter(pk=patient.pk).values_list("email", flat=True).first()
    patient.save()
    if before is None:
        RecordEvent.objects.create(patient=patient, kind=RecordEvent.Kind.ADDED, by=by, at=now)
    if patient.email != (before or ""):
        let_sign_in_by_email(record=patient.pk, email=patient.email)


@transaction.atomic
def import_records(*, by: Membership, patients: Sequence[Patient], now: datetime) -> None:
    """New records, all or none. Raises IntegrityError where a code was taken since they were checked."""
    kind = RecordEvent.Kind.IMPORTED
    Patient.objects.bulk_create(patients)
    RecordEvent.objects.bulk_create(RecordEvent(patient=each, kind=kind, by=by, at=now) for each in patients)
    let_new_records_sign_in_by_email({each.pk: each.email for each in patients if each.email})


@transaction.atomic
def archive(*, by: Membership, patient: Patient, now: datetime) -> None:
    """Put a record away; nothing is lost, and again is harmless. Raises ValidationError while a program is running."""
    patient = Patient.objects.select_for_update().get(pk=patient.pk)
    if patient.archived_at is not None:
        return
    if Course.objects.filter(Q(ended_on=None) | Q(ended_on__gt=by.clinic.today(now)), patient=patient).exists():
        raise ValidationError(_("A program is still running. End it first; then the record can be archived."))
    patient.archived_at = now
    patient.save(update_fields=["archived_at"])
    RecordEvent.objects.create(patient=patient, kind=RecordEvent.Kind.ARCHIVED, by=by, at=now)


@transaction.atomic
def bring_back(*, by: Membership, patient: Patient, now: datetime) -> None:
    """Out of the archive. Again is harmless."""
    patient = Patient.objects.select_for_update().get(pk=patient.pk)
    if patient.archived_at is None:
        return
    patient.archived_at = None
    patient.save(update_fields=["archived_at"])
    RecordEvent.objects.create(patient=patient, kind=RecordEvent.Kind.BROUGHT_BACK, by=by, at=now)


@transaction.atomic
def choose_language(*, by: Membership, patient: UUID, language: str) -> None:
    """What a patient wants to read, from now on everywhere. Raises ValidationError for one that there is not."""
    if language not in dict(settings.LANGUAGES):
        raise ValidationError(_("Steady Knee does not speak this language yet."))
    Patient.objects.filter(pk=patient).update(language=language)


@transaction.atomic
def email_invitation(*, by: Membership, patient: Patient, now: datetime) -> None:
    """An invitation to the record's address, from who may not see what it opens.

    Raises ValidationError without an address, and for one that the clinic writes to no more.
    """
    if not patient.email:
        raise ValidationError(_("This record has no email address. Ask a clinician to hand over the link."))
    if standing([patient.email]):
        sentence = _("Emails to %(email)s don't arrive. This page says why, and how to go on.")
        raise ValidationError(sentence % {"email": patient.email})
    link = invite(by=by, clinic=by.clinic, record=patient.pk, now=now)
    with translation.override(language_of(patient, by.clinic)):
        text = render_to_string("patients/invitation.txt", {"clinic": by.clinic, "link": link})
        subject = _("Your exercises from %(clinic)s") % {"clinic": " ".join(by.clinic.name.split())}
    transaction.on_commit(lambda: send_mail(subject, text, None, [patient.email]), robust=True)
