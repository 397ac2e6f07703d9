"""An answer that came too late or off the clock: staff see it, and accept it or not."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.test import Client
from uuid_utils.compat import uuid7

from clinic.wall.scope import clinic_scope
from patients.actions.alerts import acknowledge
from patients.actions.logging import Entry, accept_log
from patients.actions.mornings import accept_morning, decline_morning, record_morning, withdraw_morning
from patients.actions.red_flags import report_red_flags
from patients.attention import find_out
from patients.models import Alert, Attention, NextMorning
from tests import factories as make
from tests.patients.home import Home, a_home, text_of

DAY = timedelta(days=1)
LAST_WEEK = make.TODAY - 8 * DAY
pytestmark = pytest.mark.django_db


@pytest.fixture
def home() -> Home:
    made = a_home()
    with clinic_scope(made.clinic.pk):
        make.make_log(made.self, made.patient, LAST_WEEK)
    return made


@pytest.fixture
def staff(client: Client, home: Home) -> Any:
    with time_machine.travel(make.NOW, tick=False):
        yield make.sign_in(client, home.clinician)


def waiting(home: Home, pain: int = 7, **more: Any) -> NextMorning:
    """Inside the open clinic: three weeks on the phone."""
    said = {"date": LAST_WEEK, "waited": timedelta(weeks=3)} | more
    answer, _created = record_morning(
        by=home.self, patient=home.patient.pk, pain=pain, key=uuid7(), now=make.NOW, **said
    )
    assert not answer.accepted
    return answer


def standing(home: Home) -> list[int]:
    return list(NextMorning.objects.current().filter(date=LAST_WEEK).values_list("pain", flat=True))


def address(home: Home, answer: NextMorning, what: str) -> str:
    return f"/clinic/north/patients/patient/{home.patient.pk}/morning/{answer.pk}/{what}/"


def test_whoever_looks_at_the_patient_is_told_and_accepts_it(staff: Client, home: Home) -> None:
    with clinic_scope(home.clinic.pk):
        answer = waiting(home)
        find_out(home.clinic, today=make.TODAY, most=9)
        assert "waiting" in [kind for kind, _day, _number in Attention.objects.get().reasons]
    page = staff.get(f"/clinic/north/patients/patient/{home.patient.pk}/change/")
    assert "pain 7 of 10. It arrived on" in text_of(page)
    for _time in range(2):
        assert staff.post(address(home, answer, "accept")).status_code == 302
    with clinic_scope(home.clinic.pk):
        assert standing(home) == [7]
        assert Attention.objects.get().good_until is None
    assert "waits to be accepted" not in text_of(staff.get(f"/clinic/north/patients/patient/{home.patient.pk}/change/"))


def test_or_not(staff: Client, home: Home) -> None:
    with clinic_scope(home.clinic.pk):
        answer = waiting(home)
    for _time in range(2):
        staff.post(address(home, answer, "decline"))
    with clinic_scope(home.clinic.pk):
        kept = NextMorning.objects.get()
        assert (kept.withdrawn_at, kept.withdrawn_by, standing(home)) == (make.NOW, home.clinician, [])
        with pytest.raises(ValidationError, match="withdrawn in the meantime"):
            accept_morning(by=home.clinician, patient=home.patient.pk, morning=answer.pk, now=make.NOW)


def test_of_another_patient_it_is_not_there(staff: Client, home: Home) -> None:
    with clinic_scope(home.clinic.pk):
        answer = waiting(home)
        other = make.make_patient()
    at_another = f"/clinic/north/patients/patient/{other.pk}/morning/{answer.pk}/accept/"
    assert staff.post(at_another).status_code == 404
    assert staff.get(address(home, answer, "accept")).status_code == 405


def test_what_stands_is_not_pushed_aside(home: Home) -> None:
    with clinic_scope(home.clinic.pk):
        answer = waiting(home)
        make.make_morning(home.clinician, home.patient, LAST_WEEK, pain=2)
        with pytest.raises(ValidationError, match="Another answer stands"):
            accept_morning(by=home.clinician, patient=home.patient.pk, morning=answer.pk, now=make.NOW)
        assert standing(home) == [2]


def test_a_correction_waits_beside_what_it_corrects(home: Home) -> None:
    with clinic_scope(home.clinic.pk):
        first = make.make_morning(home.self, home.patient, LAST_WEEK, pain=2)
        answer = waiting(home, replaces=first.pk)
        assert standing(home) == [2]
        accept_morning(by=home.clinician, patient=home.patient.pk, morning=answer.pk, now=make.NOW)
        assert standing(home) == [7]
        with pytest.raises(ValidationError, match="accepted in the meantime"):
            decline_morning(by=home.clinician, patient=home.patient.pk, morning=answer.pk, now=make.NOW)


def test_what_was_corrected_in_the_meantime_is_not_corrected_again(staff: Client, home: Home) -> None:
    with clinic_scope(home.clinic.pk):
        first = make.make_morning(home.clinician, home.patient, LAST_WEEK, pain=2)
        answer = waiting(home, replaces=first.pk)
        of_patient = {"by": home.clinician, "patient": home.patient.pk, "date": LAST_WEEK, "now": make.NOW}
        record_morning(**of_patient, pain=4, key=uuid7(), replaces=first.pk)
        withdraw_morning(**of_patient)
    page = staff.post(address(home, answer, "accept"), follow=True)
    assert "This was corrected in the meantime." in text_of(page)
    with clinic_scope(home.clinic.pk):
        assert standing(home) == []
        assert list(NextMorning.objects.waiting()) == [answer]


def test_its_session_first(home: Home) -> None:
    day = make.TODAY - 30 * DAY
    with clinic_scope(home.clinic.pk):
        held = Entry(id=uuid7(), date=day, sets=make.WHOLE_SESSION, waited=timedelta(days=29))
        log, _created = home.log(held)
        answer = waiting(home, date=day)
        with pytest.raises(ValidationError, match="Accept or enter it first"):
            accept_morning(by=home.clinician, patient=home.patient.pk, morning=answer.pk, now=make.NOW)
        accept_log(by=home.clinician, patient=home.patient.pk, log=log.pk, now=make.NOW)
        accept_morning(by=home.clinician, patient=home.patient.pk, morning=answer.pk, now=make.NOW)
        assert NextMorning.objects.current().get().date == day


def test_a_log_that_waits_is_shown_however_old_it_is(staff: Client, home: Home) -> None:
    with clinic_scope(home.clinic.pk):
        home.log(Entry(id=uuid7(), date=make.TODAY - 60 * DAY, sets=make.WHOLE_SESSION, waited=timedelta(days=59)))
        for back in range(10):
            make.make_log(home.clinician, home.patient, make.TODAY - back * DAY)
    assert "waits to be accepted" in text_of(staff.get(f"/clinic/north/patients/patient/{home.patient.pk}/change/"))


@pytest.mark.parametrize(
    ("waited", "alert", "notice"),
    [
        (2 * DAY, "Yes to a warning sign on 16 Nov, 12:00, which arrived on 18 Nov, 12:00", "arrived on 18 Nov 2026"),
        (-2 * DAY, "Yes to a warning sign, which arrived on 18 Nov, 12:00; when it was said is not known", "arrived"),
    ],
)
def test_a_warning_sign_that_arrived_later_says_so(
    staff: Client, home: Home, waited: timedelta, alert: str, notice: str
) -> None:
    with clinic_scope(home.clinic.pk):
        report_red_flags(patient=home.patient.pk, flags=["a pop"], now=make.NOW, waited=waited)
    page = text_of(staff.get(f"/clinic/north/patients/patient/{home.patient.pk}/change/"))
    assert alert in page
    assert f"{notice}, 12:00, from a phone without a signal" in page or notice == "arrived"
    assert "A yes to a warning sign arrived" in page


def test_it_is_alerted_anew_though_an_earlier_one_was_acknowledged(home: Home) -> None:
    """It was said before, and nobody knew of it."""
    with clinic_scope(home.clinic.pk):
        report_red_flags(patient=home.patient.pk, flags=["a pop"], now=make.NOW)
        first = Alert.objects.get()
        acknowledge(by=home.clinician, alert=first.pk, note="Called.", seen=first.changed_at, now=make.NOW)
        report_red_flags(patient=home.patient.pk, flags=["a fall"], now=make.NOW + DAY, waited=2 * DAY)
        assert Alert.objects.filter(acknowledged_at=None).count() == 1
