"""What a reminder says by email and on a phone, that it goes once to each, and the links that stop it."""

import logging
import re
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from clinic import outbox
from clinic.logs import WithoutLinks
from clinic.wall.scope import clinic_scope
from patients.models import Patient, PushDevice
from patients.reminders import queue_due_reminders
from patients.reminders.stopping import Stop, read_stop, stop_of
from tests import factories as make
from tests.fixtures import Mailbox
from tests.patients.home import Home, a_home, text_of
from tests.patients.reminding import (
    DAY,
    MINUTE,
    NINE,
    devices,
    home,
    is_on,
    remind,
    remind_on,
    service,
    states,
    stored,
    tick,
    vapid,
)
from tests.push_service import PushService

__all__ = ["home", "service", "vapid"]
pytestmark = pytest.mark.django_db(transaction=True)
FORM = "application/x-www-form-urlencoded"


class TestEmail:
    def test_what_it_says_and_does_not(self, home: Home, smtp: Mailbox) -> None:
        with clinic_scope(home.clinic.pk):
            make.make_log(home.self, home.patient, make.TODAY - DAY, pain_after=7)
        remind(home)
        tick(home, NINE)
        [mail] = smtp.messages
        text, html = (part.get_content() for part in mail.iter_parts())
        assert mail["Subject"] == "Time for your exercises?"
        assert mail["To"] == home.self.user.email
        for body in [text, html]:
            assert f"http://localhost:8000{home.url()}" in body
            assert f"http://localhost:8000{home.url(f'morning/{make.TODAY - DAY}')}" in body
            assert not re.search(r"pain|knee\b(?! )|walk|thrust|\b7\b", body.replace("steady-knee", ""), re.IGNORECASE)
            assert home.patient.name not in body
            assert home.patient.code not in body

    def test_no_question_about_a_morning_without_a_session(self, home: Home, smtp: Mailbox) -> None:
        remind(home)
        tick(home, NINE)
        assert "/morning/" not in smtp.messages[0].as_string()

    def test_in_the_patients_language(self, home: Home, smtp: Mailbox) -> None:
        with clinic_scope(home.clinic.pk):
            Patient.objects.update(language="de")
        remind(home)
        tick(home, NINE)
        [mail] = smtp.messages
        assert mail["Subject"] == "Zeit für Ihre Übungen?"
        assert '<html lang="de" dir="ltr">' in mail.get_body(["html"]).get_content()

    def test_a_mail_program_stops_them_in_one_click(self, home: Home, smtp: Mailbox) -> None:
        """RFC 8058: a POST without cookies to the address of the header, with this body."""
        remind(home)
        tick(home, NINE)
        [mail] = smtp.messages
        assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        [url] = re.fullmatch(
            r"<http://localhost:8000(/reminders/stop/[^>]+)>", mail["List-Unsubscribe"].strip()
        ).groups()
        stranger = Client(enforce_csrf_checks=True)
        for method in [stranger.get, stranger.head]:
            assert method(url).status_code == 200
        assert is_on(home)
        for _again in range(2):
            assert (
                stranger.post(url, "List-Unsubscribe=One-Click", "application/x-www-form-urlencoded").status_code == 200
            )
        assert not is_on(home)
        assert tick(home, NINE + DAY) == stored(home)
        assert len(smtp.messages) == 1

    def test_who_has_no_email_address_can_not_choose_it(self, home: Home) -> None:
        home.self.user.email = None
        home.self.user.save()
        with pytest.raises(ValidationError, match="no email address"):
            remind(home)


