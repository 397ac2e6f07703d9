"""Two painful sessions running, whatever made them so: a log, a correction, one that waited or was taken back."""

import random
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest
from uuid_utils.compat import uuid7

from clinic.models import Clinic, Membership, Message
from clinic.wall.scope import clinic_scope
from patients.actions.alerts import acknowledge
from patients.actions.logging import Entry, accept_log, record_log, withdraw_log
from patients.alerts import Session, Thresholds, due_across
from patients.models import Alert, Log, Patient
from tests.factories import NOW, TODAY, WHOLE_SESSION, make_clinic, make_log, make_member, make_patient, make_sign_in

DAY = timedelta(days=1)
ONE, TWO, THREE, FOUR, FIVE = (TODAY - number * DAY for number in (4, 3, 2, 1, 0))


class TestWhatAGapLeaves:
    @staticmethod
    def left(pain: int | None, *felt: tuple[date, int | None]) -> list[list[date]]:
        sessions = [Session(day=day, pain=level) for day, level in felt]
        found = due_across(THREE, pain, sessions, Thresholds())
        return [[date.fromisoformat(each["day"]) for each in due.evidence] for due in found]

    @pytest.mark.parametrize("pain", [None, 0, 5])
    def test_two_painful_ones(self, pain: int | None) -> None:
        assert self.left(pain, (TWO, 6), (FOUR, 7)) == [[TWO, FOUR]]

    def test_one_that_is_bearable_or_not_answered(self) -> None:
        assert self.left(3, (TWO, 5), (FOUR, 7)) == self.left(3, (TWO, 6), (FOUR, None)) == []

    def test_only_where_it_was(self) -> None:
        assert self.left(3, (ONE, 6), (TWO, 6), (FOUR, 2), (FIVE, 6)) == []

    def test_where_another_session_stands_on_its_date(self) -> None:
        assert self.left(3, (TWO, 6), (THREE, 2), (FOUR, 7)) == []

    def test_both_were_told_of_with_it(self) -> None:
        assert self.left(6, (TWO, 6), (FOUR, 7)) == []

    def test_both_were_told_of_with_others(self) -> None:
        assert self.left(3, (ONE, 6), (TWO, 6), (FOUR, 7), (FIVE, 7)) == []

    def test_one_of_them_was_not(self) -> None:
        assert self.left(3, (ONE, 6), (TWO, 6), (FOUR, 7)) == [[TWO, FOUR]]


@pytest.fixture
def clinic() -> Clinic:
    return make_clinic()


@pytest.fixture
def by(clinic: Clinic) -> Membership:
    with clinic_scope(clinic.pk):
        return make_member(clinic)


@pytest.fixture
def patient(clinic: Clinic, by: Membership) -> Any:
    with clinic_scope(clinic.pk):
        yield make_patient(by)


def told() -> set[date]:
    """All dates of which an alert of this kind told, open or not."""
    alerts = Alert.objects.filter(kind="pain_twice")
    return {date.fromisoformat(each["day"]) for alert in alerts for each in alert.evidence}


