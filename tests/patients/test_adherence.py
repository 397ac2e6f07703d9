"""Sessions, weeks and to date: worked examples, and both sides of every threshold."""

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest

from patients.adherence import (
    Band,
    Course,
    Dose,
    Log,
    LoggedSet,
    Part,
    Pause,
    Phase,
    Prescription,
    Status,
    ToDate,
    Week,
    exercise_doses,
    monday_of,
    percent,
    session_dose,
    sessions,
    to_date,
    week,
    weeks,
)

MON, TUE, WED, THU, FRI, SAT, SUN = (date(2026, 11, 16) + timedelta(days=offset) for offset in range(7))
NEXT_MON = MON + timedelta(weeks=1)
EARLIER = MON - timedelta(weeks=4)

WALK = Dose("walk", sets=2, amount=10, per_direction=True)
THRUST = Dose("thrust", sets=2, amount=10, per_direction=False)
THREE_A_WEEK = Phase((WALK, THRUST), frequency=3)

ALL_OF_IT = (LoggedSet("walk", left=20, right=20), LoggedSet("thrust", 20))


def course_of(*phases: Phase, starts_on: date = EARLIER, pauses: tuple[Pause, ...] = ()) -> Course:
    return Course((Prescription(starts_on, phases or (THREE_A_WEEK,)),), pauses)


def complete_on(*dates: date) -> list[Log]:
    return [Log(day, ALL_OF_IT) for day in dates]


def week_of(course: Course, logs: list[Log], monday: date = MON) -> Week:
    """The week as seen on the Monday after it."""
    return week(course, logs, monday, today=monday + timedelta(weeks=1))


class TestExamples:
    def test_three_of_three(self) -> None:
        result = week_of(course_of(), complete_on(MON, WED, FRI))
        assert (result.fraction_text, result.percent, result.band) == ("3/3", 100, Band.ON_TRACK)

    def test_start_on_thursday(self) -> None:
        result = week_of(course_of(starts_on=THU), complete_on(SAT))
        assert (result.fraction_text, result.percent, result.band) == ("1/2", 50, Band.PARTIAL)

    def test_start_on_saturday_with_one_skip(self) -> None:
        result = week_of(course_of(starts_on=SAT), [Log(SAT, skip_reason="pain")])
        assert (result.fraction_text, result.percent, result.band) == ("0/1", 0, Band.NONE)

    @pytest.mark.parametrize("dates", [(), (SUN,)])
    def test_start_on_sunday(self, dates: tuple[date, ...]) -> None:
        result = week_of(course_of(starts_on=SUN), complete_on(*dates))
        assert (result.due, result.percent, result.dose, result.band) == (0, None, None, Band.NOT_APPLICABLE)
        assert result.extra == result.above_due == len(dates)

    def test_five_dates_of_three(self) -> None:
        result = week_of(course_of(), complete_on(MON, TUE, WED, THU, FRI))
        assert (result.fraction_text, result.percent, result.extra) == ("3/3", 100, 2)
        assert result.dose == 1

    def test_three_complete_logs_on_sunday_are_one_session(self) -> None:
        result = week_of(course_of(), complete_on(SUN, SUN, SUN))
        assert (result.fraction_text, result.percent, result.extra) == ("1/3", 33, 0)

    def test_walk_in_the_morning_and_thrust_in_the_evening(self) -> None:
        logs = [Log(TUE, ALL_OF_IT[:1]), Log(TUE, ALL_OF_IT[1:])]
        result = week_of(course_of(), logs)
        assert (result.counted, result.part_done) == (1, 0)

    @pytest.mark.parametrize(
        ("left", "right", "dose", "counts"),
        [
            (20, 16, Fraction(90, 100), True),
            (30, 10, Fraction(75, 100), True),
            (20, 0, Fraction(50, 100), False),
        ],
    )
    def test_walk_per_direction(self, left: int, right: int, dose: Fraction, counts: bool) -> None:
        walk_only = course_of(Phase((WALK,), frequency=3))
        (result,) = sessions(walk_only, [Log(MON, (LoggedSet("walk", left=left, right=right),))]).values()
        assert result.dose == dose
        assert result.status == (Status.COUNTS if counts else Status.PART_DONE)

    @pytest.mark.parametrize("sets", [(12, 12), (30,)])
    def test_thrust_in_two_sets_or_one(self, sets: tuple[int, ...]) -> None:
        assert session_dose([THRUST], [Log(MON, tuple(LoggedSet("thrust", amount) for amount in sets))]) == 1

    def test_walk_complete_and_thrust_not_done(self) -> None:
        (result,) = sessions(course_of(), [Log(MON, ALL_OF_IT[:1])]).values()
        assert (result.dose, result.status) == (Fraction(1, 2), Status.PART_DONE)

    def test_paused_friday_to_sunday(self) -> None:
        result = week_of(course_of(pauses=(Pause(FRI, SUN),)), complete_on(MON, WED))
        assert (result.fraction_text, result.percent, result.paused_dates) == ("2/2", 100, 3)
        assert not result.whole_week_paused

    def test_paused_the_whole_week_with_one_session(self) -> None:
        result = week_of(course_of(pauses=(Pause(MON, SUN),)), complete_on(TUE))
        assert (result.due, result.percent, result.band) == (0, None, Band.NOT_APPLICABLE)
        assert (result.extra, result.without_plan, result.counted) == (1, 1, 0)
        assert result.whole_week_paused

    def test_nothing_logged_and_nothing_skipped(self) -> None:
        result = week_of(course_of(), [])
        assert (result.fraction_text, result.percent, result.dose_percent) == ("0/3", None, None)
        assert (result.band, result.nothing_logged) == (Band.NO_DATA, True)

    def test_two_skips_for_pain(self) -> None:
        result = week_of(course_of(), [Log(MON, skip_reason="pain"), Log(WED, skip_reason="pain")])
        assert (result.fraction_text, result.percent, result.band) == ("0/3", 0, Band.LOW)
        assert (result.skipped, result.skips) == (2, (("pain", 2),))

    def test_phase_of_two_weeks_from_a_thursday_with_three_paused_days(self) -> None:
        first, second = Phase((WALK,), weeks=2, frequency=3), Phase((THRUST,), frequency=3)
        course = course_of(first, second, starts_on=THU, pauses=(Pause(NEXT_MON, NEXT_MON + timedelta(days=2)),))
        last_date = THU + timedelta(days=16)
        last, following = course.plan_on(last_date), course.plan_on(last_date + timedelta(days=1))
        assert last_date.strftime("%A") == "Saturday"
        assert last is not None
        assert (last.phase, last.week, last.day) == (first, 2, 14)
        assert following is not None
        assert (following.phase, following.week, following.day) == (second, 1, 15)

    def test_late_on_sunday_in_los_angeles(self) -> None:
        moment = datetime(2026, 11, 23, 7, 30, tzinfo=UTC)
        local = moment.astimezone(ZoneInfo("America/Los_Angeles")).date()
        this_week, next_week = weeks(course_of(), complete_on(local), MON, NEXT_MON, today=NEXT_MON)
        assert (moment.date(), local, monday_of(local)) == (NEXT_MON, SUN, MON)
        assert (this_week.counted, next_week.counted) == (1, 0)


