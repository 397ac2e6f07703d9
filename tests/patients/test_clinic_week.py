"""The clinic's week for its owners: whose patients did how, whom nobody else is told about, and how it is stopped."""

import re
from typing import Any
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from playwright.sync_api import Browser, expect

from clinic import outbox, unsubscribing
from clinic.models import Clinic, Membership, Message, Role, Summaries
from clinic.outbox import Batch, Letter
from clinic.wall.scope import clinic_scope
from patients.actions.prescribing import pause
from patients.models import Patient
from patients.summaries import CLINIC_WEEK, preview, queue_due_summaries, write_clinic_week
from tests.clinic.conftest import Watch
from tests.clinic.watched import FOUND
from tests.factories import make_clinic, make_deputy, make_member, make_patient, sign_in
from tests.fixtures import Mailbox
from tests.patients.read_mail import FROM_ELSEWHERE, faults_in_a_browser, figures_of, parts_of
from tests.patients.test_weekly_way import DAY, MONDAY, NOW, WEEK, make_case, text_of

pytestmark = pytest.mark.django_db
PAGE = "/clinic/north/patients/patient/clinic-week/"


@pytest.fixture
def north() -> Clinic:
    return make_clinic("north", summarised_through=MONDAY - WEEK)


@pytest.fixture
def people(north: Clinic) -> dict[str, Membership]:
    """An owner, a colleague with one patient of each kind, one who is away, and one who gets no email."""
    with clinic_scope(north.pk):
        owner, busy, away, tired = (make_member(north, role) for role in (Role.OWNER, *[Role.CLINICIAN] * 3))
        for member, name in [(owner, "Olga Ort"), (busy, "Ben Salt"), (away, "Ana Roca"), (tired, "Tim Uhl")]:
            Membership.objects.filter(pk=member.pk).update(name=name)
        Membership.objects.filter(pk=tired.pk).update(summaries=Summaries.OFF)
        for days in [(0, 2, 4), (0, 2), (0,), ()]:
            make_case(busy, *days)
        paused = make_case(busy)
        pause(by=busy, course=paused.courses.get(), starts_on=MONDAY, now=NOW)
        make_case(away, 0, 2, 4)
        make_deputy(away, busy, starts_on=MONDAY + WEEK, ends_on=MONDAY + WEEK + 4 * DAY)
        make_case(tired, 0, 2, 4)
        make_case(None)
        return {"owner": owner, "busy": busy, "away": away, "tired": tired}


def letter_to(owner: Membership) -> Letter:
    with clinic_scope(owner.clinic_id):
        recipient = Membership.objects.select_related("clinic", "user").get(pk=owner.pk)
        return write_clinic_week(Message(recipient=recipient, kind=CLINIC_WEEK, week=MONDAY), now=NOW, batch=Batch([]))


