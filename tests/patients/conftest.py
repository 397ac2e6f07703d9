"""A clinic whose clinician is signed in, a patient, a program that is open to change, one that runs."""

import pytest
from django.test import Client

from clinic.models import Clinic, Membership
from clinic.wall.scope import clinic_scope
from patients.models import Patient, Prescription
from programs.models import Dose, Phase, Program
from tests.clinic.conftest import staff, watch, world
from tests.factories import WALK, make_clinic, make_member, make_patient, make_prescription, sign_in
from tests.patients.phone import cookie, phone, treated

__all__ = ["cookie", "phone", "staff", "treated", "watch", "world"]


@pytest.fixture
def clinic() -> Clinic:
    return make_clinic()


@pytest.fixture
def clinician(clinic: Clinic, client: Client) -> Membership:
    with clinic_scope(clinic.pk):
        clinician = make_member(clinic)
    sign_in(client, clinician)
    return clinician


@pytest.fixture
def patient(clinic: Clinic, clinician: Membership) -> Patient:
    with clinic_scope(clinic.pk):
        return make_patient(clinician, code="C-007", name="Carla Neumann")


@pytest.fixture
def program(clinic: Clinic, clinician: Membership) -> Program:
    """A week on fixed weekdays, then two at three times a week; open to change."""
    with clinic_scope(clinic.pk):
        program = Program.objects.create(title="Settle and build")
        for position, fields in enumerate(
            [{"title": "Settle", "weeks": 1, "weekdays": [0, 2, 4]}, {"weeks": 2, "frequency": 3}]
        ):
            phase = Phase.objects.create(program=program, position=position, **fields)
            Dose.objects.create(phase=phase, exercise_id=WALK, sets_min=2, amount_min=10, placement="forefeet")
        return program


@pytest.fixture
def running(clinic: Clinic, clinician: Membership, patient: Patient) -> Prescription:
    with clinic_scope(clinic.pk):
        return make_prescription(clinician, patient, title="Running")
