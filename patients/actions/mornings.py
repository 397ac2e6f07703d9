"""How the knee is on the morning after a session: entered, corrected, withdrawn."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from clinic.models import Membership
from patients.actions.arriving import Arrival, arrival
from patients.actions.logging import LOGGABLE
from patients.models import Log, NextMorning, Patient
from patients.models.log import LogQuerySet

DAY = timedelta(days=1)
LEAST, MOST = 0, 10


class MorningConflict(Exception):
    """Something else was answered already, which stays: `standing` is that answer, None where none stands any more."""

    def __init__(self, standing: NextMorning | None):
        super().__init__("Another answer was given.")
        self.standing = standing


@transaction.atomic
def record_morning(
    *,
    by: Membership,
    patient: UUID,
    date: date,
    pain: int,
    now: datetime,
    key: UUID,
    replaces: UUID | None = None,
    waited: timedelta = timedelta(0),
) -> tuple[NextMorning, bool]:
    """Keep the pain, 0 to 10, of the morning after the session of a date. Sent again it is the same: (answer, False).

    `key` becomes its id. A correction names what it `replaces`, which is kept and stands no longer. `waited` is the
    time that the phone itself saw pass since it was answered. Raises MorningConflict where another number stands or
    the id was used for one, ValidationError with a sentence, Patient.DoesNotExist.
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
    if not LEAST <= pain <= MOST:
        raise ValidationError({"pain": _("Choose a number from 0 to 10.")})
    arrived = _arrival(by=by, patient=patient, date=date, waited=waited, now=now)
    if standing and arrived.accepted:
        standing.replaced_at = now
        standing.save(update_fields=["replaced_at"])
    answer = NextMorning(
        id=key,
        patient_id=patient,
        date=date,
        pain=pain,
        entered_at=arrived.entered_at,
        received_at=now,
        entered_by=by,
        provenance=arrived.provenance,
        accepted=arrived.accepted,
        replaces_id=replaces,
    )
    answer.save(force_insert=True)
    return answer, True


@transaction.atomic
def accept_morning(*, by: Membership, patient: UUID, morning: UUID, now: datetime) -> NextMorning:
    """Let stand what came too late or off the clock. Again is harmless.

    Raises ValidationError with a sentence, NextMorning.DoesNotExist.
    """
    Patient.objects.select_for_update().only("pk").get(pk=patient)
    waiting = NextMorning.objects.get(pk=morning, patient=patient)
    if waiting.accepted:
        return waiting
    if waiting.withdrawn_at is not None:
        raise ValidationError(_("This was withdrawn in the meantime."))
    check_answerable(waiting.date, by=by, today=by.clinic.today(now))
    if not _logs(patient, waiting.date).current().exists():
        raise ValidationError(_("No session of that day stands. Accept or enter it first."))
    standing = standing_morning(patient, waiting.date)
    if standing and standing.pk != waiting.replaces_id:
        raise ValidationError(_("Another answer stands for that morning."))
    if waiting.replaces_id and NextMorning.objects.filter(replaces=waiting.replaces_id, accepted=True).exists():
        raise ValidationError(_("This was corrected in the meantime. Open it again to see what stands."))
    if standing:
        standing.replaced_at = now
        standing.save(update_fields=["replaced_at"])
    waiting.accepted = True
    waiting.save(update_fields=["accepted"])
    return waiting


@transaction.atomic
def decline_morning(*, by: Membership, patient: UUID, morning: UUID, now: datetime) -> NextMorning:
    """Take back what waits to be accepted. Again is harmless. Raises ValidationError, NextMorning.DoesNotExist."""
    Patient.objects.select_for_update().only("pk").get(pk=patient)
    waiting = NextMorning.objects.get(pk=morning, patient=patient)
    if waiting.accepted:
        raise ValidationError(_("This was accepted in the meantime."))
    if waiting.withdrawn_at is None:
        waiting.withdrawn_at, waiting.withdrawn_by = now, by
        waiting.save(update_fields=["withdrawn_at", "withdrawn_by"])
    return waiting


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


def _arrival(*, by: Membership, patient: UUID, date: date, waited: timedelta, now: datetime) -> Arrival:
    """Raises ValidationError where there is no session, or it is not the time to answer and nothing waited."""
    if by.is_staff or not waited:
        check_answerable(date, by=by, today=by.clinic.today(now))
    arrived = arrival(
        by=by,
        waited=waited,
        now=now,
        live_on=date + DAY,
        in_time=lambda entered_on: is_answerable(date, today=entered_on),
    )
    logs = _logs(patient, date)
    if logs.current().exists():
        return arrived
    if by.is_staff or not logs.filter(accepted=False, withdrawn_at=None).exists():
        raise ValidationError(_("Nothing that you did is logged for that day."))
    return replace(arrived, accepted=False)


def _logs(patient: UUID, date: date) -> LogQuerySet:
    return Log.objects.filter(patient=patient, date=date, skip_reason="")
