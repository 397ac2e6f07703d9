"""Patients on the staff's site, as a clinician and the front desk use them."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.core import mail
from django.http import HttpResponse
from django.test import Client, TestCase
from uuid_utils.compat import uuid7

from clinic.models import Clinic, Invitation, Membership, Role
from clinic.wall.scope import clinic_scope
from patients.actions.red_flags import report_red_flags
from patients.models import Course, Log, Patient, Prescription
from programs.models import Program
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
    make_sign_in,
    sign_in,
)

pytestmark = pytest.mark.django_db

ROOT = "/clinic/north/patients/patient"
LAST_MONDAY = MONDAY - timedelta(weeks=1)


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
        return make_patient(clinician, code="P-007", name="Carla Neumann", emergency_note="Takes blood thinners")


def words(answer: HttpResponse) -> str:
    """What is to be read on a page, its tags left out."""
    return " ".join(re.sub(r"<[^>]*>", " ", answer.text).split())


def sentences(answer: HttpResponse) -> list[str]:
    return [str(message) for message in get_messages(answer.wsgi_request)]


def record(**fields: Any) -> dict[str, Any]:
    return {"code": "P-100", "name": "Mei Chen", "affected_knee": "left"} | fields


def test_a_code_is_proposed_and_a_taken_one_refused(clinic: Clinic, patient: Patient, client: Client) -> None:
    assert 'value="P-008"' in client.get(f"{ROOT}/add/").text
    refused = client.post(f"{ROOT}/add/", record(code="P-007", phone="0123"))
    assert "Another patient of this clinic has this code." in refused.text
    assert 'value="0123"' in refused.text
    assert client.post(f"{ROOT}/add/", record(code="P-008")).status_code == 302


def test_which_languages_no_clinician_reviewed_is_said_where_one_is_chosen(
    clinic: Clinic, clinician: Membership, client: Client
) -> None:
    said = "No clinician has reviewed the wording of the exercises in these languages yet: German, Spanish."
    assert said in words(client.get(f"{ROOT}/add/"))


def test_the_email_of_a_record_opens_it_and_the_one_before_no_longer(
    clinic: Clinic, patient: Patient, client: Client
) -> None:
    page = f"{ROOT}/{patient.pk}/change/"
    for email, active in [("a@home.example", {"a@home.example"}), ("b@home.example", {"b@home.example"}), ("", set())]:
        assert client.post(page, record(email=email)).status_code == 302
        with clinic_scope(clinic.pk):
            memberships = Membership.objects.active().filter(record=patient.pk)
            assert {membership.user.email for membership in memberships} == active


def test_an_assistant_is_no_responsible_clinician(clinic: Clinic, patient: Patient, client: Client) -> None:
    with clinic_scope(clinic.pk):
        desk = make_member(clinic, Role.ASSISTANT)
    assert client.post(f"{ROOT}/add/", record(responsible=desk.pk)).status_code == 200


def test_a_patients_page_shows_weeks_logs_and_where_they_came_from(
    clinic: Clinic, clinician: Membership, patient: Patient, client: Client
) -> None:
    with clinic_scope(clinic.pk):
        make_prescription(clinician, patient, starts_on=LAST_MONDAY, title="Settle down")
        own = make_sign_in(patient)
        make_log(own, patient, LAST_MONDAY, note="Fine <b>so far</b>", pain_before=2, pain_during=4)
        make_log(own, patient, LAST_MONDAY + timedelta(days=2), as_planned=True)
        make_log(clinician, patient, LAST_MONDAY + timedelta(days=3), skip_reason="pain")
        report_red_flags(patient=patient.pk, flags=["My knee is locked"], now=NOW)
    answer = client.get(f"{ROOT}/{patient.pk}/change/")
    page = words(answer)
    for text in [
        "Takes blood thinners",
        "9 Nov 2 of 3 (66 %) ◐ partial",
        "1 × it hurt too much",
        "16 Nov 0 of 3 … so far",
        "To date 2 of 3 sessions (66 %).",
        "Settle down , in force since 9 Nov 2026 (left, prescribed by clinician of North)",
        "Lateral band walk: 10 + 10, 10 + 10 Double band hip thrust: 12, 12 2 / 4 / –",
        "(as planned, not counted)",
        "the patient, entered on the day",
        f"{clinician}, entered by the clinic",
        "⚠ Warning sign reported on 18 Nov 2026, 12:00 My knee is locked",
    ]:
        assert text in page, text
    assert "Fine &lt;b&gt;so far&lt;/b&gt;" in answer.text


def prescribing(program: Program, **fields: Any) -> dict[str, Any]:
    return {"program": program.pk, "affected_knee": "right", "starts_on": TODAY} | fields


def test_a_program_is_prescribed_from_the_patient(
    clinic: Clinic, clinician: Membership, patient: Patient, client: Client
) -> None:
    with clinic_scope(clinic.pk):
        template = make_program(title="Template", is_template=True)
        empty = Program.objects.create(title="Empty")
    page = f"{ROOT}/{patient.pk}/prescribe/"
    form = client.get(page).text
    assert 'value="2026-11-18"' in form
    assert '<option value="left" selected>' in form
    refused = client.post(page, prescribing(empty))
    assert "This program has no phase yet." in refused.text
    assert '<option value="right" selected>' in refused.text
    with clinic_scope(clinic.pk):
        assert not Course.objects.exists()
    assert client.post(page, prescribing(template))["Location"] == f"{ROOT}/{patient.pk}/change/"
    with clinic_scope(clinic.pk):
        prescription = Prescription.objects.get()
        assert (prescription.program.copy_of, prescription.prescribed_by) == (template, clinician)
        assert (prescription.affected_knee, prescription.starts_on) == ("right", TODAY)
    again = client.post(page, prescribing(template))
    assert "already has a running program" in again.text


def test_a_program_is_prescribed_from_its_own_page(
    clinic: Clinic, clinician: Membership, patient: Patient, client: Client
) -> None:
    with clinic_scope(clinic.pk):
        program = make_program(title="Settle")
        busy = make_patient(clinician, name="Busy Ben")
        running = make_prescription(clinician, busy)
    frozen = client.get(f"/clinic/north/programs/program/{running.program_id}/change/").text
    assert f"{ROOT}/prescribe/?program={running.program_id}" in frozen
    link = f"{ROOT}/prescribe/?program={program.pk}"
    form = client.get(link).text
    assert "Carla" in form
    assert "Busy Ben" not in form
    answer = client.post(link, prescribing(program, patients=patient.pk))
    assert answer["Location"] == f"{ROOT}/{patient.pk}/change/"
    with clinic_scope(clinic.pk):
        assert Prescription.objects.get(course__patient=patient).program == program
    assert client.get(f"{ROOT}/prescribe/?program=nonsense").status_code == 404
    assert client.get(f"{ROOT}/prescribe/").status_code == 404


def test_a_course_is_revised_paused_resumed_and_ended(
    clinic: Clinic, clinician: Membership, patient: Patient, client: Client
) -> None:
    with clinic_scope(clinic.pk):
        first = make_prescription(clinician, patient, starts_on=LAST_MONDAY)
        make_log(clinician, patient)
    page, back = f"{ROOT}/{patient.pk}", f"{ROOT}/{patient.pk}/change/"
    client.post(f"/clinic/north/programs/program/{first.program_id}/copy/")
    with clinic_scope(clinic.pk):
        copy = Program.objects.get(copy_of=first.program_id)
    assert f'<option value="{copy.pk}" selected>' in client.get(f"{page}/revise/").text
    early = client.post(f"{page}/revise/", {"program": copy.pk, "starts_on": TODAY})
    assert "A revision can start on" in early.text
    tomorrow = TODAY + timedelta(days=1)
    assert client.post(f"{page}/revise/", {"program": copy.pk, "starts_on": tomorrow})["Location"] == back

    backwards = client.post(f"{page}/pause/", {"starts_on": TODAY, "ends_on": LAST_MONDAY})
    assert "A pause ends on its first date or later." in backwards.text
    assert client.post(f"{page}/pause/", {"starts_on": TODAY, "reason": "Holiday"})["Location"] == back
    assert f"{page}/resume/" in client.get(back).text
    assert client.post(f"{page}/resume/", {"on": tomorrow})["Location"] == back

    long_ago = LAST_MONDAY - timedelta(weeks=9)
    assert "at the earliest" in client.post(f"{page}/end/", {"last_date": long_ago, "outcome": "own"}).text
    assert (
        client.post(f"{page}/end/", {"last_date": tomorrow, "outcome": "reached", "outcome_note": "Well"})["Location"]
        == back
    )
    with clinic_scope(clinic.pk):
        course = Course.objects.get()
        assert (course.ended_on, course.outcome, course.outcome_note) == (tomorrow, "reached", "Well")
        assert [each.ends_on for each in course.prescriptions.all()] == [TODAY, tomorrow]
        assert [(pause.starts_on, pause.ends_on) for pause in course.pauses.all()] == [(TODAY, TODAY)]
    assert "has ended already" in client.post(f"{page}/end/", {"last_date": tomorrow, "outcome": "reached"}).text
    assert client.post(f"{page}/end/", {"last_date": TODAY, "outcome": "own"})["Location"] == back
    with clinic_scope(clinic.pk):
        assert Course.objects.get().ended_on == TODAY
    for gone in ["revise", "pause", "resume", "end"]:
        for method in [client.get, client.post]:
            answer = method(f"{page}/{gone}/")
            assert answer["Location"] == back, gone
            assert sentences(answer)[-1] == "No program is running, so there is nothing to change.", gone


def log_form(**fields: Any) -> dict[str, Any]:
    return {"id": str(uuid7()), "date": TODAY} | fields


def test_staff_enter_correct_and_withdraw_a_log(
    clinic: Clinic, clinician: Membership, patient: Patient, client: Client
) -> None:
    page, back = f"{ROOT}/{patient.pk}/log/", f"{ROOT}/{patient.pk}/change/"
    nothing = client.post(page, log_form(note="Called by phone"))
    assert "Enter at least one set" in nothing.text
    assert "Called by phone" in nothing.text
    assert "This date is still to come." in client.post(page, log_form(date="2027-01-01", skip_reason="time")).text
    assert "less than or equal to 10" in client.post(page, log_form(pain_after=11)).text
    sets = {f"{WALK}-0-left": 10, f"{WALK}-0-right": 8, f"{THRUST}-1-amount": 12}
    entered = log_form(pain_after=3, date=LAST_MONDAY, **sets)
    assert client.post(page, entered)["Location"] == back
    assert client.post(page, entered)["Location"] == back
    with clinic_scope(clinic.pk):
        log = Log.objects.get()
        assert (log.provenance, log.entered_by, log.date) == ("staff", clinician, LAST_MONDAY)
        assert [str(each) for each in log.sets.all()] == ["10 + 8", "12"]
    assert "This page was sent before" in client.post(page, entered | {"pain_after": 4}).text

    correction = client.get(f"{page}{log.pk}/correct/").text
    assert f'name="{WALK}-0-right" value="8"' in correction
    client.post(f"{page}{log.pk}/correct/", log_form(date=LAST_MONDAY, skip_reason="unwell"))
    with clinic_scope(clinic.pk):
        corrected = Log.objects.current().get()
        assert (corrected.replaces, corrected.skip_reason) == (log, "unwell")
    second = client.post(f"{page}{log.pk}/correct/", log_form(date=LAST_MONDAY, skip_reason="time"))
    assert "This was corrected in the meantime." in second.text

    assert client.get(f"{page}{corrected.pk}/withdraw/").status_code == 405
    client.post(f"{page}{corrected.pk}/withdraw/")
    with clinic_scope(clinic.pk):
        assert not Log.objects.current().exists()
        assert Log.objects.count() == 2
    assert f"withdrawn by {clinician}" in client.get(back).text


def test_a_correction_leaves_as_planned_what_it_does_not_touch(
    clinic: Clinic, clinician: Membership, patient: Patient, client: Client
) -> None:
    with clinic_scope(clinic.pk):
        make_prescription(clinician, patient)
        log = make_log(clinician, patient, as_planned=True)
    page = f"{ROOT}/{patient.pk}/log/{log.pk}/correct/"
    sets = {f"{WALK}-{row}-{side}": 10 for row in (0, 1) for side in ("left", "right")}
    sets |= {f"{THRUST}-0-amount": 10, f"{THRUST}-1-amount": 15}
    assert client.post(page, log_form(**sets)).status_code == 302
    with clinic_scope(clinic.pk):
        done = Log.objects.current().get().sets.all()
        assert [(str(each), each.as_planned) for each in done] == [
            ("10 + 10", True),
            ("10 + 10", True),
            ("10", True),
            ("15", False),
        ]


def test_staff_accept_what_came_too_late(
    clinic: Clinic, clinician: Membership, patient: Patient, client: Client
) -> None:
    with clinic_scope(clinic.pk):
        own = make_sign_in(patient)
        log = make_log(own, patient, waited=timedelta(days=20))
        assert not log.accepted
        tomorrow = make_log(own, patient, TODAY + timedelta(days=1), waited=timedelta(days=20))
    assert "waits to be accepted" in client.get(f"{ROOT}/{patient.pk}/change/").text
    client.post(f"{ROOT}/{patient.pk}/log/{log.pk}/accept/")
    refused = client.post(f"{ROOT}/{patient.pk}/log/{tomorrow.pk}/accept/")
    assert "This date is still to come." in sentences(refused)
    with clinic_scope(clinic.pk):
        assert list(Log.objects.current()) == [log]


def test_an_accepted_correction_replaces_what_it_corrects(
    clinic: Clinic, clinician: Membership, patient: Patient, client: Client
) -> None:
    with clinic_scope(clinic.pk):
        own = make_sign_in(patient)
        first = make_log(own, patient)
        late = make_log(own, patient, waited=timedelta(days=20), replaces=first.pk, pain_after=5)
        assert list(Log.objects.current()) == [first]
    client.post(f"{ROOT}/{patient.pk}/log/{late.pk}/accept/")
    with clinic_scope(clinic.pk):
        assert list(Log.objects.current()) == [late]


def test_an_invitation_is_shown_once_and_opens_the_record(clinic: Clinic, patient: Patient, client: Client) -> None:
    page = f"{ROOT}/{patient.pk}/invitation/"
    assert client.get(page).status_code == 405
    links = [re.search(r"http://localhost:8000(/invitation/\S+?)<", client.post(page).text)[1] for _twice in range(2)]
    assert links[0] != links[1]
    with clinic_scope(clinic.pk):
        assert {invitation.record for invitation in Invitation.objects.all()} == {patient.pk}
    assert Client().post(links[0]).status_code == 410
    phone = Client()
    assert phone.post(links[1])["Location"] == "/clinic/north/my/"
    shown = client.get(f"{ROOT}/{patient.pk}/change/").text
    assert "Opened the invitation" in shown

    assert client.get(f"{ROOT}/{patient.pk}/sign-out/").status_code == 405
    assert phone.get("/clinic/north/my/", follow=True).status_code == 200
    client.post(f"{ROOT}/{patient.pk}/sign-out/")
    assert phone.get("/clinic/north/my/", follow=True).status_code == 404


def test_the_front_desk_sends_invitations_and_sees_no_link(clinic: Clinic, patient: Patient, client: Client) -> None:
    with clinic_scope(clinic.pk):
        sign_in(client, make_member(clinic, Role.ASSISTANT))
    page = f"{ROOT}/{patient.pk}/invitation/"
    address = "ruth@home.example"
    assert "has no email address" in client.post(page, follow=True).text
    assert mail.outbox == []
    with clinic_scope(clinic.pk):
        Patient.objects.update(email=address)
    with TestCase.captureOnCommitCallbacks(execute=True):
        answer = client.post(page, follow=True)
    assert "/invitation/north/" not in answer.text
    [sent] = mail.outbox
    assert sent.to == [address]
    [link] = re.findall(r"http://localhost:8000(/invitation/\S+)", sent.body)
    assert Client().post(link)["Location"] == "/clinic/north/my/"


def test_the_front_desk_sees_how_to_reach_patients_and_nothing_clinical(
    clinic: Clinic, clinician: Membership, patient: Patient, client: Client
) -> None:
    with clinic_scope(clinic.pk):
        Patient.objects.update(phone="0123 456", birth_year=1971)
        make_prescription(clinician, patient, title="Settle down")
        make_log(clinician, patient, note="It hurt", pain_after=9)
        report_red_flags(patient=patient.pk, flags=["My knee is locked"], now=NOW)
        sign_in(client, make_member(clinic, Role.ASSISTANT))
    pages = {path: client.get(path).text for path in ["/clinic/north/", f"{ROOT}/", f"{ROOT}/{patient.pk}/change/"]}
    assert "0123 456" in pages[f"{ROOT}/"]
    assert "0123 456" in pages[f"{ROOT}/{patient.pk}/change/"]
    clinical = ["Settle down", "It hurt", "locked", "1971", "blood thinners", "of 3", "so far", "Programs", "Pain"]
    for path, page in pages.items():
        for text in clinical:
            assert text not in page, (path, text)
    assert client.post(f"{ROOT}/{patient.pk}/invitation/").status_code == 302
