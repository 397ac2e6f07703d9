"""Messages that go out together: over one connection, read once, and each with a fate of its own."""

import asyncio
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session
from celery.exceptions import SoftTimeLimitExceeded
from django.core.exceptions import ImproperlyConfigured
from uuid_utils.compat import uuid7

from clinic import outbox
from clinic.celery import app
from clinic.models import Clinic, Message
from clinic.outbox import delivering, to_deliver
from clinic.tasks import deliver as deliver_task
from clinic.wall.scope import clinic_scope
from tests.beat import asked_for
from tests.factories import make_clinic, make_member
from tests.fixtures import Mailbox
from tests.trouble import Takes, mail_server

pytestmark = pytest.mark.django_db(transaction=True)

NOW = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
WEEK = date(2026, 11, 16)
MINUTE = timedelta(minutes=1)
reads: list[str] = []


def write_note(message: Message, *, now: datetime, batch: outbox.Batch) -> outbox.Letter:
    """Says who else gets one."""
    names = batch.once(("note", message.week), lambda: read(batch, message))
    return outbox.Letter(f"{message.recipient} among {names}", "in text", "<p>in HTML</p>")


def read(batch: outbox.Batch, message: Message) -> str:
    names = sorted(str(each) for each in batch.recipients_like(message))
    reads.append(", ".join(names))
    if "Broken" in names:
        raise LookupError("this one can't be read")
    return reads[-1]


def write_late(message: Message, *, now: datetime, batch: outbox.Batch) -> outbox.Letter:
    raise SoftTimeLimitExceeded


class Keyless:
    """A parcel that goes a way for which somebody set a wrong key."""

    to, subject, reported = "", "", dict[str, Any]()

    def hand_over(self) -> None:
        raise ImproperlyConfigured("that is no key")


def write_keyless(message: Message, *, now: datetime, batch: outbox.Batch) -> outbox.Parcel:
    return Keyless()


@pytest.fixture(autouse=True)
def writers(settings: Any) -> None:
    settings.MESSAGE_WRITERS = {kind: f"{__name__}.write_{kind}" for kind in ("note", "late", "keyless")}
    reads.clear()


@pytest.fixture
def clinic() -> Clinic:
    return make_clinic("north", name="North Side")


def make_notes(clinic: Clinic, *names: str, kind: str = "note", week: date = WEEK) -> list[Message]:
    with clinic_scope(clinic.pk):
        return [
            Message.objects.create(recipient=make_member(clinic, name=name), kind=kind, week=week, due_at=NOW)
            for name in names
        ]


def deliver(*messages: Message, now: datetime = NOW) -> list[str]:
    """What became of them."""
    clinic = messages[0].clinic.pk
    outbox.deliver(clinic_id=clinic, message_ids=[each.pk for each in messages], now=now)
    with clinic_scope(clinic):
        return [Message.objects.get(pk=each.pk).state for each in messages]


class TestReading:
    def test_what_was_read_for_the_first_serves_the_others(self, clinic: Clinic, smtp: Mailbox) -> None:
        assert deliver(*make_notes(clinic, "Ana", "Ben", "Cem")) == ["sent"] * 3
        assert [mail["Subject"] for mail in smtp.messages] == [
            f"{name} among Ana, Ben, Cem" for name in ("Ana", "Ben", "Cem")
        ]
        assert reads == ["Ana, Ben, Cem"]

    def test_but_not_those_of_another_week(self, clinic: Clinic, smtp: Mailbox) -> None:
        earlier = make_notes(clinic, "Ana", week=WEEK - timedelta(weeks=1))
        assert deliver(*earlier, *make_notes(clinic, "Ben")) == ["sent"] * 2
        assert reads == ["Ana", "Ben"]

    def test_what_can_not_be_read_together_is_tried_alone(
        self, clinic: Clinic, smtp: Mailbox, caplog: pytest.LogCaptureFixture
    ) -> None:
        assert deliver(*make_notes(clinic, "Ana", "Broken", "Cem")) == ["sent", "failed", "sent"]
        alone = [each.getMessage() for each in caplog.records if "is tried alone" in each.getMessage()]
        assert [line.partition(" is tried alone")[2] for line in alone] == [": LookupError"] * 3
        assert [mail["Subject"] for mail in smtp.messages] == ["Ana among Ana", "Cem among Cem"]

    def test_what_nobody_foresaw_stops_no_other(self, clinic: Clinic, smtp: Mailbox) -> None:
        [keyless] = make_notes(clinic, "Ana", kind="keyless")
        assert deliver(keyless, *make_notes(clinic, "Ben")) == ["sending", "sent"]


