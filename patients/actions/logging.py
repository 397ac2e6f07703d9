"""Logging a session, correcting it, withdrawing it. Pages and the API both come through here."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from clinic.models import Membership
from patients import adherence
from patients.actions.alerts import raise_for_log, raise_for_withdrawal
from patients.actions.arriving import Arrival, arrival
from patients.models import Log, LoggedSet, Patient
from patients.models.log import LONGEST_NOTE, MOST_IN_A_SET
from patients.plans import course_on
from programs.models import Band, Exercise

LOGGABLE = timedelta(days=2)
MOST_SETS_IN_A_LOG = 60


class LogConflict(Exception):
    """The id was used for something else, which stays: `standing` is that log, None if it is another patient's."""

    def __init__(self, standing: Log | None):
        super().__init__("This id stands for another log.")
        self.standing = standing


@dataclass(frozen=True, slots=True, kw_only=True)
class SetEntry:
    """One set. Repetitions in `amount`, steps in `left` and `right`.

    `as_planned` needs none of them; where they come with it, they are what the plan said that the patient saw. Bands
    and the place of the short one are named where they differed from the plan.
    """

    exercise: str
    amount: int | None = None
    left: int | None = None
    right: int | None = None
    as_planned: bool = False
    short_band: UUID | None = None
    long_band: UUID | None = None
    placement: str = ""


