"""The handout on the staff's site: what it is made from, who may have it, and that looking at it changes nothing."""

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from clinic.models import Clinic, Invitation, Membership, Role
from clinic.wall.scope import clinic_scope
from patients.actions.prescribing import end_course, pause, prescribe, resume
from patients.handout.facts import Handout, Link, Paper
from patients.handout.layout import lay_out
from patients.handout.reading import NothingToHandOut, as_exercise, read_handout
from patients.handout.spoken import spoken
from patients.models import Patient
from programs.models import Band, BandLadder, Dose, Phase, Program
from tests.factories import (
    MONDAY,
    NOW,
    THRUST,
    TODAY,
    WALK,
    make_clinic,
    make_log,
    make_member,
    make_patient,
    make_prescription,
    make_program,
    sign_in,
)

pytestmark = pytest.mark.django_db

WEEK, DAY = timedelta(weeks=1), timedelta(days=1)
LINK = Link(url="https://clinic.example/somewhere/")


@pytest.fixture(autouse=True)
def at_noon(time_machine: Any) -> None:
    time_machine.move_to(NOW, tick=False)


@pytest.fixture
def clinic() -> Clinic:
    return make_clinic(colour="#7a1f5c")


@pytest.fixture
def clinician(clinic: Clinic, client: Client) -> Membership:
    with clinic_scope(clinic.pk):
        clinician = make_member(clinic)
    sign_in(client, clinician)
    return clinician


@pytest.fixture
def patient(clinic: Clinic, clinician: Membership) -> Patient:
    with clinic_scope(clinic.pk):
        return make_patient(clinician, code="P-007", name="Carla Neumann")


def page_of(patient: Patient) -> str:
    return f"/clinic/north/patients/patient/{patient.pk}/handout/"


def read(clinic: Clinic, patient: Patient, link: Link = LINK) -> Handout:
    with clinic_scope(clinic.pk):
        return read_handout(clinic, patient, link=link, today=TODAY)


def three_phases(clinician: Membership) -> Program:
    """Two weeks of all there is to say, two weeks with the walk alone, and on without an end on Mondays."""
    ladder = BandLadder.objects.create(maker="Strand", length="short")
    red = Band.objects.create(ladder=ladder, label="red", position=1, colour="#c0392b")
    program = make_program(title="Settle, build", goal="Stairs", weeks=2, notes_for_patient="Slowly.")
    Program.objects.filter(pk=program.pk).update(notes_for_staff="A secret of the clinic")
    Phase.objects.update(title="Settle")
    Dose.objects.filter(exercise=WALK).update(short_band=red, rest_seconds=60, own_cues="Hold on to the table.")
    Dose.objects.filter(exercise=THRUST).update(
        substitute="The sofa.", tempo="3-1-1", cues=["Chin tucked in."], required=False
    )
    second = Phase.objects.create(program=program, position=1, title="Build", weeks=2, frequency=4)
    Dose.objects.create(phase=second, exercise_id=WALK, sets_min=3, amount_min=12, short_band=red, placement="ankles")
    third = Phase.objects.create(program=program, position=2, weekdays=[0])
    Dose.objects.create(phase=third, exercise_id=WALK, sets_min=3, amount_min=12)
    return program


def test_it_says_what_the_phase_in_force_asks_for(clinic: Clinic, clinician: Membership, patient: Patient) -> None:
    with clinic_scope(clinic.pk):
        program = three_phases(clinician)
        prescription = prescribe(
            by=clinician, patient=patient, program=program, starts_on=MONDAY, affected_knee="right", now=NOW
        )
    handout = read(clinic, patient)
    assert (handout.title, handout.phase, handout.goal) == ("Settle, build", "step 1 of 3, Settle", "Stairs")
    assert (handout.name, handout.code, handout.knee) == ("Carla Neumann", "P-007", "Right knee")
    assert (handout.first, handout.last) == (MONDAY, MONDAY + 2 * WEEK - DAY)
    assert (handout.notes, handout.rhythm) == ("Slowly.", "3 times a week")
    assert handout.spoken == spoken(prescription.pk, program.pk)
    assert handout.prescribed_by == str(clinician)
    assert (handout.clinic.colour, handout.clinic.phone) == ("#7a1f5c", clinic.phone)
    assert "My knee is stuck. It will not bend or straighten." in handout.clinic.warning_signs
    walk, thrust = handout.exercises
    assert (walk.name, walk.dose, walk.required) == ("Lateral band walk", "2 sets, 10 steps each way", True)
    assert [(band.text, band.colour) for band in walk.bands] == [
        ("Short band (red): around the balls of your feet", "#c0392b")
    ]
    assert walk.remarks == ("Rest for 60 seconds between sets.", "Hold on to the table.")
    assert walk.cues == ("Toes straight ahead.", "Don't let your knees drop inward.")
    assert (thrust.dose, thrust.required) == ("2 sets, 10–30 repeats", False)
    assert thrust.remarks == (
        "At home, instead: The sofa.",
        "Count the seconds: 3 down, 1 still, 1 up.",
    )
    assert thrust.cues == ("Chin tucked in.",)
    assert len(thrust.steps) == 12
    for exercise in (walk, thrust):
        assert [picture.is_fault for picture in exercise.pictures] == [False, False, False, True]
    assert "#c0392b" in walk.pictures[0].svg