class TestSessions:
    @pytest.mark.parametrize(("amount", "status"), [(9, Status.PART_DONE), (10, Status.COUNTS)])
    def test_half_of_a_dose(self, amount: int, status: Status) -> None:
        (result,) = sessions(course_of(), [Log(MON, (ALL_OF_IT[0], LoggedSet("thrust", amount)))]).values()
        assert result.status == status

    @pytest.mark.parametrize(("right", "status"), [(9, Status.PART_DONE), (10, Status.COUNTS)])
    def test_half_of_a_direction(self, right: int, status: Status) -> None:
        sets = (LoggedSet("walk", left=40, right=right), ALL_OF_IT[1])
        (result,) = sessions(course_of(), [Log(MON, sets)]).values()
        assert result.status == status

    def test_any_active_date_serves_for_a_weekday(self) -> None:
        phase = Phase((WALK, THRUST), weekdays=frozenset({0, 2, 4}))
        assert week_of(course_of(phase), complete_on(TUE, SAT, SUN)).fraction_text == "3/3"

    def test_a_session_is_judged_by_the_plan_of_its_own_date(self) -> None:
        heavier = Phase((Dose("walk", 2, 30, per_direction=True), THRUST), frequency=3)
        revised = Course((Prescription(EARLIER, (THREE_A_WEEK,), ends_on=WED), Prescription(THU, (heavier,))))
        results = sessions(revised, complete_on(WED, THU))
        assert [result.dose for result in results.values()] == [1, Fraction(2, 3)]

    def test_optional_doses_are_shown_and_enter_no_figure(self) -> None:
        optional = Dose("thrust", 2, 10, per_direction=False, required=False)
        course = course_of(Phase((WALK, optional), frequency=3))
        (result,) = sessions(course, [Log(MON, ALL_OF_IT[:1])]).values()
        assert (result.dose, result.status) == (Fraction(1), Status.COUNTS)
        assert [(each.exercise, each.required, each.dose) for each in result.exercises] == [
            ("walk", True, Fraction(1)),
            ("thrust", False, Fraction(0)),
        ]

    def test_only_an_optional_exercise_is_part_done(self) -> None:
        optional = Dose("thrust", 2, 10, per_direction=False, required=False)
        course = course_of(Phase((WALK, optional), frequency=3))
        (result,) = sessions(course, [Log(MON, ALL_OF_IT[1:])]).values()
        assert (result.dose, result.status) == (Fraction(0), Status.PART_DONE)

    def test_parts_say_what_a_dose_is_made_of(self) -> None:
        (walk, thrust) = exercise_doses(THREE_A_WEEK, [Log(MON, (LoggedSet("walk", left=30, right=10),))])
        assert walk.parts == (Part("left", 30, 20), Part("right", 10, 20))
        assert thrust.parts == (Part("", 0, 20),)

    def test_a_number_in_the_other_unit_counts_for_nothing(self) -> None:
        sets = (LoggedSet("walk", 20), LoggedSet("thrust", left=10, right=10))
        assert session_dose(THREE_A_WEEK, [Log(MON, sets)]) == 0

    def test_a_reason_beside_something_done_is_a_session(self) -> None:
        logs = [Log(MON, skip_reason="tired"), *complete_on(MON)]
        result = week_of(course_of(), logs)
        assert (result.counted, result.skipped, result.skips) == (1, 0, ())

    def test_zeros_with_a_reason_are_a_skip_and_without_one_part_done(self) -> None:
        nothing = (LoggedSet("walk", left=0, right=0),)
        result = week_of(course_of(), [Log(MON, nothing, skip_reason="pain"), Log(TUE, nothing)])
        assert (result.skipped, result.part_done, result.counted) == (1, 1, 0)

    def test_an_emptied_log_says_nothing(self) -> None:
        assert sessions(course_of(), [Log(MON)]) == {}
        assert week_of(course_of(), [Log(MON)]).band == Band.NO_DATA

    def test_without_a_plan(self) -> None:
        (result,) = sessions(course_of(starts_on=TUE), complete_on(MON)).values()
        assert (result.status, result.planned, result.dose, result.exercises) == (Status.NO_PLAN, None, None, ())


