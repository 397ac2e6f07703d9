"""What is due, found through the dispatcher's role, and asked for over a real Redis."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest

from clinic.celery import app
from clinic.dispatch import dispatch_due
from clinic.models import Clinic, Message
from clinic.wall.scope import clinic_scope
from tests.beat import asked_for
from tests.factories import make_clinic, make_member
from tests.trouble import NO_REDIS, redis_at

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("dispatcher_url")]

MONDAY = date(2026, 11, 16)
WEEK = timedelta(weeks=1)
FAR = date(2099, 1, 1)
DUE = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
Asked = Callable[[datetime], list[tuple[str, list[Any]]]]


@pytest.fixture
def asked() -> Iterator[Asked]:
    """Dispatches at a moment; gives the tasks that then wait in Redis, as (name, arguments)."""
    app.control.purge()

    def dispatch(now: datetime) -> list[tuple[str, list[Any]]]:
        dispatch_due(now=now)
        return asked_for()

    yield dispatch
    app.control.purge()


def make_due_clinic(slug: str = "north", **fields: Any) -> Clinic:
    return make_clinic(
        slug, **{"summarised_through": MONDAY - WEEK, "alerted_through": FAR, "own_weeks_through": FAR} | fields
    )


def summary_of(clinic: Clinic, week: date = MONDAY) -> tuple[str, list[Any]]:
    return "patients.tasks.queue_weekly_summaries", [clinic.pk, week]


def test_a_clinic_is_due_at_its_hour_and_asked_for_until_it_is_claimed(asked: Asked) -> None:
    north = make_due_clinic()
    make_due_clinic("done", summarised_through=MONDAY)
    assert asked(DUE - MINUTE) == []
    assert asked(DUE) == [summary_of(north)]
    assert asked(DUE + MINUTE) == [summary_of(north)]


@pytest.mark.parametrize("late", [timedelta(days=2), timedelta(days=6, hours=16)])
def test_late_it_is_still_the_week_that_was_missed(asked: Asked, late: timedelta) -> None:
    north = make_due_clinic()
    assert asked(DUE + late) == [summary_of(north)]


def test_after_three_weeks_of_silence_the_oldest_comes_first(asked: Asked) -> None:
    north = make_due_clinic(summarised_through=MONDAY - 3 * WEEK)
    assert asked(DUE) == [summary_of(north, MONDAY - 2 * WEEK)]


def test_a_new_clinic_starts_with_the_week_it_was_made_in(asked: Asked) -> None:
    north = make_due_clinic(summarised_through=None, created_at=DUE - timedelta(days=3))
    assert asked(DUE) == [summary_of(north)]
    south = make_due_clinic("south", summarised_through=None, created_at=DUE)
    assert asked(DUE) == [summary_of(north)]
    assert asked(DUE + WEEK) == [summary_of(north), summary_of(south, MONDAY + WEEK)]


@pytest.mark.parametrize(
    ("zone", "due"),
    [
        ("Pacific/Kiritimati", datetime(2026, 11, 22, 17, 0, tzinfo=UTC)),
        ("Pacific/Pago_Pago", datetime(2026, 11, 23, 18, 0, tzinfo=UTC)),
        ("Asia/Kathmandu", datetime(2026, 11, 23, 1, 15, tzinfo=UTC)),
        ("America/Los_Angeles", datetime(2026, 11, 23, 15, 0, tzinfo=UTC)),
    ],
)
def test_the_hour_is_the_clinics_own(asked: Asked, zone: str, due: datetime) -> None:
    clinic = make_due_clinic(time_zone=zone)
    assert asked(due - MINUTE) == []
    assert asked(due) == [summary_of(clinic)]


@pytest.mark.parametrize(
    ("zone", "week", "due"),
    [
        ("Europe/Berlin", date(2027, 3, 22), datetime(2027, 3, 29, 5, 0, tzinfo=UTC)),
        ("Europe/Berlin", date(2026, 10, 19), datetime(2026, 10, 26, 6, 0, tzinfo=UTC)),
        ("America/New_York", date(2026, 10, 26), datetime(2026, 11, 2, 12, 0, tzinfo=UTC)),
        ("Pacific/Auckland", date(2026, 9, 21), datetime(2026, 9, 27, 18, 0, tzinfo=UTC)),
        ("Pacific/Auckland", date(2027, 3, 29), datetime(2027, 4, 4, 19, 0, tzinfo=UTC)),
    ],
    ids=["Berlin springs", "Berlin falls", "New York falls", "Auckland springs", "Auckland falls"],
)
def test_a_week_in_which_clocks_change(asked: Asked, zone: str, week: date, due: datetime) -> None:
    clinic = make_due_clinic(time_zone=zone, summarised_through=week - WEEK)
    assert asked(due - MINUTE) == []
    assert asked(due) == [summary_of(clinic, week)]


def test_the_weekday_and_hour_that_the_clinic_chose(asked: Asked) -> None:
    clinic = make_due_clinic(summary_weekday=2, summary_hour=18)
    due = datetime(2026, 11, 25, 18, 0, tzinfo=UTC)
    assert asked(due - MINUTE) == []
    assert asked(due) == [summary_of(clinic)]


def test_a_time_zone_that_nobody_knows_does_not_hold_up_the_others(asked: Asked) -> None:
    make_due_clinic("lost", time_zone="Atlantis/Capital")
    make_due_clinic("odd", time_zone="../etc")
    north = make_due_clinic()
    assert asked(DUE) == [summary_of(north)]


def night_of(clinic: Clinic, day: date) -> tuple[str, list[Any]]:
    return "patients.tasks.raise_nightly_alerts", [clinic.pk, day]


@pytest.mark.parametrize(
    ("zone", "day", "due"),
    [
        ("UTC", date(2026, 11, 16), datetime(2026, 11, 17, 3, 0, tzinfo=UTC)),
        ("Pacific/Kiritimati", date(2026, 11, 16), datetime(2026, 11, 16, 13, 0, tzinfo=UTC)),
        ("Etc/GMT+12", date(2026, 11, 16), datetime(2026, 11, 17, 15, 0, tzinfo=UTC)),
        ("Asia/Kathmandu", date(2026, 11, 16), datetime(2026, 11, 16, 21, 15, tzinfo=UTC)),
        ("Europe/Berlin", date(2026, 10, 24), datetime(2026, 10, 25, 2, 0, tzinfo=UTC)),
        ("Europe/Berlin", date(2027, 3, 27), datetime(2027, 3, 28, 1, 0, tzinfo=UTC)),
        ("Pacific/Auckland", date(2026, 9, 26), datetime(2026, 9, 26, 14, 0, tzinfo=UTC)),
        ("Pacific/Auckland", date(2027, 4, 3), datetime(2027, 4, 3, 15, 0, tzinfo=UTC)),
    ],
    ids=["UTC", "UTC+14", "UTC-12", "+5:45", "Berlin falls", "Berlin springs", "Auckland springs", "Auckland falls"],
)
def test_the_night_is_the_clinics_own(asked: Asked, zone: str, day: date, due: datetime) -> None:
    """Three hours of the clock after a date is over; on the night that clocks change too."""
    through = day - timedelta(days=1)
    clinic = make_clinic(time_zone=zone, summarised_through=FAR, own_weeks_through=FAR, alerted_through=through)
    assert asked(due - MINUTE) == []
    assert asked(due) == [night_of(clinic, day)]
    assert asked(due + MINUTE) == [night_of(clinic, day)]


def test_after_nights_without_beat_the_last_is_looked_at_once(asked: Asked) -> None:
    north = make_clinic(summarised_through=FAR, own_weeks_through=FAR, alerted_through=MONDAY)
    make_clinic("lost", time_zone="Atlantis/Capital", summarised_through=FAR)
    wednesday = datetime(2026, 11, 19, 9, 0, tzinfo=UTC)
    assert asked(wednesday) == [night_of(north, MONDAY + timedelta(days=2))]
    with clinic_scope(north.pk):
        Clinic.objects.filter(pk=north.pk).update(alerted_through=MONDAY + timedelta(days=2))
    assert asked(wednesday + MINUTE) == []
    assert asked(wednesday + timedelta(days=1)) == [night_of(north, MONDAY + timedelta(days=3))]


def test_a_clinic_that_moves_to_another_zone_has_each_night_once(asked: Asked) -> None:
    """From UTC+14 to UTC-12 it is suddenly a day earlier: nothing is due again until its new night is over."""
    clinic = make_clinic(time_zone="Etc/GMT+12", summarised_through=FAR, own_weeks_through=FAR, alerted_through=MONDAY)
    assert asked(datetime(2026, 11, 17, 15, 0, tzinfo=UTC)) == []
    assert asked(datetime(2026, 11, 18, 15, 0, tzinfo=UTC)) == [night_of(clinic, MONDAY + timedelta(days=1))]


def test_messages_that_wait_in_any_clinic(asked: Asked) -> None:
    def message(clinic: Clinic, **fields: Any) -> UUID:
        with clinic_scope(clinic.pk):
            defaults = {"recipient": make_member(clinic), "kind": "weekly_summary", "week": MONDAY}
            return Message.objects.create(**defaults | fields).pk

    north, south = (make_due_clinic(slug, summarised_through=MONDAY) for slug in ["north", "south"])
    stale = DUE - Message.STALE_AFTER - MINUTE
    queued = message(north, due_at=DUE)
    forgotten = message(south, due_at=DUE - MINUTE, state="sending", claimed_at=stale)
    message(north, due_at=DUE + MINUTE)
    message(north, due_at=stale, state="sending", claimed_at=DUE - MINUTE)
    for state in ["sent", "skipped", "failed", "uncertain"]:
        message(north, due_at=stale, state=state, claimed_at=stale)
    assert asked(DUE) == [
        ("clinic.tasks.deliver", [south.pk, [forgotten]]),
        ("clinic.tasks.deliver", [north.pk, [queued]]),
    ]


def test_without_redis_it_ends_in_peace(settings: Any) -> None:
    make_due_clinic()
    with redis_at(NO_REDIS):
        dispatch_due(now=DUE)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT name FROM clinic_clinic",
        "SELECT slug FROM clinic_clinic",
        "SELECT * FROM clinic_message",
        "SELECT recipient_id FROM clinic_message",
        "SELECT sent_to FROM clinic_message",
        "SELECT subject FROM clinic_message",
        "SELECT reported FROM clinic_message",
        "SELECT id FROM clinic_membership",
        "SELECT id FROM clinic_user",
        "SELECT id FROM patients_patient",
        "SELECT patient_id FROM patients_alert",
        "SELECT kind FROM patients_alert",
        "SELECT id FROM patients_log",
        "SELECT session_key FROM django_session",
        "UPDATE clinic_clinic SET summarised_through = NULL",
        "UPDATE clinic_message SET state = 'sent'",
        "INSERT INTO clinic_clinic (id) VALUES (gen_random_uuid())",
        "DELETE FROM clinic_message",
        "SET ROLE steady_migrator",
        "CREATE TABLE notes (note text)",
    ],
)
def test_the_dispatcher_sees_what_is_due_and_nothing_else(dispatcher_url: str, sql: str) -> None:
    with psycopg.connect(dispatcher_url) as dispatcher, pytest.raises(psycopg.errors.InsufficientPrivilege):
        dispatcher.execute(sql)
