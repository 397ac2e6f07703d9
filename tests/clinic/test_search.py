"""The search of the staff's site: what it finds for whom, and as which kind of page."""

import re
from html import unescape
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from clinic.finding import MOST
from clinic.models import Role
from clinic.wall.scope import clinic_scope
from tests.clinic.world import ClinicWorld, make_world
from tests.factories import NOW, make_member, make_patient, make_program, sign_in

QUERIES = 13  # two of them for what is found; the others open the clinic and close it
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def at_noon(time_machine: Any) -> None:
    time_machine.move_to(NOW)


@pytest.fixture
def north() -> ClinicWorld:
    return make_world("north")


def search(client: Client, text: str, *, part: bool = False, slug: str = "north") -> Any:
    headers = {"HX-Request": "true"} if part else {}
    answer = client.get(f"/clinic/{slug}/search/", {"q": text}, headers=headers)
    assert answer.status_code == 200
    return answer


def found(answer: Any) -> list[str]:
    return [str(each.title) for group in answer.context["groups"] for each in group.found]


def kinds(answer: Any) -> list[str]:
    return [str(group.title) for group in answer.context["groups"]]


def signed_in(north: ClinicWorld, role: str) -> Client:
    with clinic_scope(north.clinic.pk):
        return sign_in(Client(), make_member(north.clinic, role))


def test_patients_are_found_by_code_and_by_name(north: ClinicWorld, client: Client) -> None:
    with clinic_scope(north.clinic.pk):
        make_patient(code="K-012", name="Zoë Müller")
        make_patient(code="K-013", name="Zoe Miller")
    sign_in(client, north.owner)
    assert found(search(client, "k-012")) == ["K-012 Zoë Müller"]
    assert found(search(client, "mueller zoe")) == ["K-012 Zoë Müller"]
    assert found(search(client, "zoe")) == ["K-012 Zoë Müller", "K-013 Zoe Miller"]


def test_a_patient_of_the_same_name_in_another_clinic_is_not_found(north: ClinicWorld, client: Client) -> None:
    south = make_world("south")
    for world in (north, south):
        with clinic_scope(world.clinic.pk):
            make_patient(code=f"of-{world.clinic.slug}", name="Same Name")
            make_program(title=f"Same title, {world.clinic.slug}")
            make_member(world.clinic, user=north.owner.user) if world is south else None
    sign_in(client, north.owner)
    for part in (True, False):
        for slug, other in (("north", "south"), ("south", "north")):
            answer = search(client, "same", part=part, slug=slug)
            assert found(answer) == [f"of-{slug} Same Name", f"Same title, {slug}"]
            assert f"of-{other}" not in answer.text
            assert "no-store" in answer["Cache-Control"]
    assert found(search(client, "south")) == []


def test_programs_are_found_by_title_templates_first(north: ClinicWorld, client: Client) -> None:
    with clinic_scope(north.clinic.pk):
        make_program(title="Walk north", is_template=True)
    sign_in(client, north.owner)
    answer = search(client, "nort")
    assert kinds(answer) == ["Patients", "Programs"]
    assert [each.title for each in answer.context["groups"][1].found] == [
        "Walk north",
        "Draft of north",
        "Program of north",
    ]


def test_pages_and_actions_are_found_by_their_words(north: ClinicWorld, client: Client) -> None:
    sign_in(client, north.owner)
    assert found(search(client, "new pro")) == ["New program"]
    assert found(search(client, "prescr")) == ["Prescribe…"]
    assert found(search(client, "settings")) == ["Settings"]
    everything = found(search(client, ""))
    assert {"New program", "New patient", "Patients", "Settings", "This week"} <= set(everything)
    assert "Secret of north" not in " ".join(everything)


def test_each_thing_found_can_be_opened(north: ClinicWorld) -> None:
    for role in (Role.OWNER, Role.CLINICIAN, Role.ASSISTANT):
        client = signed_in(north, role)
        for text in ("", "north"):
            for group in search(client, text).context["groups"]:
                for each in group.found:
                    assert client.get(each.link, follow=True).status_code == 200, (role, each.link)


def test_assistants_find_patients_and_pages_and_nothing_clinical(north: ClinicWorld) -> None:
    client = signed_in(north, Role.ASSISTANT)
    answer = search(client, "north", part=True)
    assert kinds(answer) == ["Patients"]
    assert found(answer) == ["north-1 Secret of north"]
    assert found(search(client, "")) == ["Change password", "This week", "Patients"]
    for clinical in ("Program of north", "Draft", "left", "a pop", "note of"):
        assert clinical not in answer.text
        assert found(search(client, clinical)) == []


def test_patients_cannot_search(north: ClinicWorld, client: Client) -> None:
    sign_in(client, north.sign_in)
    assert client.get("/clinic/north/search/?q=north").status_code == 404


def test_there_is_an_end_and_a_way_to_the_rest(north: ClinicWorld, client: Client) -> None:
    with clinic_scope(north.clinic.pk):
        for number in range(MOST + 1):
            make_patient(code=f"X-{number}", name="Many Alike")
            make_program(title="Many alike")
    sign_in(client, north.owner)
    answer = search(client, "many")
    assert [len(group.found) for group in answer.context["groups"]] == [MOST, MOST]
    for group in answer.context["groups"]:
        rest = client.get(group.more.link)
        assert rest.status_code == 200
        assert "X-8" in rest.text or "Many alike" in rest.text
    assert search(client, "many X-8").context["groups"][0].more is None


@pytest.mark.parametrize("part", [True, False])
def test_the_same_number_of_queries_for_one_and_for_many(
    part: bool, north: ClinicWorld, client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    sign_in(client, north.owner)
    search(client, "north", part=part)
    with django_assert_num_queries(QUERIES) as one:
        search(client, "north", part=part)
    with clinic_scope(north.clinic.pk):
        for number in range(20):
            make_patient(code=f"north-x{number}", name="Another of north")
            make_program(title="Another of north")
    with django_assert_num_queries(len(one)):
        search(client, "north", part=part)


def test_what_cannot_be_found_is_said(north: ClinicWorld, client: Client) -> None:
    sign_in(client, north.owner)
    for text in ("nobody", "n_rth", "_1", "nor\0body", "' OR 1=1", "x" * 5000):
        for part in (True, False):
            assert "Nothing found." in search(client, text, part=part).text, text


def test_what_has_no_words_shows_what_there_is_to_do(north: ClinicWorld, client: Client) -> None:
    sign_in(client, north.owner)
    for text in ("", " ", "%", "\0", "🦵"):
        assert kinds(search(client, text)) == ["Actions", "Pages"], text


def test_without_javascript_the_button_leads_to_a_page_of_links(north: ClinicWorld, client: Client) -> None:
    sign_in(client, north.owner)
    page = client.get("/clinic/north/patients/patient/").text
    assert re.search(r'<a class="staff-find" href="/clinic/north/search/"', page)
    answer = search(client, "secret")
    assert f'href="/clinic/north/patients/patient/{north.patient.pk}/change/"' in answer.text
    assert 'role="option"' not in answer.text
    assert '<form class="staff-find-form" method="get"' in answer.text


def test_what_was_typed_is_shown_as_text(north: ClinicWorld, client: Client) -> None:
    sign_in(client, north.owner)
    typed = '"><script>alert(1)</script>'
    for part in (True, False):
        answer = search(client, typed, part=part).text
        assert typed not in answer
        assert typed in unescape(answer)


def test_the_site_names_its_finders_as_text() -> None:
    assert all(isinstance(finder, str) for finder in settings.FINDERS)
