"""The outbox with a real mail server and real transactions."""

import asyncio
import socket
import threading
from datetime import UTC, date, datetime, timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.db import connection

from clinic import outbox
from clinic.models import Clinic, Membership, Message
from clinic.wall.scope import clinic_scope
from tests.factories import make_clinic, make_member
from tests.fixtures import Mailbox
from tests.trouble import HangsUp, Refuses, Takes, mail_server, redis_at

pytestmark = pytest.mark.django_db(transaction=True)

NOW = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
WEEK = date(2026, 11, 16)
MINUTE = timedelta(minutes=1)
STALE = Message.STALE_AFTER + MINUTE


def write_note(message: Message, *, now: datetime, batch: outbox.Batch) -> outbox.Letter:
    return outbox.Letter("Week 47", "in text", "<p>in HTML</p>", {"told": "2/3"})


def write_nothing(message: Message, *, now: datetime, batch: outbox.Batch) -> None:
    return None


def write_badly(message: Message, *, now: datetime, batch: outbox.Batch) -> outbox.Letter:
    raise LookupError("this template is broken")


def write_two_lines(message: Message, *, now: datetime, batch: outbox.Batch) -> outbox.Letter:
    return outbox.Letter("Week 47\nBcc: all@elsewhere.example", "", "")


@pytest.fixture(autouse=True)
def writers(settings: Any) -> None:
    names = ["write_note", "write_nothing", "write_badly", "write_two_lines"]
    settings.MESSAGE_WRITERS = {name: f"{__name__}.{name}" for name in names}


@pytest.fixture
def clinic() -> Clinic:
    return make_clinic("north", name="North Side")


def make_message(clinic: Clinic, kind: str = "write_note", **fields: Any) -> Message:
    with clinic_scope(clinic.pk):
        defaults = {"recipient": make_member(clinic), "kind": kind, "week": WEEK, "due_at": NOW}
        return Message.objects.create(**defaults | fields)


def deliver(message: Message, now: datetime = NOW) -> Message:
    """Send it, and give what then stands in the database."""
    outbox.deliver(clinic_id=message.clinic.pk, message_ids=[message.pk], now=now)
    return stored(message)


def stored(message: Message) -> Message:
    with clinic_scope(message.clinic.pk):
        return Message.objects.select_related("recipient__user").get(pk=message.pk)


def recipients(mails: list[EmailMessage]) -> list[str]:
    return [str(mail["To"]) for mail in mails]


def test_a_message_is_sent_and_what_it_said_is_kept(clinic: Clinic, smtp: Mailbox) -> None:
    message = deliver(make_message(clinic))
    [mail] = smtp.messages
    assert [part.get_content().strip() for part in mail.iter_parts()] == ["in text", "<p>in HTML</p>"]
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    assert {name: mail[name] for name in ["Subject", "From", "To", "Message-ID", "Date", "Auto-Submitted"]} == {
        "Subject": "Week 47",
        "From": "North Side · Steady Knee <knee@steady.example>",
        "To": message.recipient.user.email,
        "Message-ID": message.message_id,
        "Date": "Mon, 23 Nov 2026 07:00:00 +0000",
        "Auto-Submitted": "auto-generated",
    }
    assert Message.ids_in(mail["Message-ID"]) == (clinic.pk, message.pk)
    assert (message.state, message.attempts, message.sent_at) == ("sent", 1, NOW)
    assert (message.sent_to, message.subject) == (message.recipient.user.email, "Week 47")
    assert message.reported == {"told": "2/3"}


def test_a_message_that_was_sent_is_not_sent_again(clinic: Clinic, smtp: Mailbox) -> None:
    message = deliver(make_message(clinic))
    deliver(message, NOW + timedelta(days=1))
    assert len(smtp.messages) == 1


def test_two_workers_send_one(clinic: Clinic, smtp: Mailbox) -> None:
    message = make_message(clinic)

    def work() -> None:
        outbox.deliver(clinic_id=message.clinic.pk, message_ids=[message.pk], now=NOW)
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(smtp.messages) == 1
    assert (stored(message).state, stored(message).attempts) == ("sent", 1)


def test_not_yet_due(clinic: Clinic, smtp: Mailbox) -> None:
    assert deliver(make_message(clinic, due_at=NOW + MINUTE)).state == "queued"
    assert smtp.messages == []


