"""Prescribing a program, and what may happen to a course after that."""

from datetime import date, datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from clinic.models import Membership
from patients.models import Course, Log, Patient, Pause, Prescription
from programs.actions import copy_program, freeze
from programs.models import Program

DAY = timedelta(days=1)
FIRST_DATE, LAST_DATE = date(2000, 1, 1), date(2099, 12, 31)


@transaction.atomic
def prescribe(
    *, by: Membership, patient: Patient, program: Program, starts_on: date, affected_knee: str, now: datetime
) -> Prescription:
    """Start a course with this program; a template is copied first. The program is frozen from now on.

    Raises ValidationError where the program is incomplete, or another course is running on these dates.
    """
    check_dates(starts_on)
    patient = Patient.objects.select_for_update().get(pk=patient.pk)
    in_the_way = Course.objects.filter(patient=patient).filter(Q(ended_on=None) | Q(ended_on__gte=starts_on)).first()
    if in_the_way is not None:
        raise ValidationError(
            _("%(patient)s already has a running program. Revise it, or end it before %(date)s."),
            params={"patient": patient, "date": starts_on},
        )
    return Prescription.objects.create(
        course=Course.objects.create(patient=patient, created_at=now),
        program=_frozen(by=by, program=program, now=now),
        starts_on=starts_on,
        affected_knee=affected_knee,
        prescribed_by=by,
        prescribed_at=now,
    )


@transaction.atomic
def revise(
    *, by: Membership, prescription: Prescription, program: Program, starts_on: date, now: datetime
) -> Prescription:
    """Go on with another program from a date: today at the earliest, or tomorrow if something was logged for today.

    The prescription before it ends the day before. Raises ValidationError.
    """
    check_dates(starts_on)
    course = Course.objects.select_for_update().select_related("patient").get(pk=prescription.course_id)
    before = Prescription.objects.select_for_update().get(pk=prescription.pk)
    if course.ended_on is not None or before.ends_on is not None:
        raise ValidationError(_("This prescription has ended; it can't be revised."))
    earliest = earliest_revision(patient=course.patient, today=by.clinic.today(now))
    if starts_on < earliest:
        raise ValidationError(_("A revision can start on %(date)s at the earliest."), params={"date": earliest})
    _cut(course, last_date=starts_on - DAY)
    return Prescription.objects.create(
        course=course,
        program=_frozen(by=by, program=program, now=now),
        starts_on=starts_on,
        affected_knee=before.affected_knee,
        prescribed_by=by,
        prescribed_at=now,
    )


def earliest_revision(*, patient: Patient, today: date) -> date:
    return today + DAY if Log.objects.current().filter(patient=patient, date=today).exists() else today


@transaction.atomic
def pause(
    *, by: Membership, course: Course, starts_on: date, ends_on: date | None = None, reason: str = "", now: datetime
) -> Pause:
    """Nothing is due on these dates, and what follows moves. May lie in the past. Raises ValidationError."""
    check_dates(starts_on, ends_on)
    course = Course.objects.select_for_update().get(pk=course.pk)
    if course.ended_on is not None:
        raise ValidationError(_("This course has ended; it can't be paused."))
    new = Pause(course=course, starts_on=starts_on, ends_on=ends_on, reason=reason, made_by=by, made_at=now)
    new.full_clean()
    new.save()
    return new


@transaction.atomic
def resume(*, by: Membership, course: Course, on: date) -> None:
    """Go on from this date: pauses that reach it end the day before, and those that would start later are gone.

    Raises ValidationError.
    """
    check_dates(on)
    course = Course.objects.select_for_update().get(pk=course.pk)
    course.pauses.filter(starts_on__gte=on).delete()
    course.pauses.filter(Q(ends_on=None) | Q(ends_on__gte=on)).update(ends_on=on - DAY, ended_by=by)


@transaction.atomic
def end_course(*, by: Membership, course: Course, last_date: date, outcome: str = "") -> None:
    """The course and its prescriptions end with this date, and so does a pause that would have gone on.

    Raises ValidationError where it has ended already, or would end before it starts.
    """
    check_dates(last_date)
    course = Course.objects.select_for_update().get(pk=course.pk)
    if course.ended_on is not None:
        raise ValidationError(_("This course has ended already."))
    starts_on = course.prescriptions.earliest("starts_on").starts_on
    if last_date < starts_on - DAY:
        raise ValidationError(_("It can end on %(date)s at the earliest."), params={"date": starts_on - DAY})
    _cut(course, last_date=last_date)
    resume(by=by, course=course, on=last_date + DAY)
    course.ended_on, course.ended_by, course.outcome = last_date, by, outcome
    course.save(update_fields=["ended_on", "ended_by", "outcome"])


def check_dates(*dates: date | None) -> None:
    """Raises ValidationError for a date that was mistyped into another century."""
    if any(day is not None and not FIRST_DATE <= day <= LAST_DATE for day in dates):
        raise ValidationError(_("This date is too far away."))


def _cut(course: Course, *, last_date: date) -> None:
    """No prescription reaches beyond this date. What would have started later never comes into force."""
    for prescription in course.prescriptions.filter(Q(ends_on=None) | Q(ends_on__gt=last_date)):
        prescription.ends_on = max(last_date, prescription.starts_on - DAY)
        prescription.save(update_fields=["ends_on"])


def _frozen(*, by: Membership, program: Program, now: datetime) -> Program:
    if program.is_template:
        program = copy_program(by=by, program=program, now=now)
    return freeze(program=program, now=now)
