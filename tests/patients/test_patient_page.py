"""The one page that shows all of a patient to their clinic."""

import re
from datetime import timedelta
from html import unescape
from itertools import pairwise
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from clinic.actions.access import accept, invite
from clinic.models import Clinic, Membership, Role
from clinic.wall.scope import clinic_scope
from patients.actions.logging import withdraw_log
from patients.actions.prescribing import end_course, pause, resume, revise
from patients.actions.red_flags import report_red_flags
from patients.charts import PainChart, WeekCell, pain_days, zones_of
from patients.models import Course, Log, Measurement, Patient, Pause, RecordEvent
from programs.models import Dose
from tests.factories import (
    MONDAY,
    NOW,
    THRUST,
    TODAY,
    make_clinic,
    make_log,
    make_member,
    make_patient,
    make_prescription,
    make_program,
    make_sign_in,
    sign_in,
)

pytestmark = pytest.mark.django_db

ROOT = "/clinic/north/patients/patient"
DAY, WEEK = timedelta(days=1), timedelta(weeks=1)
LAST_MONDAY = MONDAY - WEEK


@pytest.fixture(autouse=True)
def at_noon(time_machine: Any) -> None:
    time_machine.move_to(NOW)


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
        return make_patient(
            clinician,
            code="P-007",
            name="Carla Neumann",
            birth_year=1971,
            phone="0123 456",
            language="de",
            emergency_note="Takes blood thinners",
            created_at=NOW - 4 * WEEK,
        )


def page_of(patient: Patient) -> str:
    return f"{ROOT}/{patient.pk}/change/"


def section(answer: HttpResponse, name: str) -> str:
    """What is to be read in one part of the page."""
    part = re.search(rf'<section[^>]*aria-labelledby="{name}">(.*?)</section>', answer.text, re.DOTALL)[1]
    return unescape(" ".join(re.sub(r"<[^>]*>", " ", part).split()))


def sentences(answer: HttpResponse) -> list[str]:
    return [str(message) for message in get_messages(answer.wsgi_request)]


def test_who_it_is(clinic: Clinic, clinician: Membership, patient: Patient, client: Client) -> None:
    with clinic_scope(clinic.pk):
        make_prescription(clinician, patient, starts_on=LAST_MONDAY)
    answer = client.get(page_of(patient))
    assert section(answer, "who").startswith(
        "Record Knee left Born 1971 (54 or 55 years) Email – Phone 0123 456 Language German "
        f"Responsible {clinician} Here since 21 Oct 2026 (program since 9 Nov 2026)"
    )
    assert "Takes blood thinners" in answer.text
    assert "No session since the start on 9 Nov" in answer.text.partition('class="row"')[0]


def test_the_program_in_force_is_told_in_words(
    clinic: Clinic, clinician: Membership, patient: Patient, client: Client
) -> None:
    with clinic_scope(clinic.pk):
        prescription = make_prescription(clinician, patient, starts_on=LAST_MONDAY, weeks=3, goal="Stairs")
    told = section(client.get(page_of(patient)), "course")
    for words in [
        "Settle , in force since 9 Nov 2026 (left, prescribed by clinician of North)",
        "Goal: Stairs",
        "Phase 1 3 weeks, 3 times a week ▶ now, week 2 of 3",
        "Lateral band walk : 2 sets, 10 steps each way",
        "Double band hip thrust : 2 sets, 10–30 repeats",
    ]:
        assert words in told, words
    with clinic_scope(clinic.pk):
        pause(by=clinician, course=prescription.course, starts_on=TODAY, reason="Flu", now=NOW)
    told = section(client.get(page_of(patient)), "course")
    assert "❚❚ paused since 18 Nov Flu" in told
    assert "now, week" not in told


@pytest.mark.parametrize(
    ("starts_on", "weeks", "state"),
    [
        (TODAY + WEEK, None, "starts on 25 Nov 2026"),
        (TODAY - 2 * WEEK, 1, "all its weeks are over: end it, or go on with another"),
        (TODAY, 1, "in force since 18 Nov 2026"),
    ],
)
def test_before_and_after_its_time(
    starts_on: Any,
    weeks: int | None,
    state: str,
    clinic: Clinic,
    clinician: Membership,
    patient: Patient,
    client: Client,
) -> None:
    with clinic_scope(clinic.pk):
        make_prescription(clinician, patient, starts_on=starts_on, weeks=weeks)
    assert f"Settle , {state} (left" in section(client.get(page_of(patient)), "course")


