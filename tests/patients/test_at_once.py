"""The email about alerts that can't wait: with a real mail server, and what is due found in the database."""

import threading
import time
from datetime import datetime, timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from clinic import outbox
from clinic.actions.suppressing import suppress
from clinic.models import Clinic, Membership, Message, Role, Summaries, Suppression
from clinic.wall.scope import clinic_scope
from patients.actions.alerts import acknowledge
from patients.actions.nightly import raise_due_alerts
from patients.actions.red_flags import report_red_flags
from patients.alerts import Kind
from patients.models import Alert, Patient
from patients.tasks import tell_somebody_else
from tests.clinic.test_dispatch import Asked, asked
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
)
from tests.fixtures import Mailbox
from tests.trouble import NO_REDIS, Refuses, mail_server, redis_at

__all__ = ["asked"]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("dispatcher_url")]
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
DUE = NOW + 5 * MINUTE


@pytest.fixture
def clinic(time_machine: Any) -> Clinic:
    time_machine.move_to(NOW)
    return make_clinic(name="North Side")


@pytest.fixture
def owner(clinic: Clinic) -> Membership:
    with clinic_scope(clinic.pk):
        return make_member(clinic, Role.OWNER)


@pytest.fixture
def clinician(clinic: Clinic, owner: Membership) -> Membership:
    with clinic_scope(clinic.pk):
        return make_member(clinic)


@pytest.fixture
def patient(clinician: Membership) -> Patient:
    return a_patient(clinician, code="C-007", name="Carla Neumann")


def a_patient(responsible: Membership | None, clinic: Clinic | None = None, **fields: Any) -> Patient:
    with clinic_scope(clinic.pk if clinic else responsible.clinic_id if responsible else None):
        return make_patient(responsible, **fields)


def flags(patient: Patient, now: datetime = NOW) -> None:
    """Says yes to a warning sign."""
    with clinic_scope(patient.clinic_id):
        report_red_flags(patient=patient.pk, flags=["hot knee"], now=now)


def close(patient: Patient, by: Membership) -> None:
    with clinic_scope(patient.clinic_id):
        for alert in Alert.objects.filter(patient=patient, acknowledged_at=None):
            acknowledge(by=by, alert=alert.pk, note="Called", seen=alert.changed_at, now=NOW)


def messages(clinic: Clinic) -> list[Message]:
    with clinic_scope(clinic.pk):
        return list(Message.objects.filter(kind__in=["alerts_at_once", "alerts_instead"]).order_by("created_at", "pk"))


def deliver(clinic: Clinic, now: datetime = DUE) -> list[str]:
    """Send what is due; gives what became of all."""
    for message in messages(clinic):
        outbox.deliver(clinic_id=clinic.pk, message_ids=[message.pk], now=now)
    return [message.state for message in messages(clinic)]


def text_of(mail: EmailMessage) -> str:
    text = next(part.get_content() for part in mail.iter_parts() if part.get_content_type() == "text/plain")
    return str(text).replace("\r\n", "\n")


def told(smtp: Mailbox) -> list[tuple[str, list[str]]]:
    """Each mail's recipient, and the codes of the patients whom it names."""
    return [
        (str(mail["To"]), [line for line in text_of(mail).splitlines() if line[1:3] == "-0"]) for mail in smtp.messages
    ]


def of_alerts(tasks: list[tuple[str, list[Any]]]) -> list[tuple[str, list[Any]]]:
    """Without those of a clinic's week and night, which are due as well."""
    return [task for task in tasks if task[0] in {"clinic.tasks.deliver", "patients.tasks.tell_somebody_else"}]


