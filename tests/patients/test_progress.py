"""What a patient's page of progress says: the dates, the weeks, the lines and their tables."""

from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from clinic.wall.scope import clinic_scope
from patients import adherence
from patients.actions.logging import withdraw_log
from patients.actions.measuring import measure
from patients.actions.prescribing import pause
from patients.models import Course
from patients.progress.lines import LineChart, Series, rounded_up
from patients.progress.months import Kind, months_of
from patients.progress.words import encouragement
from tests import factories as make
from tests.patients.home import Home, a_home, text_of

DAY, WEEK = timedelta(days=1), timedelta(weeks=1)
START = make.MONDAY - 2 * WEEK
PHASE = adherence.Phase((adherence.Dose("walk", 2, 10, True),), frequency=3)
FIXED = adherence.Phase((adherence.Dose("walk", 2, 10, True),), weekdays=frozenset({0, 2, 4}))


def course(phase: adherence.Phase = PHASE, *pauses: adherence.Pause) -> adherence.Course:
    return adherence.Course((adherence.Prescription(START, (phase,)),), pauses)


def walked(day: date, steps: int) -> adherence.Log:
    return adherence.Log(day, (adherence.LoggedSet("walk", 0, steps, steps),))


def kinds(of: adherence.Course, *logs: adherence.Log, today: date = make.TODAY) -> dict[date, Kind | None]:
    months = months_of(of, adherence.sessions(of, logs), today=today)
    cells = [cell for month in months for week in month.weeks for cell in week if cell.kind]
    assert len({cell.date for cell in cells}) == len(cells)
    return {cell.date: cell.kind for cell in cells}


class TestCalendar:
    def test_what_became_of_each_date(self) -> None:
        monday = make.MONDAY
        found = kinds(
            course(FIXED, adherence.Pause(monday - 3 * DAY, monday - DAY)),
            walked(START, 20),
            walked(START + 2 * DAY, 4),
            adherence.Log(START + 4 * DAY, (), "pain"),
            walked(START - DAY, 20),
            walked(monday - 2 * DAY, 20),
        )
        assert found[START] == Kind.DONE
        assert found[START + DAY] == Kind.OFF
        assert found[START + 2 * DAY] == Kind.PART
        assert found[START + 4 * DAY] == Kind.SKIPPED
        assert found[START + WEEK] == Kind.MISSED
        assert found[START - DAY] == found[monday - 2 * DAY] == Kind.EXTRA
        assert min(found) == date(2026, 11, 1)
        assert found[monday - DAY] == Kind.PAUSED
        assert found[make.TODAY] == found[make.TODAY + 2 * DAY] == Kind.PLANNED

    def test_a_plan_that_leaves_the_days_open_misses_none(self) -> None:
        found = kinds(course())
        assert set(found.values()) == {Kind.CHOICE, Kind.OFF}

    @pytest.mark.parametrize(
        ("today", "months"),
        [
            (date(2026, 11, 18), ["2026-11"]),
            (date(2026, 11, 24), ["2026-12", "2026-11"]),
            (date(2028, 2, 28), ["2028-03", "2028-02"]),
        ],
    )
    def test_whole_months_up_to_a_week_from_now(self, today: date, months: list[str]) -> None:
        found = months_of(course(), {}, today=today)
        assert [f"{month.first:%Y-%m}" for month in found][: len(months)] == months
        assert len(found) <= 12
        for month in found:
            days = [cell.date for week in month.weeks for cell in week if cell.kind]
            assert days == [month.first + number * DAY for number in range(len(days))]
            assert (days[-1] + DAY).day == 1
            assert all(week[0].date.weekday() == 0 and len(week) == 7 for week in month.weeks)

    def test_every_kind_has_a_word_and_looks_like_no_other(self) -> None:
        found = months_of(course(FIXED), {}, today=make.TODAY)
        legend = found[0].legend
        assert len({symbol for _kind, symbol, _word in legend}) == len(legend)
        assert all(word for _kind, _symbol, word in legend)

    def test_without_a_plan(self) -> None:
        assert set(kinds(adherence.Course(())).values()) == {Kind.OFF}


