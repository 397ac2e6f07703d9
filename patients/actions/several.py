"""One program for several patients at once: for each a course of their own, or for nobody."""

from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID, uuid5

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from clinic.models import Membership
from patients.actions.prescribing import prescribe
from patients.models import Patient, Prescription
from programs.actions import check_prescribable
from programs.models import Program

MOST_AT_ONCE = 50


class SomeRefused(ValidationError):
    """Nothing was prescribed: `refusals` holds what stands against it, by the patient's id."""

    def __init__(self, refusals: Mapping[UUID, ValidationError]):
        super().__init__(_("Nothing was prescribed yet: see what is said beside the patients."))
        self.refusals = refusals


@transaction.atomic
def prescribe_to_several(
    *,
    by: Membership,
    program: Program,
    knees: Mapping[Patient, str],
    starts_on: date,
    now: datetime,
    key: UUID | None = None,
    measured_every_four_weeks: bool = False,
) -> list[Prescription]:
    """A course for each patient, with the affected knee given; where there are several, each with a copy of their own.

    `key` is of the whole: the same sent again is the same prescriptions. Raises SomeRefused, and ValidationError for
    too many or none, or an incomplete program.
    """
    if not 1 <= len(knees) <= MOST_AT_ONCE:
        raise ValidationError(_("Choose 1 to %(most)d patients."), params={"most": MOST_AT_ONCE})
    check_prescribable(program)
    made, refusals = [], {}
    for patient in sorted(knees, key=lambda each: each.pk):  # always in one order, or two of these wait for each other
        try:
            made.append(
                prescribe(
                    by=by,
                    patient=patient,
                    program=program,
                    starts_on=starts_on,
                    affected_knee=knees[patient],
                    now=now,
                    key=uuid5(key, str(patient.pk)) if key else None,
                    own_copy=len(knees) > 1,
                    measured_every_four_weeks=measured_every_four_weeks,
                )
            )
        except ValidationError as refusal:
            refusals[patient.pk] = refusal
    if refusals:
        raise SomeRefused(refusals)
    return made
