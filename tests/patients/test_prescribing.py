"""Prescribing a program, and what may happen to a course after that."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from uuid_utils.compat import uuid7

from clinic.models import Clinic, Membership
from clinic.wall.scope import clinic_scope
from patients import adherence
from patients.actions.prescribing import InTheWay, end_course, pause, prescribe, resume, revise
from patients.actions.records import archive, bring_back
from patients.actions.several import MOST_AT_ONCE, SomeRefused, prescribe_to_several
from patients.calendar import resumed, revised, with_pause
from patients.models import Course, Patient, Prescription
from patients.plans import course_on, phases_of, plan_of
from programs.actions import check_prescribable, copy_program
from programs.models import Dose, Phase, Program
from tests.factories import (
    MONDAY,
    NOW,
    TODAY,
    make_clinic,
    make_log,
    make_member,
    make_patient,
    make_prescription,
    make_program,
)

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def clinic() -> Iterator[Clinic]:
    clinic = make_clinic()
    with clinic_scope(clinic.pk):
        yield clinic


@pytest.fixture
def by(clinic: Clinic) -> Membership:
    return make_member(clinic)


@pytest.fixture
def patient(by: Membership) -> Patient:
    return make_patient(by)


@pytest.fixture
def first(by: Membership, patient: Patient) -> Prescription:
    return make_prescription(by, patient)


def start(by: Membership, patient: Patient, program: Program, starts_on: date = TODAY, **more: Any) -> Prescription:
    more = {"affected_knee": "left"} | more
    return prescribe(by=by, patient=patient, program=program, starts_on=starts_on, now=NOW, **more)


def change(by: Membership, prescription: Prescription, starts_on: date = TODAY) -> Prescription:
    return revise(by=by, prescription=prescription, program=make_program(), starts_on=starts_on, now=NOW)


def in_force(patient: Patient, *days: date) -> list[Any]:
    """The prescription of each day, None where there is none."""
    plans = [course_on(patient.pk, day).plan_on(day) for day in days]
    return [plan and plan.prescription.key for plan in plans]


class TestPrescribe:
    def test_starts_a_course_and_freezes_the_program(self, by: Membership, patient: Patient) -> None:
        program = make_program()
        prescription = start(by, patient, program)
        assert in_force(patient, TODAY - DAY, TODAY) == [None, prescription.pk]
        program.refresh_from_db()
        assert program.frozen_at == NOW

    @pytest.mark.parametrize("model", [Program, Phase, Dose])
    def test_a_frozen_program_changes_no_more(self, model: Any, first: Prescription) -> None:
        row = model.objects.first()
        for write in (row.save, row.delete):
            with pytest.raises(IntegrityError), transaction.atomic():
                write()

    @pytest.mark.parametrize("change", [{"starts_on": MONDAY}, {"affected_knee": "both"}, {"course": None}])
    def test_of_a_prescription_nothing_changes_but_its_last_date(
        self, change: dict[str, Any], first: Prescription
    ) -> None:
        with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
            Prescription.objects.update(**change)
        Prescription.objects.update(ends_on=TODAY)

    def test_nothing_is_added_to_a_frozen_program(self, first: Prescription) -> None:
        with pytest.raises(IntegrityError, match="frozen"), transaction.atomic():
            Phase.objects.create(program=first.program, frequency=3)

    def test_a_template_is_copied(self, by: Membership, patient: Patient) -> None:
        template = make_program(is_template=True)
        copy = start(by, patient, template).program
        assert copy != template
        assert (copy.copy_of, copy.is_template) == (template, False)
        template.refresh_from_db()
        assert template.frozen_at is None
        assert doses_of(copy) == doses_of(template)

    def test_one_program_for_two_patients(self, by: Membership, patient: Patient) -> None:
        program = make_program()
        start(by, patient, program)
        assert start(by, make_patient(), program).program == program

    def test_another_one_while_a_course_runs_is_refused(
        self, by: Membership, patient: Patient, first: Prescription
    ) -> None:
        with pytest.raises(ValidationError, match="already has a running program"):
            start(by, patient, make_program(), TODAY + timedelta(weeks=9))
        assert Course.objects.count() == 1

    def test_the_next_course_starts_after_the_last_date_of_the_one_before(
        self, by: Membership, patient: Patient, first: Prescription
    ) -> None:
        end_course(by=by, course=first.course, last_date=TODAY)
        with pytest.raises(ValidationError, match="already has"):
            start(by, patient, make_program(), TODAY)
        second = start(by, patient, make_program(), TODAY + DAY)
        assert in_force(patient, TODAY, TODAY + DAY) == [first.pk, second.pk]

    def test_a_course_that_never_came_into_force_stands_in_nobodys_way(self, by: Membership, patient: Patient) -> None:
        never = make_prescription(by, patient, starts_on=TODAY + 3 * DAY)
        end_course(by=by, course=never.course, last_date=TODAY + 2 * DAY)
        sooner = start(by, patient, make_program(), TODAY)
        assert in_force(patient, TODAY - DAY, TODAY, TODAY + 5 * DAY) == [None, sooner.pk, sooner.pk]

    def test_what_is_in_the_way_is_named_with_the_earliest_date(self, by: Membership, first: Prescription) -> None:
        with pytest.raises(InTheWay) as running:
            start(by, first.course.patient, make_program())
        assert (running.value.prescription, running.value.earliest) == (first, None)
        end_course(by=by, course=first.course, last_date=TODAY + DAY)
        with pytest.raises(InTheWay) as ended:
            start(by, first.course.patient, make_program())
        assert ended.value.earliest == TODAY + 2 * DAY
        assert "until 19 Nov 2026. The next may start on 20 Nov 2026." in str(ended.value)

    @pytest.mark.parametrize("is_template", [False, True])
    def test_the_same_key_is_the_same_prescription(self, is_template: bool, by: Membership, patient: Patient) -> None:
        program, key = make_program(is_template=is_template), uuid7()
        made = [start(by, patient, program, key=key) for _twice in range(2)]
        assert [each.pk for each in made] == [key, key]
        assert Course.objects.count() == 1
        for other in [
            {"starts_on": TODAY + DAY},
            {"program": make_program()},
            {"affected_knee": "right"},
            {"patient": make_patient(by)},
        ]:
            with pytest.raises(ValidationError, match="sent before with other choices"):
                start(**{"by": by, "patient": patient, "program": program, "key": key} | other)
        assert Course.objects.count() == 1

    def test_in_one_step_the_running_one_ends_the_day_before(self, by: Membership, first: Prescription) -> None:
        patient = first.course.patient
        second = start(by, patient, make_program(), instead_of=first.course_id)
        assert in_force(patient, TODAY - DAY, TODAY) == [first.pk, second.pk]
        first.course.refresh_from_db()
        assert (first.course.outcome, first.course.ended_by) == (Course.Outcome.REPLACED, by)

    def test_that_step_ends_no_other_course_than_the_one_it_names(self, by: Membership, first: Prescription) -> None:
        """A colleague was quicker: theirs stays."""
        patient = first.course.patient
        theirs = start(by, patient, make_program(), instead_of=first.course_id)
        with pytest.raises(InTheWay):
            start(by, patient, make_program(), instead_of=first.course_id)
        assert in_force(patient, TODAY) == [theirs.pk]

    def test_that_step_does_nothing_by_halves(self, by: Membership, first: Prescription) -> None:
        with pytest.raises(ValidationError, match="no phase yet"):
            start(by, first.course.patient, Program.objects.create(title="Empty"), instead_of=first.course_id)
        first.course.refresh_from_db()
        assert first.course.ended_on is None

    @pytest.mark.parametrize("day", [date(1999, 12, 31), date(2100, 1, 1)])
    def test_a_date_in_another_century_is_refused_at_its_field(
        self, day: date, by: Membership, patient: Patient
    ) -> None:
        with pytest.raises(ValidationError) as refused:
            start(by, patient, make_program(), day)
        assert list(refused.value.message_dict) == ["starts_on"]


class TestSeveral:
    def give(self, by: Membership, program: Program, patients: list[Patient], **more: Any) -> list[Prescription]:
        knees = {patient: patient.affected_knee for patient in patients}
        return prescribe_to_several(by=by, program=program, knees=knees, starts_on=TODAY, now=NOW, **more)

    @pytest.mark.parametrize("is_template", [False, True])
    def test_each_gets_a_copy_of_their_own(self, is_template: bool, by: Membership) -> None:
        program = make_program(is_template=is_template)
        patients = [make_patient(by), make_patient(by, affected_knee="both")]
        made = self.give(by, program, patients)
        assert {each.course.patient: each.affected_knee for each in made} == {patients[0]: "left", patients[1]: "both"}
        assert len({each.program_id for each in made}) == 2
        assert {each.program.copy_of_id for each in made} == {program.pk}
        program.refresh_from_db()
        assert program.frozen_at is None

    def test_one_alone_gets_the_program_itself(self, by: Membership, patient: Patient) -> None:
        program = make_program()
        assert [each.program for each in self.give(by, program, [patient])] == [program]

    def test_one_refusal_refuses_all_and_names_each(self, by: Membership, first: Prescription) -> None:
        free, busy = make_patient(by), first.course.patient
        with pytest.raises(SomeRefused) as refused:
            self.give(by, make_program(), [free, busy])
        assert list(refused.value.refusals) == [busy.pk]
        assert not Course.objects.filter(patient=free).exists()

    def test_sent_twice_it_is_prescribed_once(self, by: Membership) -> None:
        program, patients, key = make_program(), [make_patient(by), make_patient(by)], uuid7()
        once, again = (self.give(by, program, patients, key=key) for _twice in range(2))
        assert [each.pk for each in once] == [each.pk for each in again]
        assert Program.objects.filter(copy_of=program).count() == 2

    @pytest.mark.parametrize("number", [0, MOST_AT_ONCE + 1])
    def test_none_and_too_many_are_refused(self, number: int, by: Membership) -> None:
        with pytest.raises(ValidationError, match="Choose 1 to 50"):
            self.give(by, make_program(), [make_patient(by) for _number in range(number)])

    def test_an_incomplete_program_is_said_once(self, by: Membership) -> None:
        with pytest.raises(ValidationError) as refused:
            self.give(by, Program.objects.create(title="Empty"), [make_patient(by), make_patient(by)])
        assert refused.value.messages == ["This program has no phase yet."]

    def test_each_patient_costs_the_same_number_of_queries(self, by: Membership) -> None:
        program, counts = make_program(is_template=True), []
        for number in [2, 3, 4]:
            patients = [make_patient(by) for _number in range(number)]
            with CaptureQueriesContext(connection) as queries:
                self.give(by, program, patients)
            counts.append(len(queries))
        assert counts[1] - counts[0] == counts[2] - counts[1]


class TestWhatIsMissing:
    def test_a_program_without_a_phase(self, by: Membership, patient: Patient) -> None:
        with pytest.raises(ValidationError, match="no phase yet"):
            start(by, patient, Program.objects.create(title="Empty"))
        assert not Course.objects.exists()

    def test_a_phase_without_a_required_exercise(self) -> None:
        program = make_program()
        Dose.objects.update(required=False)
        with pytest.raises(ValidationError, match="Phase 1 has no required exercise"):
            check_prescribable(program)

    def test_an_open_phase_before_the_last(self) -> None:
        program = make_program(weeks=None)
        later = Phase.objects.create(program=program, position=1, frequency=2)
        Dose.objects.create(phase=later, exercise_id="lateral-band-walk", sets_min=2, amount_min=10)
        with pytest.raises(ValidationError, match="Phase 1 is open-ended"):
            check_prescribable(program)


class TestRevise:
    def test_the_one_before_ends_the_day_before(self, by: Membership, patient: Patient, first: Prescription) -> None:
        second = change(by, first)
        assert second.course == first.course
        assert in_force(patient, TODAY - DAY, TODAY) == [first.pk, second.pk]

    def test_not_today_when_something_was_logged_today(
        self, by: Membership, patient: Patient, first: Prescription
    ) -> None:
        make_log(by, patient, TODAY)
        with pytest.raises(ValidationError, match="at the earliest"):
            change(by, first)
        assert in_force(patient, TODAY, TODAY + DAY) == [first.pk, first.pk]
        second = change(by, first, TODAY + DAY)
        assert in_force(patient, TODAY, TODAY + DAY) == [first.pk, second.pk]

    def test_never_in_the_past(self, by: Membership, first: Prescription) -> None:
        with pytest.raises(ValidationError, match="at the earliest"):
            change(by, first, TODAY - DAY)

    def test_what_was_revised_already_is_not_revised_again(self, by: Membership, first: Prescription) -> None:
        change(by, first)
        with pytest.raises(ValidationError, match="changed the program in the meantime"):
            change(by, first)
        end_course(by=by, course=first.course, last_date=TODAY)
        with pytest.raises(ValidationError, match="has ended"):
            change(by, first)

    def test_one_that_was_to_come_gives_way_to_an_earlier_one(
        self, by: Membership, patient: Patient, first: Prescription
    ) -> None:
        later = change(by, first, TODAY + 10 * DAY)
        sooner = change(by, later, TODAY + 3 * DAY)
        assert in_force(patient, TODAY + 2 * DAY, TODAY + 3 * DAY, TODAY + 10 * DAY) == [first.pk, sooner.pk, sooner.pk]
        end_course(by=by, course=first.course, last_date=TODAY + 4 * DAY)
        assert in_force(patient, TODAY + 4 * DAY, TODAY + 5 * DAY) == [sooner.pk, None]

    def test_the_same_key_is_the_same_revision(self, by: Membership, first: Prescription) -> None:
        program, key = make_program(), uuid7()
        for _twice in range(2):
            made = revise(by=by, prescription=first, program=program, starts_on=TODAY, now=NOW, key=key)
            assert made.pk == key
        assert first.course.prescriptions.count() == 2

    def test_the_calendar_says_before_what_it_does(self, by: Membership, first: Prescription) -> None:
        program = make_program(weeks=2)
        said = revised(plan_of(first.course), adherence.Prescription(TODAY + DAY, phases_of(program)))
        revise(by=by, prescription=first, program=program, starts_on=TODAY + DAY, now=NOW)
        assert days_of(plan_of(first.course)) == days_of(said)


class TestPause:
    def test_the_calendar_says_before_what_it_does(self, by: Membership, first: Prescription) -> None:
        for starts_on, ends_on in [(TODAY - DAY, TODAY), (TODAY + 3 * DAY, None)]:
            said = with_pause(plan_of(first.course), adherence.Pause(starts_on, ends_on))
            pause(by=by, course=first.course, starts_on=starts_on, ends_on=ends_on, now=NOW)
            assert days_of(plan_of(first.course)) == days_of(said)
        said = resumed(plan_of(first.course), TODAY + 5 * DAY)
        resume(by=by, course=first.course, on=TODAY + 5 * DAY)
        assert days_of(plan_of(first.course)) == days_of(said)

    def test_the_key_of_another_pause_is_refused(self, by: Membership, first: Prescription) -> None:
        other = make_prescription(by, make_patient(by))
        key = pause(by=by, course=other.course, starts_on=TODAY, now=NOW).pk
        with pytest.raises(ValidationError, match="sent before with other choices"):
            pause(by=by, course=first.course, starts_on=TODAY, now=NOW, key=key)
        assert not first.course.pauses.exists()

    @pytest.mark.parametrize("other", [{"starts_on": TODAY + 7 * DAY}, {"ends_on": TODAY + 7 * DAY}, {"reason": "Flu"}])
    def test_the_same_key_for_another_pause_is_refused(
        self, by: Membership, first: Prescription, other: dict[str, Any]
    ) -> None:
        said = {"by": by, "course": first.course, "starts_on": TODAY, "now": NOW, "key": uuid7()}
        pause(**said)
        with pytest.raises(ValidationError, match="sent before with other choices"):
            pause(**said | other)
        kept = first.course.pauses.get()
        assert (kept.starts_on, kept.ends_on, kept.reason) == (TODAY, None, "")

    def test_the_same_key_is_the_same_pause(self, by: Membership, first: Prescription) -> None:
        key = uuid7()
        for _twice in range(2):
            pause(by=by, course=first.course, starts_on=TODAY, now=NOW, key=key)
        assert first.course.pauses.get().pk == key

    def test_resuming_says_why_and_is_refused_where_nothing_is_paused(
        self, by: Membership, first: Prescription
    ) -> None:
        pause(by=by, course=first.course, starts_on=TODAY - DAY, reason="Holiday", now=NOW)
        resume(by=by, course=first.course, on=TODAY, reason="Back sooner")
        stopped = first.course.pauses.get()
        assert (stopped.reason, stopped.resume_reason) == ("Holiday", "Back sooner")
        with pytest.raises(ValidationError) as refused:
            resume(by=by, course=first.course, on=TODAY)
        assert refused.value.message_dict == {"on": ["No pause reaches this date."]}

    def test_nothing_is_in_force_and_what_follows_moves(
        self, by: Membership, patient: Patient, first: Prescription
    ) -> None:
        pause(by=by, course=first.course, starts_on=TODAY, ends_on=TODAY + DAY, now=NOW)
        assert in_force(patient, TODAY, TODAY + DAY, TODAY + 2 * DAY) == [None, None, first.pk]

    def test_resuming_ends_it_the_day_before_and_drops_later_ones(
        self, by: Membership, patient: Patient, first: Prescription
    ) -> None:
        pause(by=by, course=first.course, starts_on=TODAY - DAY, now=NOW)
        pause(by=by, course=first.course, starts_on=TODAY + 5 * DAY, now=NOW)
        resume(by=by, course=first.course, on=TODAY)
        assert in_force(patient, TODAY - DAY, TODAY, TODAY + 5 * DAY) == [None, first.pk, first.pk]
        assert first.course.pauses.get().ended_by == by

    def test_end_before_start_is_refused(self, by: Membership, first: Prescription) -> None:
        with pytest.raises(ValidationError, match="ends on its first date or later"):
            pause(by=by, course=first.course, starts_on=TODAY, ends_on=TODAY - DAY, now=NOW)

    def test_a_course_that_has_ended_is_not_paused(self, by: Membership, first: Prescription) -> None:
        end_course(by=by, course=first.course, last_date=TODAY)
        with pytest.raises(ValidationError, match="has ended"):
            pause(by=by, course=first.course, starts_on=TODAY, now=NOW)


class TestEnd:
    def test_something_else_wants_words(self, by: Membership, first: Prescription) -> None:
        with pytest.raises(ValidationError) as refused:
            end_course(by=by, course=first.course, last_date=TODAY, outcome="other", outcome_note=" ")
        assert list(refused.value.message_dict) == ["outcome_note"]

    def test_what_runs_has_no_outcome(self, first: Prescription) -> None:
        with pytest.raises(IntegrityError, match="outcome_of_what_ended"), transaction.atomic():
            Course.objects.update(outcome="reached")

    def test_nothing_is_in_force_after_its_last_date(
        self, by: Membership, patient: Patient, first: Prescription
    ) -> None:
        pause(by=by, course=first.course, starts_on=TODAY + 2 * DAY, now=NOW)
        end_course(by=by, course=first.course, last_date=TODAY, outcome="reached", outcome_note="Back to stairs")
        assert in_force(patient, TODAY, TODAY + DAY) == [first.pk, None]
        first.course.refresh_from_db()
        assert (first.course.outcome, first.course.outcome_note) == ("reached", "Back to stairs")
        assert first.course.ended_by == by
        assert not first.course.pauses.exists()

    def test_once(self, by: Membership, first: Prescription) -> None:
        end_course(by=by, course=first.course, last_date=TODAY)
        with pytest.raises(ValidationError, match="ended already"):
            end_course(by=by, course=first.course, last_date=TODAY)

    def test_not_before_it_starts(self, by: Membership, first: Prescription) -> None:
        with pytest.raises(ValidationError, match="at the earliest"):
            end_course(by=by, course=first.course, last_date=MONDAY - 2 * DAY)


def test_nothing_is_prescribed_to_an_archived_record(by: Membership, patient: Patient) -> None:
    archive(by=by, patient=patient, now=NOW)
    with pytest.raises(ValidationError, match="This record is archived"):
        start(by, patient, make_program())
    bring_back(by=by, patient=patient, now=NOW)
    start(by, patient, make_program())


def test_a_copy_is_open_to_change(by: Membership, first: Prescription) -> None:
    copy = copy_program(by=by, program=first.program, now=NOW)
    copy.title = "Changed"
    copy.save()
    assert doses_of(copy) == doses_of(first.program)


def days_of(course: adherence.Course) -> list[Any]:
    """What is in force on each of a hundred days, by its phases."""
    plans = [course.plan_on(MONDAY + number * DAY) for number in range(100)]
    return [plan and (plan.phase, plan.day) for plan in plans]


def doses_of(program: Program) -> list[tuple[Any, ...]]:
    rows = Dose.objects.filter(phase__program=program).order_by("phase__position", "position")
    return list(rows.values_list("phase__frequency", "exercise", "sets_min", "amount_min", "amount_max", "placement"))
