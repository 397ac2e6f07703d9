"""What a clinician decides about a patient after reading a week: kept once, and told to whoever decides after them."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from uuid_utils.compat import uuid7

from clinic.models import Clinic, Membership
from patients.adherence import monday_of
from patients.models import Decision, Patient, Prescription
from patients.models.decision import DecisionQuerySet

LONGEST_NOTE = 500
LATEST_CALL = timedelta(days=365)
Kind = Decision.Kind
SENT_BEFORE = gettext_lazy("This page was sent before with other choices. Open it again to see what stands.")


@dataclass(frozen=True, slots=True)
class Reading:
    """The week that somebody read about, and how many decisions about it their page showed; None where it showed none
    to be aware of."""

    week: date
    decided: int | None = None


def last_week(clinic: Clinic, now: datetime) -> date:
    """The Monday of the last complete week."""
    return monday_of(clinic.today(now)) - timedelta(weeks=1)


def decided_about(patient: UUID, week: date) -> DecisionQuerySet:
    """The newest first."""
    return Decision.objects.filter(patient=patient, week=week).select_related("by__user")


@transaction.atomic
def decide(
    *,
    by: Membership,
    patient: UUID,
    kind: str,
    reading: Reading,
    now: datetime,
    key: UUID | None = None,
    note: str = "",
    call_on: date | None = None,
) -> Decision:
    """Keep that a patient's week was seen, or on which date they are to be called back.

    `key` becomes its id: the same sent again is the same decision. Raises ValidationError with a sentence, also where a
    colleague decided something that the page did not show; Patient.DoesNotExist.
    """
    hold(patient)
    note = one_line(note)
    if standing := Decision.objects.filter(pk__in=[key] if key else []).first():
        said = {"patient_id": patient, "kind": kind, "week": reading.week, "note": note, "call_on": call_on}
        if said == {name: getattr(standing, name) for name in said}:
            return standing
        raise ValidationError(SENT_BEFORE)
    check_aware(by=by, patient=patient, reading=reading)
    if kind == Kind.CALL_BACK:
        check_call_on(call_on, today=by.clinic.today(now))
    return keep(by=by, patient=patient, kind=kind, week=reading.week, now=now, key=key, note=note, call_on=call_on)


def keep(
    *,
    by: Membership,
    patient: UUID,
    kind: str,
    week: date,
    now: datetime,
    key: UUID | None = None,
    note: str = "",
    call_on: date | None = None,
    prescription: Prescription | None = None,
) -> Decision:
    """The same without a question asked, for what was decided by doing it."""
    return Decision.objects.create(
        id=key or uuid7(),
        patient_id=patient,
        kind=kind,
        week=week,
        by=by,
        at=now,
        note=note,
        call_on=call_on,
        prescription=prescription,
    )


@transaction.atomic
def mark_called(*, by: Membership, decision: UUID, note: str, now: datetime) -> Decision:
    """Say that a call was made, and what came of it. The same from the same person again is harmless.

    Raises ValidationError with a sentence, also where somebody else was first; Decision.DoesNotExist.
    """
    calls = Decision.objects.filter(kind=Kind.CALL_BACK).select_related("called_by__user")
    found = calls.select_for_update(of=["self"]).get(pk=decision)
    note = one_line(note)
    if found.called_at is not None:
        if (found.called_by, found.call_note) == (by, note):
            return found
        said = {"who": found.called_by, "when": _at(found.called_at, by.clinic), "note": found.call_note}
        raise ValidationError(_("%(who)s called on %(when)s: %(note)s") % said, code="done")
    if not note:
        raise ValidationError({"note": _("Say in a few words what came of it.")})
    found.called_at, found.called_by, found.call_note = now, by, note
    found.save(update_fields=["called_at", "called_by", "call_note"])
    return found


def hold(patient: UUID) -> None:
    """Whoever decides about a patient at the same moment waits. Raises Patient.DoesNotExist."""
    Patient.objects.select_for_update().only("pk").get(pk=patient)


def check_aware(*, by: Membership, patient: UUID, reading: Reading) -> None:
    """Raises ValidationError where a colleague decided something about the week that the page did not show."""
    if reading.decided is None:
        return
    decided = list(decided_about(patient, reading.week))
    unseen = [each for each in decided[: len(decided) - reading.decided] if each.by_id != by.pk]
    if not unseen:
        return
    newest = unseen[0]
    said = {"who": newest.by, "when": _at(newest.at, by.clinic), "what": newest.get_kind_display()}
    sentence = _("%(who)s decided on %(when)s: %(what)s. Send this again if you want it all the same.")
    raise ValidationError(sentence % said, code="decided")


def check_call_on(day: date | None, *, today: date) -> None:
    if day is None:
        raise ValidationError({"call_on": _("Choose the date on which to call.")})
    if day < today:
        raise ValidationError({"call_on": _("This date is over.")})
    if day > today + LATEST_CALL:
        raise ValidationError({"call_on": _("This date is too far away.")})


def one_line(note: str) -> str:
    """Raises ValidationError for one that is too long."""
    note = " ".join(note.replace("\0", "").split())
    if len(note) > LONGEST_NOTE:
        raise ValidationError({"note": _("A note has at most %(most)d characters.") % {"most": LONGEST_NOTE}})
    return note


def _at(moment: datetime, clinic: Clinic) -> str:
    return date_format(moment.astimezone(clinic.zone), "j M Y, H:i")
