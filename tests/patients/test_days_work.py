"""The first page: what waits for a clinician, each thing once."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from clinic.models import Clinic, Membership, Role
from clinic.wall.scope import clinic_scope
from patients.actions.alerts import acknowledge
from patients.actions.deciding import Reading, decide, mark_called
from patients.actions.nightly import raise_due_alerts
from patients.actions.red_flags import report_red_flags
from patients.alerts import Kind as AlertKind
from patients.attention import Kind, LastAlert, Reason, left_to_say
from patients.models import Alert, Decision, Patient
from tests.factories import (
    MONDAY,
    NOW,
    TODAY,
    make_clinic,
    make_deputy,
    make_log,
    make_member,
    make_patient,
    make_prescription,
    sign_in,
)
from tests.patients.pages import in_words

DAY, WEEK = timedelta(days=1), timedelta(weeks=1)
LAST_MONDAY = MONDAY - WEEK
TUESDAY = MONDAY + DAY


class TestLeftToSay:
    """Of the reasons for a look, on the Wednesday."""

    @staticmethod
    def left(reason: Reason, *alerts: tuple[AlertKind, date, bool], decided_on: date | None = None) -> bool:
        last = {kind: LastAlert(on, is_open) for kind, on, is_open in alerts}
        return left_to_say([reason], last, decided_on=decided_on, today=TODAY) == [reason]

    @pytest.mark.parametrize(
        ("reason", "alert"),
        [
            (Kind.RED_FLAG, AlertKind.RED_FLAG),
            (Kind.ALARMING_PAIN, AlertKind.ALARMING_PAIN),
            (Kind.PAIN, AlertKind.PAIN),
            (Kind.PAIN, AlertKind.PAIN_TWICE),
            (Kind.SKIPS_FOR_PAIN, AlertKind.SKIPS_FOR_PAIN),
            (Kind.SILENT, AlertKind.SILENT),
            (Kind.NOT_STARTED, AlertKind.NOT_STARTED),
            (Kind.NOTHING_LOGGED, AlertKind.SILENT),
            (Kind.LOW, AlertKind.BELOW_HALF),
        ],
    )
    def test_what_an_open_alert_tells(self, reason: Kind, alert: AlertKind) -> None:
        assert not self.left(Reason(reason, TODAY), (alert, MONDAY - 8 * WEEK, True))
        others = [(kind, TODAY, True) for kind in AlertKind if kind == AlertKind.READY]
        assert self.left(Reason(reason, TODAY), *others)

    def test_what_was_acknowledged_tells_what_came_by_its_date(self) -> None:
        closed = (AlertKind.PAIN, TUESDAY, False)
        assert not self.left(Reason(Kind.PAIN, TUESDAY, 6), closed)
        assert self.left(Reason(Kind.PAIN, TODAY, 6), closed)

    def test_of_a_week_where_it_is_about_that_week(self) -> None:
        assert not self.left(Reason(Kind.LOW), (AlertKind.BELOW_HALF, LAST_MONDAY, False))
        assert self.left(Reason(Kind.LOW), (AlertKind.BELOW_HALF, LAST_MONDAY - WEEK, False))

    def test_what_was_decided_since(self) -> None:
        assert not self.left(Reason(Kind.PAIN, TUESDAY, 6), decided_on=TODAY)
        assert self.left(Reason(Kind.PAIN, TODAY, 6), decided_on=TODAY)
        assert not self.left(Reason(Kind.LOW), decided_on=MONDAY)
        assert self.left(Reason(Kind.LOW), decided_on=MONDAY - DAY)

    def test_a_log_that_waits_is_left_until_it_is_accepted(self) -> None:
        everything = [(kind, TODAY, True) for kind in AlertKind]
        assert self.left(Reason(Kind.WAITING), *everything, decided_on=TODAY)


@pytest.fixture(autouse=True)
def at_noon(time_machine: Any) -> None:
    time_machine.move_to(NOW)


@pytest.fixture
def low(clinic: Clinic, clinician: Membership, patient: Patient) -> Patient:
    """One session of three last week, and before that nobody was there."""
    with clinic_scope(clinic.pk):
        make_prescription(clinician, patient, starts_on=LAST_MONDAY)
        make_log(clinician, patient, LAST_MONDAY + 5 * DAY)
    return patient


def work(client: Client, query: str = "") -> dict[str, str]:
    """What the day's work says, by the titles of its groups."""
    section = client.get(f"/clinic/north/{query}").text.partition('id="work"')[2].partition("</section>")[0]
    return {title: in_words(rest) for title, rest in re.findall(r"<h4>(.*?)</h4>(.*?)(?=<h4>|$)", section, re.DOTALL)}


