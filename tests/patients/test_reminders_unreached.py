"""What of a reminder did not arrive is said on the page of reminders. A mail server and a push service refuse it."""

from typing import Any

import pytest
import time_machine
from django.test import Client

from clinic.wall.scope import clinic_scope
from patients.actions.reminding import set_reminder
from tests import factories as make
from tests.patients.home import Home, text_of
from tests.patients.reminding import (
    DAY,
    EVERY_DAY,
    HOUR,
    NINE,
    home,
    remind,
    remind_on,
    service,
    tick,
    vapid,
)
from tests.push_service import PushService
from tests.trouble import Refuses, Takes, mail_server

__all__ = ["home", "service", "vapid"]
pytestmark = pytest.mark.django_db(transaction=True)


def page_of(client: Client, home: Home, now: Any = NINE + HOUR) -> str:
    with time_machine.travel(now, tick=False):
        return text_of(make.sign_in(client, home.self).get(home.url("reminders")))


def test_an_email_that_was_refused(client: Client, home: Home) -> None:
    remind(home)
    with mail_server(Refuses("554 we don't like you")):
        [message] = tick(home, NINE)
    assert message.state == "failed"
    assert "Your reminder by email of 18 November 2026 could not be sent." in page_of(client, home)
    assert "could not be sent" not in page_of(client, home, NINE + 20 * DAY)


def test_it_is_over_with_the_next_that_arrives(client: Client, home: Home) -> None:
    remind(home)
    with mail_server(Refuses("554 we don't like you")):
        tick(home, NINE)
    with mail_server(taken := Takes()):
        tick(home, NINE + DAY)
    assert len(taken.ids) == 1
    assert "could not be sent" not in page_of(client, home, NINE + DAY + HOUR)


def test_an_address_where_nobody_reads(client: Client, home: Home) -> None:
    remind(home)
    with mail_server(Refuses("550 5.1.1 no such user")):
        [message] = tick(home, NINE)
    assert message.state == "suppressed"
    said = page_of(client, home)
    assert f"You get no emails at {home.self.user.email}" in said
    assert home.clinic.phone in said.split("You get no emails at")[1]
    with clinic_scope(home.clinic.pk):
        set_reminder(by=home.self, weekdays=EVERY_DAY, hour=9, by_email=False, now=NINE)
    assert "You get no emails" not in page_of(client, home)


def test_a_browser_that_is_gone(client: Client, home: Home, service: PushService) -> None:
    remind(home, by_email=False)
    remind_on(home, service.phone())
    assert "takes no reminders any more" not in page_of(client, home)
    service.answer = 410
    tick(home, NINE)
    gone = "One of your devices takes no reminders any more, since 18 November 2026."
    assert gone in page_of(client, home)
    assert "no way to be reminded yet" in page_of(client, home)
    with time_machine.travel(NINE + HOUR, tick=False):
        browser = service.phone("two").browser
        fields = {"endpoint": browser.endpoint, "p256dh": browser.p256dh, "auth": browser.auth}
        client.post(home.url("reminders"), {"kind": "here"} | fields)
    assert gone not in page_of(client, home)


def test_a_device_that_did_not_take_the_last_one(client: Client, home: Home, service: PushService) -> None:
    remind(home, by_email=False)
    remind_on(home, service.phone())
    tick(home, NINE)
    assert "the last one did not arrive" not in page_of(client, home)
    service.answer = 400
    tick(home, NINE + DAY)
    said = page_of(client, home, NINE + DAY + HOUR)
    assert "the last one did not arrive" in said
    assert "takes no reminders any more" not in said
