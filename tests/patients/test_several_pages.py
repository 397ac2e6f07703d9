"""One program for several patients at once, from the program's own page."""

from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from uuid_utils.compat import uuid7

from clinic.models import Clinic, Membership
from clinic.wall.scope import clinic_scope
from patients.models import Course, Patient, Prescription
from programs.models import Program
from tests.factories import NOW, TODAY, make_clinic, make_member, make_patient, make_prescription
from tests.patients.pages import words

pytestmark = pytest.mark.django_db
ROOT = "/clinic/north/patients/patient"
HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture(autouse=True)
def at_noon(time_machine: Any) -> None:
    time_machine.move_to(NOW)


def page_of(program: Program) -> str:
    return f"{ROOT}/prescribe/?program={program.pk}"


def ticked(*patients: Patient, **fields: Any) -> dict[str, Any]:
    return {"patients": [patient.pk for patient in patients], "starts_on": TODAY, "key": uuid7()} | fields


def test_two_get_copies_and_a_summary(
    clinic: Clinic, clinician: Membership, patient: Patient, program: Program, client: Client
) -> None:
    with clinic_scope(clinic.pk):
        other = make_patient(clinician, name="Omar Haddad", affected_knee="both")
    sent = ticked(patient, other) | {f"knee-{patient.pk}": "right"}
    for _twice in range(2):
        summary = client.post(page_of(program), sent, follow=True)
    assert "2 patients have a program now, each a copy of their own." in words(summary)
    assert "C-007 Carla Neumann Settle and build right 18 Nov 2026" in words(summary)
    assert "Omar Haddad Settle and build both 18 Nov 2026" in words(summary)
    with clinic_scope(clinic.pk):
        assert Prescription.objects.count() == 2
        assert Program.objects.filter(copy_of=program, frozen_at__isnull=False).count() == 2


def test_one_refusal_is_said_beside_the_patient_and_nothing_is_lost(
    clinic: Clinic,
    clinician: Membership,
    patient: Patient,
    program: Program,
    running: Prescription,
    client: Client,
) -> None:
    with clinic_scope(clinic.pk):
        free = make_patient(clinician, name="Omar Haddad")
    sent = ticked(patient, free, starts_on="2026-11-25") | {f"knee-{free.pk}": "both"}
    refused = client.post(page_of(program), sent)
    [busy, unharmed] = refused.context["form"].choices()
    assert busy.errors == ["C-007 Carla Neumann already has a running program: “Running”, from 16 Nov 2026."]
    assert (unharmed.errors, unharmed.is_ticked, unharmed.knee) == ([], True, "both")
    assert 'value="2026-11-25"' in refused.text
    assert f"{ROOT}/{patient.pk}/revise/?program={program.pk}" in refused.text
    with clinic_scope(clinic.pk):
        assert not Course.objects.filter(patient=free).exists()


def test_a_knee_that_is_none_is_said_beside_the_patient(patient: Patient, program: Program, client: Client) -> None:
    refused = client.post(page_of(program), ticked(patient) | {f"knee-{patient.pk}": "elbow"})
    assert [choice.errors for choice in refused.context["form"].choices()] == [["Choose the affected knee."]]


def test_nobody_ticked_is_said(patient: Patient, program: Program, client: Client) -> None:
    assert "Tick at least one patient." in words(client.post(page_of(program), ticked()))


def test_the_list_is_searched_and_filtered_and_keeps_the_ticks(
    clinic: Clinic, clinician: Membership, patient: Patient, program: Program, client: Client
) -> None:
    with clinic_scope(clinic.pk):
        colleague = make_member(clinic)
        omar = make_patient(colleague, name="Omar Haddad")
        busy = make_patient(colleague, name="Omar Busy")
        make_prescription(colleague, busy)
    assert listed(client.get(page_of(program))) == [(patient.pk, False), (omar.pk, False)]
    search = ticked(patient, show="patients", q="omar")
    for more in [{}, HTMX]:
        found = client.post(page_of(program), search, **more)
        assert listed(found) == [(patient.pk, True), (omar.pk, False), (busy.pk, False)]
        assert "Omar Busy has a running program" in words(found)
        assert f'value="{busy.pk}"' not in found.text
    of_colleague = client.post(page_of(program), ticked(show="patients", responsible=colleague.pk))
    assert listed(of_colleague) == [(omar.pk, False)]


def test_the_page_takes_the_same_queries_for_one_and_three(
    clinic: Clinic, clinician: Membership, program: Program, client: Client
) -> None:
    counts = []
    for more in [1, 2]:
        with clinic_scope(clinic.pk):
            for _number in range(more):
                make_patient(make_member(clinic))
        with CaptureQueriesContext(connection) as queries:
            assert client.get(page_of(program)).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_no_more_than_a_pageful_is_listed(
    clinic: Clinic, clinician: Membership, program: Program, client: Client
) -> None:
    with clinic_scope(clinic.pk):
        for _number in range(26):
            make_patient(clinician)
    answer = client.get(page_of(program))
    assert len(listed(answer)) == 25
    assert "There are more: search by name or code." in words(answer)


def test_the_summary_knows_nothing_of_another_clinic(clinic: Clinic, patient: Patient, client: Client) -> None:
    south = make_clinic("south")
    with clinic_scope(south.pk):
        theirs = make_prescription(make_member(south), make_patient(name="Secret"))
    for prescription in [theirs.pk, "nonsense", ""]:
        assert client.get(f"{ROOT}/prescribed/?prescription={prescription}").status_code == 404


def test_a_patient_of_another_clinic_is_nobody(
    clinic: Clinic, patient: Patient, program: Program, client: Client
) -> None:
    south = make_clinic("south")
    with clinic_scope(south.pk):
        theirs = make_patient(name="Secret")
    refused = client.post(page_of(program), ticked(theirs))
    assert "Tick at least one patient." in words(refused)
    assert "Secret" not in refused.text


def listed(answer: HttpResponse) -> list[tuple[UUID, bool]]:
    return [(choice.patient.pk, choice.is_ticked) for choice in answer.context["form"].choices()]
