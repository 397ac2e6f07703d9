"""The morning after and warning signs through the API, as a phone that had no signal sends them."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.test import Client

from clinic.wall.scope import clinic_scope
from patients.models import Alert, NextMorning, Patient, RedFlagReport
from patients.red_flags import DEFAULT_SIGNS
from tests import factories as make
from tests.patients.home import Home, a_home

DAY = timedelta(days=1)
YESTERDAY = make.TODAY - DAY
pytestmark = pytest.mark.django_db


@pytest.fixture
def home() -> Home:
    made = a_home()
    with clinic_scope(made.clinic.pk):
        make.make_log(made.self, made.patient, YESTERDAY)
    return made


@pytest.fixture
def phone(client: Client, home: Home) -> Any:
    with time_machine.travel(make.NOW, tick=False):
        yield make.sign_in(client, home.self)


def send(phone: Client, home: Home, what: str, **body: Any) -> Any:
    address = f"/api/v1/clinic/north/patients/{home.patient.pk}/{what}/?own"
    return phone.post(address, {"id": str(uuid4())} | body, content_type="application/json")


def seconds(**waited: float) -> int:
    return int(timedelta(**waited).total_seconds())


class TestMorning:
    def say(self, phone: Client, home: Home, pain: int = 3, **more: Any) -> Any:
        return send(phone, home, "mornings", **{"date": str(YESTERDAY), "pain": pain} | more)

    def test_at_once_it_is_live_with_both_times_alike(self, phone: Client, home: Home) -> None:
        answer = self.say(phone, home)
        assert answer.status_code == 201
        said = answer.json()
        assert (said["pain"], said["provenance"], said["accepted"]) == (3, "live", True)
        assert said["entered_at"] == said["received_at"]

    def test_answered_in_time_it_is_held_and_keeps_both_times(self, phone: Client, home: Home) -> None:
        """The morning after the 9th, answered on the 12th at the latest, arrives on the 18th."""
        day = make.TODAY - 9 * DAY
        with clinic_scope(home.clinic.pk):
            make.make_log(home.self, home.patient, day)
        assert self.say(phone, home, date=str(day), waited_seconds=seconds(days=7)).status_code == 201
        with clinic_scope(home.clinic.pk):
            kept = NextMorning.objects.current().get(date=day)
        assert (kept.provenance, kept.entered_at, kept.received_at) == ("held", make.NOW - 7 * DAY, make.NOW)

    @pytest.mark.parametrize("waited", [seconds(days=15), -seconds(days=730), seconds(days=730), seconds(hours=30)])
    def test_too_late_or_off_the_clock_it_waits_for_staff(self, phone: Client, home: Home, waited: int) -> None:
        """30 hours before it was the day of the session itself: of which morning does it tell?"""
        said = self.say(phone, home, waited_seconds=waited).json()
        assert (said["provenance"], said["accepted"], said["entered_at"]) == ("held", False, said["received_at"])
        with clinic_scope(home.clinic.pk):
            assert not NextMorning.objects.current().exists()
            assert NextMorning.objects.waiting().count() == 1

    def test_of_a_session_that_waits_for_staff_it_waits_too(self, phone: Client, home: Home) -> None:
        day = YESTERDAY - DAY
        body = {"date": str(day), "as_planned": True, "waited_seconds": seconds(days=20)}
        assert send(phone, home, "logs", **body).json()["accepted"] is False
        assert self.say(phone, home, date=str(day)).json()["accepted"] is False

    def test_without_a_session_it_is_refused_with_a_sentence(self, phone: Client, home: Home) -> None:
        answer = self.say(phone, home, date=str(YESTERDAY - DAY), waited_seconds=60)
        sentence = "Nothing that you did is logged for that day."
        assert (answer.status_code, answer.json()) == (400, {"non_field_errors": [sentence]})

    def test_again_is_the_same_and_another_is_a_conflict(self, phone: Client, home: Home) -> None:
        key = str(uuid4())
        assert [self.say(phone, home, id=key).status_code for _time in range(2)] == [201, 200]
        for body in [{"id": key, "pain": 9}, {"pain": 9}]:
            answer = self.say(phone, home, **body)
            assert (answer.status_code, answer.json()["standing"]["id"]) == (409, key)
        assert self.say(phone, home, 9, replaces=key).status_code == 201
        with clinic_scope(home.clinic.pk):
            assert NextMorning.objects.current().get().pain == 9

    @pytest.mark.parametrize("who", ["staff", "another patient"])
    def test_under_nobody_elses_sign_in(self, phone: Client, home: Home, who: str) -> None:
        with clinic_scope(home.clinic.pk):
            other = home.clinician if who == "staff" else make.make_sign_in(make.make_patient())
        other_phone = make.sign_in(Client(), other)
        assert self.say(other_phone, home).status_code == 404
        assert send(other_phone, home, "red-flags", flags=["a pop"]).status_code == 404
        with clinic_scope(home.clinic.pk):
            assert not NextMorning.objects.exists()
            assert not RedFlagReport.objects.exists()


class TestRedFlags:
    def test_arrived_later_it_is_kept_with_both_times_and_alerts_now(self, phone: Client, home: Home) -> None:
        sign = str(DEFAULT_SIGNS[0])
        assert send(phone, home, "red-flags", flags=[sign], waited_seconds=seconds(days=2)).status_code == 201
        with clinic_scope(home.clinic.pk):
            report, alert = RedFlagReport.objects.get(), Alert.objects.get()
        assert (report.flags, report.provenance) == ([sign], "held")
        assert (report.reported_at, report.received_at) == (make.NOW - 2 * DAY, make.NOW)
        assert (alert.kind, alert.on, alert.raised_at) == ("red_flag", make.TODAY - 2 * DAY, make.NOW)
        assert alert.evidence[0]["arrived"] == make.NOW.isoformat()

    @pytest.mark.parametrize("waited", [seconds(days=15), -seconds(days=730), seconds(days=730)])
    def test_whatever_the_clock_says_it_is_never_refused(self, phone: Client, home: Home, waited: int) -> None:
        assert send(phone, home, "red-flags", flags=["a pop"], waited_seconds=waited).status_code == 201
        with clinic_scope(home.clinic.pk):
            report, alert = RedFlagReport.objects.get(), Alert.objects.get()
        assert (report.provenance, report.reported_at, alert.on) == ("held", make.NOW, make.TODAY)

    @pytest.mark.parametrize(
        ("flags", "kept"),
        [
            (["x" * 501], ["x" * 500]),
            ([f"{number}" for number in range(51)], [f"{number}" for number in range(50)]),
            (["", " a pop "], ["a pop"]),
        ],
    )
    def test_whatever_its_words_it_is_the_same_as_from_the_page(
        self, phone: Client, home: Home, flags: list[str], kept: list[str]
    ) -> None:
        key = str(uuid4())
        assert phone.post(home.url("red-flags"), {"id": key, "sign": flags}).status_code == 303
        assert send(phone, home, "red-flags", id=key, flags=flags).status_code == 200
        with clinic_scope(home.clinic.pk):
            assert RedFlagReport.objects.get().flags == kept

    @pytest.mark.parametrize("flags", [[], ["", " "]])
    def test_without_a_word_it_is_no_yes(self, phone: Client, home: Home, flags: list[str]) -> None:
        assert send(phone, home, "red-flags", flags=flags).status_code == 400
        with clinic_scope(home.clinic.pk):
            assert not RedFlagReport.objects.exists()

    def test_sent_again_it_is_one_report_and_one_piece_of_evidence(self, phone: Client, home: Home) -> None:
        key = str(uuid4())
        sent = [send(phone, home, "red-flags", id=key, flags=["a pop"]) for _time in range(3)]
        assert [answer.status_code for answer in sent] == [201, 200, 200]
        page = phone.post(home.url("red-flags"), {"id": key, "sign": ["a pop"]})
        assert page.url == home.url("red-flags/stop")
        with clinic_scope(home.clinic.pk):
            assert RedFlagReport.objects.count() == 1
            assert len(Alert.objects.get().evidence) == 1

    def test_another_yes_under_the_same_id_is_another_report(self, phone: Client, home: Home) -> None:
        key = str(uuid4())
        said = [send(phone, home, "red-flags", id=key, flags=[flag]) for flag in ["a pop", "a fall", "a fall"]]
        assert [answer.status_code for answer in said] == [201, 201, 200]
        with clinic_scope(home.clinic.pk):
            assert sorted(RedFlagReport.objects.values_list("flags", flat=True)) == [["a fall"], ["a pop"]]

    def test_under_the_id_of_another_patients(self, phone: Client, home: Home) -> None:
        key = uuid4()
        with clinic_scope(home.clinic.pk):
            RedFlagReport.objects.create(
                id=key,
                patient=make.make_patient(),
                flags=["a pop"],
                reported_at=make.NOW,
                received_at=make.NOW,
                provenance="live",
            )
        assert send(phone, home, "red-flags", id=str(key), flags=["a pop"]).status_code == 201
        with clinic_scope(home.clinic.pk):
            assert RedFlagReport.objects.filter(patient=home.patient).count() == 1


@pytest.mark.parametrize(
    ("language", "sentence"), [("de", "Dieses Feld ist zwingend erforderlich."), ("es", "Este campo es requerido.")]
)
def test_what_is_wrong_is_said_in_the_language_of_the_patient(
    phone: Client, home: Home, language: str, sentence: str
) -> None:
    with clinic_scope(home.clinic.pk):
        Patient.objects.filter(pk=home.patient.pk).update(language=language)
    for what in ["logs", "mornings"]:
        answer = send(phone, home, what, pain_before=3) if what == "logs" else send(phone, home, what, pain=3)
        assert answer.json()["date"] == [sentence]
