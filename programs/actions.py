"""Writes that make programs out of programs."""

from datetime import datetime
from typing import TypeVar

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from clinic.models import Membership
from programs.models import Dose, Phase, Program

Row = TypeVar("Row", Phase, Dose)


def check_prescribable(program: Program) -> None:
    """Raises ValidationError with a sentence for each thing that is missing before the program can be prescribed."""
    phases = list(program.phases.prefetch_related("doses"))
    problems = [] if phases else [_("This program has no phase yet.")]
    for number, phase in enumerate(phases, start=1):
        if not any(dose.required for dose in phase.doses.all()):
            problems.append(_("Phase %(number)d has no required exercise.") % {"number": number})
        if phase.weeks is None and number < len(phases):
            problems.append(_("Phase %(number)d is open-ended, but only the last may be.") % {"number": number})
    if problems:
        raise ValidationError(problems)


@transaction.atomic
def copy_program(*, by: Membership, program: Program, now: datetime) -> Program:
    """A copy that is open to change, with all its phases and doses."""
    phases = list(program.phases.all())
    copy = Program.objects.create(
        title=program.title,
        goal=program.goal,
        notes_for_patient=program.notes_for_patient,
        notes_for_staff=program.notes_for_staff,
        copy_of=program,
        made_by=by,
        made_at=now,
    )
    for phase in phases:
        doses = list(phase.doses.all())
        new_phase = _again(phase, program=copy)
        Phase.objects.bulk_create([new_phase])
        Dose.objects.bulk_create([_again(dose, phase=new_phase) for dose in doses])
    return copy


def _again(row: Row, **changes: object) -> Row:
    """The same row once more, not saved, with an id of its own."""
    values = {
        field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields if not field.primary_key
    }
    new = type(row)(**values)
    for name, value in changes.items():
        setattr(new, name, value)
    return new


@transaction.atomic
def freeze(*, program: Program, now: datetime) -> Program:
    """From now on nothing of the program changes. Raises ValidationError where it is incomplete."""
    locked = Program.objects.select_for_update().get(pk=program.pk)
    if not locked.is_frozen:
        check_prescribable(locked)
        locked.frozen_at = now
        locked.save(update_fields=["frozen_at"])
    return locked
