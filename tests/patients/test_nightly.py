"""The nightly pass: what it reads and raises, once."""

import threading
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clinic.models import Clinic, Membership
from clinic.wall.scope import clinic_scope
from patients.actions.alerts import acknowledge
from patients.actions.logging import SetEntry
from patients.actions.nightly import raise_due_alerts
from patients.actions.prescribing import pause
from patients.evidence import known_on
from patients.models import Alert, Patient
from patients.tasks import raise_nightly_alerts
from programs.models import Dose
from tests.factories import (
    MONDAY,
    NOW,
    THRUST,
    TODAY,
    make_clinic,
    make_log,
    make_member,
    make_morning,
    make_patient,
    make_prescription,
)
from tests.patients.test_at_once import until_somebody_waits

DAY, WEEK = timedelta(days=1), timedelta(weeks=1)
START = MONDAY - 4 * WEEK
BEYOND = [SetEntry(exercise=THRUST, amount=30), SetEntry(exercise=THRUST, amount=32)]

pytestmark = pytest.mark.django_db


@pytest.fixture
def clinic(time_machine: Any) -> Clinic:
    time_machine.move_to(NOW)
    return make_clinic()


@pytest.fixture
def by(clinic: Clinic) -> Membership:
    with clinic_scope(clinic.pk):
        return make_member(clinic)


def make_case(by: Membership, *days: date, start: date = START, **entry: Any) -> Patient:
    patient = make_patient(by)
    make_prescription(by, patient, starts_on=start)
    for day in days:
        make_log(by, patient, day, **entry)
    return patient


def make_ready(by: Membership, **said: Any) -> Patient:
    answers = {"pain_before": 2, "pain_after": 3, "effort": 6, "sets": BEYOND} | said
    patient = make_case(by, MONDAY, MONDAY + DAY, **answers)
    for day in (MONDAY, MONDAY + DAY):
        make_morning(by, patient, day, pain=2)
    return patient


def night(clinic: Clinic, day: date = TODAY) -> bool:
    return raise_due_alerts(clinic_id=clinic.pk, day=day, now=NOW)


def raised(patient: Patient) -> dict[str, list[Any]]:
    return {alert.kind: alert.evidence for alert in patient.alerts.filter(acknowledged_at=None)}


def close(by: Membership) -> None:
    alert = Alert.objects.get(acknowledged_at=None)
    acknowledge(by=by, alert=alert.pk, note="Called.", seen=alert.changed_at, now=NOW)


@pytest.fixture
def inside(clinic: Clinic) -> Any:
    with clinic_scope(clinic.pk):
        yield


