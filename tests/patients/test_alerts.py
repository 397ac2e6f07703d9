"""Alerts, raised with what is written and acknowledged by clinicians."""

import re
import threading
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from uuid_utils.compat import uuid7

from clinic.models import Clinic, Membership, Role
from clinic.wall.scope import clinic_scope
from patients.actions.alerts import acknowledge, acknowledge_all
from patients.actions.logging import Entry, accept_log, record_log, withdraw_log
from patients.actions.prescribing import pause
from patients.actions.red_flags import report_red_flags
from patients.models import Alert, Log, Patient
from tests.factories import (
    MONDAY,
    NOW,
    TODAY,
    WHOLE_SESSION,
    make_clinic,
    make_log,
    make_member,
    make_patient,
    make_prescription,
    make_sign_in,
    sign_in,
)

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def clinic(time_machine: Any) -> Clinic:
    time_machine.move_to(NOW)
    return make_clinic()


@pytest.fixture
def clinician(clinic: Clinic) -> Membership:
    with clinic_scope(clinic.pk):
        return make_member(clinic)


@pytest.fixture
def patient(clinic: Clinic, clinician: Membership) -> Iterator[Patient]:
    with clinic_scope(clinic.pk):
        patient = make_patient(clinician, code="C-007", name="Carla Neumann")
        make_prescription(clinician, patient)
        yield patient


def opened() -> dict[str, list[Any]]:
    return {alert.kind: alert.evidence for alert in Alert.objects.filter(acknowledged_at=None)}


def close(by: Membership, alert: Alert, note: str = "Called: rest for two days.") -> Alert:
    alert.refresh_from_db()
    return acknowledge(by=by, alert=alert.pk, note=note, seen=alert.changed_at, now=NOW)


class TestRaising:
    def test_with_the_log_that_says_so(self, clinician: Membership, patient: Patient) -> None:
        make_log(clinician, patient, MONDAY, pain_after=5)
        assert opened() == {}
        log = make_log(clinician, patient, TODAY, pain_after=9, note="It was awful")
        assert opened() == {"alarming_pain": [{"day": "2026-11-18", "pain": 9, "log": str(log.pk)}]}

    def test_two_sessions_running(self, clinician: Membership, patient: Patient) -> None:
        for day in (MONDAY, TODAY):
            make_log(clinician, patient, day, pain_during=6)
        assert [each["day"] for each in opened()["pain_twice"]] == ["2026-11-16", "2026-11-18"]

    def test_a_log_without_such_pain_costs_no_query(self, clinician: Membership, patient: Patient) -> None:
        counts = []
        for number, pain in enumerate([None, 5]):
            with CaptureQueriesContext(connection) as queries:
                make_log(clinician, patient, MONDAY + number * DAY, pain_after=pain)
            counts.append(len([query for query in queries if "patients_alert" in query["sql"]]))
        assert counts == [0, 0]

    def test_one_is_open_and_what_comes_is_added(self, clinician: Membership, patient: Patient) -> None:
        first = make_log(clinician, patient, MONDAY, pain_after=8)
        second = make_log(clinician, patient, TODAY, pain_after=9)
        alert = Alert.objects.get(kind="alarming_pain")
        assert [each["log"] for each in alert.evidence] == [str(first.pk), str(second.pk)]
        assert (alert.on, alert.changed_at, alert.raised_at) == (TODAY, NOW, NOW - 2 * DAY)

    def test_sent_twice_it_is_raised_once(self, clinician: Membership, patient: Patient) -> None:
        key = uuid7()
        for _time in range(2):
            make_log(clinician, patient, TODAY, pain_after=8, key=key)
        assert len(opened()["alarming_pain"]) == 1

    def test_acknowledged_it_is_raised_again_by_the_next(self, clinician: Membership, patient: Patient) -> None:
        make_log(clinician, patient, TODAY, pain_after=8)
        close(clinician, Alert.objects.get())
        make_log(clinician, patient, TODAY, pain_after=8)
        assert Alert.objects.count() == 2
        assert len(opened()["alarming_pain"]) == 1

    def test_a_correction_takes_the_place_of_what_it_corrects(self, clinician: Membership, patient: Patient) -> None:
        first = make_log(clinician, patient, TODAY, pain_after=8)
        second = make_log(clinician, patient, TODAY, pain_after=8, replaces=first.pk)
        assert [each["log"] for each in opened()["alarming_pain"]] == [str(second.pk)]
        close(clinician, Alert.objects.get())
        third = make_log(clinician, patient, TODAY, pain_after=8, replaces=second.pk)
        assert opened() == {}
        make_log(clinician, patient, TODAY, pain_after=9, replaces=third.pk)
        assert len(opened()["alarming_pain"]) == 1

    def test_what_waits_raises_once_it_is_accepted(self, clinician: Membership, patient: Patient) -> None:
        entry = Entry(id=uuid7(), date=TODAY, sets=WHOLE_SESSION, pain_after=9, waited=timedelta(days=40))
        log, _new = record_log(by=make_sign_in(patient), patient=patient.pk, entry=entry, now=NOW)
        assert opened() == {}
        accept_log(by=clinician, patient=patient.pk, log=log.pk, now=NOW)
        assert list(opened()) == ["alarming_pain"]

    def test_while_paused_too(self, clinician: Membership, patient: Patient) -> None:
        pause(by=clinician, course=patient.courses.get(), starts_on=MONDAY, now=NOW)
        make_log(clinician, patient, TODAY, pain_after=8)
        report_red_flags(patient=patient.pk, flags=["hot knee"], now=NOW)
        assert set(opened()) == {"alarming_pain", "red_flag"}

    def test_a_skip_for_too_much_pain(self, clinician: Membership, patient: Patient) -> None:
        make_log(clinician, patient, TODAY, skip_reason="pain", pain_before=8)
        assert list(opened()) == ["alarming_pain"]

    def test_the_clinics_own_number(self, clinic: Clinic, clinician: Membership, patient: Patient) -> None:
        Clinic.objects.filter(pk=clinic.pk).update(alert_pain_at_once=5)
        clinician.clinic.refresh_from_db()
        make_log(clinician, patient, TODAY, pain_after=5)
        assert list(opened()) == ["alarming_pain"]

    def test_nothing_is_raised_where_the_log_is_rolled_back(self, clinician: Membership, patient: Patient) -> None:
        with transaction.atomic():
            make_log(clinician, patient, TODAY, pain_after=9)
            transaction.set_rollback(True)
        assert (Alert.objects.count(), Log.objects.count()) == (0, 0)