def call_back(by: Membership, patient: Patient, on: date = TODAY, note: str = "") -> Decision:
    with clinic_scope(patient.clinic_id):
        made = {"kind": "call", "call_on": on, "note": note, "reading": Reading(LAST_MONDAY)}
        return decide(by=by, patient=patient.pk, now=NOW - 2 * DAY, **made)


@pytest.mark.django_db
class TestOnce:
    def test_what_an_alert_tells_is_not_told_again(
        self, clinic: Clinic, clinician: Membership, low: Patient, client: Client
    ) -> None:
        with clinic_scope(clinic.pk):
            report_red_flags(patient=low.pk, flags=["a pop"], now=NOW)
        said = work(client)
        assert list(said) == ["Now", "Worth a look"]
        assert said["Worth a look"] == "C-007 Carla Neumann ▼ Less than half done last week Decide : C-007"
        with clinic_scope(clinic.pk):
            alert = Alert.objects.get()
            acknowledge(by=clinician, alert=alert.pk, note="Called", seen=alert.changed_at, now=NOW)
        assert list(work(client)) == ["Worth a look"]

    def test_on_the_patients_page_neither(
        self, clinic: Clinic, clinician: Membership, low: Patient, client: Client
    ) -> None:
        with clinic_scope(clinic.pk):
            report_red_flags(patient=low.pk, flags=["a pop"], now=NOW)
        page = client.get(f"/clinic/north/patients/patient/{low.pk}/change/")
        assert [reason.kind for reason in page.context["reasons"]] == ["low"]

    def test_seen_it_is_gone(self, clinic: Clinic, low: Patient, client: Client) -> None:
        assert list(work(client)) == ["Worth a look"]
        path = f"/clinic/north/patients/patient/{low.pk}/decide/"
        form = client.get(path).context["form"]
        client.post(path, {field.name: field.value() for field in form.hidden_fields()})
        assert work(client) == {}
        assert "Nothing waits for you right now." in client.get("/clinic/north/").text
        with clinic_scope(clinic.pk):
            make_log(Membership.objects.get(), low, TODAY, pain_after=7)
        assert work(client) == {"Worth a look": "C-007 Carla Neumann △ Pain 7 on 18 Nov Decide : C-007"}

    def test_the_groups_of_a_full_day(
        self, clinic: Clinic, clinician: Membership, low: Patient, client: Client
    ) -> None:
        with clinic_scope(clinic.pk):
            urgent, silent, late = (make_patient(clinician) for _ in range(3))
            make_log(clinician, urgent, TODAY, pain_after=9)
            make_prescription(clinician, silent, starts_on=LAST_MONDAY - 3 * WEEK)
            make_log(clinician, silent, LAST_MONDAY - 3 * WEEK)
            make_prescription(clinician, late, starts_on=LAST_MONDAY)
            raise_due_alerts(clinic_id=clinic.pk, day=TUESDAY, now=NOW)
        call_back(clinician, low)
        assert list(work(client)) == ["Now", "Call back", "Not started", "Falling"]


@pytest.mark.django_db
class TestCalls:
    def test_due_and_overdue_until_they_are_made(
        self, clinic: Clinic, clinician: Membership, patient: Patient, client: Client
    ) -> None:
        other = call_back(clinician, patient, TODAY - DAY, note="About the stairs")
        call_back(clinician, patient, TODAY)
        call_back(clinician, patient, TODAY + DAY)
        said = work(client)["Call back"]
        assert said.startswith("C-007 Carla Neumann ▲ Overdue Call on Tue 17 Nov About the stairs clinician of North")
        assert "☎ Today Call on Wed 18 Nov" in said
        assert "19 Nov" not in said
        with clinic_scope(clinic.pk):
            mark_called(by=clinician, decision=other.pk, note="Fine", now=NOW)
        assert "Overdue" not in work(client)["Call back"]

    def test_on_the_patients_page_those_to_come_too(
        self, clinician: Membership, patient: Patient, client: Client
    ) -> None:
        call_back(clinician, patient, TODAY + DAY)
        page = in_words(client.get(f"/clinic/north/patients/patient/{patient.pk}/change/").text)
        assert "☎ To come Call on Thu 19 Nov" in page

    def test_ones_own_patients_what_oneself_said_and_whom_one_stands_in_for(
        self, clinic: Clinic, clinician: Membership, patient: Patient, client: Client
    ) -> None:
        with clinic_scope(clinic.pk):
            colleague, owner = make_member(clinic), make_member(clinic, Role.OWNER)
            theirs, nobodys = make_patient(colleague, name="Tess"), make_patient(None, name="Nora")
        for by, whose in [(colleague, patient), (clinician, theirs), (owner, nobodys)]:
            call_back(by, whose)

        def seen(by: Membership, query: str = "") -> list[str]:
            said = work(sign_in(client, by), query)["Call back"]
            return [name for name in ("Carla", "Tess", "Nora") if name in said]

        assert [seen(by) for by in (clinician, colleague, owner)] == [["Carla", "Tess"]] * 2 + [["Nora"]]
        assert seen(owner, "?of=all") == ["Carla", "Tess", "Nora"]
        with clinic_scope(clinic.pk):
            make_deputy(clinician, owner)
        assert seen(owner) == ["Carla", "Nora"]

    def test_the_front_desk_sees_none(
        self, clinic: Clinic, clinician: Membership, patient: Patient, client: Client
    ) -> None:
        call_back(clinician, patient)
        with clinic_scope(clinic.pk):
            sign_in(client, make_member(clinic, Role.ASSISTANT))
        for page in ("", f"patients/patient/{patient.pk}/change/"):
            assert "Call back" not in client.get(f"/clinic/north/{page}").text

    def test_another_clinics_are_not_there(self, clinician: Membership, client: Client) -> None:
        south = make_clinic("south")
        with clinic_scope(south.pk):
            theirs = make_member(south, Role.OWNER)
            there = make_patient(theirs, name="Secret of south")
        call_back(theirs, there)
        assert work(client, "?of=all") == {}


