"""Whoever an alert was for can't be reached: who is tried after them, and that it ends. With a real mail server."""

import threading
from datetime import datetime

import pytest
from django.db import connection

from clinic import outbox
from clinic.actions.suppressing import suppress
from clinic.models import Clinic, Membership, Message, Role, Suppression
from clinic.wall.scope import clinic_scope
from patients.models import Alert, Patient
from patients.tasks import tell_somebody_else
from tests.clinic.test_dispatch import Asked, asked
from tests.factories import make_deputy, make_member
from tests.fixtures import Mailbox
from tests.patients.test_at_once import (
    DAY,
    DUE,
    MINUTE,
    NOW,
    a_patient,
    clinic,
    clinician,
    deliver,
    flags,
    messages,
    of_alerts,
    owner,
    patient,
    told,
    until_somebody_waits,
)
from tests.trouble import Refuses, Takes, mail_server

__all__ = ["asked", "clinic", "clinician", "owner", "patient"]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("dispatcher_url")]
PUT_OFF = "451 mailbox is busy"


@pytest.fixture
def second(clinic: Clinic, owner: Membership) -> Membership:
    with clinic_scope(clinic.pk):
        return make_member(clinic, Role.OWNER)


def unreachable(*members: Membership) -> None:
    for each in members:
        with clinic_scope(each.clinic_id):
            suppress(address=each.user.email, reason=Suppression.Reason.BOUNCED, answer="", now=NOW)


def told_in(clinic: Clinic) -> Message | None:
    with clinic_scope(clinic.pk):
        return Alert.objects.select_related("told_in").get().told_in


def delivered(clinic: Clinic, now: datetime) -> list[str]:
    """As `deliver`, by a mail server that takes everything."""
    with mail_server(Takes()):
        return deliver(clinic, now)


def attempted(clinic: Clinic, times: int, now: datetime = DUE) -> datetime:
    """The first of the messages that wait, by a mail server that puts it off each time; gives when that was last."""
    with mail_server(Refuses(PUT_OFF)):
        for _time in range(times):
            message = next(each for each in messages(clinic) if each.state == "queued" and each.due_at <= now)
            outbox.deliver(clinic_id=clinic.pk, message_ids=[message.pk], now=now)
            with clinic_scope(clinic.pk):
                last, now = now, Message.objects.get(pk=message.pk).due_at
    return last


class TestWhoIsNext:
    def test_the_second_owner_where_the_first_cant_be_reached(
        self, clinic: Clinic, owner: Membership, second: Membership, patient: Patient, smtp: Mailbox
    ) -> None:
        unreachable(owner, patient.responsible)
        flags(patient)
        deliver(clinic)
        tell_somebody_else(clinic.pk)
        assert deliver(clinic, DUE + 5 * MINUTE) == ["suppressed", "sent"]
        assert told(smtp) == [(second.user.email, ["C-007"])]

    def test_the_second_owner_of_a_patient_without_a_clinician(
        self, clinic: Clinic, owner: Membership, second: Membership, smtp: Mailbox
    ) -> None:
        unreachable(owner)
        flags(a_patient(None, clinic, code="C-007"))
        deliver(clinic)
        tell_somebody_else(clinic.pk)
        deliver(clinic, DUE + 5 * MINUTE)
        assert told(smtp) == [(second.user.email, ["C-007"])]

    def test_the_clinician_whom_the_patient_has_by_now(
        self, clinic: Clinic, owner: Membership, clinician: Membership, smtp: Mailbox
    ) -> None:
        patient = a_patient(None, clinic, code="C-007")
        flags(patient)
        deliver(clinic)
        unreachable(owner)
        with clinic_scope(clinic.pk):
            Message.objects.update(state="suppressed")
            Patient.objects.update(responsible=clinician)
        tell_somebody_else(clinic.pk)
        deliver(clinic, DUE + 5 * MINUTE)
        assert told(smtp)[1:] == [(clinician.user.email, ["C-007"])]

    @pytest.mark.parametrize("reached", ["deputy", "owner"])
    def test_who_stands_in_for_the_owner_and_then_the_owner_all_the_same(
        self, clinic: Clinic, owner: Membership, patient: Patient, smtp: Mailbox, reached: str
    ) -> None:
        with clinic_scope(clinic.pk):
            deputy = make_member(clinic)
            make_deputy(owner, deputy)
        unreachable(patient.responsible, *([deputy] if reached == "owner" else []))
        flags(patient)
        deliver(clinic)
        tell_somebody_else(clinic.pk)
        deliver(clinic, DUE + 5 * MINUTE)
        assert told(smtp) == [((deputy if reached == "deputy" else owner).user.email, ["C-007"])]

    def test_each_once_and_then_nobody(
        self, clinic: Clinic, owner: Membership, second: Membership, patient: Patient, asked: Asked
    ) -> None:
        with clinic_scope(clinic.pk):
            deputy = make_member(clinic)
            make_deputy(owner, deputy)
        flags(patient)
        with mail_server(Refuses("554 not today")):
            for step in range(6):
                deliver(clinic, DUE + 5 * step * MINUTE)
                tell_somebody_else(clinic.pk)
        tried = [message.recipient_id for message in messages(clinic)]
        assert tried == [patient.responsible_id, deputy.pk, second.pk, owner.pk]
        assert told_in(clinic) is None
        assert of_alerts(asked(DUE + DAY)) == []

    def test_what_is_added_is_told_to_all_anew(self, clinic: Clinic, owner: Membership, patient: Patient) -> None:
        flags(patient)
        with mail_server(Refuses("554 not today")):
            for step in range(3):
                deliver(clinic, DUE + 5 * step * MINUTE)
                tell_somebody_else(clinic.pk)
        assert told_in(clinic) is None
        flags(patient, NOW + DAY)
        assert delivered(clinic, DUE + DAY)[2:] == ["sent"]
        assert messages(clinic)[2].recipient_id == patient.responsible_id


