"""What the API tells, and to whom."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from clinic.wall.scope import clinic_scope
from patients.actions.prescribing import end_course, pause, prescribe, revise
from patients.models import Prescription
from programs.models import Band, BandLadder, Dose, Phase
from tests.clinic.world import ClinicWorld, make_world
from tests.factories import (
    MONDAY,
    NOW,
    THRUST,
    TODAY,
    WALK,
    make_log,
    make_patient,
    make_prescription,
    make_program,
    make_sign_in,
    sign_in,
)
from tests.patients.api import READS, address, validate

pytestmark = pytest.mark.django_db
WEEK = timedelta(weeks=1)


@pytest.fixture(autouse=True)
def at_noon(time_machine: Any) -> None:
    time_machine.move_to(NOW, tick=False)


@pytest.fixture
def north() -> ClinicWorld:
    return make_world("north")


@pytest.fixture
def patient(north: ClinicWorld, client: Client) -> Client:
    return sign_in(client, north.sign_in)


def test_todays_doses(north: ClinicWorld, patient: Client) -> None:
    body = validate(patient.get(address(north, "prescriptions/")), "Prescriptions")
    assert (body["date"], body["paused"]) == (str(TODAY), False)
    assert body["prescriptions"] == [
        {
            "id": str(north.prescription.pk),
            "title": "Program of north",
            "goal": "",
            "notes_for_patient": "",
            "affected_knee": "left",
            "starts_on": str(MONDAY),
            "ends_on": None,
        }
    ]
    today = body["today"]
    assert (today["prescription"], today["week"], today["day"]) == (str(north.prescription.pk), 1, 3)
    assert today["phase"] == {"title": "Phase 1", "weeks": None, "frequency": 3, "weekdays": []}
    walk, thrust = today["doses"]
    assert (walk["exercise"], walk["name"], walk["counted_in"]) == (WALK, "Lateral band walk", "steps_per_direction")
    assert (walk["sets_min"], walk["sets_max"], walk["amount_min"], walk["amount_max"]) == (2, None, 10, None)
    assert walk["bands"] == [
        {"kind": "short", "placement": {"key": "forefeet", "text": "around the balls of your feet"}, "band": None}
    ]
    assert (thrust["exercise"], thrust["counted_in"], thrust["amount_max"]) == (THRUST, "repetitions", 30)
    assert {use["kind"] for use in thrust["bands"]} == {"short", "long"}


def test_the_band_and_the_phase_of_today(north: ClinicWorld, client: Client) -> None:
    with clinic_scope(north.clinic.pk):
        someone = make_patient(north.owner)
        program = make_program(weeks=1)
        second = Phase.objects.create(program=program, position=1, title="Steps", weekdays=[0, 3])
        red = Band.objects.get(label="red")
        Dose.objects.create(
            phase=second,
            exercise_id=WALK,
            sets_min=3,
            amount_min=12,
            placement="ankles",
            short_band=red,
            rest_seconds=60,
            cues=["Toes straight ahead."],
        )
        prescribe(
            by=north.owner, patient=someone, program=program, starts_on=MONDAY - WEEK, affected_knee="left", now=NOW
        )
    body = validate(sign_in(client, north.owner).get(address(north, "prescriptions/", someone.pk)), "Prescriptions")
    assert (body["today"]["phase"]["title"], body["today"]["phase"]["weekdays"]) == ("Steps", [0, 3])
    assert (body["today"]["week"], body["today"]["day"]) == (1, 10)
    [walk] = body["today"]["doses"]
    assert (walk["rest_seconds"], walk["cues"]) == (60, ["Toes straight ahead."])
    assert walk["bands"] == [
        {
            "kind": "short",
            "placement": {"key": "ankles", "text": "around your ankles"},
            "band": {"maker": "Maker of north", "label": "red", "colour": "#888888", "force_newtons": None},
        }
    ]


def test_staff_notes_stay_with_staff(north: ClinicWorld, client: Client) -> None:
    with clinic_scope(north.clinic.pk):
        someone = make_patient(north.owner)
        me = make_sign_in(someone)
        prescription = make_prescription(north.owner, someone, notes_for_staff="drinks")
        assert prescription.program.notes_for_staff == "drinks"
    assert "drinks" not in sign_in(client, me).get(address(north, "prescriptions/", someone.pk)).text


def test_nothing_is_in_force_in_a_pause(north: ClinicWorld, patient: Client) -> None:
    with clinic_scope(north.clinic.pk):
        pause(by=north.owner, course=north.prescription.course, starts_on=TODAY, ends_on=TODAY, now=NOW)
    body = validate(patient.get(address(north, "prescriptions/")), "Prescriptions")
    assert (body["paused"], body["today"], len(body["prescriptions"])) == (True, None, 1)


def test_what_was_revised_before_its_first_day_is_left_out(north: ClinicWorld, client: Client) -> None:
    with clinic_scope(north.clinic.pk):
        someone = make_patient(north.owner)
        first = make_prescription(north.owner, someone, starts_on=TODAY + WEEK)
        second = revise(
            by=north.owner, prescription=first, program=make_program(), starts_on=TODAY + timedelta(days=1), now=NOW
        )
    body = sign_in(client, north.owner).get(address(north, "prescriptions/", someone.pk)).json()
    assert [each["id"] for each in body["prescriptions"]] == [str(second.pk)]


def test_today_is_the_clinics(north: ClinicWorld, patient: Client) -> None:
    with clinic_scope(north.clinic.pk):
        north.clinic.time_zone = "Pacific/Kiritimati"  # UTC+14: noon in UTC is tomorrow there
        north.clinic.save(update_fields=["time_zone"])
    assert patient.get(address(north, "prescriptions/")).json()["date"] == str(TODAY + timedelta(days=1))
    assert patient.get(address(north, "adherence/")).json()["today"] == str(TODAY + timedelta(days=1))


def test_logs_by_pages_the_newest_first(north: ClinicWorld, patient: Client) -> None:
    with clinic_scope(north.clinic.pk):
        days = [TODAY - timedelta(days=back) for back in range(1, 5)]
        for day in days:
            make_log(north.sign_in, north.patient, day, pain_during=2)
    first = validate(patient.get(address(north, "logs/?limit=3")), "PaginatedStandingLogList")
    assert [log["date"] for log in first["results"]] == [str(day) for day in [TODAY, *days[:2]]]
    assert first["previous"] is None
    second = validate(patient.get(first["next"]), "PaginatedStandingLogList")
    assert [log["date"] for log in second["results"]] == [str(day) for day in days[2:]]
    assert second["next"] is None
    newest = first["results"][0]
    assert (newest["id"], newest["note"], newest["provenance"]) == (str(north.log.pk), "note of north", "live")
    as_the_plan_said = {"short_band": None, "long_band": None, "placement": ""}
    counted = {"exercise": WALK, "amount": None, "left": 10, "right": 10, "as_planned": False}
    assert newest["sets"][0] == counted | as_the_plan_said


def test_adherence_by_week(north: ClinicWorld, client: Client) -> None:
    with clinic_scope(north.clinic.pk):
        someone = make_patient(north.owner)
        me = make_sign_in(someone)
        make_prescription(north.owner, someone, starts_on=MONDAY - 2 * WEEK)
        for days in (0, 2, 4):
            make_log(me, someone, MONDAY - 2 * WEEK + timedelta(days=days))
        make_log(me, someone, MONDAY - WEEK)
        make_log(me, someone, MONDAY - timedelta(days=3), skip_reason="pain")
    url = address(north, "adherence/?from=2026-W44&to=2026-W47", someone.pk)
    body = validate(sign_in(client, me).get(url), "Adherence")
    weeks = {week["week"]: week for week in body["weeks"]}
    assert list(weeks) == ["2026-W44", "2026-W45", "2026-W46", "2026-W47"]
    assert [(week["done"], week["due"], week["percent"], week["band"]) for week in weeks.values()] == [
        (0, 0, None, "not_applicable"),
        (3, 3, 100, "on_track"),
        (1, 3, 33, "low"),
        (0, 3, 0, "low"),
    ]
    assert [week["complete"] for week in weeks.values()] == [True, True, True, False]
    assert weeks["2026-W46"]["skips"] == [{"reason": "pain", "dates": 1}]
    assert weeks["2026-W46"]["dose_percent"] == 33
    assert (weeks["2026-W46"]["monday"], weeks["2026-W46"]["sunday"]) == ("2026-11-09", "2026-11-15")
    assert body["to_date"] == {"through": "2026-W46", "done": 4, "due": 6, "percent": 66}


def test_adherence_of_the_last_eight_weeks_unless_said_otherwise(north: ClinicWorld, patient: Client) -> None:
    weeks = [week["week"] for week in patient.get(address(north, "adherence/")).json()["weeks"]]
    assert (weeks[0], weeks[-1], len(weeks)) == ("2026-W40", "2026-W47", 8)


def test_weeks_of_an_earlier_course_have_its_figures(north: ClinicWorld, client: Client) -> None:
    with clinic_scope(north.clinic.pk):
        someone = make_patient(north.owner)
        first = make_prescription(north.owner, someone, starts_on=MONDAY - 8 * WEEK, frequency=2)
        end_course(by=north.owner, course=first.course, last_date=MONDAY - 4 * WEEK - timedelta(days=1))
        make_prescription(north.owner, someone, starts_on=MONDAY, frequency=5)
    sign_in(client, north.owner)
    earlier = client.get(address(north, "adherence/?from=2026-W39&to=2026-W40", someone.pk)).json()
    assert [week["due"] for week in earlier["weeks"]] == [2, 2]
    assert earlier["to_date"] == {"through": "2026-W40", "done": 0, "due": 4, "percent": 0}
    assert client.get(address(north, "adherence/?from=2026-W47", someone.pk)).json()["weeks"][0]["due"] == 5


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("from=2026-44", "from"),
        ("from=2026-W54", "from"),
        ("from=0001-W01", "from"),
        ("from=2026-W44%00", "from"),
        ("from=٢٠٢٦-W44", "from"),
        ("to=2026-W48", "to"),
        ("to=2099-W53", "to"),
        ("from=2026-W20&to=2026-W10", "from"),
        ("from=2000-W01", "from"),
    ],
)
def test_weeks_that_make_no_sense(north: ClinicWorld, patient: Client, query: str, field: str) -> None:
    answer = patient.get(address(north, f"adherence/?{query}"))
    assert (answer.status_code, list(answer.json())) == (400, [field])


def test_the_first_week_that_can_be_asked_for(north: ClinicWorld, patient: Client) -> None:
    assert patient.get(address(north, "adherence/?to=2000-W01")).status_code == 200


def test_lists_take_as_many_queries_for_three_as_for_one(north: ClinicWorld, patient: Client) -> None:
    def queries() -> dict[str, int]:
        counts = {}
        for what in READS:
            with CaptureQueriesContext(connection) as captured:
                assert patient.get(address(north, what)).status_code == 200
            counts[what] = len(captured)
        return counts

    one = queries()
    with clinic_scope(north.clinic.pk):
        ladder = BandLadder.objects.create(maker="Another", length="long")
        band = Band.objects.create(ladder=ladder, label="heavy", position=1)
        for _ in range(2):
            make_log(north.sign_in, north.patient)
        for number in range(2):
            program = make_program(weeks=1)
            more = Phase.objects.create(program=program, position=1, frequency=2)
            Dose.objects.create(phase=more, exercise_id=THRUST, sets_min=2, amount_min=10, long_band=band)
            latest = Prescription.objects.latest("prescribed_at", "starts_on")
            starts_on = TODAY + timedelta(days=1 + number)
            revise(by=north.owner, prescription=latest, program=program, starts_on=starts_on, now=NOW)
    assert len(patient.get(address(north, "prescriptions/")).json()["prescriptions"]) == 3
    assert len(patient.get(address(north, "logs/")).json()["results"]) == 3
    assert queries() == one
