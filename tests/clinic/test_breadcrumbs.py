"""Where a page is: the list, the object, this page; and the clinic, which is named on each."""

import re
from html import unescape
from typing import Any

import pytest
from django.test import Client

from clinic.models import Role
from clinic.wall.scope import clinic_scope
from tests.clinic.test_every_page import addresses
from tests.clinic.world import ClinicWorld, make_world
from tests.factories import NOW, WALK, make_member, sign_in

pytestmark = pytest.mark.django_db
ITEM = re.compile(r'<a href="([^"]+)">([^<]*)</a>|<h1 aria-current="page">([^<]*)</h1>')


@pytest.fixture(autouse=True)
def at_noon(time_machine: Any) -> None:
    time_machine.move_to(NOW)


@pytest.fixture
def north() -> ClinicWorld:
    return make_world("north")


def trail(client: Client, path: str) -> list[tuple[str, str]]:
    """Each step with its address, which the last has none of."""
    page = client.get(path).text
    [nav] = re.findall(r'<nav class="staff-crumbs" aria-label="Where you are">(.*?)</nav>', page, re.DOTALL)
    return [(unescape(title or here), link) for link, title, here in ITEM.findall(nav)]


def test_an_own_page_is_below_its_object_and_that_below_its_list(north: ClinicWorld, client: Client) -> None:
    sign_in(client, north.owner)
    patient = f"/clinic/north/patients/patient/{north.patient.pk}"
    above = [("Patients", "/clinic/north/patients/patient/"), ("north-1 Secret of north", f"{patient}/change/")]
    assert trail(client, f"{patient}/pause/") == [*above, ("Pause", "")]
    assert trail(client, f"{patient}/log/{north.log.pk}/correct/") == [*above, ("Correct a log", "")]
    assert trail(client, f"{patient}/change/") == [above[0], ("north-1 Secret of north", "")]
    assert trail(client, "/clinic/north/patients/patient/") == [("Patients", "")]
    assert trail(client, "/clinic/north/patients/patient/add/") == [above[0], ("Add patient", "")]


def test_lists_are_named_as_in_the_menu(north: ClinicWorld, client: Client) -> None:
    sign_in(client, north.owner)
    settings = f"/clinic/north/clinic/clinic/{north.clinic.pk}/change/"
    assert trail(client, settings) == [("Settings", "/clinic/north/clinic/clinic/"), ("North", "")]
    assert trail(client, f"/clinic/north/programs/exercise/{WALK}/change/") == [
        ("Exercises", "/clinic/north/programs/exercise/"),
        ("Lateral band walk", ""),
    ]
    assert trail(client, "/clinic/north/clinic/message/") == [("Weekly emails", "")]
    assert trail(client, "/clinic/north/") == [("This week", "")]
    assert trail(client, "/clinic/north/search/") == [("Find", "")]


def test_every_page_has_them_and_names_the_clinic(north: ClinicWorld, client: Client) -> None:
    sign_in(client, north.owner)
    for path in addresses(north):
        *above, (here, link) = trail(client, path)
        assert here, path
        assert not link, path
        assert all(link for _, link in above), path
        page = client.get(path).text
        assert page.count("<h1") == 1, path
        assert '<a class="staff-clinic" href="/clinic/north/">North</a>' in page, path


def test_each_step_can_be_opened_by_the_front_desk_too(north: ClinicWorld, client: Client) -> None:
    with clinic_scope(north.clinic.pk):
        sign_in(client, make_member(north.clinic, Role.ASSISTANT))
    *above, _ = trail(client, f"/clinic/north/patients/patient/{north.patient.pk}/change/")
    assert [client.get(link).status_code for _, link in above] == [200]
