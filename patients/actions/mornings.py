"""How the knee is on the morning after a session: entered, corrected, withdrawn."""

from datetime import date, datetime, timedelta
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from clinic.models import Membership
from patients.actions.logging import LOGGABLE
from patients.models import Log, NextMorning, Patient

DAY = timedelta(days=1)
LEAST, MOST = 0, 10


class MorningConflict(Exception):
    """Something else was answered already, which stays: `standing` is that answer, None where none stands any more."""

    def __init__(self, standing: NextMorning | None):
        super().__init__("Another answer was given.")
        self.standing = standing


@transaction.atomic
def record_morning(
    *, by: Membership, patient: UUID, date: date, pain: int, now: datetime, key: UUID, replaces: UUID | None = None
) -> tuple[NextMorning, bool]:
    """Keep the pain, 0 to 10, of the morning after the session of a date. Sent again it is the same: (answer, False).

    `key` becomes its id. A correction names what it `replaces`, which is kept and stands no longer. Raises
    MorningConflict where another number stands or the id was used for one, ValidationError with a sentence,
    Patient.DoesNotExist.
    """
    Patient.objects.select_for_update().only("pk").get(pk=patient)
    standing = standing_morning(patient, date)
    if kept := NextMorning.objects.filter(pk=key).first():
        if (kept.patient_id, kept.date, kept.pain) != (patient, date, pain):
            raise MorningConflict(standing)
        return kept, False
    if standing and standing.pk != replaces:
        if standing.pain == pain:
            return standing, False
        raise MorningConflict(standing)
    if replaces and standing is None:
        raise MorningConflict(None)
    _check(by=by, patient=patient, date=date, pain=pain, today=by.clinic.today(now))
    if standing:
        standing.replaced_at = now
        standing.save(update_fields=["replaced_at"])
    answer = NextMorning(
        id=key,
        patient_id=patient,
        date=date,
        pain=pain,
        entered_at=now,
        entered_by=by,
        provenance=_provenance(by=by, date=date, today=by.clinic.today(now)),
        replaces_id=replaces,
    )
    answer.save(force_insert=True)
    return answer, True


@transaction.atomic
def withdraw_morning(*, by: Membership, patient: UUID, date: date, now: datetime) -> NextMorning | None:
    """Take the answer that stands back: kept, it stands no longer. Where none stands nothing happens.

    Raises ValidationError, Patient.DoesNotExist.
    """
    Patient.objects.select_for_update().only("pk").get(pk=patient)
    standing = standing_morning(patient, date)
    if standing:
        check_answerable(date, by=by, today=by.clinic.today(now))
        standing.withdrawn_at, standing.withdrawn_by = now, by
        standing.save(update_fields=["withdrawn_at", "withdrawn_by"])
    return standing


def standing_morning(patient: UUID, date: date) -> NextMorning | None:
    return NextMorning.objects.current().filter(patient=patient, date=date).first()


def is_answerable(date: date, *, today: date) -> bool:
    """Whether a patient may say how the morning after was: on that morning, and on the two days after it."""
    return DAY <= today - date <= DAY + LOGGABLE


def check_answerable(date: date, *, by: Membership, today: date) -> None:
    """Raises ValidationError with a sentence. Staff may enter older mornings; nobody one that is to come."""
    if today <= date:
        raise ValidationError(_("The morning after is still to come."))
    if not by.is_staff and not is_answerable(date, today=today):
        raise ValidationError(_("This is more than two days ago. Ask your clinic to change it."))


def _check(*, by: Membership, patient: UUID, date: date, pain: int, today: date) -> None:
    if not LEAST <= pain <= MOST:
        raise ValidationError({"pain": _("Choose a number from 0 to 10.")})
    check_answerable(date, by=by, today=today)
    if not Log.objects.current().filter(patient=patient, date=date, skip_reason="").exists():
        raise ValidationError(_("Nothing that you did is logged for that day."))


def _provenance(*, by: Membership, date: date, today: date) -> Log.Provenance:
    if by.is_staff:
        return Log.Provenance.STAFF
    return Log.Provenance.LIVE if today == date + DAY else Log.Provenance.LATE