class TestPutOff:
    """By a mail server that answers 4xx for hours."""

    def test_an_owner_after_three_attempts(
        self, clinic: Clinic, owner: Membership, patient: Patient, asked: Asked
    ) -> None:
        flags(patient)
        last = attempted(clinic, 2)
        assert of_alerts(asked(last)) == []
        with clinic_scope(clinic.pk):
            due_at = Message.objects.get().due_at
        assert attempted(clinic, 1, due_at) - DUE == 12 * MINUTE
        assert of_alerts(asked(due_at)) == [("patients.tasks.tell_somebody_else", [clinic.pk])]
        tell_somebody_else(clinic.pk)
        assert delivered(clinic, due_at + 5 * MINUTE) == ["queued", "sent"]
        assert messages(clinic)[1].recipient_id == owner.pk
        assert delivered(clinic, due_at + 30 * MINUTE) == ["skipped", "sent"]
        assert messages(clinic)[0].error == "All of it was acknowledged, or told to somebody else."

    def test_what_is_put_off_for_everybody_is_told_by_whichever_goes_through(
        self, clinic: Clinic, owner: Membership, patient: Patient
    ) -> None:
        flags(patient)
        last = attempted(clinic, 3)
        tell_somebody_else(clinic.pk)
        with mail_server(Refuses(PUT_OFF)):
            for minutes in (5, 8, 17):
                deliver(clinic, last + minutes * MINUTE)
        tell_somebody_else(clinic.pk)
        first, instead = messages(clinic)
        assert (told_in(clinic), first.attempts, instead.attempts) == (first, 3, 3)
        assert first.due_at < instead.due_at
        with clinic_scope(clinic.pk):
            Message.objects.filter(pk=first.pk).update(due_at=instead.due_at + MINUTE)
        tell_somebody_else(clinic.pk)
        assert told_in(clinic) == instead
        assert delivered(clinic, instead.due_at) == ["queued", "sent"]


def test_handing_on_while_somebody_adds_to_one_of_them(
    clinic: Clinic, clinician: Membership, patient: Patient, smtp: Mailbox
) -> None:
    """Whoever adds holds an alert and wants the message; who hands on must not hold the message and want the alert."""
    with clinic_scope(clinic.pk):
        colleague = make_member(clinic)
    patients = [patient, a_patient(clinician, code="C-008")]
    for each in [*patients, a_patient(colleague, code="C-009")]:
        flags(each)
    with clinic_scope(clinic.pk):
        Patient.objects.filter(pk__in=[each.pk for each in patients]).update(responsible=colleague)
        last = Alert.objects.get(patient=patients[1])
    [message] = [each for each in messages(clinic) if each.recipient_id == clinician.pk]

    def hand_on() -> None:
        try:
            outbox.deliver(clinic_id=clinic.pk, message_ids=[message.pk], now=DUE)
        finally:
            connection.close()

    thread = threading.Thread(target=hand_on)
    with clinic_scope(clinic.pk):
        Alert.objects.select_for_update(of=["self"]).get(pk=last.pk)
        thread.start()
        until_somebody_waits()
        Message.objects.select_for_update(nowait=True).get(recipient=colleague)
    thread.join()
    with clinic_scope(clinic.pk):
        assert {each.told_in.recipient_id for each in Alert.objects.all() if each.told_in} == {colleague.pk}
