"""What the mail provider tells of bounces and complaints, in the form that Mailgun documents, signed as it signs."""

import hashlib
import hmac
import json
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.test import Client

from clinic.models import Clinic, Message, Suppression
from clinic.wall.scope import clinic_scope
from tests.factories import make_clinic, make_member

pytestmark = pytest.mark.django_db
URL = "/email-events/mailgun/"
KEY = "key-of-the-webhooks"
NOW = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
NO_USER = {"code": 550, "message": "5.1.1 no such user", "description": "", "attempt-no": 1}


@pytest.fixture(autouse=True)
def key(settings: Any) -> None:
    settings.MAILGUN_SIGNING_KEY = KEY


@pytest.fixture
def clinic() -> Clinic:
    return make_clinic("north")


@pytest.fixture
def message(clinic: Clinic) -> Message:
    """Sent to anna@north.example."""
    with clinic_scope(clinic.pk):
        fields = {"kind": "weekly_summary", "week": date(2026, 11, 16), "reported": {"told": "2/3"}}
        sent = {"state": "sent", "sent_at": NOW, "sent_to": "anna@north.example"}
        return Message.objects.create(recipient=make_member(clinic), **fields | sent)


def failed(message: Message, /, **fields: Any) -> dict[str, Any]:
    """An email that came back for good, unless said otherwise."""
    return {
        "event": "failed",
        "severity": "permanent",
        "reason": "bounce",
        "timestamp": 1795417200.1,
        "recipient": "anna@north.example",
        "message": {"headers": {"message-id": message.message_id.strip("<>"), "to": "anna@north.example"}},
        "delivery-status": NO_USER,
    } | fields


def tell(client: Client, event: dict[str, Any], *, key: str = KEY) -> int:
    timestamp, token = "1795417201", "a3f0" * 12
    signature = hmac.new(key.encode(), f"{timestamp}{token}".encode(), hashlib.sha256).hexdigest()
    body = {"signature": {"timestamp": timestamp, "token": token, "signature": signature}, "event-data": event}
    return client.post(URL, json.dumps(body), content_type="application/json").status_code


def stored(message: Message) -> Message:
    with clinic_scope(message.clinic_id):
        return Message.objects.get(pk=message.pk)


def suppressed(clinic: Clinic) -> list[tuple[str, str, str]]:
    with clinic_scope(clinic.pk):
        return [(each.address, each.reason, each.answer) for each in Suppression.objects.standing()]


def test_a_bounce_ends_the_message_and_suppresses_the_address(client: Client, clinic: Clinic, message: Message) -> None:
    assert [tell(client, failed(message)) for _ in range(2)] == [200, 200]
    after = stored(message)
    assert (after.state, after.code, after.error) == ("suppressed", "550", "It came back: 5.1.1 no such user")
    assert (after.sent_at, after.sent_to) == (None, "anna@north.example")
    assert suppressed(clinic) == [("anna@north.example", "bounced", "5.1.1 no such user")]


def test_one_that_the_provider_did_not_even_try(client: Client, clinic: Clinic, message: Message) -> None:
    status = {"code": 605, "message": "", "description": "Not delivering to previously bounced address"}
    assert tell(client, failed(message, reason="suppress-bounce", **{"delivery-status": status})) == 200
    assert stored(message).state == "suppressed"
    assert suppressed(clinic) == [("anna@north.example", "bounced", "Not delivering to previously bounced address")]


@pytest.mark.parametrize(
    ("code", "said"), [(552, "mailbox full"), (550, "5.7.1 blocked"), (499, "took too long"), (None, "who knows")]
)
def test_what_says_nothing_of_the_address_fails_the_message_alone(
    client: Client, clinic: Clinic, message: Message, code: int | None, said: str
) -> None:
    assert tell(client, failed(message, **{"delivery-status": {"code": code, "message": said}})) == 200
    assert (stored(message).state, stored(message).error) == ("failed", f"It came back: {said}")
    assert suppressed(clinic) == []


def test_a_complaint_suppresses_the_address_and_the_message_stays_sent(
    client: Client, clinic: Clinic, message: Message
) -> None:
    assert tell(client, failed(message, event="complained")) == 200
    assert stored(message).state == "sent"
    assert suppressed(clinic) == [("anna@north.example", "complained", "")]


@pytest.mark.parametrize(
    "event", [{"severity": "temporary"}, {"event": "delivered"}, {"event": "opened"}, {"event": "unheard-of"}]
)
def test_what_else_they_tell_changes_nothing(
    client: Client, clinic: Clinic, message: Message, event: dict[str, Any]
) -> None:
    assert tell(client, failed(message, **event)) == 200
    assert (stored(message).state, suppressed(clinic)) == ("sent", [])


class TestWhoIsBelieved:
    def test_nobody_who_can_not_sign(self, client: Client, clinic: Clinic, message: Message) -> None:
        assert tell(client, failed(message), key="guessed") == 400
        assert client.post(URL, "{}", content_type="application/json").status_code == 400
        assert client.post(URL, {"event": "bounced"}).status_code == 400
        assert client.get(URL).status_code == 405
        assert (stored(message).state, suppressed(clinic)) == ("sent", [])

    def test_without_a_key_it_is_closed(self, client: Client, message: Message, settings: Any) -> None:
        settings.MAILGUN_SIGNING_KEY = ""
        assert tell(client, failed(message), key="") == 404
        assert tell(client, failed(message)) == 404

    def test_no_cookie_is_needed(self, message: Message) -> None:
        assert tell(Client(enforce_csrf_checks=True), failed(message)) == 200

    def test_an_email_that_is_none_of_ours_is_left_alone(
        self, client: Client, clinic: Clinic, message: Message
    ) -> None:
        for message_id in ["", "1.2@mail.example", f"{message.pk}@steady-knee", f"{'é' * 43}@steady-knee"]:
            assert tell(client, failed(message, message={"headers": {"message-id": message_id}})) == 200
        assert tell(client, failed(message, message={})) == 200
        assert suppressed(clinic) == []

    def test_a_message_of_another_clinic_is_not_found(self, client: Client, clinic: Clinic, message: Message) -> None:
        south = make_clinic("south")
        its_number = Message(pk=message.pk, clinic_id=south.pk, kind=message.kind, week=message.week)
        elsewhere = {"headers": {"message-id": its_number.message_id}}
        assert tell(client, failed(message, message=elsewhere)) == 200
        assert (stored(message).state, suppressed(clinic), suppressed(south)) == ("sent", [], [])

    def test_one_address_for_another(self, client: Client, clinic: Clinic, message: Message) -> None:
        """Who knows the Message-ID of an email to themselves can stop what goes to nobody else."""
        assert tell(client, failed(message, recipient="owner@north.example")) == 200
        assert tell(client, failed(message, recipient=None)) == 200
        assert (stored(message).state, suppressed(clinic)) == ("sent", [])


def test_it_comes_back_while_it_is_still_being_sent(client: Client, clinic: Clinic, message: Message) -> None:
    with clinic_scope(clinic.pk):
        Message.objects.update(state="sending", sent_at=None, sent_to="", claimed_at=NOW)
    address = message.recipient.user.email
    assert tell(client, failed(message, recipient=address.upper())) == 200
    assert stored(message).state == "suppressed"
    assert suppressed(clinic) == [(address, "bounced", "5.1.1 no such user")]
