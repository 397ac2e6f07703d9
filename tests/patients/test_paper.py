"""The paper twin: a calendar that was ticked at home, typed in with few keys and kept as entered by the clinic."""

import re
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from uuid_utils.compat import uuid7

from clinic.models import Clinic, Membership, Role
from clinic.wall.scope import clinic_scope
from patients import adherence
from patients.actions.paper import SheetRefused, keep_sheet
from patients.actions.prescribing import end_course, pause
from patients.models import Log, Patient
from patients.paper import Ticked, letter_of, read_ticked
from patients.plans import course_on, logs_of
from programs.models import Exercise
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
    make_sign_in,
    sign_in,
)

pytestmark = pytest.mark.django_db

DAY, WEEK = timedelta(days=1), timedelta(weeks=1)
LETTERS = {"A": WALK, "B": THRUST}


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
    """With a program since two Mondays ago, three times a week."""
    with clinic_scope(clinic.pk):
        patient = make_patient(clinician, name="Carla Neumann")
        make_prescription(clinician, patient, starts_on=MONDAY - 2 * WEEK)
    return patient


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("", None),
        ("  ", None),
        ("x", Ticked()),
        ("X ", Ticked()),
        ("✓", Ticked()),
        ("0", Ticked(pain=0)),
        ("3", Ticked(pain=3)),
        ("10", Ticked(pain=10)),
        ("x 4", Ticked(pain=4)),
        ("a", Ticked(exercises=(WALK,))),
        ("B7", Ticked(exercises=(THRUST,), pain=7)),
        ("bab", Ticked(exercises=(THRUST, WALK))),
        ("-", Ticked(skip_reason="other")),
        ("–", Ticked(skip_reason="other")),
        ("-p", Ticked(skip_reason="pain")),
        ("- T", Ticked(skip_reason="time")),
        ("-u", Ticked(skip_reason="unwell")),
        ("-e", Ticked(skip_reason="equipment")),
    ],
)
def test_a_sign_is_read(typed: str, read: Ticked | None) -> None:
    assert read_ticked(typed, LETTERS) == read


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("z", "“z” is none of the signs above."),
        ("3x", "“3x” is none of the signs above."),
        ("-3", "“-3” is none of the signs above."),
        ("3.5", "“3.5” is none of the signs above."),
        ("11", "Pain is a number from 0 to 10, not 11."),
        ("x999", "Pain is a number from 0 to 10, not 999."),
        ("c", "There is no exercise C on this day."),
        ("-q", "“-q”: after the dash p, t, u or e."),
        ("<script>alert(1)</script>", "“<script>aler” is none of the signs above."),
        ("٣", "“٣” is none of the signs above."),
    ],
)
def test_an_unknown_sign_is_named(typed: str, said: str) -> None:
    with pytest.raises(ValidationError) as refused:
        read_ticked(typed, LETTERS)
    assert refused.value.messages == [said]


def test_letters_stand_for_the_same_exercise_on_every_sheet() -> None:
    assert {letter_of(exercise): exercise.pk for exercise in Exercise.objects.all()} == LETTERS


def logs(clinic: Clinic) -> list[tuple[date, str, str, int | None, list[tuple[str, bool]]]]:
    with clinic_scope(clinic.pk):
        return [
            (
                log.date,
                log.provenance,
                log.skip_reason,
                log.pain_after,
                [(str(each), each.as_planned) for each in log.sets.all()],
            )
            for log in Log.objects.current().prefetch_related("sets").order_by("date")
        ]


WALKED, THRUSTED = [("10 + 10", True)] * 2, [("10", True)] * 2


def test_a_sheet_is_kept_as_confirmed_by_the_clinic_and_counts(
    clinic: Clinic, clinician: Membership, patient: Patient
) -> None:
    first = MONDAY - 2 * WEEK
    days = {
        first: Ticked(pain=3),
        first + DAY: Ticked(exercises=(WALK,), pain=4),
        first + 2 * DAY: Ticked(skip_reason="pain"),
        TODAY: Ticked(),
    }
    with clinic_scope(clinic.pk):
        assert keep_sheet(by=clinician, patient=patient.pk, sheet=uuid7(), days=days, now=NOW) == 4
        course, logged = course_on(patient.pk, TODAY), logs_of([patient.pk])[patient.pk]
        week = adherence.week(course, logged, first, today=TODAY)
    assert logs(clinic) == [
        (first, "staff", "", 3, WALKED + THRUSTED),
        (first + DAY, "staff", "", 4, WALKED),
        (first + 2 * DAY, "staff", "pain", None, []),
        (TODAY, "staff", "", None, WALKED + THRUSTED),
    ]
    assert (week.done, week.due, week.part_done, week.skips) == (1, 3, 1, (("pain", 1),))