def test_an_exercise_that_nobody_has_drawn_has_no_pictures(clinic: Clinic, clinician: Membership) -> None:
    with clinic_scope(clinic.pk):
        make_program()
        dose = Dose.objects.select_related("exercise").get(exercise=WALK)
        dose.exercise.key = "squat"
        exercise = as_exercise(dose)
    assert exercise.pictures == ()
    assert len(exercise.steps) == 7


SAID = {
    "de": [
        "Seitwärtsgehen mit Band",
        "2 Sätze, 10 Schritte in jede Richtung",
        "Kurzes Band (red): um die Fußballen",
        "Ruhen Sie 60 Sekunden zwischen den Sätzen.",
        "Zu Hause stattdessen: The sofa.",
        "Rechtes Knie · 3-mal pro Woche · 16. November bis 29. November 2026",
        "Settle, build: Stufe 1 von 3, Settle",
        "Ab Montag, 30. November: Build. 4-mal pro Woche. A: 3 Sätze, 12 Schritte in jede Richtung, red.",
        "Hören Sie auf und rufen Sie an",
        "Mein Knie ist blockiert.",
        "Niemand überwacht Ihre Seite",
        "Mittwoch",
        "Nicht so:",
    ],
    "es": [
        "Pasos laterales con banda",
        "2 series, 10 pasos hacia cada lado",
        "Banda corta (red): alrededor de la parte delantera de los pies",
        "Descanse 60 segundos entre series.",
        "En casa, en su lugar: The sofa.",
        "Rodilla derecha · 3 veces por semana · 16 de noviembre a 29 de noviembre de 2026",
        "Settle, build: etapa 1 de 3, Settle",
        "Desde el lunes 30 de noviembre: Build. 4 veces por semana. A: 3 series, 12 pasos hacia cada lado, red.",
        "Pare y llame si le ocurre algo de esto:",
        "La rodilla se ha bloqueado.",
        "Nadie vigila su página",
        "miércoles",
        "Así no:",
    ],
}


@pytest.mark.parametrize("language", SAID)
def test_it_speaks_the_patients_language_and_the_clinics_where_theirs_is_unknown(
    language: str, clinic: Clinic, clinician: Membership, patient: Patient, client: Client
) -> None:
    with clinic_scope(clinic.pk):
        program = three_phases(clinician)
        prescribe(by=clinician, patient=patient, program=program, starts_on=MONDAY, affected_knee="right", now=NOW)
        Patient.objects.update(language=language)
        patient.refresh_from_db()
    said = " ".join(placed.text for placed in lay_out(read(clinic, patient)).placed)
    for text in SAID[language]:
        assert text in said, text
    answer = client.get(page_of(patient), headers={"accept-language": "en"})
    assert answer["Content-Language"] == language
    with clinic_scope(clinic.pk):
        Patient.objects.update(language="")
        Clinic.objects.filter(pk=clinic.pk).update(language=language)
    assert client.get(page_of(patient)).content == answer.content
    page = client.get(f"/clinic/north/patients/patient/{patient.pk}/change/").text
    assert "No clinician has reviewed its wording" in page


def test_nothing_that_stays_in_the_clinic_is_on_it(clinic: Clinic, clinician: Membership, patient: Patient) -> None:
    with clinic_scope(clinic.pk):
        program = three_phases(clinician)
        Dose.objects.update(reason="Secret reason")
        Patient.objects.update(emergency_note="Secret note", email="secret@home.example", birth_year=1951)
        prescribe(by=clinician, patient=patient, program=program, starts_on=MONDAY, affected_knee="left", now=NOW)
        make_log(clinician, patient, note="Secret log")
    sheet = lay_out(read(clinic, patient))
    said = " ".join(placed.text for placed in sheet.placed)
    for secret in ["ecret", "1951"]:
        assert secret not in said


