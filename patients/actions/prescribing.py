"""Prescribing a program, and what may happen to a course after that."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, Q
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from uuid_utils.compat import uuid7

from clinic.models import Membership
from patients.actions.deciding import SENT_BEFORE, Reading, check_aware, hold, keep, last_week
from patients.models import Course, Decision, Log, Patient, Pause, Prescription
from programs.actions import copy_program, freeze
from programs.models import Program

DAY = timedelta(days=1)
FIRST_DATE, LAST_DATE = date(2000, 1, 1), date(2099, 12, 31)


class InTheWay(ValidationError):
    """Another course of the patient has the dates. `prescription` is the last one of it.

    `earliest` is the first date that is free after it; None while that course runs.
    """

    def __init__(self, prescription: Prescription):
        ends_on = prescription.ends_on
        self.prescription, self.earliest = prescription, ends_on and ends_on + DAY
        if ends_on is None:
            text, date_said = _("%(patient)s already has a running program: “%(program)s”, from %(date)s."), None
        else:
            text = _("%(patient)s already has “%(program)s” until %(last)s. The next may start on %(date)s.")
            date_said = self.earliest
        super().__init__(
            text
            % {
                "patient": prescription.course.patient,
                "program": prescription.program,
                "date": in_words(date_said or prescription.starts_on),
                "last": ends_on and in_words(ends_on),
            }
        )


@transaction.atomic
def prescribe(
    *,
    by: Membership,
    patient: Patient,
    program: Program,
    starts_on: date,
    affected_knee: str,
    now: datetime,
    key: UUID | None = None,
    instead_of: UUID | None = None,
    own_copy: bool = False,
    measured_every_four_weeks: bool = False,
) -> Prescription:
    """Start a course with this program; a template is copied first. The program is frozen from now on.

    `key` becomes the prescription's id: the same sent again is the same prescription. `instead_of` names the running
    course that is to end the day before. Raises InTheWay where another course has the dates, ValidationError where the
    program is incomplete, the record archived, or the key stands for something else.
    """
    check_dates(starts_on=starts_on)
    patient = Patient.objects.select_for_update().get(pk=patient.pk)
    said = {"course__patient": patient, "starts_on": starts_on, "affected_knee": affected_knee}
    if standing := _standing(key, program=program, **said):
        return standing
    if patient.archived_at is not None:
        raise ValidationError(_("This record is archived. Bring it back first."))
    if instead_of is not None:
        _make_room(by=by, patient=patient, course=instead_of, starts_on=starts_on)
    if in_the_way := _in_the_way(patient, starts_on):
        raise InTheWay(in_the_way)
    return Prescription.objects.create(
        id=key or uuid7(),
        course=Course.objects.create(
            patient=patient, created_at=now, measured_every_four_weeks=measured_every_four_weeks
        ),
        program=_frozen(by=by, program=program, now=now, own_copy=own_copy),
        starts_on=starts_on,
        affected_knee=affected_knee,
        prescribed_by=by,
        prescribed_at=now,
    )


@transaction.atomic
def revise(
    *,
    by: Membership,
    prescription: Prescription,
    program: Program,
    starts_on: date,
    now: datetime,
    key: UUID | None = None,
    reading: Reading | None = None,
) -> Prescription:
    """Go on with another program from a date: today at the earliest, or tomorrow if something was logged for today.

    The prescription before it ends the day before. The same key sent again is the same one. `reading`: the week that
    made them do so, the last one without it. Raises ValidationError.
    """
    check_dates(starts_on=starts_on)
    reading = reading or Reading(last_week(by.clinic, now))
    hold(prescription.course.patient_id)
    course = Course.objects.select_for_update().select_related("patient").get(pk=prescription.course_id)
    before = Prescription.objects.select_for_update().get(pk=prescription.pk)
    if standing := _standing(key, course=course, starts_on=starts_on, program=program):
        return standing
    if course.ended_on is not None:
        raise ValidationError(_("This prescription has ended; it can't be revised."))
    if before.ends_on is not None:
        raise ValidationError(_revised_meanwhile(course))
    earliest = earliest_revision(patient=course.patient, today=by.clinic.today(now))
    if starts_on < earliest:
        sentence = _("A revision can start on %(date)s at the earliest.") % {"date": in_words(earliest)}
        raise ValidationError({"starts_on": sentence})
    check_aware(by=by, patient=course.patient_id, reading=reading)
    _cut(course, last_date=starts_on - DAY)
    revised = Prescription.objects.create(
        id=key or uuid7(),
        course=course,
        program=_frozen(by=by, program=program, now=now),
        starts_on=starts_on,
        affected_knee=before.affected_knee,
        prescribed_by=by,
        prescribed_at=now,
    )
    kind = Decision.Kind.REVISE
    keep(by=by, patient=course.patient_id, kind=kind, week=reading.week, now=now, prescription=revised)
    return revised


def earliest_revision(*, patient: Patient, today: date) -> date:
    return today + DAY if Log.objects.current().filter(patient=patient, date=today).exists() else today


@transaction.atomic
def pause(
    *,
    by: Membership,
    course: Course,
    starts_on: date,
    ends_on: date | None = None,
    reason: str = "",
    now: datetime,
    key: UUID | None = None,
    reading: Reading | None = None,
) -> Pause:
    """Nothing is due on these dates, and what follows moves. May lie in the past. Raises ValidationError.

    The same key sent again is the same pause. `reading`: the week that made them do so, the last one without it.
    """
    check_dates(starts_on=starts_on, ends_on=ends_on)
    reading = reading or Reading(last_week(by.clinic, now))
    hold(course.patient_id)
    course = Course.objects.select_for_update().get(pk=course.pk)
    if standing := Pause.objects.filter(pk__in=[key] if key else []).first():
        kept = (standing.course_id, standing.starts_on, standing.ends_on, standing.reason)
        if kept == (course.pk, starts_on, ends_on, reason):
            return standing
        raise ValidationError(SENT_BEFORE)
    if course.ended_on is not None:
        raise ValidationError(_("This course has ended; it can't be paused."))
    if ends_on is not None and ends_on < starts_on:
        raise ValidationError({"ends_on": _("A pause ends on its first date or later.")})
    check_aware(by=by, patient=course.patient_id, reading=reading)
    made = Pause.objects.create(
        id=key or uuid7(), course=course, starts_on=starts_on, ends_on=ends_on, reason=reason, made_by=by, made_at=now
    )
    keep(by=by, patient=course.patient_id, kind=Decision.Kind.PAUSE, week=reading.week, now=now, note=reason)
    return made


@transaction.atomic
def resume(*, by: Membership, course: Course, on: date, reason: str = "") -> None:
    """Go on from this date: pauses that reach it end the day before, and those that would start later are gone.

    Raises ValidationError, also where there is no such pause.
    """
    check_dates(on=on)
    course = Course.objects.select_for_update().get(pk=course.pk)
    if not _end_pauses(by=by, course=course, on=on, reason=reason):
        raise ValidationError({"on": _("No pause reaches this date.")})


@transaction.atomic
def end_course(*, by: Membership, course: Course, last_date: date, outcome: str = "", outcome_note: str = "") -> None:
    """The course and its prescriptions end with this date, and so does a pause that would have gone on.

    An end may be brought forward. Raises ValidationError where it ends as early already, or would end before it starts.
    """
    check_dates(last_date=last_date)
    course = Course.objects.select_for_update().get(pk=course.pk)
    if course.ended_on is not None and course.ended_on <= last_date:
        raise ValidationError(_("This course has ended already."))
    if outcome == Course.Outcome.OTHER and not outcome_note.strip():
        raise ValidationError({"outcome_note": _("Say in a few words how it ended.")})
    earliest = course.prescriptions.earliest("starts_on").starts_on - DAY
    if last_date < earliest:
        sentence = _("It can end on %(date)s at the earliest.") % {"date": in_words(earliest)}
        raise ValidationError({"last_date": sentence})
    _cut(course, last_date=last_date)
    _end_pauses(by=by, course=course, on=last_date + DAY)
    course.ended_on, course.ended_by = last_date, by
    course.outcome, course.outcome_note = outcome, outcome_note
    course.save(update_fields=["ended_on", "ended_by", "outcome", "outcome_note"])


def check_dates(**dates: date | None) -> None:
    """Raises ValidationError for a date that was mistyped into another century, by its name."""
    for name, day in dates.items():
        if day is not None and not FIRST_DATE <= day <= LAST_DATE:
            raise ValidationError({name: _("This date is too far away.")})


def in_words(day: date) -> str:
    return date_format(day, "j M Y")


def _standing(key: UUID | None, *, program: Program, **said: Any) -> Prescription | None:
    """What the key stands for already. Raises ValidationError where that is something else."""
    if key is None or not (kept := Prescription.objects.select_related("program").filter(pk=key).first()):
        return None
    if program.pk in {kept.program_id, kept.program.copy_of_id} and Prescription.objects.filter(pk=key, **said):
        return kept
    raise ValidationError(SENT_BEFORE)


def _in_the_way(patient: Patient, starts_on: date) -> Prescription | None:
    """The last prescription that is in force on this date or after it. One that never came into force is none."""
    reaches = Q(ends_on__gte=starts_on) & Q(ends_on__gte=F("starts_on"))
    return (
        Prescription.objects.filter(Q(ends_on=None) | reaches, course__patient=patient)
        .select_related("course__patient", "program")
        .order_by(F("ends_on").desc(nulls_first=True))
        .first()
    )


def _revised_meanwhile(course: Course) -> str:
    """Who was quicker, and with what."""
    newest = course.prescriptions.select_related("program", "prescribed_by__user").get(ends_on=None)
    return _("%(name)s changed the program in the meantime: “%(program)s”, from %(date)s.") % {
        "name": newest.prescribed_by,
        "program": newest.program,
        "date": in_words(newest.starts_on),
    }


def _make_room(*, by: Membership, patient: Patient, course: UUID, starts_on: date) -> None:
    """End that very course the day before, if it still runs: one that somebody started meanwhile is left alone."""
    running = Course.objects.filter(pk=course, patient=patient, ended_on=None).first()
    if running is not None and running.prescriptions.earliest("starts_on").starts_on <= starts_on:
        end_course(by=by, course=running, last_date=starts_on - DAY, outcome=Course.Outcome.REPLACED)


def _end_pauses(*, by: Membership, course: Course, on: date, reason: str = "") -> int:
    later, _rows = course.pauses.filter(starts_on__gte=on).delete()
    reaching = course.pauses.filter(Q(ends_on=None) | Q(ends_on__gte=on))
    return later + reaching.update(ends_on=on - DAY, ended_by=by, resume_reason=reason)


def _cut(course: Course, *, last_date: date) -> None:
    """No prescription reaches beyond this date. What would have started later never comes into force."""
    for prescription in course.prescriptions.filter(Q(ends_on=None) | Q(ends_on__gt=last_date)):
        prescription.ends_on = max(last_date, prescription.starts_on - DAY)
        prescription.save(update_fields=["ends_on"])


def _frozen(*, by: Membership, program: Program, now: datetime, own_copy: bool = False) -> Program:
    if program.is_template or own_copy:
        program = copy_program(by=by, program=program, now=now)
    return freeze(program=program, now=now)
