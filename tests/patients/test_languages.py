"""Which language a patient reads: their record's, else their clinic's, else their browser's."""

import re
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone, translation

from clinic.actions.access import invite
from clinic.languages import asked_by_browser, first_of
from clinic.models import Clinic, Membership
from clinic.wall.scope import clinic_scope
from patients.actions.records import email_invitation
from patients.languages import language_of as language_of_paper
from patients.models import Patient
from tests import factories as make
from tests.patients.home import Home, a_home, send, steps, text_of

pytestmark = pytest.mark.django_db
HEARD = {"de": "Heute", "es": "Hoy", "en": "Today"}
LOGIN = "/account/login/"


@pytest.fixture(autouse=True)
def at_noon(time_machine: Any) -> None:
    time_machine.move_to(make.NOW)


@pytest.fixture
def home() -> Home:
    return a_home()


@pytest.fixture
def phone(client: Client, home: Home) -> Client:
    return make.sign_in(client, home.self)


def chosen(home: Home, *, patient: str = "", clinic: str = "") -> None:
    with clinic_scope(home.clinic.pk):
        Clinic.objects.filter(pk=home.clinic.pk).update(language=clinic)
        Patient.objects.filter(pk=home.patient.pk).update(language=patient)


def language_of(response: Any) -> str:
    """What the page says that it is in, everywhere where it says so."""
    (named,) = re.findall(r'<html lang="([^"]+)" dir="ltr"', response.text)
    assert response["Content-Language"] == named
    return named


@pytest.mark.parametrize(
    ("patient", "clinic", "browser", "read"),
    [
        ("de", "es", "en", "de"),
        ("", "es", "de", "es"),
        ("", "", "de-AT,de;q=0.9", "de"),
        ("", "", "fr, es;q=0.5, de;q=0.4", "es"),
        ("", "", "fr", "en"),
        ("en", "de", "es", "en"),
    ],
)
def test_the_patient_then_the_clinic_then_the_browser(
    patient: str, clinic: str, browser: str, read: str, phone: Client, home: Home
) -> None:
    chosen(home, patient=patient, clinic=clinic)
    for url in ["", "red-flags", "red-flags/stop"]:
        assert language_of(phone.get(home.url(url), headers={"accept-language": browser})) == read
    page = phone.get(home.url(), headers={"accept-language": browser})
    assert re.search(r"<h1>(.*?)</h1>", page.text)[1] == HEARD[read]


def test_no_language_is_left_for_the_next_request(phone: Client, home: Home) -> None:
    chosen(home, patient="de", clinic="es")
    for url in [home.url(), f"{home.my}nowhere/"]:
        phone.cookies.pop("django_language", None)
        phone.get(url, headers={"accept-language": "en"})
        assert translation.get_language() == "en", url
    phone.cookies.clear()
    assert language_of(phone.get(LOGIN, headers={"accept-language": "es"})) == "es"


def test_errors_of_a_form_are_in_the_records_language(phone: Client, home: Home) -> None:
    """Whatever the form finds and whatever the action refuses."""
    chosen(home, patient="de", clinic="es")
    wrong = send(phone, home.url(), "sets", steps(1, "zehn", 3), headers={"accept-language": "en"})
    assert "ganze Zahl" in text_of(wrong)
    empty = send(phone, home.url(), "sets", {}, headers={"accept-language": "en"})
    assert empty.status_code == 422
    assert language_of(empty) == "de"
    assert "Enter" not in text_of(empty)


def test_what_the_phone_sends_later_is_refused_in_the_language_of_its_pages(phone: Client, home: Home) -> None:
    """The queue of a phone sends to the API, which answers in the language of the last page that was opened."""
    chosen(home, patient="de")
    phone.get(home.url(), headers={"accept-language": "en"})
    url = f"/api/v1/clinic/north/patients/{home.patient.pk}/logs/"
    body = {"id": "01a20c619d36766aa4e3fdcd346599cf", "date": "2026-12-24", "skip_reason": "time"}
    answer = phone.post(url, body, content_type="application/json", headers={"accept-language": "en"})
    assert answer.status_code == 400
    assert "Dieser Tag liegt noch in der Zukunft." in answer.text


