"""What is in force and what is due: phases, prescriptions, pauses, rounding, and what is refused."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from patients.adherence import (
    Course,
    Dose,
    LoggedSet,
    Pause,
    Phase,
    Prescription,
    due_in_week,
    to_date,
    week,
    weeks,
)

MON, TUE, WED, THU, FRI, SAT, SUN = (date(2026, 11, 16) + timedelta(days=offset) for offset in range(7))
NEXT_MON = MON + timedelta(weeks=1)
EARLIER = MON - timedelta(weeks=4)

WALK = Dose("walk", sets=2, amount=10, per_direction=True)
THREE_A_WEEK = Phase((WALK,), frequency=3)


def course_of(*phases: Phase, starts_on: date = EARLIER, pauses: tuple[Pause, ...] = ()) -> Course:
    return Course((Prescription(starts_on, phases or (THREE_A_WEEK,)),), pauses)


def paused_and_active(course: Course, monday: date = MON) -> tuple[int, int]:
    result = week(course, [], monday, today=monday)
    return result.paused_dates, result.active_dates


class TestDue:
    @pytest.mark.parametrize(
        ("starts_on", "due"), [(MON, 3), (TUE, 3), (WED, 2), (THU, 2), (FRI, 1), (SAT, 1), (SUN, 0), (NEXT_MON, 0)]
    )
    def test_sevenths_are_rounded_half_up(self, starts_on: date, due: int) -> None:
        assert due_in_week(course_of(starts_on=starts_on), MON) == due

    @pytest.mark.parametrize(
        ("before", "after", "due"),
        [
            (1, 2, 2),  # 3/7 + 8/7 = 11/7; rounded apart 0 + 1
            (6, 3, 4),  # 18/7 + 12/7 = 30/7; rounded apart 3 + 2
        ],
    )
    def test_sevenths_are_summed_over_phases_and_rounded_once(self, before: int, after: int, due: int) -> None:
        phases = (Phase((WALK,), weeks=1, frequency=before), Phase((WALK,), frequency=after))
        assert due_in_week(course_of(*phases, starts_on=THU), NEXT_MON) == due

    def test_sevenths_are_summed_over_prescriptions_and_rounded_once(self) -> None:
        before, after = Phase((WALK,), frequency=1), Phase((WALK,), frequency=4)
        course = Course((Prescription(EARLIER, (before,), ends_on=WED), Prescription(THU, (after,))))
        assert due_in_week(course, MON) == 3  # 3/7 + 16/7 = 19/7; rounded apart 0 + 2

    def test_weekdays_are_due_where_they_are_active(self) -> None:
        phase = Phase((WALK,), weekdays=frozenset({0, 2, 4}))
        assert due_in_week(course_of(phase), MON) == 3
        assert due_in_week(course_of(phase, starts_on=TUE), MON) == 2
        assert due_in_week(course_of(phase, pauses=(Pause(WED, THU),)), MON) == 2

    def test_weekdays_and_a_frequency_in_one_week(self) -> None:
        fixed, free = Phase((WALK,), weeks=1, weekdays=frozenset({0, 2})), Phase((WALK,), frequency=3)
        assert due_in_week(course_of(fixed, free, starts_on=THU), NEXT_MON) == 4  # Monday, Wednesday and 12/7

    def test_a_week_with_a_clock_change_has_seven_dates(self) -> None:
        assert paused_and_active(course_of(starts_on=date(2026, 3, 2)), monday=date(2026, 3, 23)) == (0, 7)


class TestPlan:
    def test_before_the_start_in_a_pause_and_after_the_end(self) -> None:
        prescription = Prescription(MON, (THREE_A_WEEK,), ends_on=SAT)
        course = Course((prescription,), (Pause(WED, THU),))
        in_force = [course.plan_on(MON + timedelta(days=offset)) is not None for offset in range(-1, 7)]
        assert in_force == [False, True, True, False, False, True, True, False]

    def test_phases_that_are_used_up_end_the_plan(self) -> None:
        course = course_of(Phase((WALK,), weeks=1, frequency=3), starts_on=MON)
        assert course.plan_on(SUN) is not None
        assert course.plan_on(NEXT_MON) is None

    def test_overlapping_and_adjoining_pauses_are_merged(self) -> None:
        pauses = (Pause(THU, THU), Pause(MON, TUE), Pause(MON, WED))
        assert paused_and_active(course_of(pauses=pauses)) == (4, 3)

    def test_open_pause(self) -> None:
        course = course_of(pauses=(Pause(WED), Pause(FRI, SAT)))
        assert course.plan_on(TUE) is not None
        assert course.plan_on(WED + timedelta(days=4000)) is None
        assert paused_and_active(course) == (5, 2)

    def test_revised_before_its_first_day(self) -> None:
        never = Prescription(THU, (Phase((WALK,), frequency=7),), ends_on=TUE)
        course = Course((Prescription(WED, (THREE_A_WEEK,)), never))
        plan = course.plan_on(THU)
        assert plan is not None
        assert plan.phase == THREE_A_WEEK
        assert course.starts_on == WED

    def test_no_prescription(self) -> None:
        course = Course(())
        assert (course.starts_on, course.plan_on(MON), due_in_week(course, MON)) == (None, None, 0)


class TestRefused:
    @pytest.mark.parametrize(
        ("terms", "reason"),
        [
            ({}, "either a frequency or weekdays"),
            ({"frequency": 3, "weekdays": frozenset({0})}, "either a frequency or weekdays"),
            ({"frequency": 0}, "from 1 to 7"),
            ({"frequency": 8}, "from 1 to 7"),
            ({"weekdays": frozenset({7})}, "from 0"),
            ({"weekdays": frozenset({-1, 0})}, "from 0"),
            ({"frequency": 3, "weeks": 0}, "at least one week"),
            ({"frequency": 3, "doses": ()}, "one required dose"),
            ({"frequency": 3, "doses": (replace(WALK, required=False),)}, "one required dose"),
            ({"frequency": 3, "doses": (WALK, WALK)}, "one dose for each exercise"),
        ],
    )
    def test_phase(self, terms: dict[str, Any], reason: str) -> None:
        with pytest.raises(ValueError, match=reason):
            Phase(**{"doses": (WALK,), **terms})

    @pytest.mark.parametrize(("sets", "amount"), [(0, 10), (2, 0)])
    def test_dose(self, sets: int, amount: int) -> None:
        with pytest.raises(ValueError, match="at least one"):
            Dose("walk", sets, amount, per_direction=True)

    def test_prescription_without_phases_or_with_an_open_one_before_the_last(self) -> None:
        with pytest.raises(ValueError, match="at least one phase"):
            Prescription(MON, ())
        with pytest.raises(ValueError, match="open-ended"):
            Prescription(MON, (THREE_A_WEEK, THREE_A_WEEK))

    @pytest.mark.parametrize("ends_on", [None, WED])
    def test_overlapping_prescriptions(self, ends_on: date | None) -> None:
        with pytest.raises(ValueError, match="has not ended"):
            Course((Prescription(WED, (THREE_A_WEEK,)), Prescription(MON, (THREE_A_WEEK,), ends_on=ends_on)))

    def test_pause_that_ends_before_it_starts(self) -> None:
        with pytest.raises(ValueError, match="before it starts"):
            Pause(TUE, MON)

    @pytest.mark.parametrize("direction", [{"amount": -1}, {"left": -1}, {"right": -1}])
    def test_less_than_nothing(self, direction: dict[str, int]) -> None:
        with pytest.raises(ValueError, match="Less than nothing"):
            LoggedSet("walk", **direction)

    def test_weeks_that_do_not_start_on_a_monday(self) -> None:
        with pytest.raises(ValueError, match="not a Monday"):
            due_in_week(course_of(), TUE)
        with pytest.raises(ValueError, match="not a Monday"):
            week(course_of(), [], TUE, today=NEXT_MON)
        with pytest.raises(ValueError, match="not a Monday"):
            weeks(course_of(), [], MON, TUE, today=NEXT_MON)
        with pytest.raises(ValueError, match="not a Monday"):
            to_date(course_of(), [], SUN)
