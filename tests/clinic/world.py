"""Two clinics with one of everything in each: what could leak is there to leak."""

from dataclasses import dataclass
from datetime import timedelta

from django.apps import apps
from django.db.models import Model

from clinic.actions.access import invite
from clinic.actions.suppressing import suppress
from clinic.models import Clinic, Deputy, Membership, Message, Role, Suppression
from clinic.wall.constraints import ClinicWall
from clinic.wall.scope import clinic_scope
from patients.actions.deciding import Reading, decide
from patients.actions.measuring import measure
from patients.actions.prescribing import pause
from patients.actions.red_flags import report_red_flags
from patients.actions.reminding import set_reminder
from patients.models import (
    Alert,
    Decision,
    Log,
    Measurement,
    NextMorning,
    Patient,
    Prescription,
    PushDevice,
    RecordEvent,
)
from programs.actions import copies_of_phases, save_program
from programs.models import Band, BandLadder
from tests import factories
from tests.factories import MONDAY, NOW, TODAY


def walled_models() -> list[type[Model]]:
    return [
        model
        for model in apps.get_models()
        if any(isinstance(constraint, ClinicWall) for constraint in model._meta.constraints)
    ]


@dataclass(frozen=True)
class ClinicWorld:
    clinic: Clinic
    owner: Membership
    patient: Patient
    sign_in: Membership
    prescription: Prescription
    log: Log
    morning: NextMorning
    measurement: Measurement
    alert: Alert
    decision: Decision
    deputy: Deputy
    invitation_url: str


def make_world(slug: str) -> ClinicWorld:
    clinic = factories.make_clinic(slug)
    with clinic_scope(clinic.pk):
        owner = factories.make_member(clinic, Role.OWNER)
        ladder = BandLadder.objects.create(maker=f"Maker of {slug}", length="short")
        Band.objects.create(ladder=ladder, label="red", position=1)
        patient = factories.make_patient(owner, name=f"Secret of {slug}", code=f"{slug}-1")
        prescription = factories.make_prescription(owner, patient, title=f"Program of {slug}")
        sign_in = factories.make_sign_in(patient)
        log = factories.make_log(sign_in, patient, note=f"note of {slug}")
        pause(by=owner, course=prescription.course, starts_on=MONDAY + timedelta(weeks=8), now=NOW)
        answers = {"given_on": MONDAY, "activity": f"Stairs of {slug}", "activity_score": 3, "pain": 6, "change": None}
        measurement = measure(by=owner, course=prescription.course, occasion="start", answers=answers, now=NOW)
        morning = factories.make_morning(owner, patient, TODAY, pain=4)
        report_red_flags(patient=patient.pk, flags=["a pop"], now=NOW)
        alert = Alert.objects.get(patient=patient)
        call = {"kind": Decision.Kind.CALL_BACK, "call_on": TODAY, "note": f"Call about {slug}"}
        reading = Reading(MONDAY - timedelta(weeks=1))
        decision = decide(by=owner, patient=patient.pk, reading=reading, now=NOW, **call)
        RecordEvent.objects.create(patient=patient, kind=RecordEvent.Kind.ADDED, by=owner, at=NOW)
        set_reminder(by=sign_in, weekdays=[0, 2], hour=9, by_email=True, now=NOW)
        PushDevice.objects.create(
            recipient=sign_in, endpoint=f"https://push.example/{slug}", p256dh="p", auth="a", created_at=NOW
        )
        deputy = factories.make_deputy(owner, factories.make_member(clinic))
        Message.objects.create(recipient=owner, kind="weekly_summary", week=MONDAY, due_at=NOW)
        gone, answer = f"gone@{slug}.example", "5.1.1 no such mailbox"
        suppress(address=gone, reason=Suppression.Reason.REFUSED, answer=answer, now=NOW)
        draft = factories.make_program(title=f"Draft of {slug}")
        draft.goal = f"Goal of {slug}"
        save_program(by=owner, program=draft, phases=copies_of_phases(draft), version=1, now=NOW)
        url = invite(by=owner, clinic=clinic, record=patient.pk, now=NOW)
    found = (prescription, log, morning, measurement, alert, decision, deputy)
    return ClinicWorld(clinic, owner, patient, sign_in, *found, url)
