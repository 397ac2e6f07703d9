"""What a patient's pages show, and to whom."""

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import translation
from uuid_utils.compat import uuid7

from clinic.models import Clinic, User
from clinic.wall.scope import clinic_scope
from patients.actions.logging import Entry, SetEntry
from patients.actions.prescribing import end_course, pause, prescribe
from patients.models import Course, Patient
from programs.models import Band, BandLadder, Dose
from tests import factories as make
from tests.patients.home import FOUR_SETS, Fields, Home, a_home, send, text_of

DAY = timedelta(days=1)
YESTERDAY = make.TODAY - DAY
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]


@pytest.fixture
def noon() -> Any:
    with time_machine.travel(make.NOW, tick=False):
        yield
    translation.deactivate()


@pytest.fixture
def home() -> Home:
    return a_home()


@pytest.fixture
def phone(client: Client, home: Home) -> Client:
    return make.sign_in(client, home.self)


def log(home: Home, day: Any = make.TODAY, **entry: Any) -> Any:
    with clinic_scope(home.clinic.pk):
        return make.make_log(home.self, home.patient, day, **entry)


class TestWho:
    def test_the_only_record_opens_at_once(self, phone: Client, home: Home) -> None:
        assert phone.get(home.my)["Location"] == home.url()

    def test_a_couple_chooses_by_name(self, client: Client, home: Home) -> None:
        with clinic_scope(home.clinic.pk):
            user = User.objects.create_user("both@home.example")
            couple = [make.make_patient(name=name) for name in ("Nora Hickey", "Liam Hickey")]
            for patient in couple:
                membership = make.make_sign_in(patient, user=user)
        page = make.sign_in(client, membership).get(home.my)
        assert re.findall(r"<h2 id=\"record.*?>(.*?)</h2>", page.content.decode()) == ["Liam Hickey", "Nora Hickey"]
        for patient in couple:
            assert f'href="{home.my}{patient.pk}/"' in page.content.decode()
            assert client.get(f"{home.my}{patient.pk}/").status_code == 200

    @pytest.mark.parametrize(
        "rest", ["", "{day}/", "{day}/log/", "correct/{log}/", "withdraw/{log}/", "red-flags/", "red-flags/stop/"]
    )
    @pytest.mark.parametrize("who", ["another patient", "staff", "another clinic's patient"])
    def test_a_patients_pages_are_nobody_elses(self, client: Client, home: Home, rest: str, who: str) -> None:
        url = home.url() + rest.format(day=make.TODAY, log=log(home).pk)
        assert make.sign_in(Client(), home.self).get(url).status_code in {200, 302}
        other = a_home(slug="south") if who == "another clinic's patient" else home
        with clinic_scope(other.clinic.pk):
            somebody = other.clinician if who == "staff" else make.make_sign_in(make.make_patient())
        make.sign_in(client, somebody)
        assert client.get(url).status_code == 404
        assert client.post(url, {"id": uuid7(), "kind": "sets"} | FOUR_SETS).status_code in {404, 405}
        assert len(home.logs()) == 1

    def test_staff_have_no_record_of_their_own(self, client: Client, home: Home) -> None:
        assert make.sign_in(client, home.clinician).get(home.my).status_code == 404

    def test_another_patients_log_is_not_found_on_ones_own_page(self, phone: Client, home: Home) -> None:
        with clinic_scope(home.clinic.pk):
            other = make.make_patient()
            theirs = make.make_log(make.make_sign_in(other), other)
        for what in ["correct", "withdraw"]:
            assert phone.get(home.url(f"{what}/{theirs.pk}")).status_code == 404
            assert phone.post(home.url(f"{what}/{theirs.pk}"), {"id": uuid7(), "kind": "planned"}).status_code == 404
        assert home.logs()[0].withdrawn_at is None


class TestSafety:
    @pytest.mark.parametrize(
        "rest", ["", "{yesterday}/", "correct/{log}/", "withdraw/{log}/", "red-flags/", "red-flags/stop/"]
    )
    def test_every_page_says_whom_to_call(self, phone: Client, home: Home, rest: str) -> None:
        page = phone.get(home.url() + rest.format(yesterday=YESTERDAY, log=log(home).pk))
        html = page.content.decode()
        assert {'href="tel:+442079460000"', 'href="tel:112"'} <= set(re.findall(r'href="tel:[^"]+"', html))
        assert home.clinic.name in text_of(page)
        assert "Nobody watches these pages or your notes for emergencies." in text_of(page)
        assert f'href="{home.url("red-flags")}"' in html or "red-flags" in rest
        assert 'href="/account/logout/"' in html

    def test_nothing_is_stored_by_a_cache(self, phone: Client, home: Home) -> None:
        assert "no-store" in phone.get(home.url())["Cache-Control"]

    def test_pages_have_no_inline_script_or_style(self, phone: Client, home: Home) -> None:
        html = phone.get(home.url()).content.decode()
        assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)", html)
        assert "unsafe" not in phone.get(home.url())["Content-Security-Policy"]