def test_a_revision_to_come_is_told_beside_what_is_in_force(
    clinic: Clinic, clinician: Membership, patient: Patient, client: Client
) -> None:
    with clinic_scope(clinic.pk):
        first = make_prescription(clinician, patient, starts_on=LAST_MONDAY)
        build = make_program(title="Build")
        revise(by=clinician, prescription=first, program=build, starts_on=MONDAY + WEEK, now=NOW)
    told = section(client.get(page_of(patient)), "course")
    assert "Settle , in force from 9 Nov 2026 to 22 Nov 2026 (left" in told
    assert "From 23 Nov 2026: Build" in told


def test_of_pauses_over_one_another_the_longest_is_told(
    clinic: Clinic, clinician: Membership, patient: Patient, client: Client
) -> None:
    with clinic_scope(clinic.pk):
        course = make_prescription(clinician, patient, starts_on=LAST_MONDAY).course
        pause(by=clinician, course=course, starts_on=TODAY - DAY, ends_on=TODAY + DAY, reason="Trip", now=NOW)
    assert "❚❚ paused from 17 Nov to 19 Nov Trip" in section(client.get(page_of(patient)), "course")
    with clinic_scope(clinic.pk):
        pause(by=clinician, course=course, starts_on=TODAY, reason="Flu", now=NOW)
    assert "❚❚ paused since 18 Nov Flu" in section(client.get(page_of(patient)), "course")


def test_a_course_that_ends_later_is_in_force_until_then_and_can_end_earlier(
    clinic: Clinic, clinician: Membership, patient: Patient, client: Client
) -> None:
    with clinic_scope(clinic.pk):
        course = make_prescription(clinician, patient, starts_on=LAST_MONDAY).course
        end_course(by=clinician, course=course, last_date=TODAY + 52 * WEEK)
    page = client.get(page_of(patient))
    assert "Settle , in force from 9 Nov 2026 to 17 Nov 2027 (left" in section(page, "course")
    assert f"{patient.pk}/archive/" not in page.text
    assert sentences(client.post(f"{ROOT}/{patient.pk}/archive/")) == [
        "A program is still running. End it first; then the record can be archived."
    ]
    assert f"{ROOT}/{patient.pk}/end/" in page.text
    client.post(f"{ROOT}/{patient.pk}/end/", {"last_date": TODAY - DAY, "outcome": "reached"})
    page = client.get(page_of(patient))
    assert "No program is running." in section(page, "course")
    assert f"{ROOT}/{patient.pk}/end/" not in page.text
    assert f"{patient.pk}/archive/" in page.text


def test_weeks_are_small_multiples_and_a_table(
    clinic: Clinic, clinician: Membership, patient: Patient, client: Client
) -> None:
    with clinic_scope(clinic.pk):
        make_prescription(clinician, patient, starts_on=LAST_MONDAY)
        make_log(clinician, patient, LAST_MONDAY)
        make_log(clinician, patient, LAST_MONDAY + DAY)
        make_log(clinician, patient, LAST_MONDAY + 2 * DAY, sets=make_log_of_half())
    answer = client.get(page_of(patient))
    multiples, table = section(answer, "weeks").split("As a table, with doses")
    assert multiples.endswith("9 Nov 2 of 3 (66 %) ◐ partial 16 Nov 0 of 3 … so far ")
    assert "9 Nov 2 of 3 (66 %) ◐ partial" in table
    assert "1 part done" in table
    drawn = answer.text.partition('class="multiples"')[2].partition("</ol>")[0]
    assert re.findall(r'<rect class="(\w+)"', drawn) == ["done", "done", "part", "half", "open", "open", "open"]


def make_log_of_half() -> Any:
    from patients.actions.logging import SetEntry

    return (SetEntry(exercise=THRUST, amount=20),)