def test_what_is_not_there_is_said_in_the_clinics_language(phone: Client, home: Home) -> None:
    chosen(home, clinic="de")
    missing = phone.get(f"{home.my}nowhere/", headers={"accept-language": "en"})
    assert (missing.status_code, language_of(missing)) == (404, "de")
    assert "Seite" in text_of(missing)


class TestOnesOwnChoice:
    def test_is_kept_and_obeyed_by_every_phone(self, phone: Client, home: Home) -> None:
        chosen(home, clinic="de")
        answer = phone.post(home.url("language"), {"language": "es"})
        assert (answer.status_code, answer["Location"]) == (303, home.url())
        with clinic_scope(home.clinic.pk):
            assert Patient.objects.get(pk=home.patient.pk).language == "es"
        other_phone = make.sign_in(Client(), home.self)
        assert language_of(other_phone.get(home.url(), headers={"accept-language": "de"})) == "es"

    def test_each_page_offers_the_languages_in_their_own_words(self, phone: Client, home: Home) -> None:
        chosen(home, patient="de")
        for url in ["", "red-flags", "red-flags/stop"]:
            options = re.findall(r'<option value="(\w+)" lang="\1"( selected)?>(\w+)<', phone.get(home.url(url)).text)
            assert options == [("en", "", "English"), ("de", " selected", "Deutsch"), ("es", "", "Español")], url

    @pytest.mark.parametrize("sent", ["", "fr", "../x", "de\0", "x" * 9999])
    def test_one_that_there_is_not_is_refused_with_a_sentence(self, sent: str, phone: Client, home: Home) -> None:
        chosen(home, patient="es")
        answer = phone.post(home.url("language"), {"language": sent})
        assert answer.status_code == 422
        assert "idioma" in text_of(answer)
        with clinic_scope(home.clinic.pk):
            assert Patient.objects.get(pk=home.patient.pk).language == "es"

    def test_nobody_chooses_for_another(self, phone: Client, home: Home, client: Client) -> None:
        with clinic_scope(home.clinic.pk):
            neighbour = make.make_patient(home.clinician)
        assert phone.post(f"{home.my}{neighbour.pk}/language/", {"language": "es"}).status_code == 404
        make.sign_in(client, home.clinician)
        assert client.post(home.url("language"), {"language": "es"}).status_code == 404
        assert phone.get(home.url("language")).status_code in {404, 405}
        with clinic_scope(home.clinic.pk):
            assert set(Patient.objects.values_list("language", flat=True)) == {""}


class TestBeforeTheSignIn:
    def test_the_browsers_on_a_phone_that_knows_nobody(self, client: Client, db: None) -> None:
        assert language_of(client.get(LOGIN, headers={"accept-language": "de"})) == "de"
        assert language_of(client.get("/", headers={"accept-language": "es"})) == "es"

    def test_that_of_the_last_patient_on_this_phone(self, phone: Client, home: Home) -> None:
        chosen(home, patient="de")
        phone.get(home.url(), headers={"accept-language": "en"})
        cookie = phone.cookies["django_language"]
        assert (cookie.value, cookie["httponly"], cookie["samesite"]) == ("de", True, "Lax")
        assert language_of(phone.get("/account/logout/", headers={"accept-language": "en"})) == "de"
        phone.post("/account/logout/")
        assert language_of(phone.get(LOGIN, headers={"accept-language": "en"})) == "de"

    def test_it_changes_nothing_for_the_next_person(self, phone: Client, home: Home) -> None:
        """Two people on one phone: the second has chosen nothing, and reads what the browser asks for."""
        chosen(home, patient="de")
        phone.get(home.url())
        with clinic_scope(home.clinic.pk):
            partner = make.make_patient(home.clinician)
            make.make_sign_in(partner, user=home.self.user)
        page = phone.get(f"{home.my}{partner.pk}/", headers={"accept-language": "es"})
        assert language_of(page) == "es"

    @pytest.mark.parametrize(
        ("patient", "clinic", "browser", "read"),
        [("de", "es", "en", "de"), ("", "es", "de", "es"), ("", "", "de", "de")],
    )
    def test_an_invitation_is_in_the_language_of_its_record(
        self, patient: str, clinic: str, browser: str, read: str, home: Home, client: Client
    ) -> None:
        chosen(home, patient=patient, clinic=clinic)
        with clinic_scope(home.clinic.pk):
            link = invite(by=home.clinician, clinic=home.clinic, record=home.patient.pk, now=timezone.now())
        path, headers = re.sub(r"^https?://[^/]+", "", link), {"accept-language": browser}
        assert language_of(client.get(path, headers=headers)) == read
        assert client.post(path, headers=headers).status_code == 302
        used = client.get(path, headers=headers)
        assert (used.status_code, language_of(used)) == (410, read)
        assert home.clinic.name in used.text

    def test_one_that_never_was_says_nothing_of_a_clinic(self, home: Home, client: Client) -> None:
        chosen(home, clinic="de")
        here, nowhere = (
            client.get(f"/invitation/{slug}/none/", headers={"accept-language": "es"}) for slug in ["north", "x"]
        )
        assert language_of(here) == language_of(nowhere) == "es"
        assert here.content == nowhere.content