class TestAcknowledging:
    @pytest.fixture
    def alert(self, clinician: Membership, patient: Patient) -> Alert:
        make_log(clinician, patient, TODAY, pain_after=8)
        return Alert.objects.get()

    def test_with_who_when_and_what(self, clinician: Membership, alert: Alert) -> None:
        done = close(clinician, alert, " Called.\0\n ")
        assert (done.acknowledged_by, done.acknowledged_at, done.note) == (clinician, NOW, "Called.")

    @pytest.mark.parametrize("note", ["", " \n", "x" * 501])
    def test_not_without_a_note(self, clinician: Membership, alert: Alert, note: str) -> None:
        with pytest.raises(ValidationError):
            close(clinician, alert, note)
        assert opened()

    def test_the_second_is_told_by_whom(self, clinician: Membership, alert: Alert) -> None:
        close(clinician, alert, "Called.")
        with pytest.raises(ValidationError, match="of North acknowledged this on 18 Nov 2026, 12:00: Called"):
            close(clinician, alert, "Me too.")
        assert Alert.objects.get().note == "Called."

    def test_what_was_added_is_to_be_seen_first(
        self, clinician: Membership, patient: Patient, alert: Alert, time_machine: Any
    ) -> None:
        seen = alert.changed_at
        entry = Entry(id=uuid7(), date=TODAY, sets=WHOLE_SESSION, pain_after=10)
        record_log(by=clinician, patient=patient.pk, entry=entry, now=NOW + timedelta(seconds=1))
        with pytest.raises(ValidationError, match="added"):
            acknowledge(by=clinician, alert=alert.pk, note="Called.", seen=seen, now=NOW)
        assert opened()

    @pytest.mark.parametrize(
        "half",
        [{"acknowledged_at": NOW}, {"note": "Called."}, {"acknowledged_at": NOW, "note": "Called."}],
        ids=["when", "what", "when and what"],
    )
    def test_the_database_takes_no_half_of_it(self, alert: Alert, half: dict[str, Any]) -> None:
        with pytest.raises(IntegrityError, match="who_when_and_what"), transaction.atomic():
            Alert.objects.filter(pk=alert.pk).update(**half)

    def test_the_database_takes_one_open_alert_of_a_kind(self, patient: Patient, alert: Alert) -> None:
        twin = Alert(patient=patient, kind=alert.kind, on=TODAY, raised_at=NOW, changed_at=NOW)
        with pytest.raises(IntegrityError, match="one_open"), transaction.atomic():
            twin.save()