class TestQueued:
    def test_with_the_log_and_for_five_minutes_later(
        self, clinic: Clinic, clinician: Membership, patient: Patient
    ) -> None:
        with clinic_scope(clinic.pk):
            make_log(clinician, patient, TODAY, pain_after=9)
        [message] = messages(clinic)
        assert (message.recipient_id, message.due_at, message.key) == (clinician.pk, DUE, "2026-11-18 12:00")
        with clinic_scope(clinic.pk):
            assert Alert.objects.get().told_in == message

    def test_rolled_back_with_it(self, clinic: Clinic, clinician: Membership, patient: Patient) -> None:
        with clinic_scope(clinic.pk), transaction.atomic():
            make_log(clinician, patient, TODAY, pain_after=9)
            transaction.set_rollback(True)
        assert messages(clinic) == []

    def test_what_comes_meanwhile_for_the_same_recipient_goes_with_it(
        self, clinic: Clinic, owner: Membership, clinician: Membership, patient: Patient
    ) -> None:
        for number in range(3):
            flags(a_patient(clinician), NOW + 2 * number * MINUTE)
        flags(a_patient(None, clinic), NOW)
        assert sorted((each.recipient_id, each.due_at) for each in messages(clinic)) == sorted(
            [(clinician.pk, DUE), (owner.pk, DUE)]
        )

    def test_what_comes_after_it_was_sent_is_another(
        self, clinic: Clinic, clinician: Membership, patient: Patient, smtp: Mailbox
    ) -> None:
        flags(patient)
        assert deliver(clinic) == ["sent"]
        flags(a_patient(clinician, code="C-008"), DUE)
        assert deliver(clinic, DUE + 5 * MINUTE) == ["sent", "sent"]
        assert told(smtp) == [(clinician.user.email, ["C-007"]), (clinician.user.email, ["C-008"])]

    def test_only_of_the_first_group(self, clinic: Clinic, clinician: Membership, patient: Patient) -> None:
        with clinic_scope(clinic.pk):
            make_prescription(clinician, patient, starts_on=MONDAY - 7 * DAY)
            make_log(clinician, patient, MONDAY, pain_after=6)
            raise_due_alerts(clinic_id=clinic.pk, day=TODAY, now=NOW)
            assert {"pain"} <= set(Alert.objects.values_list("kind", flat=True))
        assert messages(clinic) == []

    def test_not_of_a_correction_that_is_no_worse(
        self, clinic: Clinic, clinician: Membership, patient: Patient, smtp: Mailbox
    ) -> None:
        with clinic_scope(clinic.pk):
            log = make_log(clinician, patient, TODAY, pain_after=9)
        deliver(clinic)
        with clinic_scope(clinic.pk):
            log = make_log(clinician, patient, TODAY, pain_after=8, replaces=log.pk)
        assert deliver(clinic) == ["sent"]
        with clinic_scope(clinic.pk):
            make_log(clinician, patient, TODAY, pain_after=10, replaces=log.pk)
        assert deliver(clinic) == ["sent", "sent"]

    def test_of_two_at_once_in_one(self, clinic: Clinic, clinician: Membership) -> None:
        patients, start = [a_patient(clinician) for _ in range(4)], threading.Barrier(4)

        def say_yes(patient: Patient) -> None:
            try:
                start.wait()
                flags(patient)
            finally:
                connection.close()

        in_parallel([lambda each=each: say_yes(each) for each in patients])
        [message] = messages(clinic)
        with clinic_scope(clinic.pk):
            assert Alert.objects.filter(told_in=message).count() == 4

    def test_it_waits_for_a_log_that_is_not_committed_yet(
        self, clinic: Clinic, clinician: Membership, patient: Patient, smtp: Mailbox
    ) -> None:
        """Sent before it, it would not tell of it, and nothing else would."""
        flags(patient)
        written, go_on = threading.Event(), threading.Event()

        def slow() -> None:
            try:
                with clinic_scope(clinic.pk):
                    report_red_flags(patient=late.pk, flags=["a pop"], now=NOW)
                    written.set()
                    go_on.wait(20)
            finally:
                connection.close()

        late = a_patient(clinician, code="C-008")
        thread = threading.Thread(target=slow)
        thread.start()
        assert written.wait(20)
        assert deliver(clinic) == ["queued"]
        go_on.set()
        thread.join()
        assert deliver(clinic, DUE + MINUTE) == ["sent"]
        assert told(smtp) == [(clinician.user.email, ["C-007", "C-008"])]

    def test_not_in_one_that_is_sent_at_this_moment(
        self, clinic: Clinic, clinician: Membership, patient: Patient
    ) -> None:
        flags(patient)
        [first] = messages(clinic)

        def late() -> None:
            try:
                flags(other, DUE)
            finally:
                connection.close()

        other, thread = a_patient(clinician, code="C-008"), threading.Thread(target=late)
        with clinic_scope(clinic.pk):
            Message.objects.filter(pk=first.pk).update(state=Message.State.SENT)
            thread.start()
            until_somebody_waits()
        thread.join()
        with clinic_scope(clinic.pk):
            assert Alert.objects.get(patient=other).told_in != first

    def test_two_alerts_are_held_in_the_order_of_who_hands_them_on(
        self, clinic: Clinic, clinician: Membership, patient: Patient
    ) -> None:
        """Otherwise each may wait for the other: a log that adds to both, and an email that tells of both."""

        def log() -> None:
            try:
                with clinic_scope(clinic.pk):
                    make_log(clinician, patient, TODAY, pain_after=9)
            finally:
                connection.close()

        with clinic_scope(clinic.pk):
            for day, pain in [(4, 6), (3, 6), (2, 9)]:
                make_log(clinician, patient, TODAY - day * DAY, pain_after=pain)
        alerts, thread = Alert.objects.select_for_update(nowait=True), threading.Thread(target=log)
        with clinic_scope(clinic.pk):
            alerts.get(kind=Kind.PAIN_TWICE)
            thread.start()
            until_somebody_waits()
            alerts.get(kind=Kind.ALARMING_PAIN)
        thread.join()

    def test_a_log_waits_for_no_nightly_pass(self, clinic: Clinic, clinician: Membership, patient: Patient) -> None:
        """It holds what it adds to until it has looked at all patients, and in an order of its own."""

        def log() -> None:
            try:
                with clinic_scope(clinic.pk):
                    make_log(clinician, patient, TODAY, pain_after=9)
            finally:
                connection.close()

        days = [TODAY - 4 * DAY, TODAY - 2 * DAY]
        with clinic_scope(clinic.pk):
            for day, pain in [(4, 6), (3, 1), (2, 6)]:
                make_log(clinician, patient, TODAY - day * DAY, pain_after=pain)
            raise_due_alerts(clinic_id=clinic.pk, day=days[0], now=NOW)
        thread = threading.Thread(target=log)
        with clinic_scope(clinic.pk):
            raise_due_alerts(clinic_id=clinic.pk, day=days[1], now=NOW)
            assert Alert.objects.get(kind=Kind.PAIN).on == days[1]
            thread.start()
            thread.join(10)
            waited = thread.is_alive()
        thread.join()
        assert not waited

    def test_without_redis(self, clinic: Clinic, patient: Patient, asked: Asked) -> None:
        with redis_at(NO_REDIS):
            flags(patient)
        [message] = messages(clinic)
        assert of_alerts(asked(DUE - MINUTE)) == []
        assert of_alerts(asked(DUE)) == [("clinic.tasks.deliver", [clinic.pk, [message.pk]])]


