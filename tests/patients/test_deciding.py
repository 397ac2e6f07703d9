"""What clinicians decide about patients: once, kept, and told to whoever decides after them."""

import threading
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from uuid_utils.compat import uuid7

from clinic.models import Clinic, Membership
from clinic.wall.scope import clinic_scope
from patients.actions.deciding import Reading, decide, mark_called
from patients.actions.prescribing import pause, revise
from patients.models import Decision, Patient, Prescription
from tests.factories import MONDAY, NOW, TODAY, make_clinic, make_member, make_patient, make_prescription, make_program

pytestmark = pytest.mark.django_db
DAY, WEEK = timedelta(days=1), timedelta(weeks=1)
LAST_WEEK = MONDAY - WEEK
SEEN, CALL = Decision.Kind.SEEN, Decision.Kind.CALL_BACK


@pytest.fixture
def clinic() -> Clinic:
    return make_clinic()


@pytest.fixture
def clinician(clinic: Clinic) -> Membership:
    with clinic_scope(clinic.pk):
        return make_member(clinic)


@pytest.fixture
def patient(clinic: Clinic, clinician: Membership) -> Iterator[Patient]:
    with clinic_scope(clinic.pk):
        yield make_patient(clinician)


@pytest.fixture
def prescription(clinician: Membership, patient: Patient) -> Prescription:
    return make_prescription(clinician, patient)


def seen(by: Membership, patient: Patient, **kwargs: Any) -> Decision:
    return decide(by=by, patient=patient.pk, **{"kind": SEEN, "reading": Reading(LAST_WEEK), "now": NOW} | kwargs)


def call_back(by: Membership, patient: Patient, on: date = TODAY + 2 * DAY, **kwargs: Any) -> Decision:
    return seen(by, patient, kind=CALL, call_on=on, **kwargs)


def refused(error: pytest.ExceptionInfo[ValidationError]) -> str:
    return " ".join(error.value.messages)