@pytest.mark.django_db(transaction=True)
class TestAtTheSameMoment:
    """Each with a connection of its own."""

    def together(self, clinic: Clinic, *acts: Any) -> list[Any]:
        start, results = threading.Barrier(len(acts)), []

        def run(act: Any) -> None:
            try:
                with clinic_scope(clinic.pk):
                    start.wait(10)
                    results.append(act())
            except ValidationError as refusal:
                results.append(refusal)
            finally:
                connection.close()

        threads = [threading.Thread(target=run, args=[act]) for act in acts]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
        return results

    def test_logs_and_warning_signs_raise_one_of_each(self, clinic: Clinic, clinician: Membership) -> None:
        with clinic_scope(clinic.pk):
            patient = make_patient(clinician)
        logs = [lambda: make_log(clinician, patient, TODAY, pain_after=9)] * 4
        flags = [lambda: report_red_flags(patient=patient.pk, flags=["a pop"], now=NOW)] * 4
        results = self.together(clinic, *logs, *flags)
        assert len(results) == 8
        with clinic_scope(clinic.pk):
            assert {kind: len(evidence) for kind, evidence in opened().items()} == {"alarming_pain": 4, "red_flag": 4}

    def test_two_clinicians_acknowledge_once(self, clinic: Clinic, clinician: Membership) -> None:
        with clinic_scope(clinic.pk):
            make_log(clinician, make_patient(clinician), TODAY, pain_after=9)
            alert, other = Alert.objects.get(), make_member(clinic)
        notes = {clinician: "Called.", other: "Wrote."}

        def by(member: Membership) -> Any:
            return lambda: acknowledge(by=member, alert=alert.pk, note=notes[member], seen=alert.changed_at, now=NOW)

        results = self.together(clinic, by(clinician), by(other))
        assert sorted(type(each).__name__ for each in results) == ["Alert", "ValidationError"]
        with clinic_scope(clinic.pk):
            kept = Alert.objects.get()
            assert kept.note == notes[kept.acknowledged_by]


