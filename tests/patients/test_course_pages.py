"""The pages of a course: the calendar before anything is saved, the ways out, several patients at once."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from uuid_utils.compat import uuid7

from clinic.models import Clinic, Membership
from clinic.wall.scope import clinic_scope
from patients.actions.prescribing import end_course, pause, revise
from patients.models import Course, Patient, Pause, Prescription
from programs.actions import copy_program, freeze
from programs.models import Dose, Program
from tests.factories import (
    MONDAY,
    NOW,
    THRUST,
    TODAY,
    make_log,
    make_member,
    make_patient,
    make_prescription,
    make_program,
)
from tests.patients.pages import in_words, prescribing, words

pytestmark = pytest.mark.django_db
ROOT = "/clinic/north/patients/patient"
DAY = timedelta(days=1)
HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture(autouse=True)
def at_noon(time_machine: Any) -> None:
    time_machine.move_to(NOW)


def weeks_of(answer: HttpResponse) -> list[str]:
    """The calendar's table, a line for each week."""
    rows = re.findall(r"<tr>.*?</tr>", answer.text.partition("plan-weeks")[2], flags=re.DOTALL)[1:]
    return [in_words(row) for row in rows]


CALENDAR = [
    "16 Nov 2026 16 no plan 17 no plan 18 1 due 19 20 due 21 22 1 2",
    "23 Nov 23 due 24 25 2 26 27 28 29 1, 2 3",
    "30 Nov 30 1 2 3 4 5 6 2 3",
    "7 Dec 7 8 9 no plan 10 no plan 11 no plan 12 no plan 13 no plan 2 1",
]


class TestCalendar:
    def test_a_page_that_names_its_program_shows_its_dates_at_once(
        self, patient: Patient, program: Program, client: Client
    ) -> None:
        answer = client.get(f"{ROOT}/{patient.pk}/prescribe/?program={program.pk}")
        assert weeks_of(answer) == CALENDAR
        page = words(answer)
        assert "Wed 18 Nov 2026 to Tue 8 Dec 2026, 9 sessions in these weeks" in page
        assert "1 Settle 18 Nov – 24 Nov · 1 week, Mon, Wed, Fri Lateral band walk: 2 sets, 10 steps each way" in page
        assert "2 Phase 2 25 Nov – 8 Dec · 2 weeks, 3 times a week" in page

    def test_the_button_shows_it_and_keeps_what_was_typed(
        self, clinic: Clinic, patient: Patient, program: Program, client: Client
    ) -> None:
        page = f"{ROOT}/{patient.pk}/prescribe/"
        key = str(uuid7())
        answer = client.post(page, prescribing(program, affected_knee="", key=key, show="calendar"))
        assert weeks_of(answer) == CALENDAR
        assert f'name="key" value="{key}"' in answer.text
        assert "This field is required." not in answer.text
        with clinic_scope(clinic.pk):
            assert not Course.objects.exists()

    def test_htmx_gets_the_same_calendar_and_nothing_else(
        self, patient: Patient, program: Program, client: Client
    ) -> None:
        page, sent = f"{ROOT}/{patient.pk}/prescribe/", prescribing(program, show="calendar")
        part = client.post(page, sent, **HTMX)
        whole = client.post(page, sent).text
        drawn, said = part.text.split("<p hx-swap-oob")
        assert drawn.strip() in whole
        assert "It ends on 8 December 2026." in said
        assert "<form" not in part.text

    @pytest.mark.parametrize(
        ("fields", "said"),
        [
            ({"program": ""}, "Choose a program and a date, and its calendar is shown here."),
            ({"starts_on": "31.2."}, "Choose a program and a date, and its calendar is shown here."),
            ({"starts_on": "2006-11-18"}, "Choose a program and a date, and its calendar is shown here."),
        ],
    )
    def test_without_a_program_or_a_date_it_says_what_is_missing(
        self, fields: dict[str, str], said: str, patient: Patient, program: Program, client: Client
    ) -> None:
        sent = prescribing(program, show="calendar") | fields
        assert said in words(client.post(f"{ROOT}/{patient.pk}/prescribe/", sent, **HTMX))

    def test_an_empty_program_is_said_in_its_place(self, clinic: Clinic, patient: Patient, client: Client) -> None:
        with clinic_scope(clinic.pk):
            empty = Program.objects.create(title="Empty")
        answer = client.post(f"{ROOT}/{patient.pk}/prescribe/", prescribing(empty, show="calendar"), **HTMX)
        assert "This program has no phase yet." in words(answer)

    def test_an_open_end_is_called_so(self, clinic: Clinic, patient: Patient, client: Client) -> None:
        with clinic_scope(clinic.pk):
            endless = make_program(weeks=None)
        page = words(client.get(f"{ROOT}/{patient.pk}/prescribe/?program={endless.pk}"))
        assert "From Wed 18 Nov 2026, open-ended" in page
        assert "It goes on like this, without an end." in page