USED = ("short_band", "long_band", "placement")
NOT_SAID = {"id", "waited", "for_staff"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What somebody says was done on a date: sets, the whole session as planned, or the reason why nothing was.

    `waited` is the time that the phone itself saw pass between the entry and the sending of it. `for_staff` asks to
    keep for them what the patient can't log any more.
    """

    id: UUID
    date: date
    sets: tuple[SetEntry, ...] = ()
    as_planned: bool = False
    skip_reason: str = ""
    pain_before: int | None = None
    pain_during: int | None = None
    pain_after: int | None = None
    effort: int | None = None
    note: str = ""
    replaces: UUID | None = None
    waited: timedelta = field(default=timedelta(0))
    for_staff: bool = False

    @property
    def digest(self) -> str:
        """Tells one entry from another: of all that was said, but not of when it arrived.

        Bands that nobody named are left out, so that it is the one of before there were any.
        """
        said = {name: value for name, value in asdict(self).items() if name not in NOT_SAID}
        said["sets"] = [
            {name: value for name, value in each.items() if value or name not in USED} for each in said["sets"]
        ]
        return hashlib.sha256(json.dumps(said, sort_keys=True, default=str).encode()).hexdigest()


def record_log(*, by: Membership, patient: UUID, entry: Entry, now: datetime) -> tuple[Log, bool]:
    """Keep what was entered. Sent again it is the same log: (log, False). A correction names what it `replaces`.

    All is checked before anything is written, so the open clinic's transaction is enough. Raises LogConflict where the
    id stands for something else, ValidationError with a sentence for a person where the entry makes no sense,
    Patient.DoesNotExist.
    """
    Patient.objects.select_for_update().only("pk").get(pk=patient)
    if standing := Log.objects.filter(pk=entry.id).first():
        if standing.patient_id != patient:
            raise LogConflict(None)
        if standing.digest != entry.digest:
            raise LogConflict(standing)
        return standing, False
    log = _log(by=by, patient=patient, entry=entry, now=now)
    sets = _sets(log, entry)
    log.full_clean(
        exclude=["clinic", "patient", "entered_by", "replaces"], validate_unique=False, validate_constraints=False
    )
    if entry.replaces:
        _replace(by=by, log=log, replaced=entry.replaces, now=now)
    log.save(force_insert=True)
    LoggedSet.objects.bulk_create(sets)
    raise_for_log(log, clinic=by.clinic, now=now)
    return log, True


@transaction.atomic
def withdraw_log(*, by: Membership, patient: UUID, log: UUID, now: datetime) -> Log:
    """Take a log back: kept, it stands no longer. Again is harmless. Raises ValidationError, Log.DoesNotExist."""
    withdrawn = Log.objects.select_for_update().get(pk=log, patient=patient)
    if withdrawn.withdrawn_at is None:
        check_changeable(withdrawn, by=by, now=now)
        withdrawn.withdrawn_at, withdrawn.withdrawn_by = now, by
        withdrawn.save(update_fields=["withdrawn_at", "withdrawn_by"])
        raise_for_withdrawal(withdrawn, clinic=by.clinic, now=now)
    return withdrawn


@transaction.atomic
def accept_log(*, by: Membership, patient: UUID, log: UUID, now: datetime) -> Log:
    """Let stand what came too late or off the clock. Again is harmless. Raises ValidationError, Log.DoesNotExist."""
    waiting = Log.objects.select_for_update().get(pk=log, patient=patient)
    if waiting.accepted:
        return waiting
    if waiting.withdrawn_at is not None:
        raise ValidationError(_("This was withdrawn in the meantime."))
    if waiting.date > by.clinic.today(now):
        raise ValidationError(_("This date is still to come."))
    waiting.accepted = True
    if waiting.replaces_id is not None:
        _replace(by=by, log=waiting, replaced=waiting.replaces_id, now=now)
    waiting.save(update_fields=["accepted"])
    raise_for_log(waiting, clinic=by.clinic, now=now)
    return waiting


def is_loggable(day: date, *, today: date) -> bool:
    """Whether a patient may log for this date: today and the two before it."""
    return today - LOGGABLE <= day <= today


def check_changeable(log: Log, *, by: Membership, now: datetime) -> None:
    """Raises ValidationError where this person can't correct or withdraw this log any more."""
    if log.replaced_at is not None:
        raise ValidationError(_("This was corrected in the meantime. Open it again to see what stands."))
    if not by.is_staff and not is_loggable(log.date, today=by.clinic.today(now)):
        raise ValidationError(_("This is more than two days old. Ask your clinic to change it."))


def _replace(*, by: Membership, log: Log, replaced: UUID, now: datetime) -> None:
    """The log that this one corrects stands no longer; it does until staff accept a correction that waits for them."""
    before = Log.objects.select_for_update().filter(pk=replaced, patient=log.patient_id).first()
    if before is None:
        raise ValidationError(_("What you want to correct is not there."))
    if not log.accepted:
        return
    if before.withdrawn_at is not None:
        raise ValidationError(_("This was withdrawn in the meantime."))
    check_changeable(before, by=by, now=now)
    before.replaced_at = now
    before.save(update_fields=["replaced_at"])


def _log(*, by: Membership, patient: UUID, entry: Entry, now: datetime) -> Log:
    if len(entry.note) > LONGEST_NOTE:
        raise ValidationError({"note": _("A note has at most %(most)d characters.") % {"most": LONGEST_NOTE}})
    arrived = _arrival(by=by, entry=entry, now=now)
    return Log(
        id=entry.id,
        patient_id=patient,
        date=entry.date,
        entered_at=arrived.entered_at,
        received_at=now,
        entered_by=by,
        provenance=arrived.provenance,
        accepted=arrived.accepted,
        pain_before=entry.pain_before,
        pain_during=entry.pain_during,
        pain_after=entry.pain_after,
        effort=entry.effort,
        note=entry.note.replace("\0", ""),
        skip_reason=entry.skip_reason,
        replaces_id=entry.replaces,
        digest=entry.digest,
    )


def _arrival(*, by: Membership, entry: Entry, now: datetime) -> Arrival:
    """Raises ValidationError for a date that can't be logged, unless it waited, or is meant for staff."""
    today = by.clinic.today(now)
    if by.is_staff and entry.date > today:
        raise ValidationError({"date": _("This date is still to come.")})
    arrived = arrival(
        by=by,
        waited=entry.waited,
        now=now,
        live_on=entry.date,
        in_time=lambda entered_on: is_loggable(entry.date, today=entered_on),
    )
    if arrived.accepted or entry.waited:
        return arrived
    if entry.date > today:
        raise ValidationError({"date": _("This date is still to come. You can log today and the two days before.")})
    if entry.for_staff:
        return arrived
    raise ValidationError({"date": _("This is more than two days ago. You can log today and the two days before.")})


def _sets(log: Log, entry: Entry) -> list[LoggedSet]:
    """The sets of a log. Raises ValidationError where there are none and no reason, or where numbers make no sense."""
    if entry.skip_reason:
        if entry.sets or entry.as_planned:
            raise ValidationError(_("Either say what you did, or why you did nothing."))
        return []
    if len(entry.sets) > MOST_SETS_IN_A_LOG:
        raise ValidationError(_("These are too many sets for one session."))
    doses = _doses(log) if entry.as_planned or any(_is_the_plans(each) for each in entry.sets) else {}
    entries = _as_planned(doses.values()) if entry.as_planned else entry.sets
    _check_exercises([each for each in entries if not _is_the_plans(each) or each.placement])
    _check_bands(entries)
    if not entries:
        raise ValidationError(_("Enter at least one set, or say that you did not do it."))
    return [_set(log, position, each, doses) for position, each in enumerate(entries)]


def _is_the_plans(entry: SetEntry) -> bool:
    """Whether its numbers are to be read from the plan."""
    return entry.as_planned and entry.amount is None and entry.left is None and entry.right is None


def _check_exercises(entries: Sequence[SetEntry]) -> None:
    """Raises ValidationError for one that is not in the catalogue: its foreign key would only fail on commit. And for a
    place where its short band can't go."""
    named = {each.exercise for each in entries}
    known = {exercise.pk: exercise for exercise in Exercise.objects.filter(pk__in=named)} if named else {}
    if unknown := named.difference(known):
        raise ValidationError({"sets": _("%(exercise)s is not an exercise that we know.") % {"exercise": min(unknown)}})
    for each in entries:
        if each.placement and each.placement not in dict(known[each.exercise].placements_of(Exercise.Band.SHORT)):
            raise ValidationError({"sets": _("This exercise has no band there.")})


def _check_bands(entries: Iterable[SetEntry]) -> None:
    """Raises ValidationError for a band that the clinic does not have, or not in this length."""
    named = {(each.short_band, "short") for each in entries} | {(each.long_band, "long") for each in entries}
    named = {(band, length) for band, length in named if band}
    known = Band.objects.filter(pk__in=[band for band, _length in named]).values_list("pk", "ladder__length")
    if named and named.difference(known):
        raise ValidationError({"sets": _("Your clinic does not have this band.")})


def _doses(log: Log) -> dict[str, adherence.Dose]:
    planned = course_on(log.patient_id, log.date).plan_on(log.date)
    return {dose.exercise: dose for dose in planned.phase.doses} if planned else {}


def _as_planned(doses: Iterable[adherence.Dose]) -> list[SetEntry]:
    return [
        SetEntry(exercise=dose.exercise, as_planned=True)
        for dose in doses
        if dose.required
        for _set in range(dose.sets)
    ]


def _set(log: Log, position: int, entry: SetEntry, doses: dict[str, adherence.Dose]) -> LoggedSet:
    amount, left, right = entry.amount, entry.left, entry.right
    if _is_the_plans(entry):
        dose = doses.get(entry.exercise)
        if dose is None:
            raise ValidationError(_("Nothing was planned for this date. Enter what you did."))
        amount, left, right = (None, dose.amount, dose.amount) if dose.per_direction else (dose.amount, None, None)
    numbers = [number for number in (amount, left, right) if number is not None]
    if not numbers or min(numbers) < 0 or max(numbers) > MOST_IN_A_SET:
        raise ValidationError(_("A set has a number from 0 to %(most)d."), params={"most": MOST_IN_A_SET})
    if left is not None or right is not None:
        amount, left, right = None, left or 0, right or 0
    return LoggedSet(
        log=log,
        position=position,
        exercise_id=entry.exercise,
        amount=amount,
        left=left,
        right=right,
        as_planned=entry.as_planned,
        short_band_id=entry.short_band,
        long_band_id=entry.long_band,
        placement=entry.placement,
    )
