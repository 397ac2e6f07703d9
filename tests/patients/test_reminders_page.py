"""The page on which patients choose when and how they are reminded."""

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
import time_machine
from django.test import Client

from clinic.models import Message
from clinic.wall.scope import clinic_scope
from patients.actions.reminding import add_device
from patients.models import Reminder
from tests import factories as make
from tests.fixtures import Mailbox
from tests.patients.home import Home, a_home, text_of
from tests.patients.reminding import BEFORE, NINE, devices, home, is_on, remind, service, tick, vapid
from tests.push_service import Phone

__all__ = ["home", "service", "vapid"]
pytestmark = pytest.mark.django_db(transaction=True)


class TestPage:
    @pytest.fixture
    def phone(self, client: Client, home: Home) -> Iterator[Client]:
        with time_machine.travel(make.NOW, tick=False):
            yield make.sign_in(client, home.self)

    def save(self, phone: Client, home: Home, **said: Any) -> Any:
        return phone.post(home.url("reminders"), {"kind": "save", "hour": "9"} | said)

    def test_off_until_turned_on(self, phone: Client, home: Home) -> None:
        page = phone.get(home.url("reminders"))
        assert "You are not reminded unless you want to be." in text_of(page)
        assert "checked" not in page.content.decode()
        assert home.self.user.email in text_of(page)

    def test_days_hour_and_way_are_kept_and_shown(self, phone: Client, home: Home) -> None:
        sent = self.save(phone, home, weekdays=["0", "3"], hour="18", by_email="on")
        assert (sent.status_code, sent["Location"]) == (303, home.url("reminders") + "?saved=1")
        html = phone.get(sent["Location"]).content.decode()
        assert re.findall(r'name="weekdays" value="(\d)"[^>]*checked', html) == ["0", "3"]
        assert re.findall(r'<option value="(\d+)" selected', html) == ["18"]
        assert "by_email" in html
        with clinic_scope(home.clinic.pk):
            kept = Reminder.objects.get()
        assert (kept.weekdays, kept.hour, kept.by_email, kept.queued_through) == ([0, 3], 18, True, date(2026, 11, 17))

    def test_without_days_it_is_off(self, phone: Client, home: Home) -> None:
        self.save(phone, home, weekdays=["0"], by_email="on")
        self.save(phone, home)
        assert "You are not reminded unless you want to be." in text_of(phone.get(home.url("reminders")))

    def test_days_without_a_way_are_pointed_out(self, phone: Client, home: Home) -> None:
        self.save(phone, home, weekdays=["0"])
        assert "no way to be reminded yet" in text_of(phone.get(home.url("reminders")))

    @pytest.mark.parametrize("said", [{"weekdays": ["7"]}, {"weekdays": ["x"]}, {"hour": "24"}, {"hour": ""}])
    def test_what_makes_no_sense_is_said(self, phone: Client, home: Home, said: Any) -> None:
        assert self.save(phone, home, **said).status_code == 422
        with clinic_scope(home.clinic.pk):
            assert not Reminder.objects.exists()

    def here(self, phone: Client, home: Home, browser: Any) -> Any:
        fields = {"endpoint": browser.endpoint, "p256dh": browser.p256dh, "auth": browser.auth}
        return phone.post(home.url("reminders"), {"kind": "here"} | fields)

    def test_a_device_is_added_once_and_removed(self, phone: Client, home: Home) -> None:
        browser = Phone("https://push.example/one").browser
        for _again in range(2):
            assert self.here(phone, home, browser).status_code == 303
        html = phone.get(home.url("reminders")).content.decode()
        [device] = re.findall(r'name="device" value="([^"]+)"', html)
        assert "A device since 18 November 2026" in html
        assert "push.example" not in html
        for _again in range(2):
            assert phone.post(home.url("reminders"), {"kind": "stop", "device": device}).status_code == 303
        assert devices(home) == 0
        assert phone.post(home.url("reminders"), {"kind": "stop", "device": "x"}).status_code == 400

    @pytest.mark.parametrize("endpoint", ["", "http://push.example/", "https://push.example:22/", "javascript:x"])
    def test_only_what_can_be_a_browser(self, phone: Client, home: Home, endpoint: str) -> None:
        refused = self.here(phone, home, Phone(endpoint).browser)
        assert refused.status_code == 422
        assert "makes no sense" in text_of(refused)
        assert devices(home) == 0

    def test_not_without_end(self, phone: Client, home: Home) -> None:
        for number in range(10):
            self.here(phone, home, Phone(f"https://push.example/{number}").browser)
        assert self.here(phone, home, Phone("https://push.example/more").browser).status_code == 422
        assert devices(home) == 10

    def test_without_a_key_the_phone_is_not_offered(self, phone: Client, home: Home, settings: Any) -> None:
        settings.VAPID_PRIVATE_KEY = ""
        assert "On this device" not in text_of(phone.get(home.url("reminders")))

    @pytest.mark.parametrize("who", ["another patient", "staff", "another clinic's patient"])
    def test_it_is_nobody_elses(self, client: Client, phone: Client, home: Home, who: str) -> None:
        remind(home)
        with clinic_scope(home.clinic.pk):
            device = add_device(by=home.self, browser=Phone("https://push.example/").browser, now=BEFORE)
        other = a_home(slug="south") if who == "another clinic's patient" else home
        with clinic_scope(other.clinic.pk):
            patient = make.make_patient()
            somebody = other.clinician if who == "staff" else make.make_sign_in(patient)
        stranger = make.sign_in(Client(), somebody)
        assert stranger.get(home.url("reminders")).status_code == 404
        assert self.save(stranger, home).status_code == 404
        stranger.post(f"{other.my}{patient.pk}/reminders/", {"kind": "stop", "device": device.pk})
        assert (devices(home), is_on(home)) == (1, True)

    def test_signed_out_by_the_clinic_no_device_is_reminded(self, client: Client, phone: Client, home: Home) -> None:
        self.here(phone, home, Phone("https://push.example/lost").browser)
        staff = make.sign_in(Client(), home.clinician)
        address = f"/clinic/{home.clinic.slug}/patients/patient/{home.patient.pk}/sign-out/"
        assert staff.post(address).status_code == 302
        assert devices(home) == 0

    def test_the_worker_is_a_script_of_this_site(self, client: Client) -> None:
        answer = client.get("/reminders/worker.js")
        assert answer["Content-Type"] == "text/javascript"
        assert answer.content.decode().strip() == 'importScripts("/static/js/push-sw.js");'

    def test_owners_do_not_read_what_patients_are_reminded_of(self, client: Client, home: Home, smtp: Mailbox) -> None:
        remind(home)
        tick(home, NINE)
        with clinic_scope(home.clinic.pk):
            owner = make.make_member(home.clinic, "owner")
            message = Message.objects.get()
        make.sign_in(client, owner)
        page = client.get(f"/clinic/{home.clinic.slug}/clinic/message/")
        assert page.status_code == 200
        assert "reminder_email" not in page.content.decode()
        assert client.get(f"/clinic/{home.clinic.slug}/clinic/message/{message.pk}/change/").status_code == 404