class TestFigures:
    @staticmethod
    def made_of(*, counted: int, due: int, active_dates: int = 7) -> Week:
        return Week(
            monday=MON,
            complete=True,
            due=due,
            active_dates=active_dates,
            paused_dates=0,
            counted=counted,
            part_done=0,
            without_plan=0,
            dose_sum=Fraction(counted),
            skipped=0,
            skips=(),
        )

    @pytest.mark.parametrize(
        ("counted", "due", "band", "shown"),
        [
            (4, 5, Band.ON_TRACK, 80),
            (3, 4, Band.PARTIAL, 75),
            (1999, 2500, Band.PARTIAL, 79),
            (2, 4, Band.PARTIAL, 50),
            (3, 7, Band.LOW, 42),
            (1249, 2500, Band.LOW, 49),
        ],
    )
    def test_bands_are_decided_on_the_exact_fraction(self, counted: int, due: int, band: Band, shown: int) -> None:
        result = self.made_of(counted=counted, due=due)
        assert (result.band, result.percent) == (band, shown)

    @pytest.mark.parametrize(("active_dates", "band"), [(3, Band.NONE), (4, Band.ON_TRACK)])
    def test_four_active_dates_make_a_band(self, active_dates: int, band: Band) -> None:
        assert self.made_of(counted=1, due=1, active_dates=active_dates).band == band

    def test_percentages_are_floored(self) -> None:
        assert [percent(Fraction(part, 3)) for part in range(4)] == [0, 33, 66, 100]
        assert percent(Fraction(999, 1000)) == 99

    def test_dose_adherence_takes_the_best_sessions(self) -> None:
        part_done = [Log(day, ALL_OF_IT[:1]) for day in (MON, TUE, WED)]
        result = week_of(course_of(), [*part_done, *complete_on(SUN)])
        assert (result.fraction_text, result.part_done) == ("1/3", 3)
        assert (result.dose_sum, result.dose, result.dose_percent) == (Fraction(2), Fraction(2, 3), 66)

    def test_without_a_plan_enters_no_figure_but_is_not_silence(self) -> None:
        result = week_of(course_of(starts_on=WED), complete_on(MON))
        assert (result.fraction_text, result.percent, result.dose_percent, result.band) == ("0/2", 0, 0, Band.LOW)
        assert (result.extra, result.nothing_logged) == (1, False)

    def test_nothing_logged_in_a_short_week_has_no_band_and_no_percentage(self) -> None:
        result = week_of(course_of(starts_on=SAT), [])
        assert (result.fraction_text, result.percent, result.band) == ("0/1", None, Band.NONE)

    def test_no_data_is_said_of_complete_weeks_only(self) -> None:
        running = week(course_of(), [], MON, today=SUN)
        assert (running.complete, running.percent, running.band) == (False, 0, Band.LOW)
        assert week(course_of(), [], MON, today=NEXT_MON).band == Band.NO_DATA

    def test_skips_of_several_reasons(self) -> None:
        reasons = [(MON, "pain"), (TUE, "away"), (WED, "pain"), (THU, "away"), (FRI, "tired"), (FRI, "tired")]
        result = week_of(course_of(), [Log(day, skip_reason=reason) for day, reason in reasons])
        assert (result.skipped, result.skips) == (5, (("away", 2), ("pain", 2), ("tired", 1)))

    def test_without_a_prescription(self) -> None:
        assert week_of(Course(()), complete_on(MON)).extra == 1
        assert to_date(Course(()), complete_on(MON), MON) == ToDate(0, 0)

    def test_to_date_sums_what_was_done_and_due(self) -> None:
        course = course_of(starts_on=THU)
        second, third = NEXT_MON, NEXT_MON + timedelta(weeks=1)
        five = [second + timedelta(days=offset) for offset in range(5)]
        logs = complete_on(WED, THU, *five)
        total = to_date(course, logs, third)
        assert (total.fraction_text, total.adherence, total.percent) == ("4/8", Fraction(1, 2), 50)
        assert to_date(course, logs, MON) == ToDate(1, 2)
        assert to_date(course, logs, MON - timedelta(weeks=1)) == ToDate(0, 0)
        assert ToDate(0, 0).percent is None


