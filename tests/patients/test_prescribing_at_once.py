"""Two who prescribe at the same moment, each in a transaction of their own."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any
from uuid import UUID

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from uuid_utils.compat import uuid7

from clinic.models import Clinic
from clinic.wall.scope import clinic_scope
from patients.actions.prescribing import InTheWay, prescribe, revise
from patients.actions.several import SomeRefused, prescribe_to_several
from patients.models import Course, Prescription
from programs.models import Program
from tests.factories import NOW, TODAY, make_clinic, make_member, make_patient, make_prescription, make_program

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def clinic() -> Clinic:
    return make_clinic()


def at_once(clinic: Clinic, *acts: Callable[[], Any]) -> list[Any]:
    """What each gave or raised, all started together."""
    together = Barrier(len(acts))

    def run(act: Callable[[], Any]) -> Any:
        try:
            with clinic_scope(clinic.pk):
                together.wait(timeout=10)
                return act()
        except ValidationError as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def prescribing(clinic: Clinic, *, keys: list[UUID], shared: bool) -> list[Callable[[], Any]]:
    with clinic_scope(clinic.pk):
        by, patient = make_member(clinic), make_patient()
        program = make_program()
        programs = [program if shared else make_program() for _key in keys]

    def one(program: Program, key: UUID) -> Callable[[], Any]:
        return lambda: prescribe(
            by=by, patient=patient, program=program, starts_on=TODAY, affected_knee="left", now=NOW, key=key
        )

    return [one(program, key) for program, key in zip(programs, keys, strict=True)]


def test_two_clinicians_give_one_prescription_and_the_second_is_told(clinic: Clinic) -> None:
    results = at_once(clinic, *prescribing(clinic, keys=[uuid7(), uuid7()], shared=False))
    made = [result for result in results if isinstance(result, Prescription)]
    refused = [result for result in results if isinstance(result, InTheWay)]
    assert (len(made), len(refused)) == (1, 1)
    assert "already has a running program: “Settle”, from 18 Nov 2026." in str(refused[0])
    with clinic_scope(clinic.pk):
        assert Course.objects.count() == 1


def test_a_double_click_gives_one_prescription_to_both(clinic: Clinic) -> None:
    key = uuid7()
    results = at_once(clinic, *prescribing(clinic, keys=[key, key], shared=True))
    assert [result.pk for result in results] == [key, key]
    with clinic_scope(clinic.pk):
        assert Prescription.objects.count() == 1


def test_two_revisions_leave_one_and_the_second_is_told(clinic: Clinic) -> None:
    with clinic_scope(clinic.pk):
        by, patient = make_member(clinic), make_patient()
        first = make_prescription(by, patient)
        programs = [make_program(title="One"), make_program(title="Other")]
    results = at_once(
        clinic,
        *(
            lambda program=program: revise(by=by, prescription=first, program=program, starts_on=TODAY, now=NOW)
            for program in programs
        ),
    )
    assert sum(isinstance(result, Prescription) for result in results) == 1
    [refusal] = [result for result in results if isinstance(result, ValidationError)]
    [made] = [result for result in results if isinstance(result, Prescription)]
    assert refusal.messages == [f"{by} changed the program in the meantime: “{made.program}”, from 18 Nov 2026."]


def test_two_who_prescribe_to_the_same_several_do_not_wait_for_each_other_for_ever(clinic: Clinic) -> None:
    with clinic_scope(clinic.pk):
        by, patients = make_member(clinic), [make_patient() for _number in range(4)]
        program = make_program(is_template=True)

    def give(order: int) -> Callable[[], Any]:
        knees = dict.fromkeys(patients[::order], "left")
        return lambda: prescribe_to_several(by=by, program=program, knees=knees, starts_on=TODAY, now=NOW, key=uuid7())

    results = at_once(clinic, give(1), give(-1))
    assert sorted(type(result) for result in results if not isinstance(result, SomeRefused)) == [list]
    with clinic_scope(clinic.pk):
        assert Course.objects.count() == 4
