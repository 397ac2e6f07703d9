"""Reminders: when they are due, that each goes once, and what stops them. The real outbox, mail and push service."""

import logging
import re
import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

import psycopg
import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from clinic import dispatch, outbox
from clinic.celery import app
from clinic.logs import WithoutLinks
from clinic.models import Clinic, Message
from clinic.wall.scope import clinic_scope
from patients.actions.prescribing import end_course, pause
from patients.actions.reminding import add_device, set_reminder
from patients.models import Course, Patient, PushDevice, Reminder
from patients.reminders import find_due, queue_due_reminders
from patients.reminders.stopping import Stop, read_stop, stop_of
from tests import factories as make
from tests.fixtures import Mailbox, until
from tests.patients.home import Home, a_home, text_of
from tests.push_service import Phone, PushService, push_service

pytestmark = pytest.mark.django_db(transaction=True)

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
EVERY_DAY = range(7)
NINE = make.NOW.replace(hour=9)
FORM = "application/x-www-form-urlencoded"
BEFORE = make.NOW - 2 * DAY


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    yield
    translation.deactivate()


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


@pytest.fixture
def dispatcher(settings: Any) -> Iterator[psycopg.Connection]:
    """The dispatcher's own connection to the test database."""
    database = f"/{quote(connection.settings_dict['NAME'])}"
    url = urlunsplit(urlsplit(settings.DISPATCHER_DATABASE_URL)._replace(path=database))
    with psycopg.connect(url) as opened:
        yield opened


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


