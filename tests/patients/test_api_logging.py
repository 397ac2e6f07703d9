"""Logging over the API: idempotent, corrected, withdrawn, and within its budget of statements."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from clinic.models import Role
from clinic.wall.scope import clinic_scope
from patients.models import Log, LoggedSet
from tests.clinic.world import ClinicWorld, make_world
from tests.factories import NOW, THRUST, TODAY, WALK, make_log, make_member, make_patient, make_sign_in, sign_in
from tests.patients.api import address, post, session, validate

pytestmark = pytest.mark.django_db

MOST_STATEMENTS = 14  # one less than the budget: in production the connection is tried with one


@pytest.fixture(autouse=True)
def at_noon(time_machine: Any) -> None:
    time_machine.move_to(NOW, tick=False)


@pytest.fixture
def north() -> ClinicWorld:
    return make_world("north")


@pytest.fixture
def patient(north: ClinicWorld, client: Client) -> Client:
    return sign_in(client, north.sign_in)


def kept(of: ClinicWorld, pk: str) -> Log:
    with clinic_scope(of.clinic.pk):
        return Log.objects.prefetch_related("sets").get(pk=pk)


def test_a_session_is_kept(north: ClinicWorld, patient: Client) -> None:
    body = session(pain_before=2, pain_during=4, effort=6, note="stairs: ok 🦵", skip_reason="", waited_seconds=90)
    answer = post(patient, north, body)
    assert answer.status_code == 201
    receipt = validate(answer, "Receipt")
    assert (receipt["id"], receipt["provenance"], receipt["accepted"]) == (body["id"], "live", True)
    assert (receipt["entered_at"], receipt["received_at"]) == ("2026-11-18T11:58:30Z", "2026-11-18T12:00:00Z")
    log = kept(north, body["id"])
    assert (log.pain_before, log.pain_during, log.pain_after, log.effort) == (2, 4, None, 6)
    assert (log.note, log.entered_by_id) == ("stairs: ok 🦵", north.sign_in.pk)
    assert [(each.exercise_id, each.left, each.amount) for each in log.sets.all()] == [
        *[(WALK, 10, None)] * 2,
        *[(THRUST, None, 12)] * 2,
    ]


def test_the_same_again_is_the_same_log(north: ClinicWorld, patient: Client) -> None:
    body = session()
    first, again = post(patient, north, body), post(patient, north, body | {"waited_seconds": 60, "note": ""})
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
    with clinic_scope(north.clinic.pk):
        assert LoggedSet.objects.filter(log=body["id"]).count() == 4


def test_the_same_id_with_another_body_is_a_conflict(north: ClinicWorld, patient: Client) -> None:
    body = session()
    post(patient, north, body)
    answer = post(patient, north, body | {"effort": 5})
    assert answer.status_code == 409
    standing = validate(answer, "Conflict")["standing"]
    assert (standing["id"], standing["effort"], len(standing["sets"])) == (body["id"], None, 4)


def test_the_id_of_another_patient_is_a_conflict_that_shows_nothing(north: ClinicWorld, patient: Client) -> None:
    with clinic_scope(north.clinic.pk):
        neighbour = make_patient()
        theirs = make_log(make_sign_in(neighbour), neighbour, note="private")
    answer = post(patient, north, session(id=str(theirs.pk)))
    assert (answer.status_code, validate(answer, "Conflict")["standing"]) == (409, None)
    assert "private" not in answer.text


def test_the_id_of_another_clinic_is_free(north: ClinicWorld, patient: Client) -> None:
    south = make_world("south")
    assert post(patient, north, session(id=str(south.log.pk))).status_code == 201
    assert kept(south, south.log.pk).note == "note of south"


def test_as_planned(north: ClinicWorld, patient: Client) -> None:
    body = {"id": str(uuid4()), "date": str(TODAY), "as_planned": True}
    assert post(patient, north, body).status_code == 201
    sets = kept(north, body["id"]).sets.all()
    assert [(each.left, each.amount, each.as_planned) for each in sets] == [
        *[(10, None, True)] * 2,
        *[(None, 10, True)] * 2,
    ]


def test_a_correction_stands_in_the_place_of_what_it_replaces(north: ClinicWorld, patient: Client) -> None:
    body = session(replaces=str(north.log.pk))
    assert post(patient, north, body).status_code == 201
    assert [log["id"] for log in patient.get(address(north, "logs/")).json()["results"]] == [body["id"]]
    twice = post(patient, north, session(replaces=str(north.log.pk)))
    assert (twice.status_code, list(twice.json())) == (400, ["non_field_errors"])


def test_what_comes_too_late_is_kept_for_staff(north: ClinicWorld, patient: Client) -> None:
    for waited in [-60, 20 * 86400, 10**300]:
        body = session(waited_seconds=waited)
        receipt = post(patient, north, body).json()
        assert (receipt["accepted"], receipt["provenance"]) == (False, "held")
        assert kept(north, body["id"]).received_at == NOW


def test_a_late_correction_of_something_else_is_refused(north: ClinicWorld, patient: Client) -> None:
    """It waits for staff, and still may only name a log of this patient."""
    with clinic_scope(north.clinic.pk):
        neighbour = make_patient()
        theirs = make_log(make_sign_in(neighbour), neighbour)
    for replaces in [uuid4(), theirs.pk]:
        answer = post(patient, north, session(waited_seconds=10**9, replaces=str(replaces)))
        assert answer.status_code == 400
        assert answer.json() == {"non_field_errors": ["What you want to correct is not there."]}


def test_withdraw(north: ClinicWorld, patient: Client) -> None:
    for _again in range(2):
        answer = post(patient, north, None, f"logs/{north.log.pk}/withdraw/")
        assert answer.status_code == 200
        assert validate(answer, "Log")["withdrawn_at"] == "2026-11-18T12:00:00Z"
    assert patient.get(address(north, "logs/")).json()["results"] == []


def test_withdraw_only_what_is_there_and_recent(north: ClinicWorld, patient: Client, time_machine: Any) -> None:
    with clinic_scope(north.clinic.pk):
        neighbour = make_patient()
        theirs = make_log(make_sign_in(neighbour), neighbour)
    for log in [uuid4(), theirs.pk]:
        answer = post(patient, north, None, f"logs/{log}/withdraw/")
        assert (answer.status_code, answer.json()) == (404, {"detail": "Not found."})
    time_machine.move_to(NOW + timedelta(days=3))
    late = post(patient, north, None, f"logs/{north.log.pk}/withdraw/")
    assert (late.status_code, kept(north, north.log.pk).withdrawn_at) == (400, None)
    assert late.json() == {"non_field_errors": ["This is more than two days old. Ask your clinic to change it."]}


def test_who_may_write(north: ClinicWorld) -> None:
    with clinic_scope(north.clinic.pk):
        neighbour, assistant = make_sign_in(make_patient()), make_member(north.clinic, Role.ASSISTANT)
    south = make_world("south")
    for stranger in [neighbour, assistant, south.owner, south.sign_in]:
        client = sign_in(Client(), stranger)
        for what in ["logs/", f"logs/{north.log.pk}/withdraw/"]:
            answer = post(client, north, session(), what)
            assert (answer.status_code, answer.json()) == (404, {"detail": "Not found."})
    assert post(Client(), north, session()).status_code == 401
    with clinic_scope(north.clinic.pk):
        assert list(Log.objects.current()) == [north.log]


def test_staff_may_enter_what_is_older(north: ClinicWorld, client: Client) -> None:
    body = session(date=str(TODAY - timedelta(days=30)))
    assert post(sign_in(client, north.owner), north, body).json()["provenance"] == "staff"


def test_a_post_without_the_token_is_refused(north: ClinicWorld) -> None:
    client = sign_in(Client(enforce_csrf_checks=True), north.sign_in)
    body = session()
    refused = post(client, north, body)
    assert (refused.status_code, list(refused.json())) == (403, ["detail"])
    token = client.get("/api/v1/docs/").cookies["csrftoken"].value
    url = address(north, "logs/")
    sent = client.post(url, body, content_type="application/json", headers={"X-CSRFToken": token})
    assert sent.status_code == 201


@pytest.mark.django_db(transaction=True)
def test_four_sets_within_the_budget_of_statements(north: ClinicWorld, patient: Client) -> None:
    with CaptureQueriesContext(connection) as captured:
        assert post(patient, north, session(pain_during=3)).status_code == 201
    statements = [query["sql"].split("(")[0][:60] for query in captured]
    assert (statements.count("BEGIN"), statements.count("COMMIT")) == (2, 2)
    assert len(statements) <= MOST_STATEMENTS, "\n".join(statements)
