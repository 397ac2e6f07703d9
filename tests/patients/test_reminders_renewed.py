"""A browser that says on its own that it is reached at another address."""

import logging
from typing import Any

import pytest
from django.test import Client

from clinic.logs import WithoutLinks
from clinic.wall.scope import clinic_scope
from patients.actions.reminding import add_device
from patients.models import PushDevice
from patients.reminders.renewing import renewal_of
from patients.reminders.stopping import stop_of
from tests import factories as make
from tests.patients.home import Home, a_home
from tests.push_service import Phone

pytestmark = pytest.mark.django_db
OLD, NEW = Phone("https://push.example/old"), Phone("https://push.example/new")


@pytest.fixture
def home() -> Home:
    made = a_home()
    with clinic_scope(made.clinic.pk):
        add_device(by=made.self, browser=OLD.browser, now=make.NOW)
    return made


def renew(path: str, browser: Any = NEW.browser, old: str = OLD.endpoint) -> int:
    said = {"old": old, "endpoint": browser.endpoint, "p256dh": browser.p256dh, "auth": browser.auth}
    return Client(enforce_csrf_checks=True).post(path, said).status_code


def endpoints(home: Home) -> list[str]:
    with clinic_scope(home.clinic.pk):
        return list(PushDevice.objects.order_by("endpoint").values_list("endpoint", flat=True))


def test_it_takes_the_place_of_the_old_once(home: Home) -> None:
    assert [renew(renewal_of(home.self)) for _time in range(2)] == [204, 204]
    assert endpoints(home) == [NEW.endpoint]


def test_beside_the_new_one_the_old_is_forgotten(home: Home) -> None:
    with clinic_scope(home.clinic.pk):
        add_device(by=home.self, browser=NEW.browser, now=make.NOW)
    assert renew(renewal_of(home.self)) == 204
    assert endpoints(home) == [NEW.endpoint]


def test_a_browser_on_which_they_were_stopped_stays_forgotten(home: Home) -> None:
    with clinic_scope(home.clinic.pk):
        device = PushDevice.objects.get()
    assert Client().post(stop_of(home.self, device.pk).path).status_code == 200
    assert renew(renewal_of(home.self)) == 404
    assert endpoints(home) == []


def test_nobody_elses_is_moved(home: Home) -> None:
    with clinic_scope(home.clinic.pk):
        other = make.make_sign_in(make.make_patient())
    assert renew(renewal_of(other)) == 404
    assert endpoints(home) == [OLD.endpoint]


@pytest.mark.parametrize("endpoint", ["", "http://push.example/plain", "push.example"])
def test_what_is_no_address_moves_nothing(home: Home, endpoint: str) -> None:
    assert renew(renewal_of(home.self), Phone(endpoint).browser) == 404
    assert endpoints(home) == [OLD.endpoint]


def test_a_token_that_is_not_ours(home: Home) -> None:
    path = renewal_of(home.self)
    assert renew(path.replace("/renew/", "/renew/x")) == 404
    stopping = stop_of(home.self).path.replace("/stop/", "/renew/")
    assert renew(stopping) == 404
    assert Client().get(path).status_code == 405
    assert endpoints(home) == [OLD.endpoint]


def test_no_log_has_the_token(home: Home) -> None:
    path = renewal_of(home.self)
    record = logging.LogRecord("web", logging.INFO, "", 0, "POST %s", (path,), None)
    assert WithoutLinks().filter(record)
    assert record.getMessage() == "POST /reminders/renew/…/"