def test_pain_has_a_line_with_the_clinics_zones_and_a_table(
    clinic: Clinic, clinician: Membership, patient: Patient, client: Client
) -> None:
    with clinic_scope(clinic.pk):
        Clinic.objects.filter(pk=clinic.pk).update(pain_acceptable_from=2, pain_too_much_from=5)
        make_log(clinician, patient, LAST_MONDAY, pain_before=1, pain_after=6)
        make_log(clinician, patient, LAST_MONDAY, pain_during=7)
        make_log(clinician, patient, TODAY, pain_after=0)
        make_log(clinician, patient, TODAY - DAY)
        make_log(clinician, patient, TODAY - 13 * WEEK, pain_after=10)
    answer = client.get(page_of(patient))
    told = section(answer, "pain")
    assert "Highest: 7 of 10 on 9 Nov. Last: 0 of 10 on 18 Nov." in told
    assert "5–10 too much 2–4 acceptable 0–1 safe" in told
    assert "Wed 18 Nov – – 0 Mon 9 Nov 1 7 6" in told
    assert '<polyline points="70.5,3 79.5,10">' in answer.text
    assert answer.text.count("h0") == 2


def test_zones_meet_and_fill_the_chart() -> None:
    for acceptable, too_much, kinds in [
        (3, 6, ["much", "fair", "safe"]),
        (0, 10, ["much", "fair"]),
        (1, 2, ["much", "fair", "safe"]),
    ]:
        zones = zones_of(acceptable, too_much)
        assert [zone.kind for zone in zones] == kinds
        assert zones[0].top == -0.4
        assert zones[-1].top + zones[-1].height == pytest.approx(10.4)
        for upper, lower in pairwise(zones):
            assert upper.top + upper.height == pytest.approx(lower.top)


def test_no_answer_is_no_dot() -> None:
    logs = [Log(date=TODAY, pain_before=0), Log(date=TODAY - DAY), Log(date=TODAY - 2 * DAY, pain_after=10)]
    chart = PainChart(first=TODAY - 2 * DAY, weeks=1, days=pain_days(logs), zones=[])
    assert chart.points == [(0.5, 0), (2.5, 10)]
    assert pain_days([Log(date=TODAY)]) == []


def test_more_than_due_is_no_block_more() -> None:
    from patients.adherence import Course as Plan
    from patients.adherence import Dose as PlanDose
    from patients.adherence import Log as PlanLog
    from patients.adherence import LoggedSet, Phase, Prescription, week

    plan = Plan((Prescription(MONDAY, (Phase((PlanDose("x", 1, 10, False),), frequency=2),)),))
    logs = [PlanLog(MONDAY + number * DAY, (LoggedSet("x", 10),)) for number in range(4)]
    logs.append(PlanLog(MONDAY + 4 * DAY, (LoggedSet("x", 1),)))
    cell = WeekCell(week(plan, logs, MONDAY, today=MONDAY + WEEK))
    assert [block.kind for block in cell.blocks] == ["done", "done"]


def test_what_happened_is_told_in_words(
    clinic: Clinic, clinician: Membership, patient: Patient, client: Client
) -> None:
    with clinic_scope(clinic.pk):
        own = make_sign_in(patient)
        first = make_prescription(clinician, patient, starts_on=LAST_MONDAY)
        stop = pause(by=clinician, course=first.course, starts_on=LAST_MONDAY + 5 * DAY, reason="Away", now=NOW)
        resume(by=clinician, course=first.course, on=MONDAY)
        log = make_log(own, patient, TODAY)
        corrected = make_log(own, patient, TODAY, replaces=log.pk)
        withdraw_log(by=own, patient=patient.pk, log=corrected.pk, now=NOW)
        report_red_flags(patient=patient.pk, flags=["My knee is locked"], now=NOW)
        accept(
            clinic=clinic, token=invite(by=clinician, clinic=clinic, record=patient.pk, now=NOW).split("/")[-2], now=NOW
        )
        harder = make_program(title="Build")
        Dose.objects.filter(phase__program=harder, exercise=THRUST).update(sets_min=3)
        revise(by=clinician, prescription=first, program=harder, starts_on=TODAY + DAY, now=NOW)
        end_course(by=clinician, course=first.course, last_date=TODAY + 7 * DAY, outcome=Course.Outcome.REACHED)
        RecordEvent.objects.create(patient=patient, kind="added", by=clinician, at=NOW - 4 * WEEK)
        assert Pause.objects.get(pk=stop.pk).ends_on == MONDAY - DAY
    told = section(client.get(page_of(patient)), "history")
    assert told.startswith(f"What happened 25 Nov 2026, {clinician} Ended with 25 Nov 2026 goal reached")
    for words in [
        f"18 Nov 2026, 12:00, {clinician} Prescribed “Settle” from 9 Nov 2026 Knee: left",
        f"18 Nov 2026, 12:00, {clinician} Went on with “Build” from 19 Nov 2026",
        "Phase 1, Double band hip thrust: 2 × 10–30 → 3 × 10–30 repeats",
        f"18 Nov 2026, 12:00, {clinician} Paused from 14 Nov 2026 to 15 Nov 2026 Away",
        f"16 Nov 2026, {clinician} Resumed on 16 Nov 2026",
        "18 Nov 2026, 12:00, the patient Corrected what was logged for 18 Nov 2026",
        "18 Nov 2026, 12:00, the patient Withdrew what was logged for 18 Nov 2026",
        "18 Nov 2026, 12:00, the patient Said yes to a warning sign My knee is locked",
        f"18 Nov 2026, 12:00, {clinician} Invited",
        "18 Nov 2026, 12:00, the patient Opened the invitation",
    ]:
        assert words in told, words
    assert told.endswith(f"21 Oct 2026, 12:00, {clinician} Record added")