class Counts(Takes):
    """Counts its connections too. `most` is how many messages it takes over one of them; it says so `at` a command."""

    def __init__(self, most: int = 99, *, at: str = "MAIL") -> None:
        super().__init__()
        self.most, self.at, self.connections, self.left = most, at, 0, 0

    async def handle_EHLO(
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        self.connections, self.left = self.connections + 1, self.most
        return responses

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.mail_from = address
        return self.enough("MAIL") or "250 OK"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.rcpt_tos.append(address)
        return self.enough("RCPT") or "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if enough := self.enough("DATA"):
            return enough
        self.left -= 1
        return await super().handle_DATA(server, session, envelope)

    def enough(self, command: str) -> str:
        return "" if self.left or command != self.at else "421 4.7.0 too many messages over this connection"


class HangsUpBetween(Counts):
    """Has no patience between two messages."""

    async def handle_NOOP(self, server: SMTP, session: Session, envelope: Envelope, arg: str) -> str:
        hang_up(server)
        return "421 4.4.2 timeout"


class HangsUpOn(Takes):
    """Takes a message and hangs up instead of answering."""

    def __init__(self, message: Message) -> None:
        super().__init__()
        self.message = message

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        answer = await super().handle_DATA(server, session, envelope)
        if self.ids[-1] == self.message.message_id:
            hang_up(server)
        return answer


def hang_up(server: SMTP) -> None:
    assert isinstance(server.transport, asyncio.Transport)
    server.transport.abort()


COMMANDS = ["MAIL", "RCPT", "DATA"]


class TestOverOneConnection:
    def test_all_of_them_in_their_order(self, clinic: Clinic) -> None:
        notes = make_notes(clinic, "Ana", "Ben", "Cem")
        with mail_server(server := Counts()):
            assert deliver(*notes) == ["sent"] * 3
        assert (server.ids, server.connections) == ([each.message_id for each in notes], 1)

    @pytest.mark.parametrize(
        "make_server",
        [*(partial(Counts, most=2, at=at) for at in COMMANDS), HangsUpBetween],
        ids=[*COMMANDS, "between"],
    )
    def test_a_new_one_where_the_server_ends_it_between_two(
        self, clinic: Clinic, make_server: Callable[[], Counts]
    ) -> None:
        notes = make_notes(clinic, "Ana", "Ben", "Cem", "Dea", "Eve")
        with mail_server(server := make_server()):
            assert deliver(*notes) == ["sent"] * 5
        assert server.ids == [each.message_id for each in notes]
        assert server.connections > 1

    def test_a_server_that_takes_none_is_asked_twice_at_the_most(self, clinic: Clinic) -> None:
        with mail_server(server := Counts(most=0)):
            assert deliver(*make_notes(clinic, "Ana", "Ben")) == ["queued"] * 2
        assert server.connections == 2

    def test_only_what_it_hung_up_on_is_in_doubt(self, clinic: Clinic) -> None:
        first, second = make_notes(clinic, "Ana", "Ben")
        with mail_server(HangsUpOn(first)):
            assert deliver(first, second) == ["queued", "sent"]
        assert deliver(first, now=NOW + 10 * MINUTE) == ["uncertain"]


class TestTime:
    def test_what_there_is_no_time_for_is_asked_for_anew(
        self, clinic: Clinic, smtp: Mailbox, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        app.control.purge()
        notes = make_notes(clinic, "Ana", "Ben")
        ids = [each.pk for each in notes]
        monkeypatch.setattr(delivering, "LONGEST", -1)
        deliver_task(clinic.pk, ids)
        assert asked_for() == [("clinic.tasks.deliver", [clinic.pk, ids])]
        monkeypatch.undo()
        deliver_task(clinic.pk, ids)
        assert (asked_for(), len(smtp.messages)) == ([], 2)

    def test_what_was_not_written_in_time_is_not_given_up(self, clinic: Clinic, smtp: Mailbox) -> None:
        [late], [note] = make_notes(clinic, "Ana", kind="late"), make_notes(clinic, "Ben")
        with pytest.raises(SoftTimeLimitExceeded):
            deliver(late, note)
        assert [deliver(each) for each in (late, note)] == [["sending"], ["sent"]]


class TestTogether:
    def test_a_few_of_one_clinic_and_the_first_first(self) -> None:
        north, south = uuid7(), uuid7()
        ids = [uuid7() for _ in range(13)]
        assert to_deliver([(north, ids[0]), (south, ids[1]), *((north, each) for each in ids[2:])]) == [
            ("clinic.tasks.deliver", north, [ids[0], *ids[2:11]]),
            ("clinic.tasks.deliver", south, [ids[1]]),
            ("clinic.tasks.deliver", north, ids[11:]),
        ]