def until_somebody_waits() -> None:
    """For a lock of the database."""
    for _try in range(1000):
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_locks WHERE NOT granted")
            if cursor.fetchone():
                return
        time.sleep(0.02)
    pytest.fail("Nobody waits.")


def in_parallel(works: list[Any]) -> None:
    threads = [threading.Thread(target=work) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


class TestLookedAtAgain:
    def test_what_was_acknowledged_is_not_in_it(
        self, clinic: Clinic, clinician: Membership, patient: Patient, smtp: Mailbox
    ) -> None:
        flags(patient)
        flags(a_patient(clinician, code="C-008"))
        close(patient, clinician)
        assert deliver(clinic) == ["sent"]
        assert told(smtp) == [(clinician.user.email, ["C-008"])]

    def test_nothing_left(self, clinic: Clinic, clinician: Membership, patient: Patient, smtp: Mailbox) -> None:
        flags(patient)
        close(patient, clinician)
        assert deliver(clinic) == ["skipped"]
        assert (smtp.messages, messages(clinic)[0].error) == (
            [],
            "All of it was acknowledged, or told to somebody else.",
        )

    @pytest.mark.parametrize("choice", [Summaries.OFF, Summaries.NEEDED])
    def test_who_wants_no_weekly_email_is_told_all_the_same(
        self, clinic: Clinic, clinician: Membership, patient: Patient, smtp: Mailbox, choice: str
    ) -> None:
        with clinic_scope(clinic.pk):
            Membership.objects.update(summaries=choice)
        flags(patient)
        deliver(clinic)
        assert told(smtp) == [(clinician.user.email, ["C-007"])]

    @pytest.mark.parametrize("more", [False, True])
    def test_a_patient_who_is_anothers_by_now(
        self, clinic: Clinic, clinician: Membership, patient: Patient, smtp: Mailbox, more: bool
    ) -> None:
        flags(patient)
        if more:
            flags(a_patient(clinician, code="C-008"))
        with clinic_scope(clinic.pk):
            colleague = make_member(clinic)
            Patient.objects.filter(pk=patient.pk).update(responsible=colleague)
        assert deliver(clinic) == ["sent" if more else "skipped", "queued"]
        deliver(clinic, DUE + 5 * MINUTE)
        ours = [(clinician.user.email, ["C-008"])] if more else []
        assert told(smtp) == [*ours, (colleague.user.email, ["C-007"])]

    def test_a_deputy(self, clinic: Clinic, clinician: Membership, patient: Patient, smtp: Mailbox) -> None:
        with clinic_scope(clinic.pk):
            colleague = make_member(clinic)
            make_deputy(clinician, colleague)
        flags(patient)
        deliver(clinic)
        assert told(smtp) == [(colleague.user.email, ["C-007"])]

    def test_a_role_that_treats_nobody_any_more(
        self, clinic: Clinic, owner: Membership, clinician: Membership, patient: Patient, smtp: Mailbox
    ) -> None:
        flags(patient)
        with clinic_scope(clinic.pk):
            Membership.objects.filter(pk=clinician.pk).update(role=Role.ASSISTANT)
        assert deliver(clinic) == ["skipped", "queued"]
        deliver(clinic, DUE + 5 * MINUTE)
        assert told(smtp) == [(owner.user.email, ["C-007"])]


class TestNotReached:
    """Whom it was for did not get it: somebody else is told, or nobody is left."""

    def test_who_left_in_these_minutes(
        self, clinic: Clinic, owner: Membership, clinician: Membership, patient: Patient, smtp: Mailbox, asked: Asked
    ) -> None:
        flags(patient)
        with clinic_scope(clinic.pk):
            Membership.objects.filter(pk=clinician.pk).update(is_active=False)
        assert deliver(clinic) == ["skipped"]
        assert of_alerts(asked(DUE)) == [("patients.tasks.tell_somebody_else", [clinic.pk])]
        tell_somebody_else(clinic.pk)
        assert deliver(clinic, DUE + 5 * MINUTE) == ["skipped", "sent"]
        assert told(smtp) == [(owner.user.email, ["C-007"])]
        assert of_alerts(asked(DUE + 6 * MINUTE)) == []

    @pytest.mark.parametrize("state", ["skipped", "suppressed"])
    def test_no_address_or_one_that_is_written_to_no_more(
        self, clinic: Clinic, owner: Membership, patient: Patient, smtp: Mailbox, state: str
    ) -> None:
        flags(patient)
        user = patient.responsible.user
        with clinic_scope(clinic.pk):
            if state == "suppressed":
                suppress(address=user.email, reason=Suppression.Reason.COMPLAINED, answer="", now=NOW)
            else:
                user.email = ""
                user.save()
        assert deliver(clinic) == [state]
        tell_somebody_else(clinic.pk)
        assert deliver(clinic, DUE + 5 * MINUTE) == [state, "sent"]
        assert told(smtp) == [(owner.user.email, ["C-007"])]
        assert "could not be sent to whom it was for" in text_of(smtp.messages[0])

    def test_an_address_that_is_wrong_and_then_the_owners_too(
        self, clinic: Clinic, owner: Membership, clinician: Membership, patient: Patient, asked: Asked
    ) -> None:
        flags(patient)
        with mail_server(Refuses("550 no such mailbox")):
            deliver(clinic)
            tell_somebody_else(clinic.pk)
            deliver(clinic, DUE + 5 * MINUTE)
        assert [message.recipient_id for message in messages(clinic)] == [clinician.pk, owner.pk]
        assert "sent" not in {message.state for message in messages(clinic)}
        for _again in range(2):
            tell_somebody_else(clinic.pk)
        assert len(messages(clinic)) == 2
        with clinic_scope(clinic.pk):
            assert Alert.objects.get().told_in is None
        assert of_alerts(asked(DUE + 6 * MINUTE)) == []

    def test_what_was_acknowledged_is_told_to_nobody_else(
        self, clinic: Clinic, clinician: Membership, patient: Patient, asked: Asked
    ) -> None:
        flags(patient)
        close(patient, clinician)
        deliver(clinic)
        assert of_alerts(asked(DUE)) == []
        tell_somebody_else(clinic.pk)
        assert len(messages(clinic)) == 1

    def test_a_clinic_without_an_owner(self, clinic: Clinic) -> None:
        flags(a_patient(None, clinic))
        assert messages(clinic) == []


class TestWhatItSays:
    @pytest.fixture
    def mail(self, clinic: Clinic, clinician: Membership, patient: Patient, smtp: Mailbox) -> EmailMessage:
        with clinic_scope(clinic.pk):
            for number in range(5):
                make_log(clinician, patient, TODAY - (5 - number) * DAY, pain_after=9, note="It was awful")
        flags(patient)
        flags(a_patient(clinician, code="C-008", name="Bernd Adler"))
        deliver(clinic)
        [mail] = smtp.messages
        return mail

    def test_counts_only_in_its_subject_and_no_name_anywhere(self, mail: EmailMessage) -> None:
        assert mail["Subject"] == "2 patients need you now"
        for word in ["Carla", "Neumann", "Bernd", "Adler", "awful"]:
            assert word not in mail.as_string()

    def test_the_newest_and_how_many_came_before(self, mail: EmailMessage) -> None:
        assert "- Very high pain: 2 before, then pain 9 of 10 on 15 Nov; pain 9 of 10 on 16 Nov;" in text_of(mail)
        assert "- Warning sign: Yes to a warning sign on 18 Nov, 12:00\n" in text_of(mail)

    def test_its_links_need_a_sign_in(self, clinic: Clinic, patient: Patient, mail: EmailMessage) -> None:
        paths = [
            word.removeprefix("http://localhost:8000")
            for word in text_of(mail).split()
            if word.startswith("http://localhost:8000")
        ]
        assert f"/clinic/north/patients/patient/{patient.pk}/change/" in paths
        assert len(paths) == len(set(paths)) == 7
        for path in paths:
            assert "/login/" in Client().get(path)["Location"]

    def test_both_parts_say_the_same_and_why_it_comes(self, mail: EmailMessage) -> None:
        html = next(part.get_content() for part in mail.iter_parts() if part.get_content_type() == "text/html")
        for words in ["C-007", "C-008", "Very high pain", "whatever you chose for the weekly email", "nobody watches"]:
            assert words in html
            assert words in text_of(mail)
        assert [word for word in ["<script", "<svg", "<img", "url(", "@import", "<link"] if word in html] == []


def test_the_same_number_of_queries_for_one_patient_and_for_three(
    clinic: Clinic, clinician: Membership, smtp: Mailbox
) -> None:
    def queries(patients: int, now: datetime) -> int:
        for _number in range(patients):
            patient = a_patient(clinician)
            flags(patient, now)
            with clinic_scope(clinic.pk):
                make_log(clinician, patient, TODAY, pain_after=9)
        [message] = [each for each in messages(clinic) if each.state == "queued"]
        with CaptureQueriesContext(connection) as captured:
            outbox.deliver(clinic_id=clinic.pk, message_ids=[message.pk], now=now + 5 * MINUTE)
        return len(captured)

    assert queries(1, NOW) == queries(3, NOW + 10 * MINUTE)
    assert len(smtp.messages) == 2
