"""The templates that ship: sound, honest about what they stand on, and at home in any clinic."""

import pytest

from clinic.models import Clinic
from clinic.wall.scope import clinic_scope
from programs.actions import check_prescribable, save_program
from programs.catalogue import CatalogueError
from programs.models import Band, BandLadder, Citation, Exercise, Program
from programs.shipped import TEMPLATES_FILE, Shipped, read_templates, shipped_templates, start_from
from tests.factories import NOW, THRUST, make_clinic, make_member

pytestmark = pytest.mark.django_db
TEMPLATES = shipped_templates()


@pytest.fixture
def clinic() -> Clinic:
    return make_clinic()


def ladder(length: str, *labels: str, maker: str = "Strandline") -> None:
    made = BandLadder.objects.create(maker=maker, length=length)
    for position, label in enumerate(labels, start=1):
        Band.objects.create(ladder=made, label=label, position=position)


def start(template: Shipped):
    bands = Band.objects.select_related("ladder")
    return start_from(template, exercises=Exercise.objects.all(), bands=bands)


def test_there_are_a_six_week_course_a_maintenance_program_and_two_gentle_weeks() -> None:
    lengths = {key: [phase.weeks for phase in template.phases] for key, template in TEMPLATES.items()}
    assert lengths == {"settle-build-strengthen": [2, 2, 2], "maintenance": [None], "painful-knee": [2]}


@pytest.mark.parametrize("template", TEMPLATES.values(), ids=TEMPLATES)
def test_each_is_within_its_source_and_can_be_prescribed(template: Shipped, clinic: Clinic) -> None:
    with clinic_scope(clinic.pk):
        program, phases = start(template)
        program.full_clean(exclude=["clinic"])
        for phase, doses in phases:
            phase.full_clean(exclude=["clinic", "program"])
            for dose in doses:
                assert dose.outside_range == ""
                dose.full_clean(exclude=["clinic", "phase"])
        save_program(by=make_member(clinic), program=program, phases=phases, version=0, now=NOW)
        check_prescribable(Program.objects.get(started_from=template.key))


@pytest.mark.parametrize("template", TEMPLATES.values(), ids=TEMPLATES)
def test_each_says_what_it_stands_on_and_what_is_ours(template: Shipped) -> None:
    cited = [ground.citation for ground in template.stands_on]
    assert cited
    assert Citation.objects.filter(pk__in=cited).count() == len(set(cited))
    assert len(template.ours) >= 3


def test_rungs_are_those_of_the_clinics_only_ladder(clinic: Clinic) -> None:
    template = TEMPLATES["maintenance"]
    with clinic_scope(clinic.pk):
        assert {dose.short_band for _, doses in start(template)[1] for dose in doses} == {None}
        ladder("short", "yellow", "red")
        ladder("long", "light", "medium", "strong")
        [(_, [_walk, thrust])] = start(template)[1]
        assert thrust.exercise_id == THRUST
        assert (thrust.short_band.label, thrust.long_band.label) == ("red", "medium")
        ladder("short", "soft", maker="Other")
        [(_, [_walk, thrust])] = start(template)[1]
        assert (thrust.short_band, thrust.long_band.label) == (None, "medium")


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ('title = "Maintenance"', "", "template 2: title is missing"),
        ("optional = true", 'optional = "yes"', "template 3, phases, doses: optional must be true or false, not 'yes'"),
        ("rest = 60", "rest = 60, pause = 1", "template 1, phases, doses: nothing is known about 'pause'"),
    ],
)
def test_a_mistake_in_the_file_is_a_sentence(old: str, new: str, sentence: str) -> None:
    text = TEMPLATES_FILE.read_text().replace(old, new, 1)
    with pytest.raises(CatalogueError) as error:
        read_templates(text)
    assert str(error.value) == sentence