@pytest.mark.usefixtures("inside")
class TestWhatItRaises:
    def test_too_much_pain_once(self, clinic: Clinic, by: Membership) -> None:
        patient = make_case(by, MONDAY, pain_during=7, pain_after=3)
        night(clinic)
        [told] = raised(patient)["pain"]
        assert (told["day"], told["pain"], told["log"]) == ("2026-11-16", 7, str(patient.logs.get().pk))

    def test_a_worse_morning(self, clinic: Clinic, by: Membership) -> None:
        patient = make_case(by, MONDAY, pain_before=2)
        make_morning(by, patient, MONDAY, pain=4)
        night(clinic)
        assert raised(patient)["morning_after"] == [{"day": "2026-11-16", "before": 2, "morning": 4}]

    def test_ready_to_progress(self, clinic: Clinic, by: Membership) -> None:
        patient = make_ready(by)
        night(clinic)
        assert [(each["day"], each["exercise"], each["last_set"]) for each in raised(patient)["ready"]] == [
            ("2026-11-16", THRUST, 32),
            ("2026-11-17", THRUST, 32),
        ]

    @pytest.mark.parametrize(
        "said",
        [{"effort": None}, {"effort": 7}, {"pain_before": None, "pain_after": None}, {"pain_during": 6}],
        ids=str,
    )
    def test_not_ready(self, clinic: Clinic, by: Membership, said: dict[str, Any]) -> None:
        patient = make_ready(by, **said)
        night(clinic)
        assert "ready" not in raised(patient)

    def test_never_ready_as_planned_nor_without_a_range(self, clinic: Clinic, by: Membership) -> None:
        confirmed = [SetEntry(exercise=THRUST, amount=each.amount, as_planned=True) for each in BEYOND]
        as_planned = make_ready(by, sets=confirmed)
        one_number = make_ready(by)
        programs = one_number.courses.get().prescriptions.values_list("program")
        assert Dose.objects.filter(phase__program__in=programs, exercise=THRUST).count() == 1
        known = known_on([as_planned.pk, one_number.pk], TODAY)
        assert [target.top for target in known[one_number.pk].sessions[-1].targets] == [30]
        night(clinic)
        assert "ready" not in raised(as_planned)
        assert "ready" in raised(one_number)

    def test_silence_grows_on_one_alert(self, clinic: Clinic, by: Membership) -> None:
        last = TODAY - 7 * DAY
        patient = make_case(by, last)
        night(clinic)
        assert raised(patient)["silent"] == [{"since": last.isoformat(), "days": 7}]
        for day, level in [(8, 7), (14, 14), (30, 30)]:
            night(clinic, last + day * DAY)
            alert = patient.alerts.get(kind="silent")
            assert alert.level == level
        assert alert.evidence == [{"since": last.isoformat(), "days": 30}]

    def test_acknowledged_silence_comes_back_with_its_next_step(self, clinic: Clinic, by: Membership) -> None:
        last = TODAY - 7 * DAY
        patient = make_case(by, last, start=last)
        night(clinic)
        close(by)
        night(clinic, last + 13 * DAY)
        assert raised(patient).keys() == set()
        night(clinic, last + 14 * DAY)
        assert raised(patient).keys() == {"silent"}

    def test_who_never_started_comes_back_like_the_silent(self, clinic: Clinic, by: Membership) -> None:
        patient = make_case(by, start=TODAY)
        night(clinic, TODAY + 4 * DAY)
        close(by)
        night(clinic, TODAY + 12 * DAY)
        assert raised(patient) == {}
        night(clinic, TODAY + 13 * DAY)
        assert raised(patient)["not_started"] == [{"since": TODAY.isoformat(), "days": 14}]

    def test_below_half_comes_back_after_two_weeks_more(self, clinic: Clinic, by: Membership) -> None:
        patient = make_case(by, *(MONDAY - number * WEEK for number in (4, 3, 2, 1)), MONDAY)
        night(clinic, MONDAY - 2 * WEEK - DAY)
        close(by)
        night(clinic, MONDAY - WEEK - DAY)
        assert raised(patient) == {}
        night(clinic, MONDAY - DAY)
        assert [each["week"] for each in raised(patient)["below_half"]] == ["2026-11-02", "2026-11-09"]

    def test_acknowledged_pain_comes_back_with_later_pain_alone(self, clinic: Clinic, by: Membership) -> None:
        patient = make_case(by, MONDAY, start=MONDAY, pain_after=6)
        night(clinic)
        close(by)
        night(clinic, TODAY + DAY)
        assert raised(patient) == {}
        make_log(by, patient, MONDAY + DAY, pain_after=1)
        make_log(by, patient, TODAY, pain_after=6)
        night(clinic, TODAY + 2 * DAY)
        assert [each["day"] for each in raised(patient)["pain"]] == ["2026-11-18"]

    def test_open_pain_is_added_to(self, clinic: Clinic, by: Membership) -> None:
        patient = make_case(by, MONDAY, start=MONDAY, pain_after=6)
        make_log(by, patient, MONDAY + DAY, pain_after=1)
        night(clinic)
        make_log(by, patient, TODAY, pain_after=7)
        night(clinic, TODAY + DAY)
        assert [each["pain"] for each in raised(patient)["pain"]] == [6, 7]

    def test_nothing_while_paused_nor_of_the_archived(self, clinic: Clinic, by: Membership) -> None:
        paused = make_case(by, MONDAY, pain_after=6)
        pause(by=by, course=paused.courses.get(), starts_on=TODAY, now=NOW)
        archived = make_case(by, MONDAY, pain_after=6)
        Patient.objects.filter(pk=archived.pk).update(archived_at=NOW)
        night(clinic)
        assert (raised(paused), raised(archived)) == ({}, {})

    def test_the_clinics_own_numbers(self, clinic: Clinic, by: Membership) -> None:
        Clinic.objects.filter(pk=clinic.pk).update(alert_silent_days=3)
        patient = make_case(by, TODAY - 3 * DAY, start=TODAY - 3 * DAY)
        night(clinic)
        assert raised(patient).keys() == {"silent"}