def test_sent_twice_is_kept_once_and_with_another_sign_refused(
    clinic: Clinic, clinician: Membership, patient: Patient
) -> None:
    page = UUID("0197a2c4-6d3e-7f10-9b52-3f6a1c8e4d70")
    sheet: dict[str, Any] = {"by": clinician, "patient": patient.pk, "sheet": page, "now": NOW}
    with clinic_scope(clinic.pk):
        assert keep_sheet(**sheet, days={MONDAY: Ticked(pain=3)}) == 1
        assert keep_sheet(**sheet, days={MONDAY: Ticked(pain=3)}) == 0
        with pytest.raises(SheetRefused) as refused:
            keep_sheet(**sheet, days={MONDAY: Ticked(pain=8), TODAY: Ticked()})
    assert list(refused.value.problems) == [MONDAY]
    assert "sent before with another sign" in refused.value.problems[MONDAY]
    assert logs(clinic) == [(MONDAY, "staff", "", 3, WALKED + THRUSTED)]


def test_what_somebody_logged_otherwise_is_never_overwritten(
    clinic: Clinic, clinician: Membership, patient: Patient
) -> None:
    with clinic_scope(clinic.pk):
        own = make_sign_in(patient)
        make_log(own, patient, MONDAY, pain_after=2)
        waiting = make_log(own, patient, MONDAY - DAY, waited=timedelta(days=20))
        assert not waiting.accepted
        days = {MONDAY: Ticked(), MONDAY - DAY: Ticked(), TODAY: Ticked()}
        with pytest.raises(SheetRefused) as refused:
            keep_sheet(by=clinician, patient=patient.pk, sheet=uuid7(), days=days, now=NOW)
    assert set(refused.value.problems) == {MONDAY, MONDAY - DAY}
    assert [(day, provenance) for day, provenance, *_rest in logs(clinic)] == [(MONDAY, "live")]


def test_nothing_of_a_sheet_is_kept_where_one_day_is_refused(
    clinic: Clinic, clinician: Membership, patient: Patient
) -> None:
    before = MONDAY - 3 * WEEK
    days = {
        before: Ticked(),
        before + DAY: Ticked(skip_reason="other"),
        MONDAY: Ticked(),
        TODAY + DAY: Ticked(),
    }
    with clinic_scope(clinic.pk), pytest.raises(SheetRefused) as refused:
        keep_sheet(by=clinician, patient=patient.pk, sheet=uuid7(), days=days, now=NOW)
    assert refused.value.problems == {
        before: "Nothing was planned for this day. Use “Enter a log” and say what was done.",
        TODAY + DAY: "This date is still to come.",
    }
    assert logs(clinic) == []


def test_a_letter_of_another_phase_is_said(clinic: Clinic, clinician: Membership, patient: Patient) -> None:
    with clinic_scope(clinic.pk):
        lone = make_patient(clinician)
        make_prescription(clinician, lone)
        days = {MONDAY - DAY: Ticked(exercises=(WALK,)), MONDAY: Ticked(exercises=("unknown",))}
        with pytest.raises(SheetRefused) as refused:
            keep_sheet(by=clinician, patient=lone.pk, sheet=uuid7(), days=days, now=NOW)
    assert refused.value.problems == {
        MONDAY - DAY: "Nothing was planned for this day. Use “Enter a log” and say what was done.",
        MONDAY: "unknown was not planned for this day.",
    }


def page_of(patient: Patient) -> str:
    return f"/clinic/north/patients/patient/{patient.pk}/paper/"


def fields_of(text: str) -> dict[str, str]:
    """The days that may be filled in, with what stands in them."""
    return dict(re.findall(r'name="(day-[-\d]+)" value="([^"]*)"', text))