@pytest.mark.parametrize("starts_on", ["2024-11-17", "2028-11-18"])
def test_a_start_years_away_is_refused_at_its_field(
    starts_on: str, patient: Patient, program: Program, client: Client
) -> None:
    answer = client.post(f"{ROOT}/{patient.pk}/prescribe/", prescribing(program, starts_on=starts_on))
    assert answer.context["form"].errors == {"starts_on": ["Choose a date from 18 Nov 2024 to 17 Nov 2028."]}
    assert f'value="{starts_on}"' in answer.text


def test_today_is_the_clinics(clinic: Clinic, patient: Patient, program: Program, client: Client) -> None:
    with clinic_scope(clinic.pk):
        Clinic.objects.filter(pk=clinic.pk).update(time_zone="Pacific/Auckland")
    page = client.get(f"{ROOT}/{patient.pk}/prescribe/?program={program.pk}")
    assert page.context["form"]["starts_on"].value() == TODAY + DAY
    assert "Thu 19 Nov 2026 to" in words(page)


def test_a_double_click_prescribes_once_and_lands_on_the_same_page(
    clinic: Clinic, patient: Patient, program: Program, client: Client
) -> None:
    page = f"{ROOT}/{patient.pk}/prescribe/"
    key = str(client.get(page).context["form"]["key"].value())
    answers = [client.post(page, prescribing(program, key=key)) for _twice in range(2)]
    assert {answer["Location"] for answer in answers} == {f"{ROOT}/{patient.pk}/change/"}
    with clinic_scope(clinic.pk):
        assert str(Prescription.objects.get().pk) == key
    other = client.post(page, prescribing(program, key=key, affected_knee="right"))
    assert "This page was sent before with other choices." in words(other)


def test_a_draft_that_was_prescribed_meanwhile_is_named_at_its_field(
    clinic: Clinic, clinician: Membership, patient: Patient, program: Program, client: Client
) -> None:
    with clinic_scope(clinic.pk):
        freeze(program=program, now=NOW)
    refused = client.post(f"{ROOT}/{patient.pk}/prescribe/", prescribing(program))
    assert refused.context["form"].errors == {
        "program": ["This program was prescribed or deleted in the meantime. Choose another, or a copy of it."]
    }