def test_another_clinics_message_is_not_found(clinic: Clinic, smtp: Mailbox) -> None:
    message = make_message(clinic)
    outbox.deliver(clinic_id=make_clinic("south").pk, message_ids=[message.pk], now=NOW)
    assert (smtp.messages, stored(message).state) == ([], "queued")


class TestLookedAtAgain:
    def test_one_that_the_writer_no_longer_wants_is_skipped(self, clinic: Clinic, smtp: Mailbox) -> None:
        assert deliver(make_message(clinic, "write_nothing")).state == "skipped"
        assert smtp.messages == []

    @pytest.mark.parametrize("what", ["member", "user", "email"])
    def test_who_left_gets_nothing(self, clinic: Clinic, smtp: Mailbox, what: str) -> None:
        message = make_message(clinic)
        with clinic_scope(clinic.pk):
            membership = Membership.objects.get(pk=message.recipient_id)
            if what == "member":
                membership.is_active = False
            elif what == "user":
                membership.user.is_active = False
            else:
                membership.user.email = None
            membership.save()
            membership.user.save()
        assert deliver(message).state == "skipped"
        assert smtp.messages == []


class TestBroken:
    def test_a_message_that_cannot_be_written_fails_alone(self, clinic: Clinic, smtp: Mailbox) -> None:
        broken, whole = make_message(clinic, "write_badly"), make_message(make_clinic("south"))
        failed = deliver(broken)
        assert (failed.state, failed.error) == (
            "failed",
            "It could not be written: LookupError('this template is broken')",
        )
        assert deliver(whole).state == "sent"
        assert len(smtp.messages) == 1

    def test_a_kind_that_nobody_writes_fails(self, clinic: Clinic, smtp: Mailbox) -> None:
        assert deliver(make_message(clinic, "unheard_of")).state == "failed"

    def test_a_subject_of_two_lines_is_no_second_header(self, clinic: Clinic, smtp: Mailbox) -> None:
        assert deliver(make_message(clinic, "write_two_lines")).state == "failed"
        assert smtp.messages == []

    @pytest.mark.parametrize(
        "name",
        [
            "North\r\nBcc: all@elsewhere.example",
            "North\nSubject: free",
            'N" <x@y.z>, "',
            "Nörd\u2028süd 🦵",
            "=?utf-8?q?N?=",
        ],
    )
    def test_a_clinics_name_stays_a_name(self, clinic: Clinic, smtp: Mailbox, name: str) -> None:
        with clinic_scope(clinic.pk):
            Clinic.objects.filter(pk=clinic.pk).update(name=name)
        message = deliver(make_message(clinic))
        [mail] = smtp.messages
        [sender] = mail["From"].addresses
        assert sender.addr_spec == "knee@steady.example"
        assert " ".join(sender.display_name.split()) == " ".join(f"{name} · Steady Knee".split())
        assert (recipients(smtp.messages), mail["Bcc"], mail["Subject"]) == ([message.sent_to], None, "Week 47")


class TestMailTrouble:
    def test_451_is_tried_again_later(self, clinic: Clinic, smtp: Mailbox) -> None:
        smtp.answer = "451 try again later"
        message = deliver(make_message(clinic))
        assert (message.state, message.error, message.due_at) == ("queued", "451 try again later", NOW + 3 * MINUTE)
        assert deliver(message, NOW + 2 * MINUTE).attempts == 1
        smtp.answer = ""
        message = deliver(message, message.due_at)
        assert (message.state, message.attempts, message.error) == ("sent", 2, "")
        assert len(smtp.messages) == 1

    def test_each_wait_is_longer_until_it_gives_up(self, clinic: Clinic, smtp: Mailbox) -> None:
        smtp.answer = "451 never"
        message, waits = make_message(clinic), []
        while message.state == "queued":
            before = message.due_at
            message = deliver(message, before)
            waits.append(message.due_at - before)
        assert (message.state, message.attempts, message.error) == ("failed", Message.MOST_ATTEMPTS, "451 never")
        assert waits == [3**attempt * MINUTE for attempt in range(1, 9)]

    def test_550_fails_at_once(self, clinic: Clinic, smtp: Mailbox) -> None:
        smtp.answer = "550 no such mailbox"
        message = deliver(make_message(clinic))
        assert (message.state, message.error, message.sent_at) == ("failed", "550 no such mailbox", None)

    def test_a_refused_recipient_fails_and_a_busy_one_waits(self, clinic: Clinic) -> None:
        with mail_server(Refuses("554 5.7.1 not from you")):
            assert deliver(make_message(clinic)).error == "554 5.7.1 not from you"
        with mail_server(Refuses("450 greylisted")):
            message = deliver(make_message(clinic))
        assert (message.state, message.error) == ("queued", "450 greylisted")

    def test_no_mail_server_at_all(self, clinic: Clinic, settings: Any) -> None:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        message = deliver(make_message(clinic))
        assert (message.state, message.claimed_at) == ("queued", None)
        assert "refused" in message.error

    def test_a_server_that_answers_nothing_is_left_after_a_while(self, clinic: Clinic, settings: Any) -> None:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_TIMEOUT = 0.3
        with socket.create_server(("127.0.0.1", settings.EMAIL_PORT)):
            message = deliver(make_message(clinic))
        assert (message.state, message.claimed_at) == ("queued", None)

    def test_one_lost_after_it_was_handed_over_is_sent_once_more_and_marked(self, clinic: Clinic) -> None:
        handler = HangsUp()
        with mail_server(handler):
            lost = deliver(make_message(clinic))
            assert lost.state == "queued"
            handler.hangs_up = False
            again = deliver(lost, lost.due_at)
        assert (again.state, handler.ids) == ("uncertain", [lost.message_id] * 2)


