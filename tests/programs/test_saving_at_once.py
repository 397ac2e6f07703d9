"""Two who save a program at the same moment, each in a transaction of their own."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import UUID

import pytest
from django.db import connection
from uuid_utils.compat import uuid7

from clinic.wall.scope import clinic_scope
from programs.actions import ChangedMeanwhile, copy_program, phases_of, save_program
from programs.models import Program, ProgramVersion
from tests.factories import NOW, make_clinic, make_member, make_program

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_double_click_makes_one_copy() -> None:
    clinic, key, together = make_clinic(), uuid7(), Barrier(2)
    with clinic_scope(clinic.pk):
        by, program = make_member(clinic), make_program()

    def copy(_click: int) -> UUID:
        try:
            with clinic_scope(clinic.pk):
                together.wait(timeout=10)
                return copy_program(by=by, program=program, now=NOW, key=key).pk
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(copy, range(2))) == [key, key]
    with clinic_scope(clinic.pk):
        assert Program.objects.filter(copy_of=program).count() == 1


def test_one_is_saved_and_the_other_is_told() -> None:
    clinic = make_clinic()
    with clinic_scope(clinic.pk):
        by, program = make_member(clinic), make_program()
    together = Barrier(2)

    def save(goal: str) -> str:
        try:
            with clinic_scope(clinic.pk):
                mine = Program.objects.get(pk=program.pk)
                mine.goal = goal
                phases = [(phase, doses) for phase, doses in phases_of(mine)]
                together.wait(timeout=10)
                save_program(by=by, program=mine, phases=phases, version=1, now=NOW)
                return "saved"
        except ChangedMeanwhile as other:
            return ", ".join(other.changes)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        said = sorted(pool.map(save, ["Stairs", "Hills"]))
    with clinic_scope(clinic.pk):
        kept = Program.objects.get()
        assert said == sorted(["saved", f"Goal: – → {kept.goal}"])
        assert kept.version == 2
        assert ProgramVersion.objects.count() == 1
