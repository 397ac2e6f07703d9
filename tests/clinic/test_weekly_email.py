"""How often somebody gets the weekly email: by the link in it, without a sign-in, and in the site."""

import logging
from typing import Any
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from django.test import Client
from playwright.sync_api import expect

from clinic.logs import WithoutLinks
from clinic.models import Clinic, Membership, Role, Summaries
from clinic.unsubscribing import url_of
from clinic.wall.scope import clinic_scope
from tests.clinic.conftest import Watch
from tests.clinic.watched import FOUND
from tests.clinic.world import ClinicWorld
from tests.factories import make_clinic, make_member, sign_in

pytestmark = pytest.mark.django_db
PAGE = "/clinic/north/patients/patient/summary/"


@pytest.fixture
def north() -> Clinic:
    return make_clinic("north", name="North Side")


@pytest.fixture
def member(north: Clinic) -> Membership:
    with clinic_scope(north.pk):
        return make_member(north)


@pytest.fixture
def mail_program() -> Client:
    """Nobody signed in, and no token against forged forms."""
    return Client(enforce_csrf_checks=True)


def path_of(member: Membership) -> str:
    return urlsplit(url_of(member)).path


def choice_of(member: Membership) -> str:
    with clinic_scope(member.clinic_id):
        return Membership.objects.get(pk=member.pk).summaries


class TestTheLink:
    def test_opening_it_asks_and_changes_nothing(self, member: Membership, mail_program: Client) -> None:
        for answer in [mail_program.get(path_of(member)), mail_program.head(path_of(member))]:
            assert answer.status_code == 200
            assert "no-store" in answer["Cache-Control"]
        assert choice_of(member) == "weekly"
        page = mail_program.get(path_of(member)).content.decode()
        assert "Stop your weekly email?" in page
        assert "North Side" in page

    def test_a_post_stops_it_and_again_is_harmless(self, member: Membership, mail_program: Client) -> None:
        for _ in range(2):
            answer = mail_program.post(path_of(member), {"List-Unsubscribe": "One-Click"})
            assert (answer.status_code, choice_of(member)) == (200, "off")
            assert "Your weekly email is stopped" in answer.content.decode()

    @pytest.mark.parametrize("choice", ["weekly", "needed"])
    def test_the_way_back_is_on_the_same_page(self, member: Membership, mail_program: Client, choice: str) -> None:
        stopped = mail_program.post(path_of(member)).content.decode()
        assert f'name="choice" value="{choice}"' in stopped
        assert 'name="choice" value="off"' not in stopped
        back = mail_program.post(path_of(member), {"choice": choice})
        assert choice_of(member) == choice
        assert "Your weekly email is on" in back.content.decode()

    def test_it_is_one_persons_in_one_clinic(self, member: Membership, mail_program: Client) -> None:
        south = make_clinic("south")
        with clinic_scope(south.pk):
            same_user = make_member(south, user=member.user)
        with clinic_scope(member.clinic_id):
            colleague = make_member(member.clinic)
        mail_program.post(path_of(member))
        assert [choice_of(each) for each in (member, same_user, colleague)] == ["off", "weekly", "weekly"]

    def test_it_opens_nothing_else(self, member: Membership, mail_program: Client) -> None:
        mail_program.get(path_of(member))
        mail_program.post(path_of(member))
        assert "sessionid" not in mail_program.cookies
        assert mail_program.get(PAGE).status_code == 302

    def test_a_link_that_is_not_ours(self, member: Membership, mail_program: Client) -> None:
        path = path_of(member)
        other = {"A": "B"}.get(path[20], "A")
        for wrong in [f"{path[:20]}{other}{path[21:]}", "/weekly-email/x/", "/weekly-email/x.y/", path[:-3] + "/"]:
            assert mail_program.post(wrong).status_code == 404, wrong
        assert choice_of(member) == "weekly"

    def test_what_is_no_choice_is_refused(self, member: Membership, mail_program: Client) -> None:
        assert mail_program.post(path_of(member), {"choice": "daily"}).status_code == 400
        assert mail_program.put(path_of(member)).status_code == 405
        assert choice_of(member) == "weekly"

    def test_it_stays_out_of_the_logs(self, member: Membership) -> None:
        record = logging.makeLogRecord({"msg": "Not found: %s", "args": (path_of(member),)})
        WithoutLinks().filter(record)
        assert record.getMessage() == "Not found: /weekly-email/…/"

    def test_who_is_told_instead_is_said(self, north: Clinic, member: Membership, mail_program: Client) -> None:
        with clinic_scope(north.pk):
            owner = make_member(north, Role.OWNER)
        owners, members = (mail_program.post(path_of(each)).content.decode() for each in (owner, member))
        assert "As an owner of the clinic you are still told" in owners
        assert "owner is told about your patients instead" in members


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_is_wrong_with_its_page_on_a_phone(watch: Watch, world: ClinicWorld, scheme: Any) -> None:
    watched = watch(world.owner, viewport={"width": 390, "height": 844}, color_scheme=scheme)
    page = watched.open(path_of(world.owner))
    for heading in ["Stop your weekly email?", "Your weekly email is stopped"]:
        expect(page.get_by_role("heading", level=1)).to_have_text(heading)
        page.evaluate(AXE_SCRIPT)
        assert page.evaluate(FOUND) == []
        page.get_by_role("main").get_by_role("button").first.click()
    expect(page.get_by_role("status")).to_contain_text("every week")


class TestInTheSite:
    def test_it_is_chosen_there_too(self, client: Client, member: Membership) -> None:
        sign_in(client, member)
        assert 'value="weekly" checked' in client.get(PAGE).content.decode()
        answer = client.post(PAGE, {"choice": "needed"}, follow=True)
        assert 'value="needed" checked' in answer.content.decode()
        assert choice_of(member) == "needed"

    def test_what_is_no_choice_is_refused_in_words(self, client: Client, member: Membership) -> None:
        answer = sign_in(client, member).post(PAGE, {"choice": "daily"}, follow=True)
        assert "Choose how often you want the weekly email." in answer.content.decode()
        assert choice_of(member) == "weekly"

    def test_it_is_for_clinicians(self, client: Client, north: Clinic) -> None:
        with clinic_scope(north.pk):
            assistant = make_member(north, Role.ASSISTANT)
        sign_in(client, assistant)
        assert [client.get(PAGE).status_code, client.post(PAGE, {"choice": "off"}).status_code] == [403, 403]
        assert choice_of(assistant) == "weekly"

    def test_owners_see_who_gets_what_and_change_it(self, client: Client, north: Clinic, member: Membership) -> None:
        with clinic_scope(north.pk):
            owner = make_member(north, Role.OWNER)
            Membership.objects.filter(pk=member.pk).update(summaries=Summaries.NEEDED)
        sign_in(client, owner)
        assert "only when a patient needs me" in client.get("/clinic/north/clinic/membership/").content.decode()
        fields = {"name": "Mia", "role": "clinician", "summaries": "off", "is_active": "on"}
        path = f"/clinic/north/clinic/membership/{member.pk}/change/"
        assert client.post(path, fields).status_code == 302
        assert choice_of(member) == "off"