def test_the_page_takes_the_same_queries_for_one_and_three(
    clinic: Clinic, clinician: Membership, patient: Patient, client: Client
) -> None:
    counts = []
    starts_on = LAST_MONDAY - 6 * WEEK
    for more in [1, 2]:
        with clinic_scope(clinic.pk):
            own = make_sign_in(patient)
            for _number in range(more):
                first = make_prescription(clinician, patient, starts_on=starts_on)
                starts_on += 2 * WEEK
                pause(
                    by=clinician,
                    course=first.course,
                    starts_on=starts_on - 9 * DAY,
                    ends_on=starts_on - 8 * DAY,
                    now=NOW,
                )
                log = make_log(own, patient, starts_on - WEEK, note="Fine", pain_after=3)
                later = make_log(clinician, patient, starts_on - WEEK, replaces=log.pk, note="Fine", pain_after=4)
                withdraw_log(by=clinician, patient=patient.pk, log=later.pk, now=NOW)
                make_log(own, patient, starts_on - WEEK, note="Fine", pain_after=5)
                report_red_flags(patient=patient.pk, flags=["a pop"], now=NOW)
                invite(by=clinician, clinic=clinic, record=patient.pk, now=NOW)
                Measurement.objects.create(
                    course=first.course,
                    occasion="between",
                    given_on=starts_on - WEEK,
                    pain=3,
                    entered_by=clinician,
                    entered_at=NOW,
                )
                end_course(by=clinician, course=first.course, last_date=starts_on - DAY)
                RecordEvent.objects.create(patient=patient, kind="added", by=make_member(clinic), at=NOW)
            running = make_prescription(clinician, patient, starts_on=starts_on)
        for _fresh_and_known in range(2):
            with CaptureQueriesContext(connection) as queries:
                assert client.get(page_of(patient)).status_code == 200
            counts.append(len(queries))
        with clinic_scope(clinic.pk):
            end_course(by=clinician, course=running.course, last_date=starts_on - DAY)
    assert counts[0] == counts[2]
    assert counts[1] == counts[3]


def test_the_record_is_edited_on_a_page_of_its_own(
    clinic: Clinic, clinician: Membership, patient: Patient, client: Client
) -> None:
    form = f"{ROOT}/{patient.pk}/record/"
    assert f'href="{form}"' in client.get(page_of(patient)).text
    shown = client.get(form).text
    assert 'value="Carla Neumann"' in shown
    assert f'<a href="{page_of(patient)}">P-007 Carla Neumann</a>' in shown
    body = {"code": "P-007", "name": "Carla Neu", "affected_knee": "both", "email": "nobody", "phone": "999"}
    refused = client.post(form, body)
    assert "Enter a valid email address." in refused.text
    assert 'value="999"' in refused.text
    assert client.post(form, body | {"email": ""})["Location"] == page_of(patient)
    with clinic_scope(clinic.pk):
        assert Patient.objects.get().name == "Carla Neu"


def test_a_new_record_leads_to_its_page_and_says_who_made_it(
    clinic: Clinic, clinician: Membership, client: Client
) -> None:
    made = client.post(f"{ROOT}/add/", {"code": "P-100", "name": "Mei Chen", "affected_knee": "left"})
    with clinic_scope(clinic.pk):
        patient = Patient.objects.get()
    assert made["Location"] == page_of(patient)
    assert section(client.get(page_of(patient)), "history") == (
        f"What happened 18 Nov 2026, 12:00, {clinician} Record added"
    )


