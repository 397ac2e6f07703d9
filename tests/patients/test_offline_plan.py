"""The plan that a phone keeps is right for the day on which it is opened, and says from when it is."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page, expect

from clinic.wall.scope import clinic_scope
from patients.actions.prescribing import end_course, pause, prescribe, revise
from patients.models import Course, Prescription
from patients.today.coming import coming
from programs.models import Dose, Phase, Program
from tests import factories as make
from tests.patients.home import Home, a_home, text_of
from tests.patients.phone import Phone, offline, today, until_kept

DAY = timedelta(days=1)
SOON = make.TODAY + 5 * DAY
TEN, TWELVE = [(2, 10), (2, 10)], [(3, 12)]


def two_phases(weeks: int = 1) -> Program:
    """Two sets of ten, and after some weeks three sets of twelve."""
    program = make.make_program(frequency=7, weeks=weeks)
    later = Phase.objects.create(program=program, position=1, weekdays=[0, 3])
    Dose.objects.create(phase=later, exercise_id=make.WALK, sets_min=3, amount_min=12, placement="forefeet")
    return program


def start(home: Home, program: Program, starts_on: date, now: Any = make.NOW) -> Prescription:
    who = {"by": home.clinician, "patient": home.patient, "affected_knee": "left"}
    return prescribe(**who, program=program, starts_on=starts_on, now=now)


@pytest.fixture
def home(db: None) -> Home:
    return a_home(prescribed=False)


def kept(home: Home) -> list[tuple[int, int, list[tuple[int, int]]]]:
    """From which day to which, counted from today, which sets and amounts."""
    return [
        (
            (stretch.first - make.TODAY).days,
            (stretch.last - make.TODAY).days,
            [(task.dose.sets_min, task.dose.amount_min) for task in stretch.tasks if task.dose],
        )
        for stretch in coming(home.patient.pk, make.TODAY)
    ]


class TestStretches:
    def test_one_plan_is_one_stretch(self, home: Home, django_assert_num_queries: Any) -> None:
        with clinic_scope(home.clinic.pk):
            start(home, make.make_program(), make.MONDAY - 7 * DAY)
            with django_assert_num_queries(3):
                assert kept(home) == [(-2, 14, TEN)]

    def test_a_phase_that_follows_is_known_before_it_begins(self, home: Home) -> None:
        with clinic_scope(home.clinic.pk):
            start(home, two_phases(), make.TODAY - 3 * DAY)
            assert kept(home) == [(-2, 3, TEN), (4, 14, TWELVE)]

    def test_nothing_before_the_start_in_a_pause_and_after_the_end(self, home: Home) -> None:
        with clinic_scope(home.clinic.pk):
            course = start(home, make.make_program(), make.TODAY).course
            pause(by=home.clinician, course=course, starts_on=SOON, ends_on=SOON + DAY, now=make.NOW)
            end_course(by=home.clinician, course=course, last_date=make.TODAY + 10 * DAY)
            assert kept(home) == [(-2, -1, []), (0, 4, TEN), (5, 6, []), (7, 10, TEN), (11, 14, [])]

    def test_a_revision_and_another_course_to_come(self, home: Home) -> None:
        with clinic_scope(home.clinic.pk):
            first = start(home, make.make_program(), make.MONDAY)
            other = make.make_program()
            Dose.objects.filter(phase__program=other).update(amount_min=20, amount_max=None)
            revise(by=home.clinician, prescription=first, program=other, starts_on=SOON, now=make.NOW)
            end_course(by=home.clinician, course=first.course, last_date=make.TODAY + 8 * DAY)
            start(home, two_phases(), make.TODAY + 12 * DAY)
            twenty = [(2, 20), (2, 20)]
            assert kept(home) == [(-2, 4, TEN), (5, 8, twenty), (9, 11, []), (12, 14, TEN)]

    def test_the_page_holds_each_plan_and_no_name(self, home: Home, client: Client, time_machine: Any) -> None:
        time_machine.move_to(make.NOW, tick=False)
        with clinic_scope(home.clinic.pk):
            start(home, two_phases(), make.TODAY - 3 * DAY)
        page = make.sign_in(client, home.self).get(home.url("offline"))
        assert [page.text.count(f'data-first="{make.TODAY + days * DAY}"') for days in (-2, 4)] == [1, 1]
        assert "12 steps each way" in text_of(page)
        assert "Your days: Monday, Thursday." in text_of(page)
        assert home.patient.name not in page.text


@pytest.mark.django_db(transaction=True)
class TestOnTheDay:
    @pytest.fixture
    def changing(self, treated: Home) -> Home:
        """The plan changes in three days."""
        with clinic_scope(treated.clinic.pk):
            end_course(by=treated.clinician, course=Course.objects.get(), last_date=today() - 5 * DAY)
            start(treated, two_phases(), today() - 4 * DAY, timezone.now())
        return treated

    def open_in(self, page: Page, days: int) -> None:
        page.clock.install(time=timezone.now() + days * DAY)
        offline(page)

    @pytest.mark.parametrize(("days", "amount"), [(0, "10 steps each way"), (2, "10 steps each way"), (3, "12 steps")])
    def test_the_plan_is_that_of_the_day(self, phone: Phone, changing: Home, days: int, amount: str) -> None:
        page = phone()
        self.open_in(page, days)
        day = today() + days * DAY
        expect(page.locator("h1 + .lead")).to_have_text(f"{day:%A} {day.day} {day:%B}")
        expect(page.locator(".dose").first).to_contain_text(amount)
        told = page.get_by_text(f"as your phone learned it on {today():%A} {today().day} {today():%B}")
        expect(told).to_be_visible() if days else expect(told).to_be_hidden()
        page.get_by_role("link", name="Start, set by set").tap()
        expect(page.locator(".guide-step:visible .guide-amount")).to_contain_text(amount)
        expect(page.get_by_role("heading", name=f"Set 1 of {3 if days == 3 else 2}")).to_be_visible()

    def test_later_than_it_knows_it_says_so(self, phone: Phone, changing: Home) -> None:
        page = phone()
        self.open_in(page, 15)
        last = today() + 14 * DAY
        words = f"Your phone knows your plan only until {last:%A} {last.day} {last:%B}."
        expect(page.get_by_text(words)).to_be_visible()
        expect(page.locator(".dose").first).to_contain_text("12 steps")

    def test_a_session_of_yesterday_has_yesterdays_plan(self, phone: Phone, changing: Home) -> None:
        page = phone()
        self.open_in(page, 3)
        page.goto(f"{page.url}{today() + 2 * DAY}/")
        expect(page.get_by_role("heading", name="Another day")).to_be_visible()
        expect(page.locator(".dose").first).to_contain_text("10 steps each way")

    def test_the_pictures_of_a_plan_to_come_are_there_too(self, phone: Phone, changing: Home) -> None:
        page = phone()
        until_kept(page)
        names = "async () => (await (await caches.open('steady-pictures')).keys()).map((one) => one.url)"
        there = page.evaluate(names)
        self.open_in(page, 3)
        shown = page.locator("#plan img[src^='/pictures/']").evaluate_all("all => all.map((each) => each.src)")
        assert shown
        assert set(shown) <= set(there)