@pytest.mark.usefixtures("inside")
class TestOnce:
    def test_a_date_is_claimed_once(self, clinic: Clinic, by: Membership) -> None:
        make_case(by, MONDAY, pain_after=6)
        assert night(clinic)
        assert not night(clinic)
        assert not night(clinic, TODAY - DAY)
        assert Clinic.objects.get(pk=clinic.pk).alerted_through == TODAY

    def test_again_it_raises_nothing_more(self, clinic: Clinic, by: Membership) -> None:
        make_case(by, MONDAY, pain_after=6)
        night(clinic)
        before = list(Alert.objects.values())
        Clinic.objects.filter(pk=clinic.pk).update(alerted_through=None)
        night(clinic)
        assert list(Alert.objects.values()) == before

    def test_the_same_queries_for_one_and_three(self, clinic: Clinic, by: Membership) -> None:
        def queries(day: date) -> int:
            with CaptureQueriesContext(connection) as captured:
                night(clinic, day)
            return len(captured)

        make_ready(by)
        make_case(by, MONDAY, pain_after=6)
        one = queries(TODAY)
        for _more in range(2):
            make_ready(by)
            make_case(by, MONDAY, pain_after=6)
        assert queries(TODAY + DAY) == one


@pytest.mark.django_db(transaction=True)
class TestCommitted:
    def test_two_beats_raise_one_of_each(self, clinic: Clinic, by: Membership) -> None:
        with clinic_scope(clinic.pk):
            for _patient in range(3):
                make_case(by, MONDAY, pain_after=6)
        start = threading.Barrier(3)

        def run() -> None:
            start.wait(10)
            raise_nightly_alerts(clinic.pk, TODAY)
            connection.close()

        threads = [threading.Thread(target=run) for _beat in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
        with clinic_scope(clinic.pk):
            assert Alert.objects.filter(kind="pain").count() == 3
            assert Clinic.objects.get(pk=clinic.pk).alerted_through == TODAY

    def test_it_holds_alerts_in_the_order_of_who_closes_several(self, clinic: Clinic, by: Membership) -> None:
        """Otherwise each may wait for the other."""

        def run() -> None:
            raise_nightly_alerts(clinic.pk, TODAY)
            connection.close()

        with clinic_scope(clinic.pk):
            patient = make_case(by, MONDAY - 4 * DAY, pain_before=2, pain_after=2)
            make_morning(by, patient, MONDAY - 4 * DAY, pain=4)
            night(clinic, MONDAY - 4 * DAY)
            make_log(by, patient, MONDAY - 3 * DAY, pain_after=6)
            night(clinic, MONDAY - 3 * DAY)
            assert list(patient.alerts.order_by("pk").values_list("kind", flat=True)) == ["morning_after", "pain"]
            make_log(by, patient, MONDAY - DAY, pain_after=2)
            make_log(by, patient, TODAY, pain_before=2, pain_after=6)
            make_morning(by, patient, TODAY, pain=4)
        alerts, thread = Alert.objects.select_for_update(nowait=True), threading.Thread(target=run)
        with clinic_scope(clinic.pk):
            alerts.get(kind="morning_after")
            thread.start()
            until_somebody_waits()
            alerts.get(kind="pain")
        thread.join()
        with clinic_scope(clinic.pk):
            assert set(Alert.objects.values_list("kind", "on")) == {("morning_after", TODAY), ("pain", TODAY)}

    def test_what_breaks_half_way_is_done_whole_the_next_time(
        self, clinic: Clinic, by: Membership, migrator: Any
    ) -> None:
        with clinic_scope(clinic.pk):
            make_case(by, MONDAY, pain_after=6)
        migrator.execute("ALTER TABLE patients_alert ADD CONSTRAINT breaks CHECK (kind <> 'pain')")
        migrator.commit()
        try:
            with pytest.raises(Exception, match="breaks"):
                raise_nightly_alerts(clinic.pk, TODAY)
        finally:
            migrator.execute("ALTER TABLE patients_alert DROP CONSTRAINT breaks")
            migrator.commit()
        with clinic_scope(clinic.pk):
            assert (Alert.objects.count(), Clinic.objects.get(pk=clinic.pk).alerted_through) == (0, None)
        raise_nightly_alerts(clinic.pk, TODAY)
        with clinic_scope(clinic.pk):
            assert Alert.objects.filter(kind="pain").count() == 1

    def test_another_clinic_is_left_alone(self, clinic: Clinic, by: Membership) -> None:
        south = make_clinic("south")
        with clinic_scope(south.pk):
            make_case(make_member(south), MONDAY, pain_after=6)
        raise_nightly_alerts(clinic.pk, TODAY)
        with clinic_scope(south.pk):
            assert Alert.objects.count() == 0
            assert Clinic.objects.get(pk=south.pk).alerted_through is None