class TestWayOut:
    def test_a_running_program_leads_to_revising_ending_or_opening_it(
        self, clinic: Clinic, patient: Patient, program: Program, running: Prescription, client: Client
    ) -> None:
        page = f"{ROOT}/{patient.pk}/prescribe/"
        refused = client.post(page, prescribing(program))
        assert "C-007 Carla Neumann already has a running program: “Running”, from 16 Nov 2026." in words(refused)
        revise = f"{ROOT}/{patient.pk}/revise/?program={program.pk}&amp;starts_on=2026-11-18"
        assert f'href="{revise}"' in refused.text
        assert f'href="/clinic/north/programs/program/{running.program_id}/change/"' in refused.text
        assert f'name="instead_of" value="{running.course_id}"' in refused.text
        assert "End the running one on 17 Nov 2026 and prescribe this" in words(refused)
        arrived = client.get(revise.replace("&amp;", "&"))
        assert arrived.context["form"]["program"].value() == str(program.pk)
        assert arrived.context["form"]["starts_on"].value() == "2026-11-18"

        done = client.post(page, prescribing(program, instead_of=running.course_id))
        assert done["Location"] == f"{ROOT}/{patient.pk}/change/"
        with clinic_scope(clinic.pk):
            before, after = Prescription.objects.order_by("starts_on")
            assert (before.ends_on, after.program_id, after.starts_on) == (TODAY - DAY, program.pk, TODAY)

    def test_ending_it_is_not_offered_before_it_starts(
        self, patient: Patient, program: Program, running: Prescription, client: Client
    ) -> None:
        refused = client.post(
            f"{ROOT}/{patient.pk}/prescribe/", prescribing(program, starts_on=MONDAY - DAY, instead_of="nonsense")
        )
        assert "already has a running program" in words(refused)
        assert "instead_of" not in refused.text

    def test_one_that_ended_later_offers_the_earliest_date(
        self,
        clinic: Clinic,
        clinician: Membership,
        patient: Patient,
        program: Program,
        running: Prescription,
        client: Client,
    ) -> None:
        with clinic_scope(clinic.pk):
            end_course(by=clinician, course=running.course, last_date=TODAY + DAY)
        page = f"{ROOT}/{patient.pk}/prescribe/"
        refused = client.post(page, prescribing(program))
        assert "until 19 Nov 2026. The next may start on 20 Nov 2026." in words(refused)
        assert 'name="use" value="2026-11-20"' in refused.text
        moved = client.post(page, prescribing(program, use="2026-11-20"))
        assert moved.context["form"]["starts_on"].value() == "2026-11-20"
        assert "Fri 20 Nov 2026 to" in words(moved)
        assert client.post(page, prescribing(program, starts_on="2026-11-20")).status_code == 302


class TestRevise:
    def test_it_says_what_changes_and_shows_the_dates(
        self, clinic: Clinic, clinician: Membership, patient: Patient, running: Prescription, client: Client
    ) -> None:
        with clinic_scope(clinic.pk):
            copy = copy_program(by=clinician, program=running.program, now=NOW)
            Dose.objects.filter(phase__program=copy, exercise=THRUST).update(sets_min=3)
        page = words(client.get(f"{ROOT}/{patient.pk}/revise/?program={copy.pk}"))
        assert "The first week also counts what is due in it before the change." in page
        assert "What changes Phase 1, Double band hip thrust: 2 × 10–30 → 3 × 10–30 repeats" in page
        assert "From Wed 18 Nov 2026, open-ended" in page

    def test_the_present_program_is_copied_and_opened_with_what_it_is_for(
        self, clinic: Clinic, patient: Patient, running: Prescription, client: Client
    ) -> None:
        answer = client.post(f"{ROOT}/{patient.pk}/revise/", {"copy": "current", "starts_on": "2026-11-20"})
        with clinic_scope(clinic.pk):
            copy = Program.objects.get(copy_of=running.program_id)
        assert answer["Location"] == (
            f"/clinic/north/programs/program/{copy.pk}/change/?for={running.pk}&starts_on=2026-11-20"
        )

    def test_too_early_is_said_at_the_date(
        self,
        clinic: Clinic,
        clinician: Membership,
        patient: Patient,
        program: Program,
        running: Prescription,
        client: Client,
    ) -> None:
        with clinic_scope(clinic.pk):
            make_log(clinician, patient)
        page = f"{ROOT}/{patient.pk}/revise/"
        assert client.get(page).context["form"]["starts_on"].value() == TODAY + DAY
        refused = client.post(page, {"program": program.pk, "starts_on": TODAY})
        assert refused.context["form"].errors == {"starts_on": ["A revision can start on 19 Nov 2026 at the earliest."]}

    def test_who_was_slower_is_told_and_may_let_theirs_follow(
        self, clinic: Clinic, patient: Patient, program: Program, running: Prescription, client: Client
    ) -> None:
        page = f"{ROOT}/{patient.pk}/revise/"
        follows = client.get(page).context["form"]["follows"].value()
        colleague = make_colleague(clinic)
        with clinic_scope(clinic.pk):
            theirs = revise(by=colleague, prescription=running, program=make_program(), starts_on=TODAY, now=NOW)
        sent = {"program": program.pk, "starts_on": TODAY, "follows": follows}
        told = client.post(page, sent)
        assert f"{colleague} changed the program in the meantime: “Settle”, from 18 Nov 2026." in words(told)
        assert told.context["form"]["program"].value() == str(program.pk)
        with clinic_scope(clinic.pk):
            theirs.refresh_from_db()
            assert theirs.ends_on is None
        decided = sent | {"follows": told.context["form"]["follows"].value()}
        assert client.post(page, decided).status_code == 302
        with clinic_scope(clinic.pk):
            assert Prescription.objects.get(ends_on=None).program_id == program.pk

    def test_it_follows_none_of_another_patient(
        self,
        clinic: Clinic,
        clinician: Membership,
        patient: Patient,
        program: Program,
        running: Prescription,
        client: Client,
    ) -> None:
        with clinic_scope(clinic.pk):
            other = make_prescription(clinician, make_patient())
        sent = {"program": program.pk, "starts_on": TODAY, "follows": other.pk}
        assert client.post(f"{ROOT}/{patient.pk}/revise/", sent).status_code == 404

    def test_a_double_click_revises_once(
        self, clinic: Clinic, patient: Patient, program: Program, running: Prescription, client: Client
    ) -> None:
        page = f"{ROOT}/{patient.pk}/revise/"
        form = client.get(page).context["form"]
        sent = {name: str(form[name].value()) for name in ["key", "follows"]}
        sent |= {"program": program.pk, "starts_on": TODAY}
        assert {client.post(page, sent).status_code for _twice in range(2)} == {302}
        with clinic_scope(clinic.pk):
            assert Prescription.objects.count() == 2

    def test_what_was_prescribed_stays_as_it_was(
        self, clinic: Clinic, patient: Patient, program: Program, running: Prescription, client: Client
    ) -> None:
        before = snapshot(clinic, running)
        client.post(f"{ROOT}/{patient.pk}/revise/", {"copy": "current"})
        client.post(f"{ROOT}/{patient.pk}/revise/", {"program": program.pk, "starts_on": TODAY})
        after = snapshot(clinic, running)
        assert after == before | {"ends_on": TODAY - DAY}