class TestDeciding:
    def test_who_when_and_about_which_week(self, clinician: Membership, patient: Patient) -> None:
        decision = seen(clinician, patient, note=" On the\nmend ")
        assert (decision.by, decision.at, decision.week, decision.note) == (clinician, NOW, LAST_WEEK, "On the mend")

    def test_sent_again_it_is_the_same(self, clinician: Membership, patient: Patient) -> None:
        key = uuid7()
        reading = Reading(LAST_WEEK, decided=0)
        first, again = (seen(clinician, patient, key=key, reading=reading, note=" On the\nmend ") for _time in range(2))
        assert first == again
        assert Decision.objects.count() == 1

    def test_the_same_id_for_something_else_is_refused(self, clinician: Membership, patient: Patient) -> None:
        key, other = seen(clinician, patient).pk, make_patient(clinician)
        for send in [
            lambda: call_back(clinician, patient, key=key),
            lambda: seen(clinician, other, key=key),
            lambda: seen(clinician, patient, key=key, note="On the mend"),
            lambda: seen(clinician, patient, key=key, reading=Reading(LAST_WEEK - WEEK)),
        ]:
            with pytest.raises(ValidationError, match="sent before with other choices"):
                send()
        assert Decision.objects.count() == 1

    def test_of_two_the_second_is_told_and_may_go_on(
        self, clinic: Clinic, clinician: Membership, patient: Patient
    ) -> None:
        call_back(make_member(clinic), patient)
        with pytest.raises(ValidationError) as error:
            seen(clinician, patient, reading=Reading(LAST_WEEK, decided=0))
        assert refused(error) == (
            "clinician of North decided on 18 Nov 2026, 12:00: Call back. Send this again if you want it all the same."
        )
        seen(clinician, patient, reading=Reading(LAST_WEEK, decided=1))
        seen(clinician, patient, reading=Reading(LAST_WEEK - WEEK, decided=0))
        assert Decision.objects.count() == 3

    def test_ones_own_in_another_tab_is_no_surprise(self, clinician: Membership, patient: Patient) -> None:
        seen(clinician, patient)
        call_back(clinician, patient, reading=Reading(LAST_WEEK, decided=0))
        assert Decision.objects.count() == 2

    def test_a_page_that_showed_more_than_there_is_is_no_excuse(
        self, clinic: Clinic, clinician: Membership, patient: Patient
    ) -> None:
        seen(make_member(clinic), patient)
        for shown in (-1, 0):
            with pytest.raises(ValidationError, match="decided on"):
                seen(clinician, patient, reading=Reading(LAST_WEEK, decided=shown))
        seen(clinician, patient, reading=Reading(LAST_WEEK, decided=5))

    @pytest.mark.parametrize(
        ("on", "why"),
        [
            (None, "Choose the date on which to call."),
            (TODAY - DAY, "This date is over."),
            (TODAY + 366 * DAY, "This date is too far away."),
        ],
    )
    def test_a_call_has_a_date_that_makes_sense(
        self, clinician: Membership, patient: Patient, on: date | None, why: str
    ) -> None:
        with pytest.raises(ValidationError) as error:
            seen(clinician, patient, kind=CALL, call_on=on)
        assert refused(error) == why

    def test_a_note_that_is_too_long_is_refused(self, clinician: Membership, patient: Patient) -> None:
        with pytest.raises(ValidationError, match="at most 500 characters"):
            seen(clinician, patient, note="x" * 501)

    @pytest.mark.django_db(transaction=True)
    def test_a_double_click_on_two_connections(self, clinic: Clinic, clinician: Membership) -> None:
        with clinic_scope(clinic.pk):
            patient = make_patient(clinician)
        key, start, made = uuid7(), threading.Barrier(2), []

        def click() -> None:
            try:
                start.wait()
                with clinic_scope(clinic.pk):
                    made.append(seen(clinician, patient, key=key, reading=Reading(LAST_WEEK, decided=0)).pk)
            finally:
                connection.close()

        threads = [threading.Thread(target=click) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert made == [key, key]
        with clinic_scope(clinic.pk):
            assert Decision.objects.count() == 1


class TestWhatIsDecidedByDoingIt:
    def test_a_pause(self, clinician: Membership, prescription: Prescription) -> None:
        key = uuid7()
        for _time in range(2):
            pause(by=clinician, course=prescription.course, starts_on=TODAY, reason="Flu", now=NOW, key=key)
        decision = Decision.objects.get()
        assert (decision.kind, decision.week, decision.note, decision.by) == ("pause", LAST_WEEK, "Flu", clinician)

    def test_a_revision(self, clinician: Membership, prescription: Prescription) -> None:
        program, reading, key = make_program(), Reading(LAST_WEEK - WEEK), uuid7()
        for _time in range(2):
            made = revise(
                by=clinician,
                prescription=prescription,
                program=program,
                starts_on=TODAY,
                now=NOW,
                key=key,
                reading=reading,
            )
        decision = Decision.objects.get()
        assert (decision.kind, decision.week, decision.prescription) == ("revise", LAST_WEEK - WEEK, made)

    def test_neither_while_a_colleague_decided_what_the_page_did_not_show(
        self, clinic: Clinic, clinician: Membership, prescription: Prescription
    ) -> None:
        call_back(make_member(clinic), prescription.course.patient)
        unaware = Reading(LAST_WEEK, decided=0)
        with pytest.raises(ValidationError, match="decided on"):
            pause(by=clinician, course=prescription.course, starts_on=TODAY, now=NOW, reading=unaware)
        with pytest.raises(ValidationError, match="decided on"):
            revise(
                by=clinician,
                prescription=prescription,
                program=make_program(),
                starts_on=TODAY,
                now=NOW,
                reading=unaware,
            )
        assert (Decision.objects.count(), prescription.course.pauses.count()) == (1, 0)
        assert Prescription.objects.get().ends_on is None


class TestCalling:
    def test_it_is_to_be_made_until_it_is_marked(self, clinician: Membership, patient: Patient) -> None:
        later, sooner = call_back(clinician, patient, TODAY + 3 * DAY), call_back(clinician, patient, TODAY)
        seen(clinician, patient)
        assert list(Decision.objects.calls_to_make()) == [sooner, later]
        called = mark_called(by=clinician, decision=sooner.pk, note="Knee is calm", now=NOW + DAY)
        assert (called.called_by, called.called_at, called.call_note) == (clinician, NOW + DAY, "Knee is calm")
        assert list(Decision.objects.calls_to_make()) == [later]

    def test_sent_again_by_the_same_person_is_harmless(self, clinician: Membership, patient: Patient) -> None:
        call = call_back(clinician, patient)
        for hours in range(2):
            mark_called(by=clinician, decision=call.pk, note="Fine", now=NOW + timedelta(hours=hours))
        call.refresh_from_db()
        assert call.called_at == NOW

    def test_the_second_of_two_is_told_who_was_first(
        self, clinic: Clinic, clinician: Membership, patient: Patient
    ) -> None:
        call = call_back(clinician, patient)
        mark_called(by=clinician, decision=call.pk, note="Fine", now=NOW)
        with pytest.raises(ValidationError, match="clinician of North called on 18 Nov 2026, 12:00: Fine"):
            mark_called(by=make_member(clinic), decision=call.pk, note="No answer", now=NOW)

    def test_what_came_of_it_is_asked_for(self, clinician: Membership, patient: Patient) -> None:
        call = call_back(clinician, patient)
        with pytest.raises(ValidationError, match="what came of it"):
            mark_called(by=clinician, decision=call.pk, note=" \0 ", now=NOW)
        assert list(Decision.objects.calls_to_make()) == [call]

    def test_what_is_no_call_can_not_be_made(self, clinician: Membership, patient: Patient) -> None:
        decision = seen(clinician, patient)
        with pytest.raises(Decision.DoesNotExist):
            mark_called(by=clinician, decision=decision.pk, note="Fine", now=NOW)


@pytest.mark.parametrize(
    "wrong",
    [
        {"week": TODAY},
        {"kind": "call"},
        {"call_on": TODAY},
        {"kind": "revise"},
        {"called_at": NOW},
        {"kind": "call", "call_on": TODAY, "called_at": NOW, "call_note": "Fine"},
    ],
)
def test_what_must_never_be_false(clinician: Membership, patient: Patient, wrong: dict[str, Any]) -> None:
    row = {"patient": patient, "kind": "seen", "week": MONDAY, "by": clinician, "at": NOW}
    with pytest.raises(IntegrityError), transaction.atomic():
        Decision.objects.create(**row | wrong)