class TestPages:
    @pytest.fixture(autouse=True)
    def signed_in(self, client: Client, clinician: Membership) -> None:
        sign_in(client, clinician)

    @pytest.fixture
    def alert(self, clinician: Membership, patient: Patient) -> Alert:
        make_log(clinician, patient, TODAY, pain_after=9, note="It was awful")
        return Alert.objects.get()

    def url(self, alert: Alert, query: str = "") -> str:
        return f"/clinic/north/patients/patient/{alert.patient_id}/alerts/{alert.pk}/{query}"

    def test_the_first_page_has_it_with_what_it_is_made_of(self, client: Client, alert: Alert) -> None:
        page = client.get("/clinic/north/").text
        assert self.url(alert) in page
        assert "Very high pain" in page
        assert "pain 9 of 10 on 18 Nov" in page
        assert "awful" not in page

    def test_it_asks_and_acts_once(self, client: Client, clinician: Membership, alert: Alert) -> None:
        page = client.get(self.url(alert, "?from=patient"))
        assert f'name="seen" value="{alert.changed_at.isoformat()}"' in page.text
        form = {"seen": alert.changed_at.isoformat(), "note": ""}
        assert "Say in a few words what was done." in client.post(self.url(alert), form).text
        answer = client.post(self.url(alert, "?from=patient"), form | {"note": "Called, rests."})
        assert answer.headers["Location"] == f"/clinic/north/patients/patient/{alert.patient_id}/change/"
        again = client.post(self.url(alert), form | {"note": "Me too."}).text
        assert "acknowledged this on 18 Nov 2026, 12:00: Called, rests." in again
        assert "<textarea" not in again
        assert "Nothing waits for you right now." in client.get("/clinic/north/").text
        history = client.get(answer.headers["Location"]).text
        assert "Alert acknowledged: Very high pain" in history
        assert "Called, rests." in history

    def test_one_note_for_all_that_is_open_of_a_patient(
        self, client: Client, clinician: Membership, alert: Alert
    ) -> None:
        silent, below = (with_dates(alert.patient, kind) for kind in ("silent", "below_half"))
        elsewhere = with_dates(make_patient(clinician), "silent")
        page = client.get(self.url(alert)).text
        offered = re.findall(r'type="checkbox" name="also" value="([^"]+)"( checked)?', page)
        assert offered == [(seen(silent), ""), (seen(below), "")]
        form = {"seen": alert.changed_at.isoformat(), "note": "Called, rests."}
        for others in ([seen(elsewhere)], [f"{silent.pk} {(NOW - DAY).isoformat()}", seen(below)]):
            refused = client.post(self.url(alert), form | {"also": others}).text
            assert "Something was added to another one in the meantime." in refused
            assert (f'value="{seen(below)}" checked' in refused) == (seen(below) in others)
        assert Alert.objects.filter(acknowledged_at=None).count() == 4
        client.post(self.url(alert), form | {"also": [seen(silent)]})
        assert {each.kind: each.note for each in Alert.objects.filter(patient=alert.patient)} == {
            "alarming_pain": "Called, rests.",
            "silent": "Called, rests.",
            "below_half": "",
        }

    def test_none_of_several_where_one_was_added_to(self, clinician: Membership, alert: Alert) -> None:
        silent = with_dates(alert.patient, "silent")
        changed = {alert.pk: alert.changed_at, silent.pk: silent.changed_at - DAY}
        with pytest.raises(ValidationError, match="added"):
            acknowledge_all(by=clinician, seen=changed, note="Called.", now=NOW)
        assert set(opened()) == {"alarming_pain", "silent"}

    def test_a_patient_is_one_line_where_their_worst_alert_belongs(
        self, client: Client, clinician: Membership, alert: Alert
    ) -> None:
        for kind in ("silent", "below_half"):
            with_dates(alert.patient, kind)
        other = make_patient(clinician, name="Sam Silent")
        with_dates(other, "silent")
        page = client.get("/clinic/north/").text.partition('id="work"')[2].partition("</section>")[0]
        now, falling = page.split("<h4>")[1:3]
        assert [page.count(name) for name in ("Carla Neumann", "Sam Silent")] == [1, 1]
        assert all(
            each in now for each in ("Carla Neumann", "Very high pain", "Silent", "Below half in two weeks running")
        )
        assert falling.startswith("Falling")
        assert "Sam Silent" in falling

    def test_a_mail_scanner_acknowledges_nothing(self, client: Client, alert: Alert) -> None:
        assert client.get(self.url(alert), {"note": "x", "seen": alert.changed_at.isoformat()}).status_code == 200
        assert opened()

    def test_what_was_typed_stays_where_something_was_added(
        self, client: Client, clinician: Membership, patient: Patient, alert: Alert
    ) -> None:
        seen = (alert.changed_at - DAY).isoformat()
        page = client.post(self.url(alert), {"seen": seen, "note": "Called."}).text
        assert "Something was added" in page
        assert "Called.</textarea>" in page.replace("\n", "")
        assert client.post(self.url(alert), {"seen": "?", "note": "Called."}).status_code == 200
        assert opened()

    def test_what_was_withdrawn_since_says_so_and_stays(
        self, client: Client, clinician: Membership, patient: Patient, alert: Alert
    ) -> None:
        withdraw_log(by=clinician, patient=patient.pk, log=Log.objects.get().pk, now=NOW)
        assert "pain 9 of 10 on 18 Nov (corrected or withdrawn since)" in client.get("/clinic/north/").text

    def test_the_front_desk_sees_none(self, client: Client, clinic: Clinic, alert: Alert) -> None:
        sign_in(client, make_member(clinic, Role.ASSISTANT))
        assert client.get(self.url(alert)).status_code == 403
        assert client.post(self.url(alert), {"note": "x", "seen": NOW.isoformat()}).status_code == 403
        for page in ("/clinic/north/", f"/clinic/north/patients/patient/{alert.patient_id}/change/"):
            text = client.get(page).text
            assert [word for word in ("Open alerts", "/alerts/", "Very high pain") if word in text] == []

    def test_another_patients_address_is_not_it(self, client: Client, clinician: Membership, alert: Alert) -> None:
        other = make_patient(clinician)
        assert client.get(self.url(alert).replace(str(alert.patient_id), str(other.pk))).status_code == 404

    def test_ones_own_or_everybodys(self, client: Client, clinic: Clinic, clinician: Membership, alert: Alert) -> None:
        other, owner = make_member(clinic), make_member(clinic, Role.OWNER)
        nobodys = make_patient(None, name="Nora Nobody")
        make_log(owner, nobodys, TODAY, pain_after=8)

        def who(member: Membership, query: str = "") -> list[bool]:
            sign_in(client, member)
            page = client.get(f"/clinic/north/{query}").text.partition('id="work"')[2].partition("</section>")[0]
            return [name in page for name in ("Carla Neumann", "Nora Nobody")]

        assert who(clinician) == [True, False]
        assert who(other) == [False, False]
        assert who(owner) == [False, True]
        assert who(other, "?of=all") == [True, True]

    def test_the_worst_first_in_groups(self, client: Client, clinician: Membership, alert: Alert) -> None:
        for kind in Alert.Kind.values:
            if kind != alert.kind:
                with_dates(make_patient(clinician), kind)
        page = client.get("/clinic/north/").text.partition('id="work"')[2]
        places = [page.index(f"<h4>{title}</h4>") for title in GROUPS]
        assert places == sorted(places)
        assert page.index("Warning sign") < page.index("Very high pain") < page.index("Too much pain in two")
        for sentence in SENTENCES:
            assert sentence in page, sentence

    def test_the_same_queries_for_one_and_three(self, client: Client, clinician: Membership, alert: Alert) -> None:
        def queries(path: str) -> int:
            client.get(path)
            with CaptureQueriesContext(connection) as captured:
                assert client.get(path).status_code == 200
            return len(captured)

        for kind in ("ready", "silent"):
            with_dates(alert.patient, kind)
        paths = ["/clinic/north/", f"/clinic/north/patients/patient/{alert.patient_id}/change/"]
        one = [queries(path) for path in paths]
        for _more in range(2):
            patient = make_patient(clinician)
            make_log(clinician, patient, TODAY, pain_after=9)
            for kind in ("ready", "silent", "pain"):
                with_dates(patient, kind)
        for kind in ("pain", "below_half"):
            with_dates(alert.patient, kind)
        assert [queries(path) for path in paths] == one


