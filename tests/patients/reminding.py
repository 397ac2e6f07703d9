"""A patient who asks to be reminded, what a minute does, and what came of it."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from clinic import outbox
from clinic.models import Clinic, Message
from clinic.wall.scope import clinic_scope
from patients.actions.reminding import add_device, set_reminder
from patients.models import PushDevice, Reminder
from patients.reminders import queue_due_reminders
from tests import factories as make
from tests.patients.home import Home, a_home
from tests.push_service import Phone, PushService, push_service

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
EVERY_DAY = range(7)
NINE = make.NOW.replace(hour=9)
BEFORE = make.NOW - 2 * DAY


@pytest.fixture(autouse=True)
def vapid(settings: Any) -> None:
    settings.VAPID_PRIVATE_KEY = "1" * 64


@pytest.fixture
def home() -> Home:
    return a_home()


@pytest.fixture
def service(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[PushService]:
    settings.PUSH_TO_LOOPBACK = True
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "cert.pem"))
    with push_service(tmp_path) as running:
        yield running


def remind(home: Home, *, hour: int = 9, days: Any = EVERY_DAY, by_email: bool = True, now: datetime = BEFORE) -> None:
    with clinic_scope(home.clinic.pk):
        set_reminder(by=home.self, weekdays=days, hour=hour, by_email=by_email, now=now)


def remind_on(home: Home, phone: Phone) -> PushDevice:
    with clinic_scope(home.clinic.pk):
        return add_device(by=home.self, browser=phone.browser, now=BEFORE)


def tick(home: Home, now: datetime) -> list[Message]:
    """What a worker does that was woken in a minute: queue what is due, and send it."""
    with clinic_scope(home.clinic.pk):
        clinic = Clinic.objects.get(pk=home.clinic.pk)
        queued = queue_due_reminders(clinic=clinic, now=now)
    for message in queued:
        outbox.deliver(clinic_id=home.clinic.pk, message_ids=[message.pk], now=now)
    return stored(home)


def stored(home: Home) -> list[Message]:
    with clinic_scope(home.clinic.pk):
        return list(Message.objects.order_by("created_at", "kind", "id"))


def states(home: Home) -> list[tuple[str, str, str]]:
    return [(each.key.split()[0], each.state, each.error) for each in stored(home)]


def is_on(home: Home) -> bool:
    with clinic_scope(home.clinic.pk):
        return Reminder.objects.filter(by_email=True).exists()


def devices(home: Home) -> int:
    with clinic_scope(home.clinic.pk):
        return PushDevice.objects.count()