class TestPush:
    def test_the_phone_reads_it_and_it_says_nothing_of_health(self, home: Home, service: PushService) -> None:
        phone = service.phone()
        remind(home, by_email=False)
        device = remind_on(home, phone)
        [message] = tick(home, NINE)
        said = service.read(phone)
        assert said.pop("stop") == stop_of(home.self, device.pk).path
        assert said == {
            "title": "Time for your exercises?",
            "open": home.url(),
            "stop_label": "Stop reminders",
            "stopped": "There will be no more reminders on this device.",
            "not_stopped": "That did not work. You can stop them on your page, under Reminders.",
            "language": "en",
        }
        assert (message.kind, message.state, message.sent_to, message.subject) == ("reminder_push", "sent", "", "")
        assert service.received[0][1]["ttl"] == str(15 * 3600)

    def test_email_and_each_device_once(self, home: Home, service: PushService, smtp: Mailbox) -> None:
        phones = [service.phone("one"), service.phone("two")]
        remind(home)
        for phone in phones:
            remind_on(home, phone)
        for _again in range(3):
            tick(home, NINE)
        assert sorted(path for path, _headers, _body in service.received) == ["/one?of=somebody", "/two?of=somebody"]
        assert len(smtp.messages) == 1

    @pytest.mark.parametrize("code", [404, 410])
    def test_a_browser_that_is_gone_is_forgotten(self, home: Home, service: PushService, code: int) -> None:
        service.answer = code
        remind(home, by_email=False)
        remind_on(home, service.phone())
        [message] = tick(home, NINE)
        assert (message.state, message.error) == ("failed", f"127.0.0.1 answered {code}")
        assert devices(home) == 0
        tick(home, NINE + DAY)
        assert len(service.received) == 1

    @pytest.mark.parametrize(("code", "state"), [(429, "queued"), (500, "queued"), (503, "queued"), (400, "failed")])
    def test_one_that_is_busy_is_asked_again(self, home: Home, service: PushService, code: int, state: str) -> None:
        phone = service.phone()
        service.answer = code
        remind(home, by_email=False)
        remind_on(home, phone)
        [message] = tick(home, NINE)
        assert (message.state, devices(home)) == (state, 1)
        service.answer = 201
        outbox.deliver(clinic_id=home.clinic.pk, message_ids=[message.pk], now=NINE + 5 * MINUTE)
        [message] = stored(home)
        assert message.state == ("sent" if state == "queued" else "failed")

    def test_a_device_that_was_removed_meanwhile(self, home: Home, service: PushService) -> None:
        remind(home, by_email=False)
        remind_on(home, service.phone())
        with clinic_scope(home.clinic.pk):
            [message] = queue_due_reminders(clinic=home.clinic, now=NINE)
            PushDevice.objects.all().delete()
        outbox.deliver(clinic_id=home.clinic.pk, message_ids=[message.pk], now=NINE)
        assert (states(home), service.received) == ([("2026-11-18", "skipped", "They turned it off.")], [])

    def test_the_link_of_a_device_stops_that_device(self, home: Home, service: PushService) -> None:
        remind(home)
        one, _two = remind_on(home, service.phone("one")), remind_on(home, service.phone("two"))
        path = stop_of(home.self, one.pk).path
        assert Client().get(path).status_code == 200
        assert devices(home) == 2
        assert Client(enforce_csrf_checks=True).post(path).status_code == 200
        assert (devices(home), is_on(home)) == (1, True)

    def test_an_address_inside_the_network_is_never_asked(
        self, home: Home, service: PushService, settings: Any
    ) -> None:
        remind(home, by_email=False)
        phone = service.phone()
        remind_on(home, phone)
        settings.PUSH_TO_LOOPBACK = False
        [message] = tick(home, NINE)
        assert message.state == "failed"
        assert service.received == []


class TestStopLinks:
    def test_they_are_signed(self, home: Home) -> None:
        token = stop_of(home.self).path.split("/")[3]
        assert read_stop(token) == Stop(home.clinic.pk, home.self.pk)
        for bad in ["x", token[:-1], token.replace(".", "x."), token + "x"]:
            assert Client().get(f"/reminders/stop/{bad}/").status_code == 404
            assert Client().post(f"/reminders/stop/{bad}/").status_code == 404

    def test_one_of_a_clinic_can_do_nothing_in_another(self, home: Home) -> None:
        south = a_home(slug="south")
        remind(home)
        remind(south)
        Client().post(Stop(south.clinic.pk, home.self.pk).path)
        assert (is_on(home), is_on(south)) == (True, True)

    def test_they_say_nothing_of_anybody(self, home: Home) -> None:
        page = Client().get(stop_of(home.self).path)
        assert "Stop the reminders?" in text_of(page)
        assert home.patient.name not in page.content.decode()
        assert "no-store" in page["Cache-Control"]

    def test_no_log_keeps_them(self, home: Home) -> None:
        path = stop_of(home.self).path
        record = logging.makeLogRecord({"msg": f"Not Found: {path}"})
        WithoutLinks().filter(record)
        assert path.split("/")[3] not in record.getMessage()
