"""Prescribing a program, and what may happen to a course after that."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from clinic.models import Clinic, Membership
from clinic.wall.scope import clinic_scope
from patients.actions.prescribing import end_course, pause, prescribe, resume, revise
from patients.models import Course, Patient, Prescription
from patients.plans import course_on
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


def start(by: Membership, patient: Patient, program: Program, starts_on: date = TODAY) -> Prescription:
    return prescribe(by=by, patient=patient, program=program, starts_on=starts_on, affected_knee="left", now=NOW)


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
        never = make_prescription(by, patient, starts_on=TODAY)
        end_course(by=by, course=never.course, last_date=TODAY - DAY)
        sooner = start(by, patient, make_program(), TODAY)
        assert in_force(patient, TODAY - DAY, TODAY, TODAY + 5 * DAY) == [None, sooner.pk, sooner.pk]


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


class TestPause:
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
    def test_nothing_is_in_force_after_its_last_date(
        self, by: Membership, patient: Patient, first: Prescription
    ) -> None:
        pause(by=by, course=first.course, starts_on=TODAY + 2 * DAY, now=NOW)
        end_course(by=by, course=first.course, last_date=TODAY, outcome="Back to stairs")
        assert in_force(patient, TODAY, TODAY + DAY) == [first.pk, None]
        first.course.refresh_from_db()
        assert (first.course.outcome, first.course.ended_by) == ("Back to stairs", by)
        assert not first.course.pauses.exists()

    def test_once(self, by: Membership, first: Prescription) -> None:
        end_course(by=by, course=first.course, last_date=TODAY)
        with pytest.raises(ValidationError, match="ended already"):
            end_course(by=by, course=first.course, last_date=TODAY)

    def test_not_before_it_starts(self, by: Membership, first: Prescription) -> None:
        with pytest.raises(ValidationError, match="at the earliest"):
            end_course(by=by, course=first.course, last_date=MONDAY - 2 * DAY)


def test_a_copy_is_open_to_change(by: Membership, first: Prescription) -> None:
    copy = copy_program(by=by, program=first.program, now=NOW)
    copy.title = "Changed"
    copy.save()
    assert doses_of(copy) == doses_of(first.program)


def doses_of(program: Program) -> list[tuple[Any, ...]]:
    rows = Dose.objects.filter(phase__program=program).order_by("phase__position", "position")
    return list(rows.values_list("phase__frequency", "exercise", "sets_min", "amount_min", "amount_max", "placement"))
