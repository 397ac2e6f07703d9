"""Who gets in where: members alone, into their own clinic and record."""

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from clinic import urls_account
from clinic.actions.staff import add_staff
from clinic.logs import WithoutLinks
from clinic.models import Invitation, Membership, Role
from clinic.wall.scope import clinic_scope
from patients.models import Patient
from tests.clinic.world import ClinicWorld, make_world
from tests.factories import NOW, PASSWORD, make_member, make_patient, make_sign_in, sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def at_noon(time_machine: object) -> None:
    time_machine.move_to(NOW)


@pytest.fixture
def north() -> ClinicWorld:
    return make_world("north")


@pytest.fixture
def south() -> ClinicWorld:
    return make_world("south")


def patient_pages(of: ClinicWorld) -> list[str]:
    root = f"/clinic/{of.clinic.slug}/my"
    return [f"{root}/", f"{root}/{of.patient.pk}/", f"{root}/{of.patient.pk}/red-flags/"]


def staff_pages(of: ClinicWorld) -> list[str]:
    root = f"/clinic/{of.clinic.slug}"
    return [f"{root}/", f"{root}/patients/patient/", f"{root}/patients/patient/{of.patient.pk}/change/"]


def api_pages(of: ClinicWorld) -> list[str]:
    root = f"/api/v1/clinic/{of.clinic.slug}/patients/{of.patient.pk}"
    return [f"{root}/prescriptions/", f"{root}/logs/", f"{root}/adherence/"]


@pytest.mark.parametrize("pages", [patient_pages, staff_pages])
def test_a_stranger_is_sent_to_sign_in(pages: Callable, north: ClinicWorld, client: Client) -> None:
    for page in [*pages(north), "/clinic/no-such-clinic/"]:
        answer = client.get(page)
        assert (answer.status_code, answer["Location"].split("?")[0]) == (302, "/account/login/"), page


@pytest.mark.parametrize("pages", [patient_pages, staff_pages])
def test_a_part_of_a_page_is_refused_so_that_the_page_around_it_stays(
    pages: Callable, north: ClinicWorld, client: Client
) -> None:
    for page in pages(north):
        answer = client.post(page, HTTP_HX_REQUEST="true")
        assert (answer.status_code, answer.content) == (401, b""), page


def test_the_api_asks_a_stranger_to_sign_in(north: ClinicWorld, client: Client) -> None:
    for page in api_pages(north):
        assert client.get(page).status_code == 401, page


@pytest.mark.parametrize("pages", [patient_pages, staff_pages, api_pages])
@pytest.mark.parametrize("who", ["owner", "sign_in"])
def test_members_of_another_clinic_find_nothing(
    pages: Callable, who: str, north: ClinicWorld, south: ClinicWorld, client: Client
) -> None:
    sign_in(client, getattr(south, who))
    for page in [*pages(north), pages(north)[0].replace("north", "no-such-clinic")]:
        assert client.get(page).status_code == 404, page


def test_a_patient_opens_their_own_record_alone(north: ClinicWorld, client: Client) -> None:
    with clinic_scope(north.clinic.pk):
        neighbour = make_patient()
    sign_in(client, north.sign_in)
    for page in patient_pages(north)[1:]:
        assert client.get(page).status_code == 200, page
        assert client.get(page.replace(str(north.patient.pk), str(neighbour.pk))).status_code == 404, page
    for page in api_pages(north):
        assert client.get(page).status_code == 200, page
        assert client.get(page.replace(str(north.patient.pk), str(neighbour.pk))).status_code == 404, page


def test_a_couple_with_one_address_opens_two_records(north: ClinicWorld, client: Client) -> None:
    with clinic_scope(north.clinic.pk):
        partner = make_patient(name="The partner")
        make_sign_in(partner, user=north.sign_in.user)
    sign_in(client, north.sign_in)
    page = client.get("/clinic/north/my/").text
    assert f"/clinic/north/my/{north.patient.pk}/" in page
    assert f"/clinic/north/my/{partner.pk}/" in page


def test_somebody_who_left_is_out(north: ClinicWorld, client: Client) -> None:
    sign_in(client, north.owner)
    assert client.get("/clinic/north/").status_code == 200
    with clinic_scope(north.clinic.pk):
        Membership.objects.filter(pk=north.owner.pk).update(is_active=False)
    assert client.get("/clinic/north/").status_code == 404


def test_a_code_opens_no_part_of_a_staff_page(north: ClinicWorld, client: Client) -> None:
    client.force_login(north.owner.user, backend="allauth.account.auth_backends.AuthenticationBackend")
    for page in staff_pages(north):
        assert client.get(page, HTTP_HX_REQUEST="true").status_code == 401, page


def test_a_code_opens_no_staff_page(north: ClinicWorld, client: Client) -> None:
    """Whoever reads the mailbox of a clinician is not yet the clinician."""
    sign_in(client, north.owner)
    session = client.session
    session["account_authentication_methods"] = [{"method": "code", "at": NOW.timestamp()}]
    session.save()
    for page in staff_pages(north):
        assert client.get(page).status_code == 302, page
    for page in api_pages(north):
        assert client.get(page).status_code in {403, 404}, page


