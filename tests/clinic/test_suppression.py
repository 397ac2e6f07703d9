"""Addresses where nobody reads: found out from a mail server's answer, told to the clinic, lifted by it."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.core.mail import EmailMessage
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from clinic import outbox
from clinic.actions.suppressing import lift, standing, suppress
from clinic.models import Clinic, Invitation, Membership, Message, Role, Suppression
from clinic.refusals import says_no_such_mailbox
from clinic.wall.scope import clinic_scope
from patients.models import Patient
from tests.clinic.conftest import Watch
from tests.clinic.world import ClinicWorld, make_world
from tests.factories import make_clinic, make_member, make_patient, make_sign_in, sign_in
from tests.fixtures import Mailbox
from tests.trouble import Refuses, mail_server

pytestmark = pytest.mark.django_db(transaction=True)
NOW = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
WEEK = date(2026, 11, 16)
GONE = "550 5.1.1 no such user"


def write_note(message: Message, *, now: datetime, batch: outbox.Batch) -> outbox.Letter:
    return outbox.Letter("Week 47", "in text", "<p>in HTML</p>")


@pytest.fixture(autouse=True)
def writers(settings: Any) -> None:
    settings.MESSAGE_WRITERS = {"note": f"{__name__}.write_note"}


@pytest.fixture
def clinic() -> Clinic:
    return make_clinic("north")


@pytest.fixture
def member(clinic: Clinic) -> Membership:
    with clinic_scope(clinic.pk):
        return make_member(clinic, Role.OWNER)


def send(member: Membership, *, week: date = WEEK, now: datetime = NOW) -> Message:
    """A note to somebody, and what became of it."""
    with clinic_scope(member.clinic.pk):
        [message] = outbox.queue(kind="note", week=week, recipients=[member], now=now)
    outbox.deliver(clinic_id=member.clinic.pk, message_ids=[message.pk], now=now)
    with clinic_scope(member.clinic.pk):
        return Message.objects.get(pk=message.pk)


def suppressed(clinic: Clinic) -> list[tuple[str, str]]:
    with clinic_scope(clinic.pk):
        return [(each.address, each.answer) for each in Suppression.objects.standing()]


@pytest.mark.parametrize(
    ("answer", "is_one"),
    [
        ("550 no such user", True),
        ("551 user not local", True),
        ("553 no such mailbox", True),
        ("550 5.1.1 no such user", True),
        ("554 5.1.2 no such domain", True),
        ("556 5.1.10 takes no mail", True),
        ("550 5.1.8 your domain does not exist", False),
        ("550 5.7.1 blocked by our policy", False),
        ("550 550 5.7.1 blocked by our policy", False),
        ("550 550-5.7.26 your mail is not authenticated\n550 5.7.26 see our policy", False),
        ("550 smtp; 550 #5.7.1 blocked by our policy", False),
        ("550 no such user, says 192.5.7.1 to 5.7.1.20", True),
        ("554 550-5.1.1 no such user", True),
        ("550 550 no such user", True),
        ("550 5.2.2 mailbox full", False),
        ("552 mailbox full", False),
        ("554 rejected", False),
        ("521 takes no mail from you", False),
        ("450 4.1.1 perhaps later", False),
        ("550 relaying 5.1.1 denied", True),
    ],
)
def test_what_says_that_there_is_no_such_mailbox(answer: str, is_one: bool) -> None:
    code, text = answer.split(" ", 1)
    assert says_no_such_mailbox(int(code), text) is is_one


class TestFoundOut:
    def test_by_the_answer_to_the_recipient(self, clinic: Clinic, member: Membership) -> None:
        with mail_server(Refuses(GONE)):
            message = send(member)
        assert (message.state, message.error, message.code) == ("suppressed", GONE, "550")
        assert suppressed(clinic) == [(member.user.email, GONE)]

    @pytest.mark.parametrize("answer", ["552 5.2.2 mailbox full", "550 5.7.1 we don't like you"])
    def test_a_full_mailbox_and_a_policy_fail_that_message_alone(
        self, clinic: Clinic, member: Membership, answer: str
    ) -> None:
        with mail_server(Refuses(answer)):
            assert send(member).state == "failed"
        assert suppressed(clinic) == []

    def test_550_to_the_contents_says_nothing_of_the_address(
        self, clinic: Clinic, member: Membership, smtp: Mailbox
    ) -> None:
        smtp.answer = GONE
        assert send(member).state == "failed"
        assert suppressed(clinic) == []

    def test_nothing_more_is_sent_there_and_no_server_is_asked(self, member: Membership, smtp: Mailbox) -> None:
        with clinic_scope(member.clinic.pk):
            suppress(address=member.user.email, reason=Suppression.Reason.REFUSED, answer=GONE, now=NOW)
        message = send(member)
        assert (message.state, message.error, smtp.messages) == ("suppressed", GONE, [])

    def test_who_has_another_address_by_now_gets_it(self, member: Membership, smtp: Mailbox) -> None:
        with clinic_scope(member.clinic.pk):
            suppress(address=member.user.email, reason=Suppression.Reason.REFUSED, answer=GONE, now=NOW)
        member.user.email = "right@north.example"
        member.user.save()
        assert send(member).state == "sent"

    def test_another_clinic_learns_nothing_of_it(self, member: Membership, smtp: Mailbox) -> None:
        south = make_clinic("south")
        with clinic_scope(south.pk):
            there = make_member(south, user=member.user)
        with clinic_scope(member.clinic.pk):
            suppress(address=member.user.email, reason=Suppression.Reason.COMPLAINED, answer="", now=NOW)
        assert send(there).state == "sent"
        assert suppressed(south) == []


class TestLifted:
    def test_it_is_written_to_again_and_who_lifted_it_is_kept(
        self, clinic: Clinic, member: Membership, smtp: Mailbox
    ) -> None:
        address = member.user.email
        with clinic_scope(clinic.pk):
            suppress(address=address.upper(), reason=Suppression.Reason.REFUSED, answer=GONE, now=NOW)
            assert lift(by=member, address=address, now=NOW)
            assert not lift(by=member, address=address, now=NOW)
            assert [each.lifted_by for each in Suppression.objects.all()] == [member]
        assert send(member).state == "sent"

    def test_and_suppressed_once_more_where_it_still_comes_back(self, clinic: Clinic, member: Membership) -> None:
        with clinic_scope(clinic.pk):
            suppress(address=member.user.email, reason=Suppression.Reason.REFUSED, answer="550 before", now=NOW)
            lift(by=member, address=member.user.email, now=NOW)
        with mail_server(Refuses(GONE)):
            send(member)
        assert suppressed(clinic) == [(member.user.email, GONE)]

    def test_one_standing_row_for_an_address(self, clinic: Clinic, member: Membership) -> None:
        with clinic_scope(clinic.pk):
            for answer in ["550 first", "550 second"]:
                suppress(address="a@b.example", reason=Suppression.Reason.REFUSED, answer=answer, now=NOW)
            assert standing(["A@B.example"])["a@b.example"].answer == "550 first"
            row = Suppression(address="a@b.example", reason="refused", since=NOW)
            with pytest.raises(IntegrityError), transaction.atomic():
                row.save(force_insert=True)

    def test_nothing_is_lifted_by_nobody(self, clinic: Clinic) -> None:
        with clinic_scope(clinic.pk):
            row = Suppression(address="a@b.example", reason="refused", since=NOW, lifted_at=NOW)
            with pytest.raises(IntegrityError), transaction.atomic():
                row.save(force_insert=True)


class TestTold:
    @pytest.fixture
    def world(self, time_machine: Any) -> ClinicWorld:
        time_machine.move_to(NOW)
        return make_world("north")

    @pytest.fixture
    def patient(self, world: ClinicWorld) -> Patient:
        with clinic_scope(world.clinic.pk):
            patient = make_patient(world.owner, code="P-100", name="Ruth Okafor", email="Ruth@home.example")
            member = make_sign_in(patient)
            member.user.email = "ruth@home.example"
            member.user.save()
            suppress(address="ruth@home.example", reason=Suppression.Reason.REFUSED, answer=GONE, now=NOW)
        return patient

    def test_nothing_is_wrong_with_what_is_told(self, watch: Watch, world: ClinicWorld, patient: Patient) -> None:
        with clinic_scope(world.clinic.pk):
            lost = make_member(world.clinic)
            suppress(address=lost.user.email, reason=Suppression.Reason.BOUNCED, answer=GONE, now=NOW)
            message = Message.objects.create(recipient=lost, kind="note", week=WEEK, state="failed", error=GONE)
        watched = watch(world.owner)
        changed = {"patients/patient": patient.pk, "clinic/membership": lost.pk, "clinic/message": message.pk}
        for page in ["", *(f"{path}/{pk}/change/" for path, pk in changed.items())]:
            watched.open(f"/clinic/north/{page}")
            assert watched.look(1280, "light") == [], page
            assert watched.look(820, "dark") == [], page

    @pytest.mark.parametrize("role", [Role.OWNER, Role.CLINICIAN, Role.ASSISTANT])
    def test_of_a_patient_on_the_first_page_and_on_theirs(
        self, client: Client, world: ClinicWorld, patient: Patient, role: str
    ) -> None:
        with clinic_scope(world.clinic.pk):
            by = make_member(world.clinic, role)
        sign_in(client, by)
        first = client.get("/clinic/north/").text
        assert "Emails to these people don't arrive" in first
        assert "P-100 Ruth Okafor" in first
        page = f"/clinic/north/patients/patient/{patient.pk}/change/"
        assert GONE in client.get(page).text
        answer = client.post(f"/clinic/north/patients/patient/{patient.pk}/write-again/", follow=True)
        assert "From now on Ruth@home.example gets emails again." in answer.text
        assert GONE not in answer.text
        assert "don't arrive" not in client.get("/clinic/north/").text

    def test_no_invitation_goes_there_until_it_is_lifted(
        self, client: Client, world: ClinicWorld, patient: Patient, mailoutbox: list[EmailMessage]
    ) -> None:
        with clinic_scope(world.clinic.pk):
            sign_in(client, make_member(world.clinic, Role.ASSISTANT))
        page = f"/clinic/north/patients/patient/{patient.pk}"
        answer = client.post(f"{page}/invitation/", follow=True).text
        assert "Emails to Ruth@home.example don&#x27;t arrive. This page says why, and how to go on." in answer
        assert "on its way" not in answer
        assert GONE in answer
        with clinic_scope(world.clinic.pk):
            assert not Invitation.objects.filter(record=patient.pk).exists()
        assert mailoutbox == []
        client.post(f"{page}/write-again/")
        assert "on its way" in client.post(f"{page}/invitation/", follow=True).text
        assert [mail.to for mail in mailoutbox] == [["Ruth@home.example"]]

    def test_nor_a_link_to_choose_a_password(
        self, client: Client, world: ClinicWorld, patient: Patient, mailoutbox: list[EmailMessage]
    ) -> None:
        sign_in(client, world.owner)
        somebody = {"name": "Nell Novak", "email": "Nell@north.example", "role": "clinician"}
        with clinic_scope(world.clinic.pk):
            suppress(address="nell@north.example", reason=Suppression.Reason.COMPLAINED, answer="", now=NOW)
        answer = client.post("/clinic/north/clinic/membership/add/", somebody, follow=True).text
        assert "Emails to nell@north.example don&#x27;t arrive, so no link was sent." in answer
        assert "gets an email" not in answer
        assert mailoutbox == []
        with clinic_scope(world.clinic.pk):
            assert Membership.objects.filter(user__email="nell@north.example").exists()

    def test_of_staff_to_owners_alone(self, client: Client, world: ClinicWorld) -> None:
        with clinic_scope(world.clinic.pk):
            lost = make_member(world.clinic)
            suppress(address=lost.user.email, reason=Suppression.Reason.BOUNCED, answer=GONE, now=NOW)
            clinician = make_member(world.clinic)
        sign_in(client, clinician)
        assert "don't arrive" not in client.get("/clinic/north/").text
        assert client.post(f"/clinic/north/clinic/membership/{lost.pk}/write-again/").status_code == 403
        sign_in(client, world.owner)
        assert lost.name in client.get("/clinic/north/").text
        assert f"{lost.user.email} (emails don&#x27;t arrive)" in client.get("/clinic/north/clinic/membership/").text
        page = f"/clinic/north/clinic/membership/{lost.pk}/change/"
        assert GONE in client.get(page).text
        assert GONE not in client.post(page.replace("/change/", "/write-again/"), follow=True).text
        assert suppressed(world.clinic) == [("gone@north.example", "5.1.1 no such mailbox")]

    def test_the_first_page_asks_as_much_for_one_as_for_three(
        self, client: Client, world: ClinicWorld, patient: Patient
    ) -> None:
        sign_in(client, world.owner)
        client.get("/clinic/north/")
        for_one = self.queries_of(client)
        with clinic_scope(world.clinic.pk):
            for _ in range(2):
                lost = make_member(world.clinic)
                suppress(address=lost.user.email, reason=Suppression.Reason.REFUSED, answer=GONE, now=NOW)
        assert self.queries_of(client) == for_one

    def queries_of(self, client: Client) -> int:
        with CaptureQueriesContext(connection) as captured:
            client.get("/clinic/north/")
        return len(captured)
