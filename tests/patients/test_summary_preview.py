"""The preview in the site: exactly what would be sent now, to oneself, and for owners to anybody."""

from datetime import UTC, datetime
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from clinic import outbox
from clinic.models import Clinic, Membership, Message, Role, Summaries
from clinic.wall.scope import clinic_scope
from patients.summaries import preview, queue_due_summaries
from tests.clinic.conftest import Watch
from tests.factories import make_clinic, make_member, sign_in
from tests.fixtures import Mailbox
from tests.patients.test_weekly_way import MONDAY, NOW, WEEK, make_case, text_of

pytestmark = pytest.mark.django_db
PAGE = "/clinic/north/patients/patient/summary/"


@pytest.fixture
def north() -> Clinic:
    return make_clinic("north", summarised_through=MONDAY - WEEK)


@pytest.fixture(autouse=True)
def monday_morning(time_machine: Any) -> None:
    time_machine.move_to(NOW, tick=False)


def one_with_a_patient(clinic: Clinic, role: str = Role.CLINICIAN, **fields: Any) -> tuple[Membership, str]:
    with clinic_scope(clinic.pk):
        member = make_member(clinic, role, **fields)
        return member, make_case(member, 0, 2, pain_during=6).code


def page(client: Client, by: Membership, query: str = "") -> str:
    answer = sign_in(client, by).get(PAGE + query)
    assert answer.status_code == 200
    return unescape(unescape(answer.content.decode()))


def test_it_is_what_is_sent(north: Clinic, smtp: Mailbox) -> None:
    member, code = one_with_a_patient(north)
    with clinic_scope(north.pk):
        before = preview(member, now=NOW)
        [message] = queue_due_summaries(clinic_id=north.pk, week=MONDAY, now=NOW)
        seen = preview(member, now=NOW)
    outbox.deliver(clinic_id=north.pk, message_ids=[message.pk], now=NOW)
    [mail] = smtp.messages
    html = mail.get_body(("html",))
    assert html is not None
    assert code in seen.text
    assert (seen.subject, seen.text.strip()) == (mail["Subject"], text_of(mail).strip())
    assert seen.html.strip() == html.get_content().replace("\r\n", "\n").strip()
    told = {name: value for name, value in seen.headers if name != "Content-Type"}
    assert told == {name: " ".join(str(mail[name]).split()) for name in told}
    assert {"List-Unsubscribe", "List-Unsubscribe-Post", "Message-ID", "To", "From"} <= told.keys()
    assert (before.subject, before.text, before.html) == (seen.subject, seen.text, seen.html)


def test_nothing_is_kept_and_what_was_sent_is_said(north: Clinic, client: Client, smtp: Mailbox) -> None:
    member, _code = one_with_a_patient(north)
    assert "was sent on" not in page(client, member)
    with clinic_scope(north.pk):
        assert not Message.objects.filter(kind="weekly_summary").exists()
        [message] = queue_due_summaries(clinic_id=north.pk, week=MONDAY, now=NOW)
    outbox.deliver(clinic_id=north.pk, message_ids=[message.pk], now=NOW)
    assert "The email about this week was sent on Mon 23 Nov, 07:00." in page(client, member)


def test_the_page_shows_both_parts_and_the_headers(north: Clinic, client: Client) -> None:
    member, code = one_with_a_patient(north)
    shown = page(client, member)
    assert "<strong>Week 47: 1 needs you, 0 of 1 on track</strong>" in shown
    assert shown.count(f">{code}</a>") >= 2
    assert f"- {code}: 2/3 (66 %), partial" in shown
    assert "<b>List-Unsubscribe-Post:</b> List-Unsubscribe=One-Click" in shown


@pytest.mark.parametrize(
    ("choice", "pain", "why"),
    [
        (Summaries.OFF, 9, "No weekly summary goes to them."),
        (Summaries.NEEDED, 2, "No patient needs them, and they want it only then."),
    ],
)
def test_where_nothing_would_be_sent_it_says_why(
    north: Clinic, client: Client, choice: Summaries, pain: int, why: str
) -> None:
    with clinic_scope(north.pk):
        make_member(north, Role.OWNER)
        member = make_member(north, summaries=choice)
        make_case(member, -7, -5, -3, 0, 2, 4, pain_during=pain)
    shown = page(client, member)
    assert "Nothing would be sent." in shown
    assert why in shown
    assert "<iframe" not in shown


def test_owners_see_what_anybody_gets(north: Clinic, client: Client) -> None:
    owner, own_code = one_with_a_patient(north, Role.OWNER)
    member, code = one_with_a_patient(north)
    assert (own_code in page(client, owner), code in page(client, owner)) == (True, False)
    theirs = page(client, owner, f"?of={member.pk}")
    assert (own_code in theirs, code in theirs) == (False, True)
    assert f"To:</b> {member.user.email}" in theirs


def test_others_see_their_own_and_nobody_another_clinics(north: Clinic, client: Client) -> None:
    owner, _ = one_with_a_patient(north, Role.OWNER)
    member, code = one_with_a_patient(north)
    south = make_clinic("south")
    theirs, _ = one_with_a_patient(south)
    with clinic_scope(north.pk):
        assistant = make_member(north, Role.ASSISTANT)
    assert code in page(client, member, f"?of={member.pk}")
    for by, of in [(member, owner.pk), (member, theirs.pk), (owner, theirs.pk), (owner, assistant.pk), (owner, "x")]:
        assert sign_in(client, by).get(f"{PAGE}?of={of}").status_code == 404, (by, of)
    assert sign_in(client, assistant).get(PAGE).status_code == 403


def test_the_same_number_of_queries_for_one_patient_and_for_three(north: Clinic, client: Client) -> None:
    member, _code = one_with_a_patient(north)
    sign_in(client, member)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(PAGE).status_code == 200
        return len(captured)

    for_one = queries()
    with clinic_scope(north.pk):
        make_case(member, 0, pain_during=8)
        make_case(member)
    assert queries() == for_one


@pytest.mark.django_db(transaction=True)
def test_it_looks_as_it_will_in_a_mail_program(north: Clinic, watch: Watch, time_machine: Any) -> None:
    """Its style element passes our policy: what is dark in a mail program is dark here. Its scripts would not run."""
    time_machine.move_to(datetime(2026, 11, 23, 7, tzinfo=UTC))
    member, code = one_with_a_patient(north)
    watched = watch(member, viewport={"width": 1280, "height": 900}, color_scheme="dark")
    watched.open(PAGE)
    email = watched.page.frame_locator("iframe")
    colour = email.locator(".page").evaluate("(page) => getComputedStyle(page).backgroundColor")
    assert colour == "rgb(25, 36, 37)"
    assert email.get_by_role("link", name=code).first.is_visible()
    for summary in watched.page.locator("main details > summary").all():
        summary.click()
    assert [wrong for width in (1280, 390) for wrong in watched.look(width, "dark")] == []
