"""The red-flag question: one yes is enough, it is kept, and its answer comes before anything else."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client

from clinic.models import Clinic
from clinic.wall.scope import clinic_scope
from patients.actions.red_flags import report_red_flags
from patients.models import RedFlagReport
from patients.red_flags import DEFAULT_SIGNS, signs_for
from tests import factories as make
from tests.patients.home import Home, a_home, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def noon() -> Any:
    with time_machine.travel(make.NOW, tick=False):
        yield


@pytest.fixture
def home() -> Home:
    return a_home(emergency_number="999")


@pytest.fixture
def phone(client: Client, home: Home) -> Client:
    return make.sign_in(client, home.self)


def reports(home: Home) -> list[RedFlagReport]:
    with clinic_scope(home.clinic.pk):
        return list(RedFlagReport.objects.all())


def ask(phone: Client, home: Home, *signs: str) -> Any:
    return phone.post(home.url("red-flags"), {"sign": list(signs)})


def test_the_default_list_says_that_it_is_one(phone: Client, home: Home) -> None:
    shown = text_of(phone.get(home.url("red-flags")))
    assert [sign for sign in DEFAULT_SIGNS if str(sign) not in shown] == []
    assert "North has not changed it yet." in shown


def test_the_clinics_own_list_takes_its_place(phone: Client, home: Home) -> None:
    with clinic_scope(home.clinic.pk):
        Clinic.objects.update(red_flags=["My knee sings."])
    page = phone.get(home.url("red-flags"))
    assert page.content.decode().count('name="sign"') == 1
    assert "My knee sings." in text_of(page)
    assert "has not changed it yet" not in text_of(page)


def test_the_question_itself_says_whom_to_call_in_danger(phone: Client, home: Home) -> None:
    assert "In danger now? Don't fill this in. Call 999" in text_of(phone.get(home.url("red-flags")))


@pytest.mark.parametrize("count", [1, 7])
def test_any_yes_is_kept_and_leads_to_the_answer(phone: Client, home: Home, count: int) -> None:
    signs = signs_for(home.clinic)[:count]
    answer = ask(phone, home, *signs)
    assert (answer.status_code, answer.url) == (303, home.url("red-flags/stop"))
    (report,) = reports(home)
    assert (report.flags, report.patient_id, report.reported_at) == (signs, home.patient.pk, make.NOW)


def test_the_answer_says_stop_and_whom_to_call(phone: Client, home: Home) -> None:
    page = phone.get(home.url("red-flags/stop"))
    main = page.content.decode().partition("<main")[2].partition("</main>")[0]
    assert "Stop your exercises. Call now." in main
    assert main.index("Stop your exercises") < main.index('href="tel:+442079460000"') < main.index('href="tel:999"')
    assert "Nobody watches these pages for emergencies." in main
    assert not reports(home)


def test_none_leads_back_with_a_kind_sentence(phone: Client, home: Home) -> None:
    answer = ask(phone, home)
    assert (answer.status_code, answer.url, reports(home)) == (303, f"{home.url()}?checked=1", [])
    assert "Good that you checked" in text_of(phone.get(answer.url))


def test_a_yes_to_a_list_that_has_changed_since_is_not_refused(phone: Client, home: Home) -> None:
    with clinic_scope(home.clinic.pk):
        Clinic.objects.update(red_flags=["My knee sings."])
    assert ask(phone, home, "My foot is numb.").url == home.url("red-flags/stop")
    assert reports(home)[0].flags == ["My foot is numb."]


@pytest.mark.parametrize("sign", ["\0", "  "])
def test_an_empty_sign_is_no_yes(phone: Client, home: Home, sign: str) -> None:
    ask(phone, home, sign)
    assert not reports(home)


def test_what_is_kept_has_an_end(phone: Client, home: Home) -> None:
    ask(phone, home, *["x" * 2000] * 60)
    assert [len(flag) for flag in reports(home)[0].flags] == [500] * 50


def test_whose_sign_in_has_ended_is_told_to_call_before_anything_else(client: Client, home: Home) -> None:
    page = client.post(home.url("red-flags"), {"sign": ["a pop"]}, follow=True)
    assert text_of(page).index("stop, and call your clinic or the emergency number now") < text_of(page).index("a code")
    assert "emergency number" not in text_of(client.get("/account/login/?next=/clinic/north/"))


@pytest.mark.django_db(transaction=True)
def test_it_does_not_wait_for_who_writes_to_the_clinic(transactional_db: None) -> None:
    """As the nightly pass does, which then writes alerts of the very patient."""
    home = a_home()
    held, released = Event(), Event()

    def write_to_the_clinic() -> None:
        try:
            with clinic_scope(home.clinic.pk):
                Clinic.objects.filter(pk=home.clinic.pk).update(alerted_through=make.TODAY)
                held.set()
                released.wait(timeout=20)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        pool.submit(write_to_the_clinic)
        assert held.wait(timeout=10)
        try:
            with clinic_scope(home.clinic.pk), connection.cursor() as cursor:
                cursor.execute("SET LOCAL lock_timeout = '3s'")
                report_red_flags(patient=home.patient.pk, flags=["a pop"], now=make.NOW)
        finally:
            released.set()
    assert [report.flags for report in reports(home)] == [["a pop"]]