def make_colleague(clinic: Clinic) -> Membership:
    with clinic_scope(clinic.pk):
        return make_member(clinic)


def snapshot(clinic: Clinic, prescription: Prescription) -> dict[str, Any]:
    with clinic_scope(clinic.pk):
        [kept] = Prescription.objects.filter(pk=prescription.pk).values()
        kept["doses"] = list(Dose.objects.filter(phase__program=prescription.program_id).order_by("pk").values())
    return kept


class TestPause:
    @pytest.fixture
    def finite(self, clinic: Clinic, clinician: Membership, patient: Patient, program: Program, client: Client) -> None:
        client.post(f"{ROOT}/{patient.pk}/prescribe/", prescribing(program, starts_on=MONDAY))

    def show(self, client: Client, patient: Patient, page: str, **fields: Any) -> str:
        return words(client.post(f"{ROOT}/{patient.pk}/{page}/", fields | {"show": "calendar"}, **HTMX))

    def test_its_effect_is_shown_before(self, finite: None, patient: Patient, client: Client) -> None:
        page = self.show(client, patient, "pause", starts_on=TODAY, ends_on=TODAY + DAY)
        assert (
            "What moves Phase 1, Settle now ends on Tue 24 Nov 2026 (before: Sun 22 Nov 2026). "
            "Phase 2 now ends on Tue 8 Dec 2026 (before: Sun 6 Dec 2026). "
            "The plan ends on Tue 8 Dec 2026 (before: Sun 6 Dec 2026)." in page
        )
        assert "16 Nov 2026 16 1 due 17 18 ❚❚ paused 19 ❚❚ paused 20 due 21 22 1 2" in page

    def test_without_an_end_it_waits_to_be_resumed(
        self, finite: None, clinic: Clinic, patient: Patient, client: Client
    ) -> None:
        page = self.show(client, patient, "pause", starts_on=TODAY)
        assert "Phase 1, Settle: what is left of it follows once you resume. Phase 2 follows once you resume." in page
        assert "When the plan ends is known once you resume (before: Sun 6 Dec 2026)." in page
        assert "Paused from Wed 18 Nov 2026 until you resume it" in page
        client.post(f"{ROOT}/{patient.pk}/pause/", {"starts_on": TODAY})
        page = self.show(client, patient, "resume", on=TODAY + 2 * DAY)
        assert (
            "Phase 1, Settle ends on Tue 24 Nov 2026. Phase 2 ends on Tue 8 Dec 2026. The plan ends on Tue 8 Dec 2026."
            in page
        )
        with clinic_scope(clinic.pk):
            assert Pause.objects.get().ends_on is None

    def test_a_pause_beside_the_plan_moves_nothing(self, finite: None, patient: Patient, client: Client) -> None:
        page = self.show(client, patient, "pause", starts_on="2027-03-01", ends_on="2027-03-02")
        assert "No phase moves." in page

    def test_end_before_start_is_said_at_its_field(self, finite: None, patient: Patient, client: Client) -> None:
        sent = {"starts_on": TODAY, "ends_on": TODAY - DAY, "reason": "Ho'liday"}
        refused = client.post(f"{ROOT}/{patient.pk}/pause/", sent)
        assert refused.context["form"].errors == {"ends_on": ["A pause ends on its first date or later."]}
        assert "Ho&#x27;liday" in refused.text
        assert "Choose the dates, and what they move is shown here." in words(refused)

    def test_a_double_click_pauses_once(self, finite: None, clinic: Clinic, patient: Patient, client: Client) -> None:
        page = f"{ROOT}/{patient.pk}/pause/"
        sent = {"starts_on": TODAY, "key": client.get(page).context["form"]["key"].value()}
        assert {client.post(page, sent).status_code for _twice in range(2)} == {302}
        with clinic_scope(clinic.pk):
            assert Pause.objects.count() == 1

    def test_resuming_keeps_a_reason_and_one_without_a_pause_is_told(
        self, finite: None, clinic: Clinic, patient: Patient, client: Client
    ) -> None:
        client.post(f"{ROOT}/{patient.pk}/pause/", {"starts_on": TODAY - DAY, "reason": "Fever"})
        page = f"{ROOT}/{patient.pk}/resume/"
        assert client.post(page, {"on": TODAY, "reason": "Well again"}).status_code == 302
        with clinic_scope(clinic.pk):
            paused = Pause.objects.get()
            assert (paused.reason, paused.resume_reason, paused.ends_on) == ("Fever", "Well again", TODAY - DAY)
        again = client.post(page, {"on": TODAY})
        assert again.context["form"].errors == {"on": ["No pause reaches this date."]}


