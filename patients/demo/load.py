"""Writes the demo by the application's own actions, with the time as it was on each day."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from uuid import UUID, uuid5

from clinic.actions.access import accept, invite, let_sign_in_by_email
from clinic.models import Clinic, Membership, User
from clinic.wall.scope import clinic_scope
from patients import adherence
from patients.actions.logging import Entry, SetEntry, record_log
from patients.actions.measuring import measure
from patients.actions.mornings import record_morning
from patients.actions.prescribing import pause, prescribe
from patients.demo import histories, measures
from patients.demo.people import CLINICS, PASSWORD, DemoClinic, DemoPatient
from patients.demo.programs import make_bands, make_templates
from patients.models import Patient, Prescription
from patients.plans import course_on

NAMESPACE = UUID("5d0c2f5e-6e0b-4f39-9f0a-3f6f0b8f2d11")
WALK = "lateral-band-walk"
DAY = timedelta(days=1)


def load(today: date) -> None:
    """Both clinics with their histories up to the day before `today`. The caller has looked that nothing is there."""
    monday = adherence.monday_of(today)
    for demo in CLINICS:
        clinic = Clinic.objects.create(
            id=uuid5(NAMESPACE, demo.slug),
            slug=demo.slug,
            name=demo.name,
            time_zone=demo.time_zone,
            phone=demo.phone,
            emergency_number=demo.emergency_number,
            created_at=_at_noon(monday - timedelta(weeks=histories.WEEKS + 1)),
            summarised_through=monday - timedelta(weeks=2),
        )
        with clinic_scope(clinic.pk):
            _load_clinic(demo, clinic, today, monday)


def _load_clinic(demo: DemoClinic, clinic: Clinic, today: date, monday: date) -> None:
    staff = [_member(clinic, each.name, each.email, each.role) for each in demo.staff]
    course, _maintenance = make_templates(by=staff[0], bands=make_bands(demo.maker))
    for number, person in enumerate(demo.patients, start=1):
        responsible = staff[person.responsible]
        starts_on = monday - timedelta(weeks=person.starts_weeks_ago)
        patient = Patient.objects.create(
            id=uuid5(clinic.pk, person.name),
            code=f"P-{number:03}",
            name=person.name,
            email=person.email,
            birth_year=person.birth_year,
            affected_knee=person.knee,
            responsible=responsible,
            emergency_note=person.emergency_note,
            created_at=_at_noon(starts_on),
        )
        prescription = prescribe(
            by=responsible,
            patient=patient,
            program=course,
            starts_on=starts_on,
            affected_knee=person.knee,
            now=_at_noon(starts_on),
            measured_every_four_weeks=True,
        )
        _measure(responsible, prescription, number, today)
        if person.history is histories.paused:
            pause(
                by=responsible,
                course=prescription.course,
                starts_on=monday - timedelta(weeks=2),
                reason="Away, without the bands",
                now=_at_noon(monday - timedelta(weeks=2)),
            )
        _log_history(clinic, patient, person, starts_on, today)


def _measure(by: Membership, prescription: Prescription, number: int, today: date) -> None:
    """Every third one still waits for the second time."""
    starts_on = prescription.starts_on
    asked = [("start", measures.start(number, starts_on))]
    if starts_on + measures.FOUR_WEEKS < today and number % 3:
        asked.append(("between", measures.four_weeks_later(number, starts_on)))
    for occasion, answers in asked:
        measure(
            by=by,
            course=prescription.course,
            occasion=occasion,
            answers=answers,
            now=_at_noon(answers["given_on"]),
            key=uuid5(prescription.course.patient_id, f"{occasion} {answers['given_on']}"),
        )


def _log_history(clinic: Clinic, patient: Patient, person: DemoPatient, starts_on: date, today: date) -> None:
    by = _sign_in(clinic, patient, person)
    course = course_on(patient.pk, today)
    random = Random(f"{clinic.slug} {patient.code}")  # noqa: S311
    for week in range((today - starts_on).days // 7 + 1):
        for session in person.history(week, random):
            day = starts_on + timedelta(weeks=week, days=session.day)
            entered_on = day + timedelta(days=session.days_late)
            planned = course.plan_on(day)
            if entered_on >= today or (planned is None and not session.skip_reason):
                continue
            entry = Entry(
                id=uuid5(patient.pk, day.isoformat()),
                date=day,
                sets=tuple(_sets(session, planned.phase.doses)) if planned else (),
                as_planned=session.as_planned,
                skip_reason=session.skip_reason,
                pain_before=session.pain[0],
                pain_during=session.pain[1],
                pain_after=session.pain[2],
                effort=session.effort,
                note=session.note,
            )
            evening = datetime.combine(entered_on, time(18, random.randrange(60)), clinic.zone)
            record_log(by=by, patient=patient.pk, entry=entry, now=evening)
            if entry.pain_before is not None and entered_on == day and day + 2 * DAY <= today:
                _answer_next_morning(by, patient, day, entry.pain_before)


def _answer_next_morning(by: Membership, patient: Patient, day: date, pain: int) -> None:
    morning = datetime.combine(day + DAY, time(7, 30), by.clinic.zone)
    key = uuid5(patient.pk, f"morning after {day}")
    record_morning(by=by, patient=patient.pk, date=day, pain=pain, now=morning, key=key)


def _sets(session: histories.DemoSession, doses: Iterable[adherence.Dose]) -> Iterable[SetEntry]:
    """The planned number of sets of each exercise, their amounts scaled; none of an exercise that was left out."""
    if session.as_planned or session.skip_reason:
        return
    for dose in doses:
        for _set in range(dose.sets):
            if dose.per_direction:
                right = session.walk if session.walk_right is None else session.walk_right
                left, right = round(dose.amount * session.walk), round(dose.amount * right)
                yield SetEntry(exercise=dose.exercise, left=left, right=right)
            elif session.thrust:
                yield SetEntry(exercise=dose.exercise, amount=round(dose.amount * session.thrust))


def _member(clinic: Clinic, name: str, email: str, role: str) -> Membership:
    user = User.objects.filter(email=email).first()
    user = user or User.objects.create_user(email, PASSWORD, id=uuid5(NAMESPACE, email))
    return Membership.objects.create(clinic=clinic, user=user, name=name, role=role)


def _sign_in(clinic: Clinic, patient: Patient, person: DemoPatient) -> Membership:
    """By email where there is one, otherwise as somebody who opened their invitation in the clinic."""
    if person.email:
        let_sign_in_by_email(record=patient.pk, email=person.email)
    else:
        url = invite(by=None, clinic=clinic, record=patient.pk, now=patient.created_at)
        accept(clinic=clinic, token=url.rstrip("/").split("/")[-1], now=patient.created_at)
    return Membership.objects.select_related("clinic").get(record=patient.pk)


def _at_noon(day: date) -> datetime:
    return datetime.combine(day, time(12), UTC)
