"""What a revision changed of what is done, in words: of many the same few queries as of one."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import replace
from itertools import pairwise
from uuid import UUID

from django.db.models import Prefetch

from patients.models import Prescription
from programs.comparing import Outline, differences, outline
from programs.models import Dose, Phase, Program


def changes_of(revisions: Collection[UUID]) -> dict[UUID, list[str]]:
    """Of these prescriptions, each against the one before it in its course. No query for none, otherwise four."""
    if not revisions:
        return {}
    courses = Prescription.objects.filter(pk__in=revisions).values("course")
    doses = Dose.objects.select_related("exercise", "short_band", "long_band")
    phases = Prefetch("program__phases", Phase.objects.prefetch_related(Prefetch("doses", doses)))
    chains: defaultdict[UUID, list[Prescription]] = defaultdict(list)
    prescriptions = Prescription.objects.filter(course__in=courses).select_related("program").prefetch_related(phases)
    for each in prescriptions.order_by("starts_on", "prescribed_at"):
        chains[each.course_id].append(each)
    return {
        after.pk: differences(_what_is_done(before.program), _what_is_done(after.program))
        for chain in chains.values()
        for before, after in pairwise(chain)
        if after.pk in revisions
    }


def _what_is_done(program: Program) -> Outline:
    """Without what is only said around it."""
    phases = [(phase, list(phase.doses.all())) for phase in program.phases.all()]
    return replace(outline(program, phases), title="", goal="", notes_for_patient="", notes_for_staff="")