def test_the_page_offers_free_days_and_shows_what_is_logged(
    clinic: Clinic, clinician: Membership, patient: Patient, client: Client
) -> None:
    with clinic_scope(clinic.pk):
        log = make_log(make_sign_in(patient), patient, MONDAY, pain_after=6)
        skipped = make_log(clinician, patient, MONDAY - DAY, skip_reason="time")
    answer = client.get(page_of(patient))
    page = answer.text
    first = MONDAY - 2 * WEEK
    open_days = [first + number * DAY for number in range((TODAY - first).days + 1)]
    assert list(fields_of(page)) == [f"day-{day}" for day in open_days if day not in {MONDAY, MONDAY - DAY}]
    assert f'href="/clinic/north/patients/patient/{patient.pk}/log/{log.pk}/correct/"' in page
    assert f"{skipped.pk}/correct/" in page
    shown = " ".join(re.sub("<[^>]+>", " ", page).split())
    assert "✓ 6 logged, pain 6, patient" in shown
    assert "– not done, clinic" in shown
    assert "only Lateral band walk" in shown
    assert shown.count("3 sessions due") == 3
    assert f'name="day-{MONDAY - 2 * WEEK}"' in re.search(r"<input[^>]*autofocus[^>]*>", page)[0]
    planned = re.findall(r'name="day-([-\d]+)"[^>]*data-planned', page)
    assert [date.fromisoformat(day) for day in planned] == [
        day for day in open_days if day not in {MONDAY, MONDAY - DAY}
    ]


def test_fixed_weekdays_stand_out_and_others_may_be_filled_in(
    clinic: Clinic, clinician: Membership, client: Client
) -> None:
    with clinic_scope(clinic.pk):
        patient = make_patient(clinician)
        make_prescription(clinician, patient, starts_on=MONDAY - WEEK, weekdays=[0, 2])
    page = client.get(page_of(patient)).text
    planned = re.findall(r'name="day-([-\d]+)"[^>]*data-planned', page)
    assert planned == [str(day) for day in (MONDAY - WEEK, MONDAY - WEEK + 2 * DAY, MONDAY, TODAY)]
    thursday = f"day-{MONDAY - WEEK + 3 * DAY}"
    assert thursday in fields_of(page)
    client.post(page_of(patient), {"page": str(uuid7()), thursday: "3"})
    assert [(day, pain) for day, _by, _why, pain, _sets in logs(clinic)] == [(MONDAY - WEEK + 3 * DAY, 3)]


def test_one_post_saves_all_new_days_and_twice_is_once(
    clinic: Clinic, clinician: Membership, patient: Patient, client: Client
) -> None:
    sheet = {"page": str(uuid7()), f"day-{MONDAY}": "3", f"day-{MONDAY - WEEK}": "x", f"day-{MONDAY - DAY}": ""}
    answer = client.post(page_of(patient), sheet)
    assert answer["Location"] == f"{page_of(patient)}?from={MONDAY - 2 * WEEK}"
    assert "2 days saved." in client.get(answer["Location"]).text
    assert "All of this was saved before." in client.post(page_of(patient), sheet, follow=True).text
    assert [day for day, *_rest in logs(clinic)] == [MONDAY - WEEK, MONDAY]
    changed = client.post(page_of(patient), sheet | {f"day-{MONDAY}": "4"})
    assert "sent before with another sign here" in changed.text
    assert "Nothing was typed in yet." in client.post(page_of(patient), {"page": str(uuid7())}).text


def test_bad_input_is_said_at_its_field_and_nothing_is_lost(
    clinic: Clinic, clinician: Membership, patient: Patient, client: Client
) -> None:
    typed = {f"day-{MONDAY}": "3", f"day-{TODAY}": '"><b>', f"day-{MONDAY - WEEK}": "11", f"day-{MONDAY - DAY}": "-p"}
    page = str(uuid7())
    answer = client.post(page_of(patient), {"page": page} | typed)
    assert answer.status_code == 200
    assert "Nothing was saved yet: 2 days need a look." in answer.text
    kept = fields_of(answer.text)
    assert {name: kept[name] for name in typed} == typed | {f"day-{TODAY}": "&quot;&gt;&lt;b&gt;"}
    assert f'name="page" value="{page}"' in answer.text
    assert re.findall(r'id="problem-day-([-\d]+)"', answer.text) == [str(MONDAY - WEEK), str(TODAY)]
    assert re.findall(r'aria-describedby="problem-day-([-\d]+)" aria-invalid="true"', answer.text) == [
        str(MONDAY - WEEK),
        str(TODAY),
    ]
    assert logs(clinic) == []