@pytest.mark.django_db
class TestWhose:
    def test_an_owners_are_also_those_whom_no_clinician_looks_after(
        self, clinic: Clinic, clinician: Membership, low: Patient, client: Client
    ) -> None:
        with clinic_scope(clinic.pk):
            owner, gone = make_member(clinic, Role.OWNER), make_member(clinic)
            for responsible, name in [(None, "Nora"), (gone, "Tess"), (owner, "Olaf")]:
                patient = make_patient(responsible, name=name)
                make_prescription(clinician, patient, starts_on=LAST_MONDAY)
                make_log(clinician, patient, LAST_MONDAY + 5 * DAY)
            Membership.objects.filter(pk=gone.pk).update(is_active=False)

        def seen(by: Membership) -> list[list[str]]:
            sign_in(client, by)
            lists = [f"/clinic/north/patients/patient/?clinician=me{more}" for more in ("", "&show=needs")]
            said = [work(client)["Worth a look"], *(client.get(path).text for path in lists)]
            return [[name for name in ("Carla", "Nora", "Tess", "Olaf") if name in each] for each in said]

        assert seen(clinician) == [["Carla"]] * 3
        assert seen(owner) == [["Nora", "Tess", "Olaf"]] * 3


@pytest.mark.django_db
class TestTooManyToShow:
    @pytest.mark.parametrize("patients", [50, 51])
    def test_looks_of_whom_all_that_are_shown_were_decided_about(
        self, clinic: Clinic, clinician: Membership, client: Client, patients: int
    ) -> None:
        with clinic_scope(clinic.pk):
            for _patient in range(patients):
                report_red_flags(patient=make_patient(clinician).pk, flags=["a pop"], now=NOW)
            Alert.objects.update(acknowledged_at=NOW, acknowledged_by=clinician, note="Called")
        page = client.get("/clinic/north/").text
        assert work(client) == {}
        assert ("Nothing waits for you right now." in page) is (patients == 50)
        link = '/patients/patient/?show=needs&amp;clinician=me">1 more patient to look through</a>'
        assert (link in page) is (patients == 51)

    def test_calls(self, clinic: Clinic, clinician: Membership, patient: Patient, client: Client) -> None:
        for number in range(52):
            call_back(clinician, patient)
            if number == 49:
                assert "more call" not in client.get("/clinic/north/").text
        assert "And 2 more calls, once some of these are made." in client.get("/clinic/north/").text


@pytest.mark.django_db
def test_the_same_number_of_queries_for_one_of_each_and_for_three(
    clinic: Clinic, clinician: Membership, client: Client
) -> None:
    def one_more() -> None:
        with clinic_scope(clinic.pk):
            patient = make_patient(clinician)
            make_prescription(clinician, patient, starts_on=LAST_MONDAY)
            make_log(clinician, patient, LAST_MONDAY + 5 * DAY)
            report_red_flags(patient=patient.pk, flags=["a pop"], now=NOW)
        call_back(clinician, patient)

    def queries() -> int:
        client.get("/clinic/north/?of=all")
        with CaptureQueriesContext(connection) as captured:
            assert len(work(client, "?of=all")) == 2
        return len(captured)

    one_more()
    for_one = queries()
    one_more()
    one_more()
    assert queries() == for_one
