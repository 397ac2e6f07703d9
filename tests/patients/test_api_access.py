"""Who may use the API, and what everybody else learns from it: nothing."""

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from clinic.models import Role
from clinic.wall.scope import clinic_scope
from tests.clinic.world import ClinicWorld, make_world
from tests.factories import NOW, TODAY, make_member, make_patient, make_sign_in, sign_in
from tests.patients.api import READS, address

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def at_noon(time_machine: Any) -> None:
    time_machine.move_to(NOW, tick=False)


@pytest.fixture
def north() -> ClinicWorld:
    return make_world("north")


@pytest.fixture
def patient(north: ClinicWorld, client: Client) -> Client:
    return sign_in(client, north.sign_in)


@pytest.mark.parametrize("what", READS)
def test_who_may_read(north: ClinicWorld, what: str) -> None:
    with clinic_scope(north.clinic.pk):
        neighbour = make_sign_in(make_patient())
        colleague, assistant = make_member(north.clinic, Role.CLINICIAN), make_member(north.clinic, Role.ASSISTANT)
    south = make_world("south")
    answers = {
        who: sign_in(Client(), member).get(address(north, what)).status_code
        for who, member in {
            "self": north.sign_in,
            "owner": north.owner,
            "clinician": colleague,
            "neighbour": neighbour,
            "assistant": assistant,
            "another clinic's owner": south.owner,
        }.items()
    }
    assert answers == {
        "self": 200,
        "owner": 200,
        "clinician": 200,
        "neighbour": 404,
        "assistant": 404,
        "another clinic's owner": 404,
    }
    assert Client().get(address(north, what)).status_code == 401


@pytest.mark.parametrize("what", READS)
def test_what_is_not_yours_is_as_if_it_were_not_there(north: ClinicWorld, what: str) -> None:
    with clinic_scope(north.clinic.pk):
        neighbour = make_patient()
    south = make_world("south")
    for member in (north.sign_in, north.owner):
        client = sign_in(Client(), member)
        missing = client.get(address(north, what, uuid4()))
        assert (missing.status_code, missing.json()) == (404, {"detail": "Not found."})
        theirs = [address(north, what, south.patient.pk), address(south, what)]
        if member is north.sign_in:
            theirs.append(address(north, what, neighbour.pk))
        for url in theirs:
            answer = client.get(url)
            assert (answer.status_code, answer.json()) == (404, missing.json()), url


def test_a_clinician_treated_by_the_clinic_logs_as_a_patient(north: ClinicWorld, client: Client) -> None:
    with clinic_scope(north.clinic.pk):
        me = make_patient(north.owner)
        make_sign_in(me, user=north.owner.user)
    url = address(north, "logs/", me.pk)
    body = {"id": str(uuid4()), "date": str(TODAY), "skip_reason": "time"}
    answer = sign_in(client, north.owner).post(url, body, content_type="application/json")
    assert (answer.status_code, answer.json()["provenance"]) == (201, "live")


@pytest.mark.parametrize("url", ["", "patients/", "patients/nobody/logs/", "patients/1/logs", "nonsense/"])
def test_an_address_that_leads_nowhere(north: ClinicWorld, patient: Client, url: str) -> None:
    for answer in [patient.get(f"/api/v1/clinic/north/{url}"), patient.post(f"/api/v1/clinic/north/{url}")]:
        assert (answer.status_code, answer.json()) == (404, {"detail": "Not found."})