class TestWords:
    def week(self, *done: date, today: date = make.TODAY, monday: date = make.MONDAY) -> adherence.Week:
        return adherence.week(course(), [walked(day, 20) for day in done], monday, today=today)

    def test_it_says_how_often_somebody_was_there(self) -> None:
        monday, last = make.MONDAY, make.MONDAY - WEEK
        before = self.week(last, last + DAY, monday=last)
        empty = self.week()
        two, all_of_it = self.week(monday, monday + DAY), self.week(monday, monday + DAY, monday + 2 * DAY)
        assert encouragement(before, two, paused=False) == "You were there 2 of 3 times so far this week."
        assert encouragement(None, all_of_it, paused=False).startswith("You were there each time this week: 3 of 3.")
        assert encouragement(before, empty, paused=False).startswith("Last week you were there 2 of 3 times.")
        assert encouragement(None, empty, paused=False) == "This is a new week. One session is a good start."
        assert encouragement(before, two, paused=True).startswith("Your program is paused.")
        nothing_due = self.week(monday=START - WEEK)
        assert encouragement(None, nothing_due, paused=False) == "Nothing is due this week."


class TestLines:
    def test_points_lie_where_their_numbers_are(self) -> None:
        values = ((START, 0), (START + 5 * DAY, 10), (START + 10 * DAY, 5))
        (drawn,) = LineChart((Series("first", "Pain", values),), 10).drawn
        assert drawn.line == "30.0,164.0 170.0,10.0 310.0,87.0"
        assert len(drawn.dots) == 3

    def test_one_point_is_in_the_middle_and_an_empty_line_has_none(self) -> None:
        chart = LineChart((Series("first", "Pain", ((START, 10),)), Series("second", "Morning", ())), 10)
        assert [drawn.line for drawn in chart.drawn] == ["170.0,10.0", ""]
        assert chart.in_words == "Pain: 10 on 2 Nov. Morning: no answer yet."

    @pytest.mark.parametrize(("values", "top"), [([], 10), ([0], 10), ([10], 10), ([11, 3], 20), ([101], 110)])
    def test_the_scale_ends_on_a_ten(self, values: list[int], top: int) -> None:
        assert rounded_up(values) == top


pytestmark = pytest.mark.django_db


@pytest.fixture
def home() -> Home:
    made = a_home(prescribed=False)
    with clinic_scope(made.clinic.pk):
        make.make_prescription(made.clinician, made.patient, starts_on=START)
    return made


@pytest.fixture
def phone(client: Client, home: Home) -> Any:
    with time_machine.travel(make.NOW, tick=False):
        yield make.sign_in(client, home.self)
    translation.deactivate()


def a_session(home: Home, day: date, *, morning: int | None = None, **entry: Any) -> Any:
    with clinic_scope(home.clinic.pk):
        log = make.make_log(home.self, home.patient, day, **entry)
        if morning is not None:
            make.make_morning(home.self, home.patient, day, pain=morning)
    return log