def test_the_calendar_marks_fixed_days_aims_pauses_and_what_comes_next(
    clinic: Clinic, clinician: Membership, patient: Patient
) -> None:
    with clinic_scope(clinic.pk):
        prescription = prescribe(
            by=clinician,
            patient=patient,
            program=three_phases(clinician),
            starts_on=MONDAY,
            affected_knee="left",
            now=NOW,
        )
        pause(by=clinician, course=prescription.course, starts_on=MONDAY + 5 * DAY, ends_on=MONDAY + 6 * DAY, now=NOW)
    weeks = read(clinic, patient).weeks
    assert len(weeks) == 6
    assert [day.on for day in weeks[0].days] == [MONDAY + number * DAY for number in range(7)]
    assert [(day.active, day.paused) for day in weeks[0].days] == [
        *[(False, False)] * 2,
        *[(True, False)] * 3,
        *[(False, True)] * 2,
    ]
    assert [week.aim for week in weeks] == [2, 3, 4, 4, 1, None]
    assert [bool(week.news) for week in weeks] == [False, False, True, False, True, False]
    assert weeks[2].news == ("From Wednesday 2 December: Build. 4 times a week. A: 3 sets, 12 steps each way, red.")
    assert weeks[4].news == "From Wednesday 16 December: Days: Monday. A: 3 sets, 12 steps each way."
    assert [day.due for day in weeks[5].days] == [True, *[False] * 6]


def test_the_phase_to_come_is_handed_out_before_its_first_day(
    clinic: Clinic, clinician: Membership, patient: Patient
) -> None:
    with clinic_scope(clinic.pk):
        first = make_prescription(clinician, patient, starts_on=MONDAY - 4 * WEEK, title="Before")
        end_course(by=clinician, course=first.course, last_date=TODAY - DAY)
        make_prescription(clinician, patient, starts_on=MONDAY + 2 * WEEK, title="After", weekdays=[1, 4], weeks=3)
    handout = read(clinic, patient)
    assert (handout.title, handout.first) == ("After", MONDAY + 2 * WEEK)
    assert handout.rhythm == "Tuesday, Friday"
    assert [week.days[0].on for week in handout.weeks] == [MONDAY + number * WEEK for number in (2, 3, 4)]


def test_what_has_ended_or_waits_in_a_pause_is_not_handed_out(
    clinic: Clinic, clinician: Membership, patient: Patient, client: Client
) -> None:
    with clinic_scope(clinic.pk), pytest.raises(NothingToHandOut):
        read_handout(clinic, patient, link=LINK, today=TODAY)
    back = f"/clinic/north/patients/patient/{patient.pk}/change/"
    answer = client.get(page_of(patient), follow=True)
    assert answer.redirect_chain == [(back, 302)]
    assert "There is no program to hand out: prescribe one first." in answer.text
    with clinic_scope(clinic.pk):
        prescription = make_prescription(clinician, patient)
        pause(by=clinician, course=prescription.course, starts_on=TODAY, now=NOW)
    assert "paused without an end" in client.get(page_of(patient), follow=True).text
    assert "paused without an end" in client.post(page_of(patient), follow=True).text
    with clinic_scope(clinic.pk):
        assert not Invitation.objects.exists()
        resume(by=clinician, course=prescription.course, on=TODAY + 3 * DAY)
    assert client.get(page_of(patient)).status_code == 200


@pytest.mark.parametrize("paper", Paper)
def test_the_pdf_is_shown_in_the_browser_and_names_nobody(
    paper: Paper, clinic: Clinic, clinician: Membership, patient: Patient, client: Client
) -> None:
    with clinic_scope(clinic.pk):
        make_prescription(clinician, patient)
        Patient.objects.update(code='P "7"/Ö')
        patient.refresh_from_db()
    answer = client.get(page_of(patient), {"paper": paper.value})
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"] == 'inline; filename="handout-P-7.pdf"'
    assert "no-store" in answer["Cache-Control"]
    assert "Content-Security-Policy" not in answer
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert b"Carla" not in answer.content
    link = Link(url=f"http://localhost:8000/clinic/north/my/{patient.pk}/", by_email=False)
    assert answer.content == lay_out(read(clinic, patient, link), paper).output()
    with clinic_scope(clinic.pk):
        Patient.objects.update(email="carla@home.example")
    answer = client.get(page_of(patient), {"paper": paper.value})
    assert answer.content == lay_out(read(clinic, patient, replace(link, by_email=True)), paper).output()


