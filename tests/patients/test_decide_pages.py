"""From the weekly email to a decision: a link asks, what is sent from it acts once, and the next email tells of it."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from clinic.models import Clinic, Membership, Role
from clinic.outbox import Letter
from clinic.wall.scope import clinic_scope
from patients.actions.deciding import Reading, decide, mark_called
from patients.models import Decision, Patient, Pause, Prescription
from patients.summaries import shares_of_clinic, write
from tests.factories import (
    MONDAY,
    NOW,
    TODAY,
    make_clinic,
    make_log,
    make_member,
    make_patient,
    make_program,
    make_sign_in,
    sign_in,
)
from tests.patients.pages import words

pytestmark = pytest.mark.django_db
SITE = "/clinic/north"
ROOT = f"{SITE}/patients/patient"
DAY, WEEK = timedelta(days=1), timedelta(weeks=1)


@pytest.fixture(autouse=True)
def at_noon(time_machine: Any) -> None:
    time_machine.move_to(NOW)


def the_letter(clinic: Clinic, week: Any = MONDAY) -> Letter:
    with clinic_scope(clinic.pk):
        [letter] = [write(each, shares, week, day=TODAY) for each, shares in shares_of_clinic(TODAY).items()]
    return letter


def ways(letter: Letter) -> dict[str, str]:
    """The path of each way to decide, by its word."""
    found = re.findall(r'<a href="http://localhost:8000(/[^"]*week=[^"]*)"[^>]*>([^<]+)</a>', letter.html)
    return {word: path.replace("&amp;", "&") for path, word in found}


def hidden(client: Client, path: str) -> dict[str, Any]:
    form = client.get(path).context["form"]
    return {field.name: field.value() for field in form.hidden_fields() if field.value() is not None}


def decisions(clinic: Clinic) -> list[tuple[str, Any]]:
    with clinic_scope(clinic.pk):
        return list(Decision.objects.order_by("at").values_list("kind", "week"))


def history(client: Client, patient: Patient) -> str:
    return words(client.get(f"{ROOT}/{patient.pk}/change/")).partition("What happened")[2]


def a_week_later(time_machine: Any, client: Client, member: Membership) -> None:
    """When the email of the week is read; the sign-in of the week before is too old."""
    time_machine.move_to(NOW + WEEK)
    sign_in(client, member)


class TestFromTheEmail:
    @pytest.fixture
    def paths(self, clinic: Clinic, clinician: Membership, patient: Patient, running: Prescription) -> dict[str, str]:
        with clinic_scope(clinic.pk):
            make_log(clinician, patient, MONDAY, pain_after=9)
        return ways(the_letter(clinic))

    def test_each_patient_in_need_has_four_ways(self, paths: dict[str, str], patient: Patient) -> None:
        root = f"{ROOT}/{patient.pk}"
        assert paths == {
            "Pause": f"{root}/pause/?week=2026-11-16",
            "Change the program": f"{root}/revise/?week=2026-11-16",
            "Call back": f"{root}/decide/?what=call&week=2026-11-16",
            "Seen": f"{root}/decide/?what=seen&week=2026-11-16",
        }

    def test_the_text_part_has_them_too(self, clinic: Clinic, paths: dict[str, str]) -> None:
        text = the_letter(clinic).text
        assert [word for word, path in paths.items() if f"{word}: http://localhost:8000{path}\n" in text] == list(paths)

    def test_opening_one_asks_for_a_sign_in_and_then_changes_nothing(
        self, clinic: Clinic, paths: dict[str, str], client: Client
    ) -> None:
        for path in paths.values():
            assert Client().get(path).status_code == 302
            assert "/login/" in Client().get(path)["Location"]
            assert client.get(path).status_code == 200
        assert decisions(clinic) == []

    def test_seen(
        self,
        clinic: Clinic,
        clinician: Membership,
        paths: dict[str, str],
        patient: Patient,
        client: Client,
        time_machine: Any,
    ) -> None:
        a_week_later(time_machine, client, clinician)
        path = paths["Seen"]
        page = words(client.get(path))
        assert "Week 47" in page
        assert "pain 9 of 10 on Mon 16 Nov" in page
        sent = hidden(client, path) | {"note": "On the mend"}
        for _click in range(2):
            assert client.post(path, sent).status_code == 302
        assert decisions(clinic) == [("seen", MONDAY)]
        assert "Seen About the week of 16 Nov 2026 On the mend" in history(client, patient)
        assert (
            f"- {patient.code}: you looked at it on Wed 25 Nov; no session since"
            in the_letter(clinic, MONDAY + WEEK).text
        )
        assert "On the mend" not in the_letter(clinic, MONDAY + WEEK).text

    def test_call_back_until_it_is_done(
        self,
        clinic: Clinic,
        clinician: Membership,
        paths: dict[str, str],
        patient: Patient,
        client: Client,
        time_machine: Any,
    ) -> None:
        a_week_later(time_machine, client, clinician)
        path, friday = paths["Call back"], TODAY + WEEK + 2 * DAY
        sent = hidden(client, path)
        assert client.post(path, sent | {"call_on": TODAY}).context["form"].errors == {
            "call_on": ["This date is over."]
        }
        assert client.post(path, sent | {"call_on": friday}).status_code == 302
        assert (
            f"- {patient.code}: you said you would call on Fri 27 Nov, not marked as done"
            in the_letter(clinic, MONDAY + WEEK).text
        )
        assert "Call back on Fri 27 Nov 2026" in history(client, patient)
        with clinic_scope(clinic.pk):
            call = Decision.objects.get()
        page = f"{ROOT}/{patient.pk}/calls/{call.pk}/"
        assert client.post(page, {"note": ""}).status_code == 200
        for _click in range(2):
            assert client.post(page, {"note": "Knee is calm"}).status_code == 302
        assert "Called Knee is calm" in history(client, patient)
        told = the_letter(clinic, MONDAY + WEEK).text
        assert f"- {patient.code}: you called on Wed 25 Nov" in told
        assert "Knee is calm" not in told

    def test_pause(
        self,
        clinic: Clinic,
        clinician: Membership,
        paths: dict[str, str],
        patient: Patient,
        client: Client,
        time_machine: Any,
    ) -> None:
        a_week_later(time_machine, client, clinician)
        path = paths["Pause"]
        sent = hidden(client, path) | {"starts_on": TODAY + WEEK}
        for _click in range(2):
            assert client.post(path, sent).status_code == 302
        assert decisions(clinic) == [("pause", MONDAY)]
        with clinic_scope(clinic.pk):
            assert Pause.objects.count() == 1
        assert history(client, patient).count("Paused") == 1
        told = the_letter(clinic, MONDAY + WEEK).text
        assert f"- {patient.code}: you paused on Wed 25 Nov; still paused" in told

    def test_revise(
        self,
        clinic: Clinic,
        clinician: Membership,
        paths: dict[str, str],
        patient: Patient,
        client: Client,
        time_machine: Any,
    ) -> None:
        a_week_later(time_machine, client, clinician)
        path = paths["Change the program"]
        with clinic_scope(clinic.pk):
            more = make_program(frequency=4)
        sent = hidden(client, path) | {"program": more.pk, "starts_on": TODAY + WEEK}
        for _click in range(2):
            assert client.post(path, sent).status_code == 302
        assert decisions(clinic) == [("revise", MONDAY)]
        with clinic_scope(clinic.pk):
            make_log(clinician, patient, TODAY + WEEK, pain_after=2)
        assert (
            f"- {patient.code}: you changed the program on Wed 25 Nov"
            " (Phase 1: 3 times a week → 4 times a week); 1/3 since, worst pain 2 of 10"
            in the_letter(clinic, MONDAY + WEEK).text
        )
        assert history(client, patient).count("Went on with") == 1

    def test_a_colleague_reads_who_decided(
        self, clinic: Clinic, paths: dict[str, str], patient: Patient, client: Client, time_machine: Any
    ) -> None:
        time_machine.move_to(NOW + WEEK)
        with clinic_scope(clinic.pk):
            colleague = make_member(clinic, Role.OWNER)
            Membership.objects.filter(pk=colleague.pk).update(name="Dr. Berg")
        other = sign_in(Client(), colleague)
        other.post(paths["Seen"], hidden(other, paths["Seen"]))
        with clinic_scope(clinic.pk):
            [told] = [
                write(each, shares, MONDAY + WEEK, day=TODAY).text
                for each, shares in shares_of_clinic(TODAY).items()
                if shares
            ]
        assert f"- {patient.code}: Dr. Berg looked at it on Wed 25 Nov" in told


class TestTwoClinicians:
    @pytest.mark.parametrize("page", ["decide/?what=seen", "decide/?what=call", "pause/?", "revise/?"])
    def test_the_second_is_told_and_may_send_it_again(
        self, clinic: Clinic, patient: Patient, running: Prescription, client: Client, page: str
    ) -> None:
        path = f"{ROOT}/{patient.pk}/{page}&week=2026-11-09"
        with clinic_scope(clinic.pk):
            program = make_program()
        sent = hidden(client, path) | {"call_on": TODAY, "starts_on": TODAY, "program": program.pk, "note": "Mine"}
        with clinic_scope(clinic.pk):
            seen = {"kind": "seen", "reading": Reading(MONDAY - WEEK), "note": "Theirs", "now": NOW}
            decide(by=make_member(clinic), patient=patient.pk, **seen)
        told = client.post(path, sent)
        assert "clinician of North decided on 18 Nov 2026, 12:00: Seen." in words(told)
        assert "Theirs" in words(told)
        assert len(decisions(clinic)) == 1
        again = sent | {field.name: field.value() for field in told.context["form"].hidden_fields() if field.value()}
        assert client.post(path, again).status_code == 302
        assert len(decisions(clinic)) == 2

    def test_the_second_to_call_is_told_who_was_first(
        self, clinic: Clinic, clinician: Membership, patient: Patient, client: Client
    ) -> None:
        with clinic_scope(clinic.pk):
            call = a_call(clinician, patient)
            mark_called(by=make_member(clinic), decision=call.pk, note="Fine", now=NOW)
        told = words(client.post(f"{ROOT}/{patient.pk}/calls/{call.pk}/", {"note": "No answer"}))
        assert "clinician of North called on 18 Nov 2026, 12:00: Fine" in told
        assert "Mark as done" not in told


def a_call(by: Membership, patient: Patient) -> Decision:
    reading = Reading(MONDAY - WEEK)
    return decide(by=by, patient=patient.pk, kind="call", reading=reading, call_on=TODAY, now=NOW)


@pytest.mark.parametrize(
    "week", ["", "week=", "week=2026-13-45", "week=tomorrow", "week=2026-11-18", "week=2099-01-01"]
)
def test_a_week_that_makes_no_sense_is_the_last_one(
    clinic: Clinic, patient: Patient, client: Client, week: str
) -> None:
    path = f"{ROOT}/{patient.pk}/decide/?{week}"
    client.post(path, hidden(client, path))
    assert decisions(clinic) == [("seen", MONDAY - WEEK)]


@pytest.mark.parametrize("week", ["0001-01-01", "0001-03-01", "1999-12-31"])
def test_a_week_before_all_weeks_is_the_first_one(clinic: Clinic, patient: Patient, client: Client, week: str) -> None:
    path = f"{ROOT}/{patient.pk}/decide/?week={week}"
    client.post(path, hidden(client, path))
    assert decisions(clinic) == [("seen", date(1999, 12, 27))]


class TestWhoMayNot:
    @pytest.fixture
    def pages(self, clinic: Clinic, clinician: Membership, patient: Patient) -> list[str]:
        with clinic_scope(clinic.pk):
            call = a_call(clinician, patient)
        return [f"{ROOT}/{patient.pk}/decide/?what=seen", f"{ROOT}/{patient.pk}/calls/{call.pk}/"]

    def statuses(self, client: Client, pages: list[str]) -> set[int]:
        return {ask(page).status_code for page in pages for ask in (client.get, client.post)}

    def test_the_front_desk(self, clinic: Clinic, pages: list[str]) -> None:
        with clinic_scope(clinic.pk):
            assistant = make_member(clinic, Role.ASSISTANT)
        assert self.statuses(sign_in(Client(), assistant), pages) == {403}

    def test_the_patient(self, clinic: Clinic, pages: list[str], patient: Patient) -> None:
        with clinic_scope(clinic.pk):
            member = make_sign_in(patient)
        assert self.statuses(sign_in(Client(), member), pages) == {404}

    def test_another_clinic(self, pages: list[str]) -> None:
        south = make_clinic("south")
        with clinic_scope(south.pk):
            owner = make_member(south, Role.OWNER)
        client = sign_in(Client(), owner)
        assert self.statuses(client, pages) == {404}
        assert self.statuses(client, [page.replace("north", "south") for page in pages]) == {404}

    def test_the_call_of_another_patient(
        self, clinic: Clinic, clinician: Membership, pages: list[str], client: Client
    ) -> None:
        with clinic_scope(clinic.pk):
            other, call = make_patient(clinician), Decision.objects.get()
        assert self.statuses(client, [f"{ROOT}/{other.pk}/calls/{call.pk}/"]) == {404}


def test_the_same_number_of_queries_for_one_decision_and_for_three(
    clinic: Clinic, clinician: Membership, patient: Patient, running: Prescription, client: Client
) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            for page in (f"{patient.pk}/decide/?what=call", f"{patient.pk}/change/", f"{patient.pk}/pause/"):
                assert client.get(f"{ROOT}/{page}").status_code == 200
            the_letter(clinic)
        return len(captured)

    with clinic_scope(clinic.pk):
        mark_called(by=clinician, decision=a_call(clinician, patient).pk, note="Fine", now=NOW)
    queries()
    for_one = queries()
    with clinic_scope(clinic.pk):
        for _more in range(2):
            mark_called(by=make_member(clinic), decision=a_call(make_member(clinic), patient).pk, note="x", now=NOW)
        Membership.objects.exclude(pk=clinician.pk).update(role=Role.ASSISTANT)
    assert queries() == for_one
