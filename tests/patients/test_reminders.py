"""Reminders: when they are due, that each goes once, and how they are found. The real outbox, mail and database."""

import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

import psycopg
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clinic import dispatch, outbox
from clinic.celery import app
from clinic.models import Clinic
from clinic.wall.scope import clinic_scope
from patients.actions.prescribing import end_course, pause
from patients.actions.reminding import set_reminder
from patients.models import Course, Patient, Reminder
from patients.reminders import find_due, queue_due_reminders
from tests import factories as make
from tests.fixtures import Mailbox, until
from tests.patients.home import Home, a_home
from tests.patients.reminding import (
    BEFORE,
    DAY,
    EVERY_DAY,
    HOUR,
    MINUTE,
    NINE,
    home,
    remind,
    service,
    states,
    stored,
    tick,
    vapid,
)

__all__ = ["home", "service", "vapid"]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def dispatcher(settings: Any) -> Iterator[psycopg.Connection]:
    """The dispatcher's own connection to the test database."""
    database = f"/{quote(connection.settings_dict['NAME'])}"
    url = urlunsplit(urlsplit(settings.DISPATCHER_DATABASE_URL)._replace(path=database))
    with psycopg.connect(url) as opened:
        yield opened


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
