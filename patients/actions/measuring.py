"""What a patient answers about themselves: entered, corrected, withdrawn."""

from datetime import date, datetime
from typing import TypedDict
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from uuid_utils.compat import uuid7

from clinic.models import Membership
from patients.models import Course, Measurement, Patient

Occasion = Measurement.Occasion


class Answers(TypedDict):
    """`activity_score` and `pain` are 0 to 10, `change` one of Measurement.Change; None where not answered."""

    given_on: date
    activity: str
    activity_score: int | None
    pain: int | None
    change: int | None


@transaction.atomic
def measure(
    *,
    by: Membership,
    course: Course,
    occasion: str,
    answers: Answers,
    now: datetime,
    key: UUID | None = None,
    replaces: UUID | None = None,
) -> Measurement:
    """Keep what was answered. A correction names what it `replaces`, which is kept too and stands no longer.

    `key` becomes its id: the same sent again is the same. Raises ValidationError.
    """
    course = Course.objects.select_for_update().get(pk=course.pk)
    if kept := Measurement.objects.filter(pk__in=[key] if key else []).first():
        if kept.course_id == course.pk and all(getattr(kept, name) == value for name, value in answers.items()):
            return kept
        raise ValidationError(_("This page was sent before with other answers. Open it again to see what stands."))
    _check(answers, occasion=occasion, today=by.clinic.today(now))
    if replaces is not None:
        _replace(course, replaces, now=now)
    elif occasion != Occasion.BETWEEN and course.measurements.current().filter(occasion=occasion).exists():
        raise ValidationError(_("This was entered already. Open the patient's page to see it, and correct it there."))
    new = Measurement(
        id=key or uuid7(),
        course=course,
        occasion=occasion,
        entered_by=by,
        entered_at=now,
        replaces_id=replaces,
        **answers,
    )
    new.full_clean(exclude=["clinic", "course", "entered_by", "replaces"], validate_constraints=False)
    new.save(force_insert=True)
    return new


@transaction.atomic
def withdraw_measurement(*, by: Membership, measurement: UUID, now: datetime) -> Measurement:
    """Take it back: kept, it stands no longer. Again is harmless. Raises ValidationError, Measurement.DoesNotExist."""
    withdrawn = Measurement.objects.select_for_update().get(pk=measurement)
    if withdrawn.replaced_at is not None:
        raise ValidationError(_("This was corrected in the meantime. Open it again to see what stands."))
    if withdrawn.withdrawn_at is None:
        withdrawn.withdrawn_at, withdrawn.withdrawn_by = now, by
        withdrawn.save(update_fields=["withdrawn_at", "withdrawn_by"])
    return withdrawn


@transaction.atomic
def measure_every_four_weeks(*, patient: Patient, wanted: bool) -> None:
    """Ask for the measures of the running course every four weeks, or no more. What ended is left as it is."""
    Course.objects.filter(patient=patient, ended_on=None).update(measured_every_four_weeks=wanted)


def _check(answers: Answers, *, occasion: str, today: date) -> None:
    if answers["given_on"] > today:
        raise ValidationError({"given_on": _("This date is still to come.")})
    if answers["activity_score"] is not None and not answers["activity"]:
        raise ValidationError({"activity": _("Name the activity that the number is about.")})
    if occasion == Occasion.START and answers["change"] is not None:
        raise ValidationError(_("At the start there is nothing to compare with."))
    if all(answers[name] is None for name in ("activity_score", "pain", "change")):
        raise ValidationError(_("Enter at least one answer."))


def _replace(course: Course, replaced: UUID, *, now: datetime) -> None:
    before = course.measurements.select_for_update().filter(pk=replaced).first()
    if before is None:
        raise ValidationError(_("What you want to correct is not there."))
    if before.replaced_at is not None or before.withdrawn_at is not None:
        raise ValidationError(_("This was corrected or withdrawn in the meantime. Open it again to see what stands."))
    before.replaced_at = now
    before.save(update_fields=["replaced_at"])