class TestShown:
    def test_the_doses_in_one_line_and_what_is_due(self, phone: Client, home: Home) -> None:
        shown = text_of(phone.get(home.url()))
        assert "2 sets, 10 steps each way" in shown
        assert "2 sets, 10–30 repeats" in shown
        assert "0 of 3 sessions" in shown
        assert "3 sessions a week, on days you choose." in shown

    def test_what_is_done_this_week(self, phone: Client, home: Home) -> None:
        log(home, make.MONDAY)
        log(home, YESTERDAY, sets=[SetEntry(exercise=make.THRUST, amount=20)])
        log(home, skip_reason="pain")
        shown = text_of(phone.get(home.url()))
        assert "1 of 3 sessions" in shown
        assert "1 day partly done" in shown
        assert "1 day not done, and you told us why" in shown

    def test_fixed_days(self, client: Client) -> None:
        home = a_home(prescribed=False)
        with clinic_scope(home.clinic.pk):
            make.make_prescription(home.clinician, home.patient, weekdays=[0, 4])
        phone = make.sign_in(client, home.self)
        assert "Your days: Monday, Friday. Today is a day off." in text_of(phone.get(home.url()))
        assert "day off" not in text_of(phone.get(home.url(make.MONDAY)))

    def test_nothing_is_prefilled(self, phone: Client, home: Home) -> None:
        for kind, fields in Fields(phone.get(home.url())).forms.items():
            assert {name for name, value in fields.items() if value} == {"csrfmiddlewaretoken", "kind", "id"}, kind

    def test_how_to_do_it_marks_our_reading(self, phone: Client, home: Home) -> None:
        shown = text_of(phone.get(home.url()))
        assert "Put the band on." in shown
        assert "Your feet turn. (our reading)" in shown
        assert "Your knees drop inward. (our reading)" not in shown

    def test_what_the_clinician_wrote_is_said_to_be_the_clinics(self, client: Client) -> None:
        home = a_home(prescribed=False)
        with clinic_scope(home.clinic.pk):
            program = make.make_program(notes_for_patient="Go slowly.", notes_for_staff="Anxious.")
            band = Band.objects.create(ladder=BandLadder.objects.create(maker="M", length="short"), label="red")
            Dose.objects.filter(exercise=make.WALK).update(short_band=band, placement="ankles", own_cues="Look ahead.")
            Dose.objects.filter(exercise=make.THRUST).update(substitute="your sofa", hold_seconds=2, rest_seconds=60)
            prescribe(
                by=home.clinician,
                patient=home.patient,
                program=program,
                starts_on=make.MONDAY,
                affected_knee="left",
                now=make.NOW,
            )
        shown = text_of(make.sign_in(client, home.self).get(home.url()))
        assert "From your clinic Look ahead." in shown
        assert "2 sets, 10 steps each way, red band around your ankles" in shown
        assert "At home, use instead: your sofa Hold for 2 seconds. Rest for 60 seconds between sets." in shown
        assert f"From your clinic Go slowly. Written by {home.clinician.name}" in shown
        assert "Anxious" not in shown

    def test_in_the_patients_language(self, phone: Client, home: Home) -> None:
        with clinic_scope(home.clinic.pk):
            Patient.objects.update(language="de")
        page = phone.get(home.url())
        assert 'lang="de" dir="ltr"' in page.content.decode()
        assert "Mittwoch" in text_of(page)
        assert page["Content-Language"] == "de"

    def test_in_the_clinics_language_where_the_patient_has_none(self, phone: Client, home: Home) -> None:
        with clinic_scope(home.clinic.pk):
            Clinic.objects.update(language="es")
        assert "miércoles" in text_of(phone.get(home.url(), headers={"accept-language": "de"})).lower()