class TestContents:
    def test_whose_patients_did_how(self, people: dict[str, Membership]) -> None:
        text = letter_to(people["owner"]).text
        assert text.split("\n--\n")[0].partition("Each clinician's patients\n\n")[2] == (
            "- Ana Roca: 1 patient, 3 of 3 sessions done\n"
            "  1 on track\n"
            "  away until Fri 27 Nov, Ben Salt stands in\n"
            "\n"
            "- Ben Salt: 5 patients, 6 of 12 sessions done\n"
            "  1 on track | 1 partial | 1 low | 1 nothing logged | 1 nothing due\n"
            "\n"
            "- Olga Ort: 0 patients\n"
            "\n"
            "- Tim Uhl: 1 patient, 3 of 3 sessions done\n"
            "  1 on track\n"
            "  gets no weekly email\n"
            "\n"
            "- Without a clinician: 1 patient, 0 of 3 sessions done\n"
            "  1 nothing logged\n"
        )

    def test_the_whole_clinic_and_whom_nobody_else_is_told_about(self, people: dict[str, Membership]) -> None:
        letter = letter_to(people["owner"])
        assert letter.subject == "Week 47 at the clinic: 3 of 7 on track, 2 told to nobody else"
        assert "3 of 7 on track, 2 told to nobody else, 12 of 21 sessions done." in letter.text
        assert "3 on track | 1 partial | 1 low | 2 nothing logged | 1 nothing due\n" in letter.text
        with clinic_scope(people["owner"].clinic_id):
            codes = dict(Patient.objects.values_list("responsible", "code"))
        assert f"- {codes[None]}: has no responsible clinician\n" in letter.text
        assert f"- {codes[people['tired'].pk]}: their clinician gets no summaries\n" in letter.text

    def test_both_parts_say_the_same(self, people: dict[str, Membership]) -> None:
        letter = letter_to(people["owner"])
        text, html = parts_of(letter).values()
        assert figures_of(text) == figures_of(html)
        lines = [line.strip(" -") for line in letter.text.split("\n--\n")[0].splitlines() if "http" not in line]
        said = [each for line in lines for each in re.split(r" \| | · |: ", line) if each]
        assert [each for each in said if not re.match(r"\d+ \w", each) and each not in html] == []
        assert FROM_ELSEWHERE.findall(letter.html) == []

    def test_the_subject_names_nobody(self, people: dict[str, Membership]) -> None:
        assert re.fullmatch(r"Week 47 at the clinic: [\d a-z,]+", letter_to(people["owner"]).subject)

    def test_a_clinic_without_a_patient(self, north: Clinic) -> None:
        with clinic_scope(north.pk):
            owner = make_member(north, Role.OWNER)
            make_member(north)
        letter = letter_to(owner)
        assert letter.subject == "Week 47 at the clinic: 0 patients"
        assert "- owner of North: 0 patients\n" in letter.text

    def test_another_clinics_patients_are_not_in_it(self, people: dict[str, Membership]) -> None:
        south = make_clinic("south")
        with clinic_scope(south.pk):
            theirs = make_case(make_member(south, Role.OWNER), 0)
            make_patient(None, code="SOUTH-1")
        letter = letter_to(people["owner"])
        assert [code for code in (theirs.code, "SOUTH-1", "south") if code in letter.html + letter.text] == []

    def test_the_same_number_of_queries_for_few_and_for_more(
        self, people: dict[str, Membership], north: Clinic
    ) -> None:
        def queries() -> int:
            with CaptureQueriesContext(connection) as captured:
                letter_to(people["owner"])
            return len(captured)

        before = queries()
        with clinic_scope(north.pk):
            for _ in range(3):
                make_case(make_member(north), 0, 2)
                make_case(None, 0)
        assert queries() == before


class TestSending:
    def send(self, clinic: Clinic, week: Any = MONDAY, now: Any = NOW) -> None:
        with clinic_scope(clinic.pk):
            queued = queue_due_summaries(clinic_id=clinic.pk, week=week, now=now)
        for message in queued:
            outbox.deliver(clinic_id=clinic.pk, message_ids=[message.pk], now=now)

    def test_owners_get_it_beside_their_own_and_once(
        self, north: Clinic, people: dict[str, Membership], smtp: Mailbox
    ) -> None:
        self.send(north)
        self.send(north)
        of_clinic = [mail for mail in smtp.messages if "at the clinic" in mail["Subject"]]
        assert [mail["To"] for mail in of_clinic] == [people["owner"].user.email]
        assert sum(mail["To"] == people["owner"].user.email for mail in smtp.messages) == 2

    def test_who_treats_alone_reads_all_of_it_in_their_own(self, north: Clinic, smtp: Mailbox) -> None:
        with clinic_scope(north.pk):
            owner = make_member(north, Role.OWNER)
            make_member(north, Role.ASSISTANT)
            make_member(north, is_active=False)
            make_case(owner, 0)
            make_case(None, 0)
        self.send(north)
        assert [mail["Subject"] for mail in smtp.messages] == ["Week 47: 2 need you, 0 of 2 on track"]

    def test_it_is_stopped_in_one_click_and_the_other_is_not(
        self, north: Clinic, people: dict[str, Membership], smtp: Mailbox
    ) -> None:
        self.send(north)
        [mail] = [mail for mail in smtp.messages if "at the clinic" in mail["Subject"]]
        url = mail["List-Unsubscribe"].strip().removeprefix("<").removesuffix(">")
        assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert f"Stop it, without a sign-in: {url}\n" in text_of(mail)
        answer = Client(enforce_csrf_checks=True).post(urlsplit(url).path, {"List-Unsubscribe": "One-Click"})
        assert "weekly email is stopped" in answer.content.decode()
        smtp.messages.clear()
        self.send(north, MONDAY + WEEK, NOW + WEEK)
        subjects = [mail["Subject"] for mail in smtp.messages if mail["To"] == people["owner"].user.email]
        assert len(subjects) == 1
        assert "at the clinic" not in subjects[0]

    def test_who_turned_it_off_or_lost_the_role_after_it_was_queued(
        self, north: Clinic, people: dict[str, Membership], smtp: Mailbox
    ) -> None:
        with clinic_scope(north.pk):
            second = make_member(north, Role.OWNER)
            queued = queue_due_summaries(clinic_id=north.pk, week=MONDAY, now=NOW)
            Membership.objects.filter(pk=people["owner"].pk).update(clinic_week=False)
            Membership.objects.filter(pk=second.pk).update(role=Role.CLINICIAN)
        of_clinic = [message for message in queued if message.kind == CLINIC_WEEK]
        for message in of_clinic:
            outbox.deliver(clinic_id=north.pk, message_ids=[message.pk], now=NOW)
        with clinic_scope(north.pk):
            states = list(Message.objects.filter(kind=CLINIC_WEEK).values_list("state", flat=True))
        assert (states, smtp.messages) == (["skipped"] * 2, [])


