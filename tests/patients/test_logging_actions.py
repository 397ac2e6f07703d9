"""What may be logged, by whom and when; and that nothing logged is ever lost or doubled."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from uuid_utils.compat import uuid7

from clinic.models import Clinic
from clinic.wall.scope import clinic_scope
from patients.actions.logging import Entry, LogConflict, SetEntry, accept_log, record_log, withdraw_log
from patients.models import Log, LoggedSet
from tests import factories as make
from tests.patients.home import Home, a_home

DAY = timedelta(days=1)
WALK = SetEntry(exercise=make.WALK, left=10, right=8)
THRUST = SetEntry(exercise=make.THRUST, amount=12)


@pytest.fixture
def home(db: None) -> Iterator[Home]:
    """With the clinic open."""
    made = a_home()
    with clinic_scope(made.clinic.pk):
        yield made


def entry(day: date = make.TODAY, **said: Any) -> Entry:
    sets = () if said.get("skip_reason") or said.get("as_planned") else (WALK, THRUST)
    given: dict[str, Any] = {"id": uuid7(), "date": day, "sets": sets} | said
    return Entry(**given)


class TestProvenance:
    def test_on_the_day_it_is_live(self, home: Home) -> None:
        log, created = home.log(entry())
        assert (created, log.provenance, log.accepted, log.entered_at) == (True, "live", True, make.NOW)

    @pytest.mark.parametrize("back", [1, 2])
    def test_on_the_two_days_after_it_is_late(self, home: Home, back: int) -> None:
        assert home.log(entry(make.TODAY - back * DAY))[0].provenance == "late"

    def test_older_is_refused_for_patients(self, home: Home) -> None:
        with pytest.raises(ValidationError, match="more than two days ago"):
            home.log(entry(make.TODAY - 3 * DAY))
        assert not Log.objects.exists()

    def test_older_is_allowed_for_staff(self, home: Home) -> None:
        log, _created = home.log(entry(make.TODAY - 40 * DAY), by=home.clinician)
        assert (log.provenance, log.entered_by) == ("staff", home.clinician)

    @pytest.mark.parametrize("by", ["self", "clinician"])
    def test_the_future_is_refused_for_everybody(self, home: Home, by: str) -> None:
        with pytest.raises(ValidationError, match="still to come"):
            home.log(entry(make.TODAY + DAY), by=getattr(home, by))

    def test_entered_in_time_and_arrived_later_is_held(self, home: Home) -> None:
        log, _created = home.log(entry(make.TODAY - 9 * DAY, waited=9 * DAY))
        assert (log.provenance, log.accepted) == ("held", True)
        assert (log.entered_at, log.received_at) == (make.NOW - 9 * DAY, make.NOW)

    def test_the_longest_wait_still_stands(self, home: Home) -> None:
        assert home.log(entry(make.TODAY - 14 * DAY, waited=14 * DAY))[0].accepted

    @pytest.mark.parametrize("waited", [14 * DAY + timedelta(seconds=1), -timedelta(seconds=1), 800 * DAY])
    def test_what_waited_too_long_or_by_a_wrong_clock_is_kept_for_staff(self, home: Home, waited: timedelta) -> None:
        log, _created = home.log(entry(waited=waited))
        assert (log.provenance, log.accepted, log.entered_at) == ("held", False, make.NOW)
        assert log.sets.count() == 2
        assert not Log.objects.current().exists()
        accept_log(by=home.clinician, patient=home.patient.pk, log=log.pk, now=make.NOW)
        assert Log.objects.current().get() == log

    def test_the_same_minutes_of_waiting_on_the_day_are_still_live(self, home: Home) -> None:
        assert home.log(entry(waited=timedelta(minutes=20)))[0].provenance == "live"


class TestTimeZone:
    late_on_sunday = datetime(2026, 11, 23, 7, 30, tzinfo=UTC)  # 23:30 in Los Angeles

    @pytest.fixture
    def home(self, db: None) -> Iterator[Home]:
        made = a_home(slug="west", time_zone="America/Los_Angeles")
        with clinic_scope(made.clinic.pk):
            yield made

    def test_sunday_23_30_belongs_to_sunday(self, home: Home) -> None:
        log, _created = home.log(entry(date(2026, 11, 22)), now=self.late_on_sunday)
        assert (log.date, log.provenance) == (date(2026, 11, 22), "live")

    def test_there_it_is_not_monday_yet(self, home: Home) -> None:
        with pytest.raises(ValidationError, match="still to come"):
            home.log(entry(date(2026, 11, 23)), now=self.late_on_sunday)

    def test_the_date_stays_when_the_zone_changes(self, home: Home) -> None:
        home.log(entry(date(2026, 11, 22)), now=self.late_on_sunday)
        Clinic.objects.update(time_zone="Pacific/Auckland")
        assert Log.objects.get().date == date(2026, 11, 22)


class TestSameId:
    def test_twice_is_one_log(self, home: Home) -> None:
        said = entry()
        first, second = home.log(said), home.log(said, now=make.NOW + timedelta(hours=1))
        assert (first[0], first[1], second[1]) == (second[0], True, False)
        assert second[0].received_at == make.NOW
        assert LoggedSet.objects.count() == 2

    def test_twice_is_one_log_even_when_it_could_no_longer_be_entered(self, home: Home) -> None:
        said = entry()
        home.log(said)
        assert home.log(replace(said, waited=5 * DAY), now=make.NOW + 5 * DAY)[1] is False

    @pytest.mark.parametrize("other", [{"note": "!"}, {"sets": (WALK,)}, {"pain_after": 0}, {"date": make.MONDAY}])
    def test_with_another_body_the_first_stays(self, home: Home, other: dict[str, Any]) -> None:
        said = entry()
        log, _created = home.log(said)
        with pytest.raises(LogConflict) as conflict:
            home.log(replace(said, **other))
        assert conflict.value.standing == log
        assert list(Log.objects.values_list("note", "date", "pain_after")) == [("", make.TODAY, None)]

    def test_of_another_patient_it_is_refused_and_not_shown(self, home: Home) -> None:
        said = entry()
        home.log(said)
        other = make.make_patient()
        with pytest.raises(LogConflict) as conflict:
            record_log(by=make.make_sign_in(other), patient=other.pk, entry=said, now=make.NOW)
        assert conflict.value.standing is None
        assert Log.objects.get().patient == home.patient


class TestEntry:
    def test_sets_are_kept_as_they_were_counted(self, home: Home) -> None:
        log, _created = home.log(entry(pain_during=0, effort=10, note="Fine 🙂\0"))
        assert [str(each) for each in log.sets.all()] == ["10 + 8", "12"]
        assert (log.pain_before, log.pain_during, log.pain, log.effort, log.note) == (None, 0, 0, 10, "Fine 🙂")

    def test_as_planned_takes_the_lower_end_and_is_marked(self, home: Home) -> None:
        log, _created = home.log(entry(as_planned=True))
        rows = list(log.sets.values_list("exercise", "amount", "left", "right", "as_planned"))
        assert rows == [(make.WALK, None, 10, 10, True)] * 2 + [(make.THRUST, 10, None, None, True)] * 2

    def test_one_set_as_planned(self, home: Home) -> None:
        log, _created = home.log(entry(sets=(THRUST, SetEntry(exercise=make.THRUST, as_planned=True))))
        assert list(log.sets.values_list("amount", "as_planned")) == [(12, False), (10, True)]

    def test_nothing_can_be_as_planned_without_a_plan(self, home: Home) -> None:
        day = make.MONDAY - DAY
        with pytest.raises(ValidationError):
            home.log(entry(day, as_planned=True), by=home.clinician)
        with pytest.raises(ValidationError, match="Nothing was planned"):
            home.log(entry(day, sets=(SetEntry(exercise=make.WALK, as_planned=True),)), by=home.clinician)

    @pytest.mark.parametrize(
        "wrong",
        [
            {"sets": ()},
            {"sets": (WALK,), "skip_reason": "pain"},
            {"skip_reason": "because"},
            {"sets": (SetEntry(exercise=make.THRUST),)},
            {"sets": (SetEntry(exercise=make.THRUST, amount=-1),)},
            {"sets": (SetEntry(exercise=make.THRUST, amount=1001),)},
            {"sets": (SetEntry(exercise="squat", amount=5),)},
            {"sets": (THRUST,) * 61},
            {"pain_before": 11},
            {"effort": -1},
            {"note": "x" * 2001},
        ],
    )
    def test_what_makes_no_sense_is_refused_whole(self, home: Home, wrong: dict[str, Any]) -> None:
        with pytest.raises(ValidationError):
            home.log(entry(**wrong))
        assert not Log.objects.exists()
        assert not LoggedSet.objects.exists()


class TestCorrection:
    def test_it_keeps_what_it_replaced(self, home: Home) -> None:
        first, _created = home.log(entry(note="first"))
        second, _created = home.log(entry(note="second", replaces=first.pk), now=make.NOW + DAY)
        assert Log.objects.current().get() == second
        first.refresh_from_db()
        assert (first.note, first.sets.count(), first.replaced_at) == ("first", 2, make.NOW + DAY)
        assert second.replaces == first

    def test_a_log_is_corrected_once(self, home: Home) -> None:
        first, _created = home.log(entry())
        home.log(entry(note="second", replaces=first.pk))
        with pytest.raises(ValidationError, match="corrected in the meantime"):
            home.log(entry(note="third", replaces=first.pk))
        assert Log.objects.current().get().note == "second"

    def test_sent_again_it_is_the_same_correction(self, home: Home) -> None:
        first, _created = home.log(entry())
        said = entry(note="second", replaces=first.pk)
        assert [home.log(said)[1], home.log(said)[1]] == [True, False]

    def test_a_patient_corrects_for_as_long_as_it_can_be_logged_and_staff_after_that(self, home: Home) -> None:
        first, _created = home.log(entry())
        later = make.NOW + 3 * DAY
        with pytest.raises(ValidationError, match="more than two days"):
            home.log(entry(replaces=first.pk), now=later)
        assert home.log(entry(replaces=first.pk), by=home.clinician, now=later)[0].provenance == "staff"

    def test_what_is_withdrawn_or_somebody_elses_is_not_corrected(self, home: Home) -> None:
        other = make.make_patient()
        theirs = make.make_log(make.make_sign_in(other), other)
        mine, _created = home.log(entry())
        withdraw_log(by=home.self, patient=home.patient.pk, log=mine.pk, now=make.NOW)
        for log, sentence in [(mine, "withdrawn"), (theirs, "not there")]:
            with pytest.raises(ValidationError, match=sentence):
                home.log(entry(replaces=log.pk))

    def test_one_that_waits_for_staff_replaces_nothing_until_they_accept_it(self, home: Home) -> None:
        first, _created = home.log(entry())
        waiting, _created = home.log(entry(note="late", replaces=first.pk, waited=15 * DAY))
        assert Log.objects.current().get() == first
        accept_log(by=home.clinician, patient=home.patient.pk, log=waiting.pk, now=make.NOW)
        assert Log.objects.current().get() == waiting


class TestWithdrawing:
    def test_it_no_longer_stands_and_is_kept(self, home: Home) -> None:
        log, _created = home.log(entry())
        withdraw_log(by=home.self, patient=home.patient.pk, log=log.pk, now=make.NOW)
        assert not Log.objects.current().exists()
        assert Log.objects.get().withdrawn_by == home.self

    def test_again_is_harmless(self, home: Home) -> None:
        log, _created = home.log(entry())
        for hours in range(2):
            withdraw_log(by=home.self, patient=home.patient.pk, log=log.pk, now=make.NOW + timedelta(hours=hours))
        assert Log.objects.get().withdrawn_at == make.NOW

    def test_a_patient_no_longer_after_two_days_and_staff_still(self, home: Home) -> None:
        log, _created = home.log(entry())
        with pytest.raises(ValidationError, match="more than two days"):
            withdraw_log(by=home.self, patient=home.patient.pk, log=log.pk, now=make.NOW + 3 * DAY)
        withdraw_log(by=home.clinician, patient=home.patient.pk, log=log.pk, now=make.NOW + 3 * DAY)

    def test_another_patients_is_not_there(self, home: Home) -> None:
        log, _created = home.log(entry())
        with pytest.raises(Log.DoesNotExist):
            withdraw_log(by=home.self, patient=uuid7(), log=log.pk, now=make.NOW)


def at_once(home: Home, entries: list[Entry]) -> Counter[str]:
    """What became of the entries, each sent over a connection of its own at the same moment."""
    start = Barrier(len(entries))

    def send(said: Entry) -> str:
        try:
            start.wait()
            with clinic_scope(home.clinic.pk):
                return str(home.log(said)[1])
        except (LogConflict, ValidationError) as error:
            return type(error).__name__
        finally:
            connection.close()

    with ThreadPoolExecutor(len(entries)) as threads:
        return Counter(threads.map(send, entries))


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def test_fifty_times_the_same_id_is_one_log(self) -> None:
        home, said = a_home(), entry()
        assert at_once(home, [said] * 50) == {"True": 1, "False": 49}
        with clinic_scope(home.clinic.pk):
            assert (Log.objects.count(), LoggedSet.objects.count()) == (1, 2)

    def test_two_bodies_with_one_id_leave_one_of_them(self) -> None:
        home, said = a_home(), entry()
        assert at_once(home, [said, replace(said, note="other")] * 5) == {"True": 1, "False": 4, "LogConflict": 5}

    def test_two_corrections_of_one_log_leave_one_of_them(self) -> None:
        home, said = a_home(), entry()
        assert at_once(home, [said]) == {"True": 1}
        corrections = [entry(note=str(number), replaces=said.id) for number in range(8)]
        assert at_once(home, corrections) == {"True": 1, "ValidationError": 7}
        with clinic_scope(home.clinic.pk):
            assert Log.objects.current().count() == 1
