"""Writes of programs: saving one whole, copying it, freezing it."""

from collections.abc import Sequence
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from clinic.models import Membership
from programs.comparing import Outline, differences, outline, outline_of
from programs.models import Dose, Phase, Program, ProgramVersion

Row = TypeVar("Row", Phase, Dose)
Phases = Sequence[tuple[Phase, Sequence[Dose]]]


class ChangedMeanwhile(Exception):
    """Somebody saved the program after it was opened: `standing` is what they left, `changes` what they changed."""

    def __init__(self, standing: Program, changes: list[str]):
        super().__init__("This program was saved by somebody else in the meantime.")
        self.standing, self.changes = standing, changes


@transaction.atomic
def save_program(*, by: Membership, program: Program, phases: Phases, version: int, now: datetime) -> Program:
    """Save a program whole: its phases and doses are made anew, in this order, and what it was before is kept.

    `version` is the one that was opened, 0 for a new program. The same sent again changes nothing. Raises
    ChangedMeanwhile, and ValidationError where it was prescribed meanwhile.
    """
    standing = Program.objects.select_for_update().filter(pk=program.pk).first()
    if standing is None:
        program.made_by, program.made_at = by, now
    else:
        kept, wanted = outline_of(standing), outline(program, phases)
        check_open(standing)
        if kept == wanted and standing.is_template == program.is_template:
            return standing
        if standing.version != version:
            raise ChangedMeanwhile(standing, _changes_since(standing, version, kept))
        _keep_version(standing, kept)
        standing.phases.all().delete()
        program.made_by_id, program.made_at, program._state.adding = standing.made_by_id, standing.made_at, False
        program.version = version + 1
        program.changed_by, program.changed_at = by, now
    program.save()
    _insert(program, phases)
    return program


def check_open(program: Program) -> None:
    """Raises ValidationError for a program that was prescribed."""
    if program.is_frozen:
        raise ValidationError(_("This program was prescribed, so it stays as it is. Copy it and change the copy."))


def _changes_since(standing: Program, version: int, kept: Outline) -> list[str]:
    opened = ProgramVersion.objects.filter(program=standing, number=version).first()
    return differences(Outline.from_json(opened.outline), kept) if opened else []


def _keep_version(standing: Program, kept: Outline) -> None:
    ProgramVersion.objects.create(
        program=standing,
        number=standing.version,
        outline=kept.as_json(),
        saved_by_id=standing.changed_by_id or standing.made_by_id,
        saved_at=standing.changed_at or standing.made_at,
    )


def _insert(program: Program, phases: Phases) -> None:
    for position, (phase, doses) in enumerate(phases):
        phase.program, phase.position = program, position
        for place, dose in enumerate(doses):
            dose.phase, dose.position = phase, place
    Phase.objects.bulk_create([phase for phase, _doses in phases])
    Dose.objects.bulk_create([dose for _phase, doses in phases for dose in doses])


def check_prescribable(program: Program) -> None:
    """Raises ValidationError with a sentence for each thing that is missing before the program can be prescribed."""
    if problems := missing_in(phases_of(program)):
        raise ValidationError(problems)


def missing_in(phases: Phases) -> list[str]:
    """The same as sentences; none where nothing is missing."""
    problems = [] if phases else [_("This program has no phase yet.")]
    for number, (phase, doses) in enumerate(phases, start=1):
        if not any(dose.required for dose in doses):
            problems.append(_("Phase %(number)d has no required exercise.") % {"number": number})
        if phase.weeks is None and number < len(phases):
            problems.append(_("Phase %(number)d is open-ended, but only the last may be.") % {"number": number})
    return problems


def phases_of(program: Program) -> list[tuple[Phase, list[Dose]]]:
    """The saved phases with their doses. Two queries."""
    return [(phase, list(phase.doses.all())) for phase in program.phases.prefetch_related("doses")]


@transaction.atomic
def copy_program(
    *, by: Membership, program: Program, now: datetime, is_template: bool = False, key: UUID | None = None
) -> Program:
    """A copy that is open to change, with all its phases and doses; where said so, a template.

    `key` becomes its id: asked for twice it is the same copy.
    """
    program = Program.objects.select_for_update().get(pk=program.pk)
    if key and (kept := Program.objects.filter(pk=key, copy_of=program).first()):
        return kept
    copy = new_copy(program)
    copy.pk = key or copy.pk
    copy.is_template, copy.made_by, copy.made_at = is_template, by, now
    copy.save(force_insert=True)
    _insert(copy, copies_of_phases(program))
    return copy


def new_copy(program: Program) -> Program:
    """A program that begins as this one, without its phases, not saved."""
    return Program(
        title=program.title,
        goal=program.goal,
        notes_for_patient=program.notes_for_patient,
        notes_for_staff=program.notes_for_staff,
        started_from=program.started_from,
        copy_of=program,
    )


def copies_of_phases(program: Program) -> list[tuple[Phase, list[Dose]]]:
    """The program's phases with their doses once more, not saved."""
    phases = program.phases.prefetch_related("doses__exercise", "doses__short_band", "doses__long_band")
    return [(_again(phase), [_again(dose) for dose in phase.doses.all()]) for phase in phases]


def _again(row: Row) -> Row:
    """The same row once more, not saved, with an id of its own; what it points to is not read again."""
    new = type(row)(
        **{field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields if not field.primary_key}
    )
    new._state.fields_cache |= row._state.fields_cache
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
