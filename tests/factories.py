"""Rows for tests, made as the application makes them: by its actions, inside the clinic, at a fixed time."""

import time
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID

from django.test import Client
from uuid_utils.compat import uuid7

from clinic.actions.deputies import name_deputy
from clinic.models import Clinic, Deputy, Membership, Role, User
from patients.actions.logging import Entry, SetEntry, record_log
from patients.actions.mornings import record_morning
from patients.actions.prescribing import prescribe
from patients.models import Knee, Log, NextMorning, Patient, Prescription
from programs.models import Dose, Phase, Program

WALK, THRUST = "lateral-band-walk", "double-band-hip-thrust"
PASSWORD = "correct horse battery staple"
NOW = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)  # a Wednesday
TODAY = NOW.date()
MONDAY = TODAY - timedelta(days=2)

_numbers = count(1)


def make_clinic(slug: str = "north", **fields: Any) -> Clinic:
    defaults = {"name": slug.title(), "phone": "+44 20 7946 0000", "created_at": NOW - timedelta(days=400)}
    return Clinic.objects.create(slug=slug, **defaults | fields)


def make_member(clinic: Clinic, role: str = Role.CLINICIAN, *, user: User | None = None, **fields: Any) -> Membership:
    """A member of the open clinic, with a password where it is staff."""
    user = user or User.objects.create_user(f"{role}{next(_numbers)}@{clinic.slug}.example", PASSWORD)
    return Membership.objects.create(
        **{"clinic": clinic, "user": user, "role": role, "name": f"{role} of {clinic}"} | fields
    )


def make_deputy(
    clinician: Membership, deputy: Membership, *, starts_on: date = MONDAY, ends_on: date = MONDAY + timedelta(days=13)
) -> Deputy:
    """Somebody who stands in for a clinician, for this week and the next."""
    named = Deputy(clinician=clinician, deputy=deputy, starts_on=starts_on, ends_on=ends_on)
    name_deputy(by=clinician, deputy=named, now=NOW)
    return named


def make_patient(responsible: Membership | None = None, **fields: Any) -> Patient:
    """A patient of the open clinic."""
    number = next(_numbers)
    defaults = {"code": f"P-{number:03}", "name": f"Patient {number}", "affected_knee": Knee.LEFT}
    return Patient.objects.create(responsible=responsible, **defaults | fields)


def make_sign_in(patient: Patient, *, user: User | None = None) -> Membership:
    """The patient's own membership in the open clinic."""
    user = user or User.objects.create_user(f"patient{next(_numbers)}@home.example")
    return Membership.objects.create(user=user, role=Role.PATIENT, record=patient.pk)


def make_program(
    *, frequency: int | None = 3, weekdays: Sequence[int] = (), weeks: int | None = None, **fields: Any
) -> Program:
    """One phase of the open clinic: walk 2 x 10 steps each way and thrust 2 x 10-30."""
    program = Program.objects.create(**{"title": "Settle"} | fields)
    phase = Phase.objects.create(
        program=program, weeks=weeks, frequency=None if weekdays else frequency, weekdays=list(weekdays)
    )
    Dose.objects.create(phase=phase, position=0, exercise_id=WALK, sets_min=2, amount_min=10, placement="forefeet")
    Dose.objects.create(phase=phase, position=1, exercise_id=THRUST, sets_min=2, amount_min=10, amount_max=30)
    return program


def make_prescription(by: Membership, patient: Patient, *, starts_on: date = MONDAY, **program: Any) -> Prescription:
    return prescribe(
        by=by,
        patient=patient,
        program=make_program(**program),
        starts_on=starts_on,
        affected_knee=patient.affected_knee,
        now=NOW,
    )


WHOLE_SESSION = (
    *[SetEntry(exercise=WALK, left=10, right=10)] * 2,
    *[SetEntry(exercise=THRUST, amount=12)] * 2,
)


def make_log(by: Membership, patient: Patient, day: date = TODAY, *, key: UUID | None = None, **entry: Any) -> Log:
    """A whole session, unless said otherwise; entered on its day at noon by the patient, or by staff."""
    now = datetime.combine(day, NOW.timetz())
    if not entry.get("skip_reason") and not entry.get("as_planned"):
        entry = {"sets": WHOLE_SESSION} | entry
    return record_log(by=by, patient=patient.pk, entry=Entry(id=key or uuid7(), date=day, **entry), now=now)[0]


def make_morning(by: Membership, patient: Patient, day: date, *, pain: int) -> NextMorning:
    """How the knee was on the morning after a session, entered at noon of that morning."""
    now = datetime.combine(day + timedelta(days=1), NOW.timetz())
    return record_morning(by=by, patient=patient.pk, date=day, pain=pain, now=now, key=uuid7())[0]


def sign_in(client: Client, membership: Membership) -> Client:
    """As the sign-in page does: staff with their password, patients without one."""
    method = "password" if membership.is_staff else "code"
    client.force_login(membership.user, backend="allauth.account.auth_backends.AuthenticationBackend")
    session = client.session
    session["account_authentication_methods"] = [{"method": method, "at": time.time()}]
    session["account_authentication_methods_user"] = str(membership.user_id)
    session.save()
    return client