def test_what_was_logged_in_the_meantime_stays_and_is_shown(
    clinic: Clinic, clinician: Membership, patient: Patient, client: Client
) -> None:
    with clinic_scope(clinic.pk):
        make_log(make_sign_in(patient), patient, MONDAY, pain_after=2)
    answer = client.post(page_of(patient), {"page": str(uuid7()), f"day-{MONDAY}": "9", f"day-{TODAY}": "3"})
    assert "Something is logged for this day, and stays." in answer.text
    assert fields_of(answer.text)[f"day-{MONDAY}"] == "9"
    assert "pain 2" in answer.text
    assert [pain for _day, _by, _why, pain, _sets in logs(clinic)] == [2]
    to_come = client.post(page_of(patient), {"page": str(uuid7()), f"day-{TODAY + DAY}": "3"})
    assert "This date is still to come." in to_come.text
    assert fields_of(to_come.text)[f"day-{TODAY + DAY}"] == "3"


def test_older_weeks_are_reached_and_nonsense_leads_to_the_newest(
    clinic: Clinic, clinician: Membership, patient: Patient, client: Client
) -> None:
    newest = MONDAY - 5 * WEEK
    older = client.get(page_of(patient), {"from": newest - 6 * WEEK + 3 * DAY}).text
    assert next(iter(fields_of(older))) == f"day-{newest - 6 * WEEK}"
    assert f'href="?from={newest}"' in older
    for nonsense in ["", "soon", "2026-13-01", "9999-12-31"]:
        page = client.get(page_of(patient), {"from": nonsense})
        assert page.status_code == 200, nonsense
    oldest = client.get(page_of(patient), {"from": "0001-01-01"}).text
    assert next(iter(fields_of(oldest))) == "day-2000-01-03"


def test_two_courses_on_one_sheet_each_have_their_plan(
    clinic: Clinic, clinician: Membership, patient: Patient, client: Client
) -> None:
    with clinic_scope(clinic.pk):
        end_course(by=clinician, course=patient.courses.get(), last_date=MONDAY - WEEK)
        second = make_prescription(clinician, patient, starts_on=MONDAY, weekdays=[2])
        pause(by=clinician, course=second.course, starts_on=MONDAY + DAY, ends_on=MONDAY + DAY, now=NOW)
    assert next(iter(fields_of(client.get(page_of(patient)).text))) == f"day-{MONDAY}"
    page = client.get(page_of(patient), {"from": MONDAY - 3 * WEEK}).text
    planned = re.findall(r'name="day-([-\d]+)"[^>]*data-planned', page)
    assert planned == [str(MONDAY - 2 * WEEK + number * DAY) for number in range(8)] + [str(TODAY)]


@pytest.mark.parametrize("method", ["get", "post"])
def test_the_front_desk_and_other_clinics_have_no_part_in_it(
    method: str, clinic: Clinic, clinician: Membership, patient: Patient, client: Client
) -> None:
    with clinic_scope(clinic.pk):
        assistant = make_member(clinic, Role.ASSISTANT)
    south = make_clinic("south")
    with clinic_scope(south.pk):
        foreign = make_patient(make_member(south))
    sheet = {"page": str(uuid7()), f"day-{MONDAY}": "3"}
    assert getattr(client, method)(page_of(foreign), sheet).status_code == 404
    sign_in(client, assistant)
    assert getattr(client, method)(page_of(patient), sheet).status_code == 403
    assert logs(clinic) == []


def test_it_takes_the_same_queries_for_one_log_and_three(
    clinic: Clinic, clinician: Membership, patient: Patient, client: Client
) -> None:
    counts = []
    for days in [[0], [1, 2]]:
        with clinic_scope(clinic.pk):
            for number in days:
                make_log(clinician, patient, MONDAY - number * DAY)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(page_of(patient)).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]
