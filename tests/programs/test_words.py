"""A dose and a phase in words, as patients and clinicians read them."""

import pytest

from clinic.models import Clinic
from clinic.wall.scope import clinic_scope
from programs.models import Band, BandLadder, Dose, Exercise, Phase
from programs.words import details_in_words, dose_in_words, phase_in_words, rhythm_in_words, usual_dose
from tests.factories import THRUST, WALK, make_clinic


@pytest.fixture
def clinic(db: None) -> Clinic:
    return make_clinic()


def dose(exercise: str, **fields: object) -> Dose:
    return Dose(**{"exercise": Exercise.objects.get(pk=exercise), "sets_min": 2, "amount_min": 10} | fields)


def band(length: str, label: str) -> Band:
    return Band.objects.create(ladder=BandLadder.objects.create(maker="M", length=length), label=label)


def test_a_dose_is_one_line(clinic: Clinic) -> None:
    with clinic_scope(clinic.pk):
        red = band("short", "red")
        assert dose_in_words(dose(WALK, short_band=red)) == (
            "2 sets, 10 steps each way, red band around the balls of your feet"
        )
        assert dose_in_words(dose(WALK, sets_min=1, amount_min=1, placement="ankles")) == (
            "1 set, 1 step each way, short band around your ankles"
        )
        assert dose_in_words(
            dose(THRUST, sets_max=3, amount_max=30, short_band=red, long_band=band("long", "light"))
        ) == (
            "2–3 sets, 10–30 repeats, light band across your hips, with its ends anchored, red band around your knees"
        )


def test_details_are_sentences(clinic: Clinic) -> None:
    with clinic_scope(clinic.pk):
        assert details_in_words(dose(THRUST, hold_seconds=1, rest_seconds=90, tempo="3-1-2")) == [
            "Hold for 1 second.",
            "Rest for 90 seconds between sets.",
            "Count the seconds: 3 down, 1 still, 2 up.",
        ]
        assert details_in_words(dose(WALK)) == []


def test_a_phase_and_its_rhythm(clinic: Clinic) -> None:
    with clinic_scope(clinic.pk):
        assert phase_in_words(Phase(weeks=2, frequency=3)) == "2 weeks, 3 times a week"
        assert phase_in_words(Phase(weeks=1, frequency=1)) == "1 week, 1 time a week"
        assert phase_in_words(Phase(weekdays=[4, 0, 2])) == "open-ended, Mon, Wed, Fri"
        assert rhythm_in_words(Phase()) == ""


def test_what_the_source_gives(db: None) -> None:
    assert usual_dose(Exercise.objects.get(pk=WALK)) == "2–3 sets of 10 steps in each direction, to start with"
    assert usual_dose(Exercise.objects.get(pk=THRUST)) == "2–3 sets of 10–30 repetitions"