class TestTheLink:
    def test_opening_it_asks_and_only_a_post_acts(self, people: dict[str, Membership], client: Client) -> None:
        owner = people["owner"]
        path = urlsplit(unsubscribing.url_of(owner, "clinic-week")).path
        assert "Stop the clinic's weekly email?" in client.get(path).content.decode()
        assert self.wanted(owner) is True
        client.post(path)
        assert self.wanted(owner) is False
        client.post(path, {"choice": "on"})
        assert self.wanted(owner) is True

    def test_the_link_of_one_email_does_not_stop_the_other(self, people: dict[str, Membership], client: Client) -> None:
        owner = people["owner"]
        own, clinics = (urlsplit(unsubscribing.url_of(owner, page)).path for page in ("weekly-email", "clinic-week"))
        assert client.post(own.replace("weekly-email", "clinic-week")).status_code == 404
        assert client.post(clinics.replace("clinic-week", "weekly-email")).status_code == 404
        assert self.wanted(owner) is True

    def wanted(self, member: Membership) -> bool:
        with clinic_scope(member.clinic_id):
            return Membership.objects.get(pk=member.pk).clinic_week


class TestThePage:
    def test_it_shows_what_is_sent_and_takes_the_choice(
        self, client: Client, north: Clinic, people: dict[str, Membership], smtp: Mailbox, time_machine: Any
    ) -> None:
        time_machine.move_to(NOW, tick=False)
        page = sign_in(client, people["owner"]).get(PAGE).content.decode()
        with clinic_scope(north.pk):
            owner = Membership.objects.select_related("clinic", "user").get(pk=people["owner"].pk)
            seen = preview(owner, now=NOW, kind=CLINIC_WEEK)
        assert f"<strong>{seen.subject}</strong>" in page
        TestSending().send(north)
        [mail] = [mail for mail in smtp.messages if "at the clinic" in mail["Subject"]]
        assert (seen.subject, seen.text.strip()) == (mail["Subject"], text_of(mail).strip())
        client.post(PAGE, {"choice": "off"})
        page = client.get(PAGE).content.decode()
        assert 'value="off" checked' in page
        assert "Nothing would be sent." in page

    def test_it_is_for_owners(self, client: Client, people: dict[str, Membership]) -> None:
        sign_in(client, people["busy"])
        assert [client.get(PAGE).status_code, client.post(PAGE, {"choice": "off"}).status_code] == [403, 403]


def test_it_fits_a_phone_and_axe_finds_nothing(people: dict[str, Membership], browser: Browser) -> None:
    assert faults_in_a_browser(letter_to(people["owner"]).html, browser) == []


@pytest.mark.django_db(transaction=True)
def test_nothing_is_wrong_with_the_page_of_its_link(people: dict[str, Membership], watch: Watch) -> None:
    watched = watch(people["owner"], viewport={"width": 390, "height": 844})
    page = watched.open(urlsplit(unsubscribing.url_of(people["owner"], "clinic-week")).path)
    for heading in ["Stop the clinic's weekly email?", "The clinic's weekly email is stopped"]:
        expect(page.get_by_role("heading", level=1)).to_have_text(heading)
        page.evaluate(AXE_SCRIPT)
        assert page.evaluate(FOUND) == []
        page.get_by_role("main").get_by_role("button").click()
    expect(page.get_by_role("status")).to_contain_text("It comes every week.")