def test_a_password_lasts_for_a_day_of_work(north: ClinicWorld, client: Client, time_machine: Any) -> None:
    sign_in(client, north.owner)
    time_machine.move_to(NOW + timedelta(hours=11, minutes=59))
    assert client.get("/clinic/north/").status_code == 200
    time_machine.move_to(NOW + timedelta(hours=12, minutes=1))
    assert client.get("/clinic/north/")["Location"].startswith("/account/reauthenticate/")


def test_the_account_pages_are_those_that_we_use(north: ClinicWorld, client: Client) -> None:
    """One that adds an address or sets a password would make a password out of an emailed code."""
    assert {page.name for page in urls_account.urlpatterns} == urls_account.USED
    sign_in(client, north.sign_in)
    for page in ("email/", "password/set/", "password/change/", "confirm-email/"):
        assert client.get(f"/account/{page}").status_code == 404, page
        assert client.post(f"/account/{page}", {"email": north.owner.user.email, "action_add": ""}).status_code == 404


def test_what_one_clinic_calls_somebody_is_not_told_another(north: ClinicWorld, south: ClinicWorld) -> None:
    with clinic_scope(south.clinic.pk):
        member = add_staff(email=north.owner.user.email, name="Planted", role=Role.CLINICIAN)
        assert str(member) == "Planted"
    with clinic_scope(north.clinic.pk):
        assert str(Membership.objects.get(pk=north.owner.pk)) == "owner of North"


def test_an_invitation_of_somebody_who_left_is_void(north: ClinicWorld, client: Client) -> None:
    with clinic_scope(north.clinic.pk):
        Membership.objects.filter(pk=north.owner.pk).update(is_active=False)
    assert client.get(north.invitation_url).status_code == 410
    assert client.post(north.invitation_url).status_code == 410


def test_no_log_holds_what_signs_somebody_in() -> None:
    record = logging.makeLogRecord({"msg": "Forbidden: %s %s", "args": ("/invitation/north/a-secret/", "/x/")})
    assert WithoutLinks().filter(record)
    assert record.getMessage() == "Forbidden: /invitation/north/…/ /x/"
    record = logging.makeLogRecord({"msg": "Server Error: /account/password/reset/key/1f-abc/"})
    assert WithoutLinks().filter(record)
    assert record.getMessage() == "Server Error: /account/password/reset/key/…/"


def test_the_password_opens_the_site(north: ClinicWorld, client: Client) -> None:
    page = {"login": north.owner.user.email, "password": PASSWORD}
    assert client.post("/account/login/", page | {"password": "wrong"}).status_code == 200
    assert client.get("/clinic/north/").status_code == 302
    client.post("/account/login/", page)
    assert client.get("/clinic/north/").status_code == 200


def test_what_a_clinic_types_gives_no_access_elsewhere(north: ClinicWorld, south: ClinicWorld, client: Client) -> None:
    """South writes the address of north's owner into a record of its own, and opens its invitation."""
    with clinic_scope(south.clinic.pk):
        Patient.objects.filter(pk=south.patient.pk).update(email=north.owner.user.email)
    client.post(south.invitation_url)
    assert client.get(f"/clinic/south/my/{south.patient.pk}/").status_code == 200
    assert client.get("/clinic/north/").status_code == 404
    assert client.get(f"/clinic/north/my/{north.patient.pk}/").status_code == 404


def test_an_invitation_acts_on_its_button_alone_and_once(north: ClinicWorld, client: Client) -> None:
    for _scanner in range(2):
        assert client.get(north.invitation_url).status_code == 200
    assert "_auth_user_id" not in client.session
    assert client.post(north.invitation_url).status_code == 302
    assert client.get(f"/clinic/north/my/{north.patient.pk}/").status_code == 200
    again = Client().post(north.invitation_url)
    assert again.status_code == 410


def test_an_invitation_that_never_was_names_no_clinic(north: ClinicWorld, client: Client) -> None:
    answers = [client.get(f"/invitation/{slug}/{'x' * 43}/") for slug in ("north", "no-such-clinic")]
    assert [answer.status_code for answer in answers] == [410, 410]
    assert answers[0].content == answers[1].content
    assert north.clinic.name not in answers[0].text


def test_an_invitation_expires(north: ClinicWorld, client: Client) -> None:
    with clinic_scope(north.clinic.pk):
        Invitation.objects.update(created_at=NOW - timedelta(days=15), expires_at=NOW - timedelta(days=1))
    assert client.post(north.invitation_url).status_code == 410
    assert "_auth_user_id" not in client.session


def test_only_the_hash_of_an_invitation_is_kept(north: ClinicWorld) -> None:
    token = north.invitation_url.rstrip("/").split("/")[-1]
    with clinic_scope(north.clinic.pk):
        kept = Invitation.objects.values().get()
    assert token not in str(kept)


def test_home_leads_where_one_belongs(north: ClinicWorld, south: ClinicWorld, client: Client) -> None:
    assert client.get("/").status_code == 200
    sign_in(client, north.owner)
    assert client.get("/")["Location"] == "/clinic/north/"
    with clinic_scope(south.clinic.pk):
        make_member(south.clinic, Role.CLINICIAN, user=north.owner.user)
    page = client.get("/").text
    assert "/clinic/north/" in page
    assert "/clinic/south/" in page


def test_pages_of_a_clinic_are_stored_by_no_cache(north: ClinicWorld, client: Client) -> None:
    sign_in(client, north.sign_in)
    answer = client.get(f"/clinic/north/my/{north.patient.pk}/")
    assert "no-store" in answer["Cache-Control"]