class TestEnd:
    def test_how_it_ended_is_asked_with_choices_and_words(
        self, clinic: Clinic, patient: Patient, running: Prescription, client: Client
    ) -> None:
        page = f"{ROOT}/{patient.pk}/end/"
        assert list(client.post(page, {"last_date": TODAY}).context["form"].errors) == ["outcome"]
        unsaid = client.post(page, {"last_date": TODAY, "outcome": "other"})
        assert unsaid.context["form"].errors == {"outcome_note": ["Say in a few words how it ended."]}
        chosen = client.post(page, {"last_date": TODAY, "outcome": "replaced"})
        assert list(chosen.context["form"].errors) == ["outcome"]
        early = client.post(page, {"last_date": MONDAY - 2 * DAY, "outcome": "own"})
        assert early.context["form"].errors == {"last_date": ["It can end on 15 Nov 2026 at the earliest."]}
        client.post(page, {"last_date": TODAY, "outcome": "referred", "outcome_note": "To Dr Ward"})
        with clinic_scope(clinic.pk):
            course = Course.objects.get()
            assert (course.get_outcome_display(), course.outcome_note) == ("referred on", "To Dr Ward")


@pytest.mark.parametrize("page", ["prescribe", "revise", "pause", "resume", "end"])
def test_pages_take_the_same_queries_whatever_is_in_the_clinic(
    page: str, clinic: Clinic, clinician: Membership, patient: Patient, running: Prescription, client: Client
) -> None:
    with clinic_scope(clinic.pk):
        pause(by=clinician, course=running.course, starts_on=date(2026, 12, 1), now=NOW)
    counts = []
    for more in [1, 2]:
        with clinic_scope(clinic.pk):
            for _number in range(more):
                make_prescription(clinician, make_patient(clinician))
                make_program(is_template=True)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(f"{ROOT}/{patient.pk}/{page}/").status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]