def test_a_record_is_archived_and_brought_back(
    clinic: Clinic, clinician: Membership, patient: Patient, client: Client
) -> None:
    with clinic_scope(clinic.pk):
        course = make_prescription(clinician, patient, starts_on=LAST_MONDAY).course
    archive, back = f"{ROOT}/{patient.pk}/archive/", f"{ROOT}/{patient.pk}/bring-back/"
    assert f'action="{archive}"' not in client.get(page_of(patient)).text
    refused = client.post(archive)
    assert sentences(refused) == ["A program is still running. End it first; then the record can be archived."]
    with clinic_scope(clinic.pk):
        assert Patient.objects.get().archived_at is None
        end_course(by=clinician, course=course, last_date=TODAY)
    assert client.get(archive).status_code == client.get(back).status_code == 405
    assert f'action="{archive}"' in client.get(page_of(patient)).text
    for _again in range(2):
        client.post(archive)
    page = client.get(page_of(patient))
    assert "In the archive since 18 Nov 2026." in page.text
    assert f"{ROOT}/{patient.pk}/prescribe/" not in page.text
    assert "Carla" not in client.get(f"{ROOT}/").text
    for _again in range(2):
        client.post(back)
    assert "Carla" in client.get(f"{ROOT}/").text
    told = section(client.get(page_of(patient)), "history")
    assert told.count("Archived") == told.count("Brought back from the archive") == 1
    assert f"{clinician} Archived" in told


def test_notes_of_sessions_stand_together(
    clinic: Clinic, clinician: Membership, patient: Patient, client: Client
) -> None:
    with clinic_scope(clinic.pk):
        make_log(clinician, patient, LAST_MONDAY, note="Stairs <b>hurt</b>")
        make_log(clinician, patient, TODAY, note="Better")
    assert section(client.get(page_of(patient)), "notes") == (
        "Notes of sessions Wed 18 Nov Better Mon 9 Nov Stairs <b>hurt</b>"
    )


def test_the_front_desk_sees_the_contact_alone(
    clinic: Clinic, clinician: Membership, patient: Patient, client: Client
) -> None:
    with clinic_scope(clinic.pk):
        make_prescription(clinician, patient, title="Settle down", starts_on=LAST_MONDAY)
        make_log(clinician, patient, note="It hurt", pain_after=9)
        report_red_flags(patient=patient.pk, flags=["My knee is locked"], now=NOW)
        RecordEvent.objects.create(patient=patient, kind="added", by=clinician, at=NOW)
        sign_in(client, make_member(clinic, Role.ASSISTANT))
    answer = client.get(page_of(patient))
    assert section(answer, "who") == (
        f"Record Email – Phone 0123 456 Language German Responsible {clinician} Here since 21 Oct 2026 "
        "Email an invitation"
    )
    assert answer.text.count("<section") == 1
    for text in ["Settle down", "It hurt", "locked", "1971", "blood thinners", "Warning", "Record added", "Archive"]:
        assert text not in answer.text, text
    for page in ["record", "archive", "bring-back"]:
        assert client.post(f"{ROOT}/{patient.pk}/{page}/").status_code == 403, page


def test_a_twin_in_another_clinic_shows_nothing_here(
    clinic: Clinic, clinician: Membership, patient: Patient, client: Client
) -> None:
    """The same id on the other side of the wall, with all that could be mixed up."""
    south = make_clinic("south")
    with clinic_scope(south.pk):
        there = make_member(south)
        twin = make_patient(there, id=patient.pk, code="P-007", name="Secret Twin", emergency_note="Secret note")
        make_prescription(there, twin, title="Secret program", starts_on=LAST_MONDAY)
        make_log(there, twin, note="Secret session", pain_after=9)
        report_red_flags(patient=twin.pk, flags=["Secret sign"], now=NOW)
        invite(by=there, clinic=south, record=twin.pk, now=NOW)
        RecordEvent.objects.create(patient=twin, kind="added", by=there, at=NOW)
    answer = client.get(page_of(patient))
    assert "Carla Neumann" in answer.text
    assert "Secret" not in answer.text
    assert section(answer, "history") == "What happened Nothing yet."
    assert "No answers about pain" in section(answer, "pain")
    assert "Pain 9" not in client.get(f"{ROOT}/").text
