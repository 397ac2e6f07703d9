"""The weekly email when clocks do what clocks do: on the real dispatcher, over Redis, through the outbox to SMTP."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from uuid_utils.compat import uuid7

from clinic.celery import app
from clinic.models import Clinic, Membership, Message
from clinic.wall.scope import clinic_scope
from patients.actions.logging import Entry, record_log
from patients.models import Alert, Patient
from tests.beat import Beat
from tests.factories import WHOLE_SESSION, make_clinic, make_member, make_patient, make_prescription, make_sign_in
from tests.fixtures import Mailbox
from tests.patients.test_weekly_way import text_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("dispatcher_url")]

DAY, WEEK, HOUR, MINUTE = timedelta(days=1), timedelta(weeks=1), timedelta(hours=1), timedelta(minutes=1)
MONDAY = date(2026, 11, 16)
NIGHTS_ARE_LEFT_OUT = date(2099, 1, 1)


@pytest.fixture
def beat(time_machine: Any) -> Iterator[Beat]:
    app.control.purge()
    yield Beat(time_machine)
    app.control.purge()


def at(zone: str, day: date, hour: int, minute: int = 0) -> datetime:
    """The moment at which clocks in this zone say so."""
    local = datetime(day.year, day.month, day.day, hour, minute, tzinfo=ZoneInfo(zone))
    return local.astimezone(UTC)


def make_case(zone: str, monday: date = MONDAY) -> Clinic:
    """A clinic that is told about one patient, three times a week since long before the week of this Monday."""
    clinic = make_clinic(time_zone=zone, summarised_through=monday - WEEK, alerted_through=NIGHTS_ARE_LEFT_OUT)
    with clinic_scope(clinic.pk):
        by = make_member(clinic)
        patient = make_patient(by)
        make_sign_in(patient)
        make_prescription(by, patient, starts_on=monday - 4 * WEEK)
    return clinic


def log(clinic: Clinic, day: date, now: datetime, **said: Any) -> None:
    """By the patient, who has a phone that knows what time it is."""
    with clinic_scope(clinic.pk):
        [patient] = Patient.objects.all()
        own = Membership.objects.get(record=patient.pk)
        entry = Entry(id=uuid7(), date=day, sets=WHOLE_SESSION, **said)
        record_log(by=own, patient=patient.pk, entry=entry, now=now)


def move(clinic: Clinic, zone: str) -> None:
    with clinic_scope(clinic.pk):
        Clinic.objects.filter(pk=clinic.pk).update(time_zone=zone)


def subjects(smtp: Mailbox) -> list[str]:
    return [str(mail["Subject"]).split(":")[0] for mail in smtp.messages]


def messages(clinic: Clinic) -> list[tuple[date, str]]:
    with clinic_scope(clinic.pk):
        return list(Message.objects.order_by("week").values_list("week", "state"))


@pytest.mark.parametrize(
    ("zone", "monday"),
    [
        ("Pacific/Kiritimati", MONDAY),
        ("Etc/GMT+12", MONDAY),
        ("Asia/Kolkata", MONDAY),
        ("Asia/Kathmandu", MONDAY),
        ("Europe/Berlin", date(2027, 3, 22)),
        ("Europe/Berlin", date(2026, 10, 19)),
        ("Pacific/Auckland", date(2026, 9, 21)),
        ("Pacific/Auckland", date(2027, 3, 29)),
        ("Australia/Lord_Howe", date(2027, 3, 29)),
    ],
    ids=[
        "UTC+14",
        "UTC-12",
        "+5:30",
        "+5:45",
        "Berlin springs",
        "Berlin falls",
        "Auckland springs",
        "Auckland falls",
        "Lord Howe falls by half an hour",
    ],
)
def test_a_session_of_the_last_half_hour_is_in_the_email_of_that_week(
    beat: Beat, smtp: Mailbox, zone: str, monday: date
) -> None:
    """And the first of the week after it is not. The email comes at seven, once."""
    clinic = make_case(zone, monday)
    sunday, after = monday + 6 * DAY, monday + WEEK
    log(clinic, sunday, at(zone, sunday, 23, 30))
    log(clinic, after, at(zone, after, 0, 30))
    due = at(zone, after, 7)
    beat.tick(due - MINUTE)
    assert subjects(smtp) == []
    for now in (due, due + MINUTE, due + HOUR, due + DAY):
        beat.tick(now)
    assert subjects(smtp) == [f"Week {monday.isocalendar().week}"]
    assert "0 of 1 on track, 1 of 3 sessions done" in text_of(smtp.messages[0])
    assert messages(clinic) == [(monday, "sent")]


def test_after_two_days_without_beat_it_comes_late_once_and_of_the_week_that_was_missed(
    beat: Beat, smtp: Mailbox
) -> None:
    clinic = make_case("Europe/Berlin")
    for day in (0, 2, 7, 8):
        log(clinic, MONDAY + day * DAY, at("Europe/Berlin", MONDAY + day * DAY, 18))
    due = at("Europe/Berlin", MONDAY + WEEK, 7)
    beat.tick(due - HOUR)
    beat.tick(due + 2 * DAY)
    beat.tick(due + 2 * DAY + MINUTE)
    assert subjects(smtp) == ["Week 47"]
    assert "2 of 3 sessions done" in text_of(smtp.messages[0])
    beat.tick(due + WEEK - MINUTE)
    beat.tick(due + WEEK)
    assert subjects(smtp) == ["Week 47", "Week 48"]


def test_two_beats_at_once_and_one_email(beat: Beat, smtp: Mailbox) -> None:
    clinic = make_case("Europe/Berlin")
    due = at("Europe/Berlin", MONDAY + WEEK, 7)
    beat.tick(due, beats=2)
    beat.tick(due + MINUTE, beats=2)
    assert (subjects(smtp), messages(clinic)) == (["Week 47"], [(MONDAY, "sent")])


class TestAClinicThatMovesOnSundayNight:
    """It changes its time zone. Each week is told once, and at seven of the zone that it has by then."""

    def test_to_where_it_is_still_sunday(self, beat: Beat, smtp: Mailbox) -> None:
        clinic = make_case("Pacific/Auckland")
        sunday_night = at("Pacific/Auckland", MONDAY + 6 * DAY, 22)
        beat.tick(sunday_night)
        move(clinic, "America/Los_Angeles")
        beat.tick(at("Pacific/Auckland", MONDAY + WEEK, 7))
        assert subjects(smtp) == []
        due = at("America/Los_Angeles", MONDAY + WEEK, 7)
        beat.tick(due - MINUTE)
        assert subjects(smtp) == []
        beat.tick(due)
        beat.tick(due + WEEK - MINUTE)
        assert subjects(smtp) == ["Week 47"]
        beat.tick(due + WEEK)
        assert subjects(smtp) == ["Week 47", "Week 48"]

    def test_to_where_it_is_monday_already(self, beat: Beat, smtp: Mailbox) -> None:
        clinic = make_case("America/Los_Angeles")
        sunday_night = at("America/Los_Angeles", MONDAY + 6 * DAY, 22)
        beat.tick(sunday_night)
        assert subjects(smtp) == []
        move(clinic, "Pacific/Auckland")
        beat.tick(sunday_night + MINUTE)
        assert subjects(smtp) == ["Week 47"]
        beat.tick(at("America/Los_Angeles", MONDAY + WEEK, 7))
        assert subjects(smtp) == ["Week 47"]
        beat.tick(at("Pacific/Auckland", MONDAY + 2 * WEEK, 7))
        assert subjects(smtp) == ["Week 47", "Week 48"]

    def test_back_into_the_sunday_after_it_was_sent(self, beat: Beat, smtp: Mailbox) -> None:
        clinic = make_case("Pacific/Kiritimati")
        due = at("Pacific/Kiritimati", MONDAY + WEEK, 7)
        beat.tick(due)
        move(clinic, "Etc/GMT+12")
        for hours in range(0, 60, 6):
            beat.tick(due + hours * HOUR)
        assert subjects(smtp) == ["Week 47"]
        log(clinic, MONDAY + 6 * DAY, at("Etc/GMT+12", MONDAY + 6 * DAY, 12))
        beat.tick(at("Etc/GMT+12", MONDAY + 2 * WEEK, 7))
        assert subjects(smtp) == ["Week 47", "Week 48"]
        assert "Week 47: 0/3 -> 1/3" in text_of(smtp.messages[1])


class TestAServersClockThatJumpsADay:
    def test_forward_it_tells_a_week_early_and_what_came_of_it_in_the_next(self, beat: Beat, smtp: Mailbox) -> None:
        """Once it is right again, nothing is told twice, and the session of the real Sunday is not lost."""
        clinic = make_case("Europe/Berlin")
        log(clinic, MONDAY, at("Europe/Berlin", MONDAY, 18))
        sunday = at("Europe/Berlin", MONDAY + 6 * DAY, 8)
        beat.tick(sunday + DAY)
        assert subjects(smtp) == ["Week 47"]
        log(clinic, MONDAY + 6 * DAY, sunday + HOUR)
        for now in (sunday, sunday + DAY, sunday + DAY + HOUR):
            beat.tick(now)
        assert subjects(smtp) == ["Week 47"]
        beat.tick(sunday + DAY + WEEK)
        assert subjects(smtp) == ["Week 47", "Week 48"]
        assert "Week 47: 1/3 -> 2/3" in text_of(smtp.messages[1])

    def test_back_nothing_is_told_again(self, beat: Beat, smtp: Mailbox) -> None:
        clinic = make_case("Europe/Berlin")
        due = at("Europe/Berlin", MONDAY + WEEK, 7)
        for now in (due, due - DAY, due - DAY + HOUR, due, due + MINUTE):
            beat.tick(now)
        assert (subjects(smtp), messages(clinic)) == (["Week 47"], [(MONDAY, "sent")])
        beat.tick(due + WEEK)
        assert subjects(smtp) == ["Week 47", "Week 48"]

    def test_forward_the_night_that_was_looked_at_early_is_made_up_for(self, beat: Beat, smtp: Mailbox) -> None:
        """What was logged on the date that the pass took for over is found by the next one."""
        clinic = make_case("Europe/Berlin")
        wednesday = MONDAY + 2 * DAY
        with clinic_scope(clinic.pk):
            Clinic.objects.filter(pk=clinic.pk).update(summarised_through=MONDAY, alerted_through=MONDAY)
        early = at("Europe/Berlin", wednesday, 4)
        beat.tick(early + DAY)
        log(clinic, wednesday, early + 14 * HOUR, pain_during=7)
        beat.tick(early + DAY)
        assert alerts(clinic) == []
        beat.tick(early + 2 * DAY)
        assert alerts(clinic) == ["pain"]


def alerts(clinic: Clinic) -> list[str]:
    with clinic_scope(clinic.pk):
        return list(Alert.objects.filter(kind="pain").values_list("kind", flat=True))
