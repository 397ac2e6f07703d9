"""What always holds, over generated courses: revisions, phases, pauses, weekdays and frequencies mixed."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from math import floor

from hypothesis import given, settings
from hypothesis import strategies as st

from patients.adherence import (
    Course,
    Dose,
    Log,
    LoggedSet,
    Pause,
    Phase,
    Prescription,
    Week,
    due_in_week,
    monday_of,
    sessions,
    to_date,
    week,
    weeks,
)

START = date(2026, 2, 25)
DAYS = 32
FIRST, LAST = monday_of(START) - timedelta(weeks=1), monday_of(START) + timedelta(weeks=6)
AFTER = LAST + timedelta(weeks=1)
EXERCISES = ("walk", "thrust", "bridge")

checked = settings(deadline=None, max_examples=60)

dates = st.integers(-5, DAYS).map(lambda offset: START + timedelta(days=offset))
amounts = st.integers(0, 8)
logged_sets = st.one_of(
    st.builds(LoggedSet, st.sampled_from(EXERCISES), amount=amounts),
    st.builds(LoggedSet, st.sampled_from(EXERCISES), left=amounts, right=st.none() | amounts),
)
full_sets = st.integers(5, 20).map(lambda done: tuple(LoggedSet(exercise, done, done, done) for exercise in EXERCISES))
session_logs = st.builds(Log, dates, full_sets | st.lists(logged_sets, min_size=1, max_size=4).map(tuple))
skip_logs = st.builds(Log, dates, skip_reason=st.sampled_from(["pain", "tired", "away"]))
few_logs = st.lists(session_logs | skip_logs, max_size=6)
many_logs = st.lists(session_logs | session_logs | skip_logs, min_size=12, max_size=40)
log_lists = few_logs | many_logs
some_dates = st.integers(1, 9)


@st.composite
def doses(draw: st.DrawFn) -> tuple[Dose, ...]:
    exercises = draw(st.lists(st.sampled_from(EXERCISES), min_size=1, max_size=3, unique=True))
    required = draw(st.lists(st.booleans(), min_size=2, max_size=2))
    return tuple(
        Dose(exercise, draw(st.integers(1, 3)), draw(st.integers(1, 5)), draw(st.booleans()), first_or_not)
        for exercise, first_or_not in zip(exercises, [True, *required], strict=False)
    )


@st.composite
def phases(
    draw: st.DrawFn, *, weeks: st.SearchStrategy[int | None], all_doses: tuple[Dose, ...] | None = None
) -> Phase:
    asked = draw(doses()) if all_doses is None else all_doses
    if draw(st.booleans()):
        return Phase(asked, draw(weeks), frequency=draw(st.integers(1, 7)))
    return Phase(asked, draw(weeks), weekdays=draw(st.frozensets(st.integers(0, 6), min_size=1)))


@st.composite
def pauses(draw: st.DrawFn) -> Pause:
    starts_on = draw(dates)
    ends_on = draw(st.none() | some_dates.map(lambda days: starts_on + timedelta(days=days - 1)))
    return Pause(starts_on, ends_on)


@st.composite
def courses(draw: st.DrawFn) -> Course:
    """Up to three prescriptions in a chain, the last of which may be open, and up to three pauses."""
    chain = []
    starts_on = START
    for _ in range(draw(st.integers(1, 3))):
        finite = draw(st.lists(phases(weeks=st.integers(1, 2)), max_size=2))
        last = draw(phases(weeks=st.none() | st.integers(1, 3)))
        ends_on = starts_on + timedelta(days=draw(st.integers(0, 24)))
        chain.append(Prescription(starts_on, (*finite, last), ends_on))
        starts_on = ends_on + timedelta(days=draw(st.integers(1, 5)))
    if draw(st.booleans()):
        chain[-1] = replace(chain[-1], ends_on=None)
    return Course(tuple(chain), tuple(draw(st.lists(pauses(), max_size=3))))


@st.composite
def steady_courses(draw: st.DrawFn) -> Course:
    """One open-ended phase: nothing that a pause could move."""
    return Course((Prescription(START, (draw(phases(weeks=st.none())),)),), tuple(draw(st.lists(pauses(), max_size=2))))


@st.composite
def pauses_over_dates_without_a_session(draw: st.DrawFn, course: Course, logs: list[Log]) -> Pause:
    """From a date without a session, for as many of the dates that follow it as have none."""
    busy = {log.date for log in logs if log.sets}
    starts_on = draw(dates.filter(lambda day: day not in busy))
    length = draw(some_dates)
    free = next((days for days in range(length) if starts_on + timedelta(days=days) in busy), length)
    return Pause(starts_on, starts_on + timedelta(days=free - 1))


def all_weeks(course: Course, logs: list[Log]) -> list[Week]:
    return weeks(course, logs, FIRST, LAST, today=AFTER)


def never_lower(before: Week, after: Week) -> bool:
    """Session adherence after a change, unless the week became n/a; nothing logged counts as 0."""
    return after.due == 0 or before.due == 0 or Fraction(after.done, after.due) >= Fraction(before.done, before.due)


def days_from(first: date, count: int) -> Iterator[date]:
    return (first + timedelta(days=offset) for offset in range(count))


@checked
@given(courses(), log_lists)
def test_figures_stay_between_0_and_100(course: Course, logs: list[Log]) -> None:
    for each in all_weeks(course, logs):
        assert 0 <= each.done <= each.due <= 7
        assert each.due <= each.active_dates <= 7 - each.paused_dates
        assert each.extra >= 0
        assert each.adherence is None or 0 <= each.adherence <= 1
        assert each.dose is None or 0 <= each.dose <= 1
        assert (each.percent is None) == (each.dose_percent is None) == (each.due == 0 or each.nothing_logged)
    total = to_date(course, logs, LAST)
    assert total.adherence is None or 0 <= total.adherence <= 1


@checked
@given(courses(), log_lists, session_logs)
def test_adding_a_session_never_lowers(course: Course, logs: list[Log], added: Log) -> None:
    before, after = all_weeks(course, logs), all_weeks(course, [*logs, added])
    for old, new in zip(before, after, strict=True):
        assert (new.due, new.active_dates) == (old.due, old.active_dates)
        assert never_lower(old, new)
        assert new.dose_sum >= old.dose_sum
    assert to_date(course, [*logs, added], LAST).done >= to_date(course, logs, LAST).done


@checked
@given(courses(), log_lists.flatmap(lambda logs: st.tuples(st.just(logs), st.permutations(logs))))
def test_order_never_matters(course: Course, orders: tuple[list[Log], list[Log]]) -> None:
    logs, shuffled = orders
    upside_down = Course(course.prescriptions[::-1], course.pauses[::-1])
    assert sessions(upside_down, shuffled) == sessions(course, logs)
    assert all_weeks(upside_down, shuffled) == all_weeks(course, logs)


@checked
@given(courses(), log_lists)
def test_set_by_set_is_the_same_session(course: Course, logs: list[Log]) -> None:
    apart = [replace(log, sets=(each,)) for log in logs for each in log.sets]
    together = [log for log in logs if log.sets]
    assert sessions(course, apart) == sessions(course, together)


@checked
@given(courses(), log_lists, st.lists(skip_logs, max_size=5))
def test_a_skip_changes_no_figure(course: Course, logs: list[Log], skips: list[Log]) -> None:
    for old, new in zip(all_weeks(course, logs), all_weeks(course, [*logs, *skips]), strict=True):
        assert (new.fraction_text, new.above_due, new.dose_sum) == (old.fraction_text, old.above_due, old.dose_sum)


@checked
@given(steady_courses(), log_lists, st.data())
def test_a_pause_over_dates_without_a_session_never_lowers(
    course: Course, logs: list[Log], data: st.DataObject
) -> None:
    pause = data.draw(pauses_over_dates_without_a_session(course, logs))
    paused = Course(course.prescriptions, (*course.pauses, pause))
    for old, new in zip(all_weeks(course, logs), all_weeks(paused, logs), strict=True):
        assert new.due <= old.due
        assert never_lower(old, new)


@checked
@given(courses(), log_lists, st.data())
def test_a_pause_never_lowers_a_week_whose_other_dates_keep_their_phase(
    course: Course, logs: list[Log], data: st.DataObject
) -> None:
    pause = data.draw(pauses_over_dates_without_a_session(course, logs))
    paused = Course(course.prescriptions, (*course.pauses, pause))
    for old, new in zip(all_weeks(course, logs), all_weeks(paused, logs), strict=True):
        kept = [day for day in days_from(old.monday, 7) if not pause.starts_on <= day <= (pause.ends_on or LAST)]
        if [phase_on(course, day) for day in kept] == [phase_on(paused, day) for day in kept]:
            assert never_lower(old, new)


@checked
@given(courses(), log_lists, st.integers(-60, 60))
def test_moving_everything_by_whole_weeks_changes_nothing(course: Course, logs: list[Log], count: int) -> None:
    by = timedelta(weeks=count)
    moved = Course(
        tuple(
            replace(each, starts_on=each.starts_on + by, ends_on=each.ends_on and each.ends_on + by)
            for each in course.prescriptions
        ),
        tuple(Pause(each.starts_on + by, each.ends_on and each.ends_on + by) for each in course.pauses),
    )
    moved_logs = [replace(log, date=log.date + by) for log in logs]
    later = weeks(moved, moved_logs, FIRST + by, LAST + by, today=AFTER + by)
    assert [replace(each, monday=each.monday - by) for each in later] == all_weeks(course, logs)
    assert to_date(moved, moved_logs, LAST + by) == to_date(course, logs, LAST)


@checked
@given(courses(), log_lists)
def test_one_week_is_the_same_alone_and_among_others(course: Course, logs: list[Log]) -> None:
    among = all_weeks(course, logs)
    assert [week(course, logs, each.monday, today=AFTER) for each in among] == among
    assert to_date(course, logs, LAST).fraction_text == f"{sum(e.done for e in among)}/{sum(e.due for e in among)}"


@checked
@given(courses())
def test_plan_and_due_agree_with_walking_day_by_day(course: Course) -> None:
    walked = walk(course)
    for day in days_from(FIRST, (AFTER - FIRST).days):
        plan = course.plan_on(day)
        assert (plan and (plan.prescription, plan.phase_index, plan.week, plan.day)) == walked.get(day)
    for monday in days_from(FIRST, (AFTER - FIRST).days):
        if monday.weekday() == 0:
            assert due_in_week(course, monday) == due_by_walking(walked, monday)


Walked = dict[date, tuple[Prescription, int, int, int]]


def walk(course: Course) -> Walked:
    """Each active date with its prescription, phase index, week of the phase and active day, counted one by one."""
    walked: Walked = {}
    for prescription in course.prescriptions:
        blocks = [
            (index, number + 1)
            for index, phase in enumerate(prescription.phases)
            for number in range(phase.weeks or 20)
            for _ in range(7)
        ]
        day = 0
        for current in days_from(
            prescription.starts_on, ((prescription.ends_on or AFTER) - prescription.starts_on).days + 1
        ):
            if not any(each.starts_on <= current <= (each.ends_on or AFTER) for each in course.pauses) and day < len(
                blocks
            ):
                walked[current] = (prescription, *blocks[day], day + 1)
                day += 1
    return walked


def due_by_walking(walked: Walked, monday: date) -> int:
    due = Fraction(1, 2)
    for day in days_from(monday, 7):
        if day in walked:
            phase = walked[day][0].phases[walked[day][1]]
            due += Fraction(phase.frequency, 7) if phase.frequency else int(day.weekday() in phase.weekdays)
    return floor(due)


def phase_on(course: Course, day: date) -> tuple[Prescription, int] | None:
    plan = course.plan_on(day)
    return None if plan is None else (plan.prescription, plan.phase_index)
