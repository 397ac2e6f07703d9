"""Who somebody is: a couple with one address, a person with two clinics, two people on one phone."""

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from clinic.models import Role
from clinic.wall.scope import clinic_scope
from patients.models import Patient
from tests import factories as make
from tests.patients.home import FOUR_SETS, Home, a_home, send, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def at_noon(time_machine: Any) -> None:
    time_machine.move_to(make.NOW)


@pytest.fixture
def home() -> Home:
    made = a_home()
    with clinic_scope(made.clinic.pk):
        Patient.objects.update(name="Nora Hickey")
    return made


@pytest.fixture
def phone(client: Client, home: Home) -> Client:
    return make.sign_in(client, home.self)


def with_partner(home: Home, **fields: Any) -> Patient:
    with clinic_scope(home.clinic.pk):
        partner = make.make_patient(home.clinician, name="Liam Hickey", **fields)
        make.make_sign_in(partner, user=home.self.user)
    return partner


def in_another_clinic(home: Home, **fields: Any) -> Home:
    """The same person, a patient of a second clinic."""
    other = a_home(slug="south", name="South")
    with clinic_scope(other.clinic.pk):
        make.make_sign_in(other.patient, user=home.self.user)
    return other


def whose(page: Any) -> str:
    """The name that a page has in its header."""
    (shown,) = re.findall(r'class="whose[^>]*>.*?<b>(.*?)</b>', page.text)
    return shown


def links_of(page: Any) -> set[str]:
    """Of what stands between header and footer."""
    return set(re.findall(r'href="([^"]*)"', re.search(r"<main.*</main>", page.text, re.DOTALL)[0]))


def test_every_page_says_whose_it_is_and_leads_to_the_choice(phone: Client, home: Home) -> None:
    saved = send(phone, home.url(), "sets", FOUR_SETS)
    log = home.logs()[0]
    pages = ["", "red-flags", "red-flags/stop", f"correct/{log.pk}", f"withdraw/{log.pk}"]
    for page in [phone.get(saved.url), *(phone.get(home.url(page)) for page in pages)]:
        assert page.status_code == 200
        assert whose(page) == "Nora Hickey"
        assert f'href="{home.my}?change"' in page.text
    wrong = send(phone, home.url(), "sets", {})
    assert (wrong.status_code, whose(wrong)) == (422, "Nora Hickey")


def test_a_couple_with_one_address_chooses(phone: Client, home: Home) -> None:
    partner = with_partner(home)
    page = phone.get(home.my)
    assert links_of(page) >= {f"{home.my}{partner.pk}/", home.url()}
    assert "Open the page of Liam Hickey" in text_of(page)
    assert whose(phone.get(f"{home.my}{partner.pk}/")) == "Liam Hickey"
    send(phone, f"{home.my}{partner.pk}/", "skip", {"skip_reason": "time"})
    assert [log.patient_id for log in home.logs()] == [partner.pk]
    assert "no time" not in text_of(phone.get(home.url()))


def test_who_can_not_read_the_choice_changes_its_language(phone: Client, home: Home) -> None:
    partner = with_partner(home)
    page = phone.get(home.my).text
    forms = set(re.findall(r'action="([^"]+/language/)"', page))
    assert forms == {f"{home.my}{pk}/language/" for pk in (home.patient.pk, partner.pk)}
    assert re.findall(r'<select name="language" id="(\w+)"', page) == ["language1", "language2"]
    phone.post(f"{home.my}{partner.pk}/language/", {"language": "es"})
    assert 'lang="es"' in phone.get(f"{home.my}{partner.pk}/").text


def test_one_record_is_opened_at_once_and_asked_about_when_somebody_asks(phone: Client, home: Home) -> None:
    assert phone.get(home.my)["Location"] == home.url()
    asked = phone.get(f"{home.my}?change")
    assert links_of(asked) == {home.url(), home.url("red-flags"), "/account/logout/"}


def test_the_other_clinics_of_a_person_are_a_tap_away(phone: Client, home: Home) -> None:
    other = in_another_clinic(home)
    places = phone.get("/")
    assert {"/clinic/north/my/", "/clinic/south/my/"} <= links_of(places)
    asked = phone.get(f"{home.my}?change")
    assert "/clinic/south/my/" in links_of(asked)
    assert "South" in text_of(asked)
    assert other.patient.name not in text_of(asked)
    assert whose(phone.get(other.url())) == other.patient.name
    assert phone.get(f"{other.my}{home.patient.pk}/").status_code == 404


def test_a_clinic_where_somebody_only_works_is_none_of_theirs_here(phone: Client, home: Home) -> None:
    south = make.make_clinic("south")
    with clinic_scope(south.pk):
        make.make_member(south, Role.CLINICIAN, user=home.self.user)
    assert "/clinic/south/my/" not in links_of(phone.get(f"{home.my}?change"))


def test_one_that_was_left_is_not_offered(phone: Client, home: Home) -> None:
    other = in_another_clinic(home)
    with clinic_scope(other.clinic.pk):
        other.clinic.memberships.filter(user=home.self.user).update(is_active=False)
    assert "/clinic/south/my/" not in links_of(phone.get(f"{home.my}?change"))


def test_staff_have_no_records_to_choose_from(client: Client, home: Home) -> None:
    make.sign_in(client, home.clinician)
    assert client.get(home.my).status_code == client.get(f"{home.my}?change").status_code == 404


def test_two_people_on_one_phone(client: Client, home: Home) -> None:
    """Who signs in second sees their own page, and what the first left open is no longer theirs to send."""
    with clinic_scope(home.clinic.pk):
        second = make.make_patient(home.clinician, name="Una Farrell")
        her = make.make_sign_in(second)
    phone = make.sign_in(client, home.self)
    left_open = phone.get(home.url())
    phone.post("/account/logout/")
    make.sign_in(phone, her)
    assert phone.get(home.my)["Location"] == f"{home.my}{second.pk}/"
    assert whose(phone.get(f"{home.my}{second.pk}/")) == "Una Farrell"
    for headers in [{}, {"HX-Request": "true", "HX-Boosted": "true"}]:
        assert send(phone, left_open, "planned", headers=headers).status_code == 404
    assert home.logs() == []


def test_three_records_cost_no_more_statements_than_one(phone: Client, home: Home) -> None:
    counts = []
    for _number in range(3):
        with CaptureQueriesContext(connection) as captured:
            phone.get(f"{home.my}?change")
        counts.append(len(captured))
        with_partner(home)
    assert len(set(counts)) == 1