GROUPS = ["Now", "Pain and load", "Not started", "Falling", "Ready to progress?"]
EVIDENCE: dict[str, list[dict[str, Any]]] = {
    "red_flag": [{"report": "x", "at": NOW.isoformat()}],
    "alarming_pain": [{"day": "2026-11-18", "pain": 9, "log": str(uuid7())}],
    "pain_twice": [{"day": "2026-11-16", "pain": 6, "log": str(uuid7())}],
    "pain": [{"day": "2026-11-16", "pain": 7, "log": str(uuid7())}],
    "morning_after": [{"day": "2026-11-16", "before": 2, "morning": 4}],
    "pain_rising": [{"week": "2026-11-02", "sum": 5, "answers": 3}, {"week": "2026-11-09", "sum": 12, "answers": 3}],
    "skips_for_pain": [{"day": "2026-11-16"}, {"day": "2026-11-17"}],
    "above_due": [{"week": "2026-11-16", "done": 5, "due": 3}],
    "silent": [{"since": "2026-10-16", "days": 31}],
    "not_started": [{"since": "2026-11-12", "days": 6}],
    "below_half": [{"week": "2026-11-02", "done": 1, "due": 3}, {"week": "2026-11-09", "done": 0, "due": 3}],
    "ready": [
        {"day": "2026-11-16", "exercise": "double-band-hip-thrust", "top": 30, "last_set": 32}
        | {"pain": 3, "effort": 6, "before": 2, "morning": 1}
    ],
}
SENTENCES = [
    "Yes to a warning sign on 18 Nov, 12:00",
    "pain 2 before the session on 16 Nov, 4 on the next morning",
    "week of 9 Nov: mean 4.0 from 3 answers",
    "skipped on 17 Nov",
    "5 sessions of 3 due in the week of 16 Nov",
    "nothing logged since 16 Oct, and something due for 31 active days",
    "Close the course, or pause it?",
    "no session since the start on 12 Nov, and something due for 6 active days",
    "0 of 3 in the week of 9 Nov",
    "on 16 Nov: last set 32, top 30; pain 3, effort 6, next morning 1 after 2 before",
]


def seen(alert: Alert) -> str:
    return f"{alert.pk} {alert.changed_at.isoformat()}"


def with_dates(patient: Patient, kind: str, on: date = MONDAY) -> Alert:
    level = 30 if kind == "silent" else 0
    made_of = EVIDENCE[kind]
    return Alert.objects.create(
        patient=patient, kind=kind, on=on, level=level, evidence=made_of, raised_at=NOW, changed_at=NOW
    )