class TestNoPlan:
    def test_before_the_start_it_says_when(self, client: Client) -> None:
        home = a_home(prescribed=False)
        with clinic_scope(home.clinic.pk):
            make.make_prescription(home.clinician, home.patient, starts_on=make.TODAY + 5 * DAY)
        phone = make.sign_in(client, home.self)
        assert "Your program starts on Monday 23 November." in text_of(phone.get(home.url()))
        self.logs_an_extra(phone, home)

    def test_without_any_program(self, client: Client) -> None:
        home = a_home(prescribed=False)
        phone = make.sign_in(client, home.self)
        assert "You have no program yet." in text_of(phone.get(home.url()))
        self.logs_an_extra(phone, home)

    @pytest.mark.parametrize(
        ("days", "sentence"),
        [(3, "It goes on on Saturday 21 November."), (None, "Your clinic will tell you when it goes on.")],
    )
    def test_in_a_pause(self, phone: Client, home: Home, days: int | None, sentence: str) -> None:
        with clinic_scope(home.clinic.pk):
            ends_on = make.TODAY + (days - 1) * DAY if days else None
            pause(by=home.clinician, course=Course.objects.get(), starts_on=make.TODAY, ends_on=ends_on, now=make.NOW)
        assert sentence in text_of(phone.get(home.url()))
        assert "sessions a week" in text_of(phone.get(home.url(YESTERDAY)))
        self.logs_an_extra(phone, home)

    def test_after_the_end(self, phone: Client, home: Home) -> None:
        with clinic_scope(home.clinic.pk):
            end_course(by=home.clinician, course=Course.objects.get(), last_date=YESTERDAY)
        assert "Your program has ended." in text_of(phone.get(home.url()))
        self.logs_an_extra(phone, home)

    def logs_an_extra(self, phone: Client, home: Home) -> None:
        page = phone.get(home.url())
        assert "planned" not in Fields(page).forms
        shown = text_of(phone.get(send(phone, page, "sets", FOUR_SETS).url))
        assert "Extra" in shown
        assert "1 day extra" in shown
        assert len(home.logs()) == 1


class TestHtmx:
    HEADERS = {"HX-Request": "true", "HX-Boosted": "true"}

    def test_a_swapped_page_equals_the_page_loaded_afresh(self, phone: Client, home: Home) -> None:
        saved = send(phone, home.url(), "sets", FOUR_SETS, headers=self.HEADERS)
        part, whole = phone.get(saved.url, headers=self.HEADERS), phone.get(saved.url)
        swapped = re.sub(
            r"(<main[^>]*>).*(</main>)", rf"\1{part.content.decode()}\2", whole.content.decode(), flags=re.DOTALL
        )
        assert "Saved. Well done." in part.content.decode()
        assert "<main" not in part.content.decode()
        assert self.plain(swapped) == self.plain(whole.content.decode())

    def plain(self, html: str) -> str:
        """Without what is new on each load: the ids of logs to be, the CSRF tokens, and white space."""
        html = re.sub(r'(name="(?:csrfmiddlewaretoken|id)" value=")[^"]+', r"\1", html)
        return re.sub(r"\s+", " ", html).replace("> <", "><")

    def test_going_back_loads_the_whole_page(self, phone: Client, home: Home) -> None:
        page = phone.get(home.url(), headers={**self.HEADERS, "HX-History-Restore-Request": "true"})
        assert "<main" in page.content.decode()

    def test_a_form_with_an_error_keeps_the_address(self, phone: Client, home: Home) -> None:
        page = send(phone, home.url(), "sets", {f"{make.THRUST}-1-amount": "ten"}, headers=self.HEADERS)
        assert (page.status_code, page["HX-Push-Url"]) == (422, "false")
        assert "<main" not in page.content.decode()

    def test_no_page_is_kept_in_the_browsers_storage(self, phone: Client, home: Home) -> None:
        assert '"historyCacheSize": 0' in phone.get(home.url()).content.decode()


@pytest.mark.django_db(transaction=True)
def test_three_logs_cost_no_more_statements_than_one(phone: Client, home: Home) -> None:
    counts = []
    for day in [make.TODAY, YESTERDAY, make.MONDAY]:
        log(home, day)
        with CaptureQueriesContext(connection) as captured:
            phone.get(home.url())
        counts.append(len(captured))
    assert len(set(counts)) == 1
    assert counts[0] <= 17


def test_the_week_is_read_with_an_entry_of_another_day(home: Home, phone: Client) -> None:
    with clinic_scope(home.clinic.pk):
        home.log(Entry(id=uuid7(), date=make.MONDAY, skip_reason="time"), by=home.clinician)
    shown = text_of(phone.get(home.url()))
    assert "entered by your clinic" in shown
    assert "Not done: no time" in shown