def test_the_week_by_hand() -> None:
    def walk_and_thrust(left: int, right: int, thrust: int) -> tuple[LoggedSet, ...]:
        return LoggedSet("walk", left=left, right=right), LoggedSet("thrust", thrust)

    logs = [
        Log(MON, walk_and_thrust(20, 16, 20)),
        Log(WED, walk_and_thrust(20, 20, 8)),
        Log(THU, skip_reason="pain"),
        Log(FRI, walk_and_thrust(10, 10, 10)),
        Log(SAT, ALL_OF_IT),
    ]
    course = course_of(pauses=(Pause(SAT),))
    doses = [result.dose for result in sessions(course, logs).values()]
    assert doses == [Fraction(95, 100), Fraction(70, 100), None, Fraction(50, 100), None]
    result = week_of(course, logs)
    assert (result.fraction_text, result.percent, result.band) == ("2/2", 100, Band.ON_TRACK)
    assert (result.part_done, result.extra, result.skips) == (1, 1, (("pain", 1),))
    assert (result.dose_sum, result.dose_percent) == (Fraction(165, 100), 82)


class TestAPauseThatMovesAPhase:
    """Where a phase or the end falls into the week, a pause moves it, and the rest of the week is another plan."""

    def test_it_can_bring_in_a_weekday_that_was_not_due(self) -> None:
        phase = Phase((WALK, THRUST), weeks=1, weekdays=frozenset({0, 3}))
        course = course_of(phase, starts_on=THU - timedelta(weeks=1))
        assert week_of(course, complete_on(MON)).fraction_text == "1/1"
        paused = Course(course.prescriptions, (Pause(TUE, TUE),))
        assert week_of(paused, complete_on(MON)).fraction_text == "1/2"

    def test_it_can_put_a_session_under_another_dose(self) -> None:
        heavy = Phase((Dose("walk", 3, 20, per_direction=True), THRUST), weeks=1, frequency=3)
        course = course_of(heavy, THREE_A_WEEK, starts_on=TUE - timedelta(weeks=1))
        assert week_of(course, complete_on(TUE)).fraction_text == "1/3"
        paused = Course(course.prescriptions, (Pause(MON, MON),))
        assert week_of(paused, complete_on(TUE)).fraction_text == "0/3"

    def test_one_that_began_the_week_before_can_make_more_due(self) -> None:
        course = course_of(Phase((WALK, THRUST), weeks=1, frequency=3), starts_on=THU - timedelta(weeks=1))
        assert week_of(course, complete_on(WED)).fraction_text == "1/1"
        paused = Course(course.prescriptions, (Pause(THU - timedelta(weeks=1), MON),))
        assert week_of(paused, complete_on(WED)).fraction_text == "1/3"
