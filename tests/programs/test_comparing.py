"""What changed between two programs, in words."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clinic.models import Clinic
from clinic.wall.scope import clinic_scope
from programs.comparing import Outline, changes, differences, outline_of
from programs.models import Band, BandLadder, Dose, Phase, Program
from tests.factories import THRUST, WALK, make_clinic, make_program


@pytest.fixture
def clinic(db: None) -> Clinic:
    return make_clinic()


def two_phases(**fields: Any) -> Program:
    program = make_program(weeks=2, goal="Stairs", **fields)
    Phase.objects.update(title="Settle")
    build = Phase.objects.create(program=program, position=1, title="Build", weeks=2, frequency=3)
    Dose.objects.create(phase=build, exercise_id=WALK, sets_min=2, amount_min=10, placement="forefeet")
    return program


def walk_of(program: Program, title: str) -> Any:
    return Dose.objects.filter(phase__program=program, phase__title=title, exercise=WALK)


def rungs(program: Program, *labels: str) -> None:
    ladder = BandLadder.objects.create(maker="M", length="short")
    bands = [Band.objects.create(ladder=ladder, label=label, position=n) for n, label in enumerate(labels)]
    walk_of(program, "Build").update(short_band=bands[-1])
    walk_of(program, "Settle").update(short_band=bands[0])


def test_the_same_program_has_no_changes(clinic: Clinic) -> None:
    with clinic_scope(clinic.pk):
        program = two_phases()
        assert changes(program, program) == []


def test_sets_amounts_and_bands_in_one_sentence(clinic: Clinic) -> None:
    with clinic_scope(clinic.pk):
        program = two_phases()
        rungs(program, "red", "green")
        before = outline_of(program)
        walk_of(program, "Settle").update(
            sets_min=3, amount_min=12, reason="Runs", short_band=walk_of(program, "Build").get().short_band
        )
        assert differences(before, outline_of(program)) == [
            "Phase 1 “Settle”, Lateral band walk: 2 × 10 → 3 × 12 steps, short band red → green, reason – → Runs"
        ]


CHANGES: dict[str, tuple[Callable[[Program], object], list[str]]] = {
    "title and goal": (
        lambda program: Program.objects.filter(pk=program.pk).update(title="Knee", goal=""),
        ["Title: Settle → Knee", "Goal: Stairs → –"],
    ),
    "notes": (
        lambda program: Program.objects.filter(pk=program.pk).update(notes_for_patient="Slowly", notes_for_staff="Shy"),
        ["Notes to the patient: – → Slowly", "Notes inside the clinic: – → Shy"],
    ),
    "a phase's length, rhythm and name": (
        lambda _: Phase.objects.filter(title="Build").update(weeks=None, frequency=None, weekdays=[0, 3], title="On"),
        ["Phase 2 “On”: Build → On, 2 weeks → open-ended, 3 times a week → Mon, Thu"],
    ),
    "a phase removed": (
        lambda _: Phase.objects.filter(title="Settle").delete(),
        ["Phase 1 “Settle” was removed"],
    ),
    "a phase put between": (
        lambda program: (
            Phase.objects.filter(title="Build").update(position=2),
            Phase.objects.create(program=program, position=1, title="More", weeks=1, frequency=3),
        ),
        ["Phase 2 “More” was added"],
    ),
    "an exercise removed and one added": (
        lambda _: (
            Dose.objects.filter(phase__title="Settle", exercise=THRUST).delete(),
            Dose.objects.create(
                phase=Phase.objects.get(title="Build"), position=1, exercise_id=THRUST, sets_min=2, amount_min=10
            ),
        ),
        [
            "Phase 1 “Settle”, Double band hip thrust: removed",
            "Phase 2 “Build”, Double band hip thrust: added",
        ],
    ),
    "the order": (
        lambda _: Dose.objects.filter(phase__title="Settle", exercise=WALK).update(position=5),
        ["Phase 1 “Settle”: the order of the exercises"],
    ),
    "details": (
        lambda _: Dose.objects.filter(phase__title="Settle", exercise=THRUST).update(
            required=False,
            hold_seconds=2,
            rest_seconds=60,
            tempo="3-1-1",
            substitute="Sofa",
            cues=["Chin tucked in."],
            own_cues="Slow",
        ),
        [
            "Phase 1 “Settle”, Double band hip thrust: now optional, hold – → 2 s, rest – → 60 s, tempo – → 3-1-1, "
            "at home – → Sofa, cues – → Chin tucked in., own words – → Slow"
        ],
    ),
    "placement": (
        lambda program: walk_of(program, "Settle").update(placement="ankles"),
        ["Phase 1 “Settle”, Lateral band walk: around the balls of your feet → around your ankles"],
    ),
}


@pytest.mark.parametrize("name", CHANGES)
def test_every_change_is_said_and_nothing_else(clinic: Clinic, name: str) -> None:
    change, said = CHANGES[name]
    with clinic_scope(clinic.pk):
        program = two_phases()
        before = outline_of(program)
        change(program)
        assert differences(before, outline_of(Program.objects.get())) == said


def test_an_outline_survives_as_json(clinic: Clinic) -> None:
    with clinic_scope(clinic.pk):
        outline = outline_of(two_phases())
    assert Outline.from_json(json.loads(json.dumps(outline.as_json()))) == outline


def test_one_phase_takes_as_many_queries_as_three(clinic: Clinic) -> None:
    counts = []
    with clinic_scope(clinic.pk):
        program = make_program(weeks=1)
        rungs_of = BandLadder.objects.create(maker="M", length="short")
        Dose.objects.filter(exercise=WALK).update(short_band=Band.objects.create(ladder=rungs_of, label="red"))
        for position in [1, 2]:
            with CaptureQueriesContext(connection) as queries:
                outline_of(program)
            counts.append(len(queries))
            phase = Phase.objects.create(program=program, position=position, weeks=1, frequency=3)
            Dose.objects.create(phase=phase, exercise_id=WALK, sets_min=2, amount_min=10, short_band=Band.objects.get())
        with CaptureQueriesContext(connection) as queries:
            outline_of(program)
    assert {*counts, len(queries)} == {4}