@pytest.mark.django_db
class TestRaised:
    @pytest.fixture
    def between(self, by: Membership, patient: Patient) -> Log:
        """A mild session between two painful ones."""
        make_log(by, patient, TWO, pain_after=6)
        mild = make_log(by, patient, THREE, pain_after=2)
        make_log(by, patient, FOUR, pain_after=7)
        assert told() == set()
        return mild

    def test_by_taking_back_what_was_between(self, by: Membership, patient: Patient, between: Log) -> None:
        for _time in range(2):
            withdraw_log(by=by, patient=patient.pk, log=between.pk, now=NOW)
        assert told() == {TWO, FOUR}
        assert [message.recipient for message in Message.objects.filter(kind="alerts_at_once")] == [by]

    def test_by_saying_that_it_was_not_done(self, by: Membership, patient: Patient, between: Log) -> None:
        make_log(by, patient, THREE, skip_reason="time", replaces=between.pk)
        assert told() == {TWO, FOUR}

    def test_by_moving_it_to_another_date(self, by: Membership, patient: Patient, between: Log) -> None:
        make_log(by, patient, ONE, pain_after=2, replaces=between.pk)
        assert told() == {TWO, FOUR}

    def test_by_moving_a_painful_one_beside_another(self, by: Membership, patient: Patient, between: Log) -> None:
        make_log(by, patient, ONE, pain_after=7, replaces=patient.logs.get(date=FOUR).pk)
        assert told() == {ONE, TWO}

    def test_by_a_correction_that_waited(self, by: Membership, patient: Patient, between: Log) -> None:
        late = Entry(id=uuid7(), date=THREE, skip_reason="time", replaces=between.pk, waited=40 * DAY)
        log, _new = record_log(by=make_sign_in(patient), patient=patient.pk, entry=late, now=NOW)
        assert told() == set()
        accept_log(by=by, patient=patient.pk, log=log.pk, now=NOW)
        assert told() == {TWO, FOUR}

    def test_by_one_that_staff_enter_for_an_older_date(self, by: Membership, patient: Patient) -> None:
        make_log(by, patient, FOUR, pain_after=7)
        make_log(by, patient, TWO, pain_after=6)
        assert told() == {TWO, FOUR}

    def test_not_by_what_still_waits(self, by: Membership, patient: Patient, between: Log) -> None:
        late = Entry(id=uuid7(), date=THREE, sets=WHOLE_SESSION, pain_after=2, waited=40 * DAY)
        log, _new = record_log(by=make_sign_in(patient), patient=patient.pk, entry=late, now=NOW)
        withdraw_log(by=by, patient=patient.pk, log=log.pk, now=NOW)
        assert told() == set()

    def test_not_while_another_log_of_the_date_stands(self, by: Membership, patient: Patient, between: Log) -> None:
        second = make_log(by, patient, THREE, pain_after=1)
        withdraw_log(by=by, patient=patient.pk, log=between.pk, now=NOW)
        assert told() == set()
        withdraw_log(by=by, patient=patient.pk, log=second.pk, now=NOW)
        assert told() == {TWO, FOUR}

    def test_not_anew_where_both_were_acknowledged(self, by: Membership, patient: Patient) -> None:
        for day in (TWO, THREE, FOUR):
            make_log(by, patient, day, pain_after=7)
        alert = Alert.objects.get(kind="pain_twice")
        acknowledge(by=by, alert=alert.pk, note="Rest", seen=alert.changed_at, now=NOW)
        withdraw_log(by=by, patient=patient.pk, log=patient.logs.get(date=THREE).pk, now=NOW)
        assert Alert.objects.filter(kind="pain_twice").count() == 1

    @pytest.mark.parametrize("seed", range(25))
    def test_whatever_happens_no_two_running_are_missed(self, by: Membership, patient: Patient, seed: int) -> None:
        chance = random.Random(seed)
        for _step in range(20):
            something_happens(by, patient, chance)
            assert running(patient) <= told()


def something_happens(by: Membership, patient: Patient, chance: random.Random) -> None:
    """A log, a correction of another date or kind, one taken back, or the open alert acknowledged."""
    day, standing = chance.choice([ONE, TWO, THREE, FOUR, FIVE]), list(patient.logs.current())
    said: dict[str, Any] = chance.choice(
        [{"skip_reason": "time"}, {}, *({"pain_after": pain} for pain in (1, 5, 6, 7, 9))]
    )
    what = chance.choice(["log", "log", "correct", "withdraw", "acknowledge"])
    if what == "log":
        make_log(by, patient, day, **said)
    elif what == "correct" and standing:
        make_log(by, patient, day, replaces=chance.choice(standing).pk, **said)
    elif what == "withdraw" and standing:
        withdraw_log(by=by, patient=patient.pk, log=chance.choice(standing).pk, now=NOW)
    elif alert := Alert.objects.filter(kind="pain_twice", acknowledged_at=None).first():
        acknowledge(by=by, alert=alert.pk, note="Rest", seen=alert.changed_at, now=NOW)


def running(patient: Patient) -> set[date]:
    """The dates of sessions running in both of which pain was 6 or more, as the logs that stand say."""
    worst: dict[date, list[int]] = {}
    for log in patient.logs.current().filter(skip_reason=""):
        worst.setdefault(log.date, []).extend([] if log.pain is None else [log.pain])
    days = [(day, max(pain, default=0)) for day, pain in sorted(worst.items())]
    pairs = [(one, other) for (one, pain), (other, next_pain) in pairwise(days) if min(pain, next_pain) >= 6]
    return {day for pair in pairs for day in pair}