class TestPage:
    def test_weeks_are_written_as_two_of_three(self, phone: Client, home: Home) -> None:
        for day in [START, START + 2 * DAY, make.MONDAY]:
            a_session(home, day)
        shown = text_of(phone.get(home.url("progress")))
        assert "You were there 1 of 3 times so far this week." in shown
        assert "You were there 2 of 6 times in the weeks that are over." in shown
        assert "Week of 16 Nov 1 of 3 so far" in shown
        assert "Week of 9 Nov 0 of 3 nothing logged" in shown
        assert "Week of 2 Nov 2 of 3" in shown
        assert "%" not in shown
        assert "does not show how well your knee is" in shown

    def test_pain_and_the_morning_after_in_a_table(self, phone: Client, home: Home) -> None:
        a_session(home, START, pain_before=2, pain_after=6, morning=3)
        a_session(home, make.MONDAY, morning=0)
        html = phone.get(home.url("progress")).content.decode()
        shown = text_of(phone.get(home.url("progress")))
        assert "16 Nov – – – 0 2 Nov 2 – 6 3" in shown
        assert 'aria-label="Highest with the session: 6 on 2 Nov. The morning after: 3 on 2 Nov, 0 on 16 Nov."' in html
        assert [name in shown for name in ["0–2 safe", "3–5 acceptable", "6–10 too much"]] == [True] * 3

    def test_the_zones_are_the_clinics(self, phone: Client, home: Home) -> None:
        with clinic_scope(home.clinic.pk):
            home.clinic.pain_acceptable_from, home.clinic.pain_too_much_from = 2, 5
            home.clinic.save()
        a_session(home, START, pain_after=6)
        assert "2–4 acceptable" in text_of(phone.get(home.url("progress")))

    def test_steps_by_side_and_repetitions_by_date(self, phone: Client, home: Home) -> None:
        a_session(home, START)
        a_session(home, make.MONDAY, as_planned=True)
        shown = text_of(phone.get(home.url("progress")))
        assert "Date Steps to the left Steps to the right 16 Nov ≈ as planned, not counted 20 20 2 Nov 20 20" in shown
        assert "Date Times 16 Nov ≈ as planned, not counted 20 2 Nov 24" in shown

    def test_what_was_withdrawn_is_not_there(self, phone: Client, home: Home) -> None:
        log = a_session(home, make.MONDAY, pain_after=9)
        with clinic_scope(home.clinic.pk):
            withdraw_log(by=home.self, patient=home.patient.pk, log=log.pk, now=make.NOW)
        shown = text_of(phone.get(home.url("progress")))
        assert "Lateral band walk" not in shown
        assert "You have not answered about pain yet." in shown

    def test_start_and_end_measures_beside_and_not_mixed(self, phone: Client, home: Home) -> None:
        with clinic_scope(home.clinic.pk):
            answers = {"activity": "Stairs", "activity_score": 3, "pain": 6, "change": None, "given_on": START}
            measure(by=home.clinician, course=Course.objects.get(), occasion="start", answers=answers, now=make.NOW)
            later = answers | {"activity_score": 7, "pain": None, "change": 2, "given_on": make.TODAY}
            measure(by=home.clinician, course=Course.objects.get(), occasion="end", answers=later, now=make.NOW)
        shown = text_of(phone.get(home.url("progress")))
        assert "At the start, 2 November 2026 Stairs 3 of 10 Pain 6 of 10" in shown
        assert "At the end, 18 November 2026 Stairs 7 of 10 Compared with the start clearly better" in shown

    def test_paused(self, phone: Client, home: Home) -> None:
        with clinic_scope(home.clinic.pk):
            pause(by=home.clinician, course=Course.objects.get(), starts_on=make.MONDAY, now=make.NOW)
        shown = text_of(phone.get(home.url("progress")))
        assert "Your program is paused." in shown
        assert "Week of 16 Nov paused" in shown

    def test_before_anything(self, client: Client) -> None:
        home = a_home(prescribed=False)
        with time_machine.travel(make.NOW, tick=False):
            shown = text_of(make.sign_in(client, home.self).get(home.url("progress")))
        assert "It begins with your first session." in shown

    def test_as_many_queries_for_three_as_for_one(self, phone: Client, home: Home) -> None:
        def queries() -> int:
            with CaptureQueriesContext(connection) as captured:
                assert phone.get(home.url("progress")).status_code == 200
            return len(captured)

        answers = {"activity": "", "activity_score": None, "pain": 6, "change": None, "given_on": START}

        def live_through(week: date) -> None:
            a_session(home, week, pain_after=3, morning=3)
            with clinic_scope(home.clinic.pk):
                course = Course.objects.get()
                measure(by=home.clinician, course=course, occasion="between", answers=answers, now=make.NOW)

        live_through(START)
        one = queries()
        live_through(START + WEEK)
        live_through(make.MONDAY)
        assert queries() == one <= 22

    def test_the_name_is_on_every_page_and_each_leads_to_the_other(self, phone: Client, home: Home) -> None:
        a_session(home, make.MONDAY + DAY)
        for rest in ["", "progress", "red-flags", "red-flags/stop", f"morning/{make.MONDAY + DAY}"]:
            page = phone.get(home.url(rest))
            html = page.content.decode()
            assert home.patient.name in html
            assert f'href="{home.url()}"' in html
            assert f'href="{home.url("progress")}"' in html
        assert 'aria-current="page">Progress' in phone.get(home.url("progress")).content.decode()

    @pytest.mark.parametrize("who", ["another patient", "staff", "another clinic's patient"])
    def test_it_is_nobody_elses(self, client: Client, phone: Client, home: Home, who: str) -> None:
        assert phone.get(home.url("progress")).status_code == 200
        assert phone.post(home.url("progress")).status_code == 405
        other = a_home(slug="south") if who == "another clinic's patient" else home
        with clinic_scope(other.clinic.pk):
            somebody = other.clinician if who == "staff" else make.make_sign_in(make.make_patient())
        assert make.sign_in(client, somebody).get(home.url("progress")).status_code == 404

    def test_nothing_of_another_patient_is_counted(self, phone: Client, home: Home) -> None:
        with clinic_scope(home.clinic.pk):
            other = make.make_patient(name="Other")
            make.make_prescription(home.clinician, other, starts_on=START)
            sign_in = make.make_sign_in(other)
            make.make_log(sign_in, other, make.MONDAY, pain_after=9)
            make.make_morning(sign_in, other, make.MONDAY, pain=9)
        shown = text_of(phone.get(home.url("progress")))
        assert "You have not answered about pain yet." in shown
        assert "Lateral band walk" not in shown
