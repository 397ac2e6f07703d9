"""The dates that a plan makes: weeks, phases, ends, and what a pause does to them."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patients.adherence import Course, Dose, Pause, Phase, Prescription, due_in_week, monday_of
from patients.calendar import WEEKS_WITHOUT_END, Calendar, calendar_of, moved, resumed, waits_from, with_pause

MON, TUE, WED, THU, FRI, SAT, SUN = (date(2026, 11, 16) + timedelta(days=offset) for offset in range(7))
DAY, WEEK = timedelta(days=1), timedelta(weeks=1)
WALK = Dose("walk", sets=2, amount=10, per_direction=True)
FIXED = Phase((WALK,), weeks=1, weekdays=frozenset({0, 2, 4}))
THREE = Phase((WALK,), weeks=2, frequency=3)
OPEN = Phase((WALK,), frequency=2)


def course_of(*phases: Phase, starts_on: date = THU, pauses: tuple[Pause, ...] = ()) -> Course:
    return Course((Prescription(starts_on, phases, key="first"),), pauses)


def picture(calendar: Calendar) -> list[str]:
    """A week a line: the phase of each date, in brackets where one of its weekdays is due; = paused, . nothing."""
    return [
        "".join(
            (f"[{day.phase}]" if day.is_due else str(day.phase)) if day.phase else "=" if day.is_paused else "."
            for day in week.days
        )
        + f" {week.due}"
        for week in calendar.weeks
    ]


def test_fixed_weekdays_are_the_very_dates_and_a_frequency_is_a_number_for_each_week() -> None:
    calendar = calendar_of(course_of(FIXED, THREE))
    assert picture(calendar) == ["...1[1]11 1", "[1]1[1]2222 4", "2222222 3", "222.... 1"]
    assert [(each.phase_index, each.first, each.last) for each in calendar.phases] == [
        (0, THU, WED + WEEK),
        (1, THU + WEEK, WED + 3 * WEEK),
    ]
    assert (calendar.starts_on, calendar.ends_on, calendar.more_weeks) == (THU, WED + 3 * WEEK, 0)
    assert calendar.due == 9
    assert [day.date for week in calendar.weeks for day in week.days if day.is_first] == [THU, THU + WEEK]


def test_an_open_phase_shows_some_weeks_and_has_no_end() -> None:
    calendar = calendar_of(course_of(FIXED, OPEN, starts_on=MON))
    assert picture(calendar) == ["[1]1[1]1[1]11 3"] + ["2222222 2"] * WEEKS_WITHOUT_END
    assert (calendar.ends_on, calendar.more_weeks, calendar.phases[-1].last) == (None, None, None)


def test_weeks_beyond_the_most_are_counted() -> None:
    calendar = calendar_of(course_of(THREE, THREE, starts_on=MON), most_weeks=3)
    assert (len(calendar.weeks), calendar.more_weeks, calendar.ends_on) == (3, 1, SUN + 3 * WEEK)


def test_since_a_date_leaves_out_what_was_before_but_not_from_the_weeks_due() -> None:
    chain = Course((Prescription(MON, (OPEN,), WED, key="first"), Prescription(THU, (THREE,), key="second")))
    calendar = calendar_of(chain, since=THU)
    assert picture(calendar)[:2] == ["...1111 3", "1111111 3"]
    assert [each.prescription.key for each in calendar.phases] == ["second"]


def test_a_course_that_never_comes_into_force_is_empty() -> None:
    calendar = calendar_of(Course((Prescription(THU, (THREE,), WED),)))
    assert (calendar.phases, calendar.weeks, calendar.ends_on) == ((), (), None)


def test_a_pause_shows_and_moves_what_follows() -> None:
    before = course_of(FIXED, THREE)
    after = with_pause(before, Pause(FRI, SUN))
    assert picture(calendar_of(after))[:2] == ["...1=== 0", "[1]1[1]1[1]12 3"]
    assert [(was and was.last, now and now.last) for was, now in moved(before, after)] == [
        (WED + WEEK, SAT + WEEK),
        (WED + 3 * WEEK, SAT + 3 * WEEK),
    ]
    assert moved(before, with_pause(before, Pause(MON, WED))) == []


def test_a_pause_without_an_end_leaves_the_end_open() -> None:
    after = with_pause(course_of(FIXED, THREE), Pause(FRI))
    calendar = calendar_of(after)
    assert (calendar.ends_on, calendar.waits_from) == (None, FRI)
    assert [now for _was, now in moved(course_of(FIXED, THREE), after)][1:] == [None]
    assert waits_from(with_pause(course_of(FIXED), Pause(THU + WEEK))) is None
    assert waits_from(with_pause(course_of(OPEN), Pause(THU + 50 * WEEK))) == THU + 50 * WEEK


def test_resuming_ends_pauses_that_reach_the_date_and_drops_later_ones() -> None:
    paused = course_of(THREE, pauses=(Pause(FRI, FRI), Pause(SUN), Pause(SUN + WEEK, SUN + WEEK)))
    assert resumed(paused, MON + WEEK).pauses == (Pause(FRI, FRI), Pause(SUN, SUN))
    assert calendar_of(resumed(paused, MON + WEEK)).ends_on == FRI + 2 * WEEK


def test_phases_that_come_into_force_again_are_among_what_moves() -> None:
    paused = course_of(FIXED, THREE, pauses=(Pause(FRI),))
    after = resumed(paused, SAT)
    assert [(was and was.phase_index, now and now.last) for was, now in moved(paused, after)] == [
        (0, THU + WEEK),
        (None, THU + 3 * WEEK),
    ]


DATES = st.dates(date(2026, 1, 1), date(2026, 12, 31))
PHASES = st.lists(st.sampled_from([FIXED, THREE]), min_size=1, max_size=4).map(tuple)


@given(starts_on=DATES, phases=PHASES, paused=DATES, length=st.integers(1, 20))
def test_what_it_shows_is_what_adherence_counts(
    starts_on: date, phases: tuple[Phase, ...], paused: date, length: int
) -> None:
    course = course_of(*phases, starts_on=starts_on, pauses=(Pause(paused, paused + (length - 1) * DAY),))
    calendar = calendar_of(course)
    assert all(week.due == due_in_week(course, week.monday) for week in calendar.weeks)
    shown = [day for week in calendar.weeks for day in week.days]
    assert sum(day.phase is not None for day in shown) == 7 * sum(phase.weeks or 0 for phase in phases)
    assert [day.date for day in shown] == [calendar.weeks[0].monday + number * DAY for number in range(len(shown))]
    assert calendar.weeks[0].monday == monday_of(calendar.starts_on)
    assert calendar.ends_on in {day.date for day in calendar.weeks[-1].days}


@pytest.mark.parametrize("phases", [(OPEN,), (FIXED, OPEN)])
def test_one_without_an_end_says_so(phases: tuple[Phase, ...]) -> None:
    assert calendar_of(course_of(*phases)).more_weeks is None