class TestEmails:
    def code(self, client: Client, email: str, browser: str = "en") -> str:
        client.post("/account/login/code/", {"email": email}, headers={"accept-language": browser})
        return mail.outbox[-1].subject + mail.outbox[-1].body

    @pytest.mark.parametrize(
        ("patient", "clinic", "browser", "said"),
        [("de", "es", "en", "Code"), ("", "es", "en", "código"), ("", "", "de", "Code"), ("", "", "fr", "code")],
    )
    def test_the_code_to_sign_in(
        self, patient: str, clinic: str, browser: str, said: str, home: Home, client: Client
    ) -> None:
        chosen(home, patient=patient, clinic=clinic)
        letter = self.code(client, home.self.user.email.upper(), browser)
        assert said in letter
        assert ("Ihr" in letter, "your code" in letter) == (said == "Code", said == "code")
        assert translation.get_language() == browser.replace("fr", "en")

    def test_of_a_couple_whose_languages_differ_is_the_browsers(self, home: Home, client: Client) -> None:
        chosen(home, patient="de")
        with clinic_scope(home.clinic.pk):
            make.make_sign_in(make.make_patient(language="es"), user=home.self.user)
        assert "Your code" in self.code(client, home.self.user.email)

    def test_of_staff_is_the_browsers(self, home: Home, client: Client) -> None:
        chosen(home, clinic="de")
        assert "Your code" in self.code(client, home.clinician.user.email)

    def test_of_a_stranger_is_the_browsers(self, home: Home, client: Client) -> None:
        assert "Anmeldung" in self.code(client, "nobody@home.example", "de")

    @pytest.mark.parametrize(
        ("patient", "clinic", "said"), [("de", "es", "Übungen"), ("", "es", "ejercicios"), ("", "", "exercises")]
    )
    def test_an_invitation(
        self, patient: str, clinic: str, said: str, home: Home, django_capture_on_commit_callbacks: Any
    ) -> None:
        chosen(home, patient=patient, clinic=clinic)
        with clinic_scope(home.clinic.pk), django_capture_on_commit_callbacks(execute=True):
            Patient.objects.update(email="carla@home.example")
            member = Membership.objects.select_related("clinic").get(pk=home.clinician.pk)
            email_invitation(by=member, patient=Patient.objects.get(), now=timezone.now())
        assert said in mail.outbox[-1].subject
        assert said in mail.outbox[-1].body


def test_the_first_that_says_something() -> None:
    assert [first_of("de", "es"), first_of("", "es"), first_of("", ""), first_of()] == ["de", "es", "en", "en"]


@pytest.mark.parametrize("header", ["", "*", "de" * 9999, "xx-yy;q=9", "\0", "de;q=0"])
def test_whatever_a_browser_asks_for_is_answered(header: str, rf: Any) -> None:
    assert asked_by_browser(rf.get("/", HTTP_ACCEPT_LANGUAGE=header)) in {"en", "de"}


def test_a_clinic_may_leave_it_to_the_browser() -> None:
    field = Clinic._meta.get_field("language").formfield()
    assert field.clean("") == ""
    assert [code for code, _label in field.choices] == ["", "en", "de", "es"]
    assert language_of_paper(Patient(), Clinic(language="")) == "en"