def test_looking_at_it_writes_nothing(clinic: Clinic, clinician: Membership, patient: Patient, client: Client) -> None:
    with clinic_scope(clinic.pk):
        make_prescription(clinician, patient)
    client.get(page_of(patient))
    with CaptureQueriesContext(connection) as queries:
        assert client.get(page_of(patient)).status_code == 200
    verbs = {query["sql"].split()[0] for query in queries}
    assert verbs <= {"SELECT", "SAVEPOINT", "RELEASE"}, verbs
    with clinic_scope(clinic.pk):
        assert not Invitation.objects.exists()


def test_posting_puts_a_fresh_invitation_into_its_qr_code(
    clinic: Clinic, clinician: Membership, patient: Patient, client: Client
) -> None:
    with clinic_scope(clinic.pk):
        make_prescription(clinician, patient)
    answer = client.post(page_of(patient), {"paper": "letter"})
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    [url] = re.findall(rb"/URI \((.+?)\)", answer.content)
    link = Link(url=url.decode(), once_until=TODAY + 13 * DAY)
    assert answer.content == lay_out(read(clinic, patient, link), Paper.LETTER).output()
    path = link.url.removeprefix("http://localhost:8000")
    with clinic_scope(clinic.pk):
        invitation = Invitation.objects.get()
        assert (invitation.record, invitation.invited_by) == (patient.pk, clinician)
    phone = Client()
    assert phone.get(path).status_code == 200
    assert phone.post(path)["Location"] == "/clinic/north/my/"
    assert phone.post(path).status_code == 410


def test_the_front_desk_gets_no_handout(
    clinic: Clinic, clinician: Membership, patient: Patient, client: Client
) -> None:
    with clinic_scope(clinic.pk):
        make_prescription(clinician, patient)
        sign_in(client, make_member(clinic, Role.ASSISTANT))
    for method in [client.get, client.post]:
        assert method(page_of(patient)).status_code == 403
    assert "Handout" not in client.get(page_of(patient).replace("handout", "change")).text
    with clinic_scope(clinic.pk):
        assert not Invitation.objects.exists()


def test_it_takes_the_same_queries_for_one_phase_and_three(
    clinic: Clinic, clinician: Membership, patient: Patient
) -> None:
    counts = []
    with clinic_scope(clinic.pk):
        for program in [make_program(), three_phases(clinician)]:
            other = make_patient(clinician)
            prescribe(by=clinician, patient=other, program=program, starts_on=MONDAY, affected_knee="left", now=NOW)
            with CaptureQueriesContext(connection) as queries:
                read_handout(clinic, other, link=LINK, today=TODAY)
            counts.append(len(queries))
    assert counts[0] == counts[1] <= 5


def test_the_patients_page_has_the_same_words_beside_the_prescription(
    clinic: Clinic, clinician: Membership, patient: Patient, client: Client
) -> None:
    with clinic_scope(clinic.pk):
        prescription = make_prescription(clinician, patient)
    page = client.get(f"/clinic/north/patients/patient/{patient.pk}/change/").text
    words = spoken(prescription.pk, prescription.program_id)
    assert read(clinic, patient).spoken == words
    assert f"“{words}”" in page
    assert page_of(patient) in page


def test_the_words_of_a_sheet_find_its_patient(
    clinic: Clinic, clinician: Membership, patient: Patient, client: Client
) -> None:
    with clinic_scope(clinic.pk):
        prescription = make_prescription(clinician, patient)
        make_prescription(clinician, make_patient(clinician, name="Somebody Else"))
        assistant = make_member(clinic, Role.ASSISTANT)
    heard = spoken(prescription.pk, prescription.program_id).title().replace(" ", ", ")
    for path in ["/clinic/north/patients/patient/?q=", "/clinic/north/search/?q="]:
        page = client.get(path + heard).text
        assert "Carla" in page, path
        assert "Somebody Else" not in page, path
    sign_in(client, assistant)
    assert "Carla" not in client.get(f"/clinic/north/patients/patient/?q={heard}").text


def test_staff_are_told_what_no_clinician_has_reviewed(
    clinic: Clinic, clinician: Membership, patient: Patient, client: Client
) -> None:
    exercise = client.get(f"/clinic/north/programs/exercise/{WALK}/change/").text
    assert "German, Spanish. No clinician has reviewed that wording yet." in exercise