class TestWhen:
    def test_nobody_is_reminded_unless_they_ask(self, home: Home, smtp: Mailbox) -> None:
        for hour in range(24):
            assert tick(home, NINE.replace(hour=hour)) == []
        assert smtp.messages == []

    def test_at_the_hour_and_once_for_the_date(self, home: Home, smtp: Mailbox) -> None:
        remind(home)
        assert tick(home, NINE - MINUTE) == []
        for minutes in range(180):
            tick(home, NINE + minutes * MINUTE)
        assert [(each.kind, each.state, each.key) for each in stored(home)] == [
            ("reminder_email", "sent", "2026-11-18")
        ]
        assert len(smtp.messages) == 1
        with clinic_scope(home.clinic.pk):
            assert Reminder.objects.get().queued_through == make.TODAY
        tick(home, NINE + DAY)
        assert [each.key for each in stored(home)] == ["2026-11-18", "2026-11-19"]

    def test_only_on_the_days_that_were_chosen(self, home: Home, smtp: Mailbox) -> None:
        remind(home, days=[1, 4])
        for number in range(14):
            tick(home, datetime(2026, 11, 16, 9, tzinfo=UTC) + number * DAY)
        assert [each.key for each in stored(home)] == ["2026-11-17", "2026-11-20", "2026-11-24", "2026-11-27"]

    @pytest.mark.parametrize(("hours", "sent"), [(0, 1), (3, 1), (14, 1), (15, 0)])
    def test_late_on_the_day_but_never_after_it(self, home: Home, smtp: Mailbox, hours: int, sent: int) -> None:
        """At 15 hours it is midnight: what beat missed is over, and the next day's hour is still to come."""
        remind(home)
        tick(home, NINE + hours * HOUR)
        assert len(smtp.messages) == sent

    def test_beat_was_down_for_two_days(self, home: Home, smtp: Mailbox) -> None:
        remind(home)
        tick(home, NINE)
        tick(home, NINE + 3 * DAY)
        assert states(home) == [("2026-11-18", "sent", ""), ("2026-11-21", "sent", "")]

    def test_what_waited_over_midnight_is_not_sent(self, home: Home, smtp: Mailbox) -> None:
        remind(home)
        smtp.answer = "451 later"
        [message] = tick(home, NINE)
        assert message.state == "queued"
        smtp.answer = ""
        outbox.deliver(clinic_id=home.clinic.pk, message_ids=[message.pk], now=NINE + 16 * HOUR)
        assert (states(home), smtp.messages) == ([("2026-11-18", "skipped", "The day is over.")], [])

    def test_who_chooses_an_hour_that_is_over_is_reminded_from_tomorrow(self, home: Home, smtp: Mailbox) -> None:
        remind(home, now=NINE + HOUR)
        assert tick(home, NINE + 2 * HOUR) == []
        remind(home, hour=20, now=NINE + HOUR)
        tick(home, NINE.replace(hour=20))
        assert [each.key for each in stored(home)] == ["2026-11-18"]

    def test_changing_the_hour_after_a_reminder_brings_no_second(self, home: Home, smtp: Mailbox) -> None:
        remind(home)
        tick(home, NINE)
        remind(home, hour=20, now=NINE + HOUR)
        tick(home, NINE.replace(hour=20))
        assert len(smtp.messages) == 1

    def test_two_at_once_send_one(self, home: Home, smtp: Mailbox) -> None:
        remind(home)

        def work() -> None:
            tick(home, NINE)
            connection.close()

        threads = [threading.Thread(target=work) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(smtp.messages) == len(stored(home)) == 1


class TestClocks:
    @pytest.mark.parametrize(
        ("zone", "at"),
        [
            ("Pacific/Kiritimati", datetime(2026, 11, 17, 19, 0, tzinfo=UTC)),  # UTC+14
            ("Etc/GMT+12", datetime(2026, 11, 18, 21, 0, tzinfo=UTC)),  # UTC-12
            ("Asia/Kathmandu", datetime(2026, 11, 18, 3, 15, tzinfo=UTC)),
            ("Australia/Lord_Howe", datetime(2026, 11, 17, 22, 0, tzinfo=UTC)),  # clocks change by half an hour
            ("America/St_Johns", datetime(2026, 11, 18, 12, 30, tzinfo=UTC)),
        ],
    )
    def test_the_hour_is_the_clinics(self, smtp: Mailbox, zone: str, at: datetime) -> None:
        home = a_home(time_zone=zone)
        remind(home, days=[2], now=at - 3 * DAY)
        assert tick(home, at - MINUTE) == []
        tick(home, at)
        assert states(home) == [("2026-11-18", "sent", "")]

    @pytest.mark.parametrize(
        ("zone", "first", "hour", "hours"),
        [
            ("Europe/Berlin", date(2026, 10, 24), 9, [7, 8, 8]),
            ("Europe/Berlin", date(2027, 3, 27), 9, [8, 7, 7]),
            ("America/New_York", date(2026, 10, 31), 1, [5, 5, 6]),
            ("Europe/Berlin", date(2027, 3, 27), 2, [1, 1, 0]),
            ("Australia/Sydney", date(2026, 10, 3), 9, [23, 22, 22]),
        ],
        ids=[
            "Berlin falls",
            "Berlin springs",
            "an hour that comes twice",
            "an hour that never comes",
            "Sydney springs",
        ],
    )
    def test_the_nights_in_which_clocks_change(
        self, smtp: Mailbox, zone: str, first: date, hour: int, hours: list[int]
    ) -> None:
        """Looked at each half hour for four days: one for each date, at that hour, in UTC."""
        home = a_home(time_zone=zone)
        start = datetime.combine(first, datetime.min.time(), tzinfo=UTC) - DAY
        self.prescribe_from(home, first - 10 * DAY)
        remind(home, hour=hour, now=start - DAY)
        for half_hours in range(2 * 24 * 5):
            tick(home, start + half_hours * HOUR / 2)
        days = [str(first + number * DAY) for number in range(3)]
        sent = {each.key: each.sent_at for each in stored(home) if each.sent_at}
        assert len(sent) == len(stored(home)) == len(smtp.messages)
        assert [sent[day].hour for day in days] == hours

    def prescribe_from(self, home: Home, day: date) -> None:
        """As if the plan had begun earlier."""
        with clinic_scope(home.clinic.pk):
            patient = make.make_patient(home.clinician)
            make.make_prescription(home.clinician, patient, starts_on=day)
            home.patient = patient
            home.self = make.make_sign_in(patient)

    def test_a_clinic_that_moves_to_another_zone(self, home: Home, smtp: Mailbox) -> None:
        """From UTC to where it is yesterday still, and to where it is tomorrow already: no date twice."""
        remind(home)
        tick(home, NINE)
        for zone, now in [("Etc/GMT+12", NINE + MINUTE), ("Pacific/Kiritimati", NINE + 2 * MINUTE)]:
            with clinic_scope(home.clinic.pk):
                Clinic.objects.filter(pk=home.clinic.pk).update(time_zone=zone)
            tick(home, now)
            tick(home, now + 11 * HOUR)
        assert [each.key for each in stored(home)] == ["2026-11-18", "2026-11-19"]
        assert len(smtp.messages) == 2


class TestOnlyIfNeeded:
    @pytest.mark.parametrize("what", ["a session", "a skip", "what waits for staff"])
    def test_nothing_where_something_was_logged(self, home: Home, smtp: Mailbox, what: str) -> None:
        remind(home)
        with clinic_scope(home.clinic.pk):
            log = make.make_log(home.self, home.patient, **({"skip_reason": "time"} if what == "a skip" else {}))
            if what == "what waits for staff":
                type(log).objects.filter(pk=log.pk).update(accepted=False)
        assert tick(home, NINE) == []

    @pytest.mark.parametrize("what", ["yesterday", "taken back"])
    def test_but_where_it_was_not_for_today(self, home: Home, smtp: Mailbox, what: str) -> None:
        remind(home)
        with clinic_scope(home.clinic.pk):
            log = make.make_log(home.self, home.patient, make.TODAY - DAY * (what == "yesterday"))
            if what == "taken back":
                log.withdrawn_at, log.withdrawn_by = NINE, home.self
                log.save(update_fields=["withdrawn_at", "withdrawn_by"])
        tick(home, NINE)
        assert len(smtp.messages) == 1

    def test_logged_between_queue_and_sending(self, home: Home, smtp: Mailbox) -> None:
        remind(home)
        with clinic_scope(home.clinic.pk):
            [message] = queue_due_reminders(clinic=home.clinic, now=NINE)
            make.make_log(home.self, home.patient)
        outbox.deliver(clinic_id=home.clinic.pk, message_ids=[message.pk], now=NINE)
        assert states(home) == [("2026-11-18", "skipped", "Something was logged for the day.")]
        assert smtp.messages == []

    @pytest.mark.parametrize("what", ["paused", "ended", "archived", "signed out of the clinic"])
    def test_nothing_where_nothing_is_to_be_done(self, home: Home, smtp: Mailbox, what: str) -> None:
        remind(home)
        with clinic_scope(home.clinic.pk):
            course = Course.objects.get()
            if what == "paused":
                pause(by=home.clinician, course=course, starts_on=make.TODAY, now=NINE)
            elif what == "ended":
                end_course(by=home.clinician, course=course, last_date=make.MONDAY, outcome="reached")
            elif what == "archived":
                Patient.objects.update(archived_at=NINE)
            else:
                home.self.is_active = False
                home.self.save()
        assert tick(home, NINE) == []

    def test_turned_off_between_queue_and_sending(self, home: Home, smtp: Mailbox) -> None:
        remind(home)
        with clinic_scope(home.clinic.pk):
            [message] = queue_due_reminders(clinic=home.clinic, now=NINE)
        remind(home, by_email=False)
        outbox.deliver(clinic_id=home.clinic.pk, message_ids=[message.pk], now=NINE)
        assert states(home) == [("2026-11-18", "skipped", "They turned it off.")]


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


def is_on(home: Home) -> bool:
    with clinic_scope(home.clinic.pk):
        return Reminder.objects.filter(by_email=True).exists()


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


def devices(home: Home) -> int:
    with clinic_scope(home.clinic.pk):
        return PushDevice.objects.count()


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


class TestDispatch:
    def found(self, dispatcher: psycopg.Connection, now: datetime) -> list[tuple[str, Any]]:
        return list(find_due(lambda rows: dispatch.read(dispatcher, rows), now))

    def test_only_clinics_in_which_somebody_is_due(self, home: Home, dispatcher: psycopg.Connection) -> None:
        south = a_home(slug="south", time_zone="Pacific/Kiritimati")
        lost = a_home(slug="lost", time_zone="Atlantis/Capital")
        for each in [home, south]:
            remind(each)
        with clinic_scope(lost.clinic.pk):
            Reminder.objects.create(recipient=lost.self, weekdays=[0], hour=0)
        assert self.found(dispatcher, NINE - MINUTE) == [("patients.tasks.queue_reminders", south.clinic.pk)]
        assert {clinic for _task, clinic in self.found(dispatcher, NINE)} == {home.clinic.pk, south.clinic.pk}
        with clinic_scope(home.clinic.pk):
            queue_due_reminders(clinic=home.clinic, now=NINE)
        assert [clinic for _task, clinic in self.found(dispatcher, NINE)] == [south.clinic.pk]

    @pytest.mark.parametrize(
        "sql",
        [
            "SELECT recipient_id FROM patients_reminder",
            "SELECT by_email FROM patients_reminder",
            "SELECT id FROM patients_pushdevice",
            "SELECT endpoint FROM patients_pushdevice",
            "UPDATE patients_reminder SET queued_through = NULL",
        ],
    )
    def test_the_dispatcher_learns_when_and_not_who(self, dispatcher: psycopg.Connection, sql: str) -> None:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            dispatcher.execute(sql)

    def test_as_many_queries_for_three_as_for_one(self, home: Home) -> None:
        def queries(now: datetime) -> int:
            with clinic_scope(home.clinic.pk), CaptureQueriesContext(connection) as captured:
                queue_due_reminders(clinic=home.clinic, now=now)
            return len(captured)

        remind(home)
        one = queries(NINE)
        with clinic_scope(home.clinic.pk):
            for _more in range(2):
                patient = make.make_patient(home.clinician)
                make.make_prescription(home.clinician, patient)
                set_reminder(by=make.make_sign_in(patient), weekdays=EVERY_DAY, hour=9, by_email=True, now=BEFORE)
        assert queries(NINE + DAY) == one
        assert len(stored(home)) == 4


def test_a_real_worker_finds_and_sends_it(worker: Path, smtp: Mailbox, settings: Any) -> None:
    """From beat's tick to the mailbox: dispatcher, Redis, worker, mail server."""
    now = datetime.now(UTC)
    home = a_home(prescribed=False, summarised_through=now.date() - timedelta(days=now.weekday() + 7))
    with clinic_scope(home.clinic.pk):
        make.make_prescription(home.clinician, home.patient, starts_on=now.date() - 3 * DAY)
        set_reminder(by=home.self, weekdays=EVERY_DAY, hour=0, by_email=True, now=now - 2 * DAY)
    for _two_beats in range(2):
        app.send_task("clinic.tasks.dispatch")
    [mail] = smtp.wait_for(1)
    assert mail["Subject"] == "Time for your exercises?"
    until(lambda: [each.state for each in stored(home)] == ["sent"], "what was sent is recorded")
    until(lambda: quiet(worker), "the worker has done all that it took")
    assert len(smtp.messages) == 1


def quiet(worker: Path) -> bool:
    """Whether nothing is under way that would still write when the tables are emptied."""
    log = worker.read_text()
    done = sum(log.count(word) for word in (" succeeded in", " raised unexpected", "Discarding revoked"))
    return log.count(" received") == done


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