class TestLeftInMidSend:
    def test_it_is_sent_once_more_with_the_same_id_and_marked(self, clinic: Clinic, smtp: Mailbox) -> None:
        message = make_message(clinic, state="sending", attempts=1, claimed_at=NOW - STALE)
        message = deliver(message)
        assert (message.state, message.attempts) == ("uncertain", 2)
        assert [mail["Message-ID"] for mail in smtp.messages] == [message.message_id]

    def test_not_before_ten_minutes(self, clinic: Clinic, smtp: Mailbox) -> None:
        message = make_message(clinic, state="sending", attempts=1, claimed_at=NOW - Message.STALE_AFTER + MINUTE)
        assert deliver(message).state == "sending"
        assert smtp.messages == []

    def test_it_stays_uncertain_over_a_busy_mail_server(self, clinic: Clinic, smtp: Mailbox) -> None:
        message = make_message(clinic, state="sending", attempts=1, claimed_at=NOW - STALE)
        smtp.answer = "451 later"
        message = deliver(message)
        smtp.answer = ""
        assert deliver(message, message.due_at).state == "uncertain"

    def test_a_message_that_kills_its_workers_is_given_up(self, clinic: Clinic, smtp: Mailbox) -> None:
        message = make_message(clinic, state="sending", attempts=Message.MOST_ATTEMPTS, claimed_at=NOW - STALE)
        assert deliver(message).state == "failed"
        assert smtp.messages == []

    def test_a_worker_that_was_overtaken_records_nothing(self, clinic: Clinic) -> None:
        message = make_message(clinic)

        class Overtaken(Takes):
            async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
                await asyncio.to_thread(self.overtake)
                return await super().handle_DATA(server, session, envelope)

            def overtake(self) -> None:
                with clinic_scope(clinic.pk):
                    Message.objects.filter(pk=message.pk).update(claimed_at=NOW + STALE)
                connection.close()

        with mail_server(Overtaken()):
            assert deliver(message).state == "sending"


class TestQueue:
    def test_again_adds_nothing(self, clinic: Clinic) -> None:
        with clinic_scope(clinic.pk):
            one, other = make_member(clinic), make_member(clinic)
            first = outbox.queue(kind="write_note", week=WEEK, recipients=[one], now=NOW)
            again = outbox.queue(kind="write_note", week=WEEK, recipients=[one, other], now=NOW)
            assert [message.recipient for message in first + again] == [one, other]
            assert Message.objects.count() == 2

    def test_a_silent_redis_costs_a_second_and_nothing_else(self, clinic: Clinic, smtp: Mailbox) -> None:
        with socket.create_server(("127.0.0.1", 0)) as silent:
            started = datetime.now(UTC)
            with redis_at(f"redis://127.0.0.1:{silent.getsockname()[1]}/0"), clinic_scope(clinic.pk):
                [message] = outbox.queue(kind="write_note", week=WEEK, recipients=[make_member(clinic)], now=NOW)
            assert datetime.now(UTC) - started < timedelta(seconds=2)
        assert deliver(message).state == "sent"
