"""Which alerts are due: pure, from what is known of a patient."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patients.adherence import Course, Dose, Log, LoggedSet, Pause, Phase, Prescription
from patients.alerts import AT_ONCE, CountedSet, Due, Kind, Known, Session, Target, Thresholds
from patients.alerts import due_at_once as at_once
from patients.alerts import due_in_digest as in_digest

DAY, WEEK = timedelta(days=1), timedelta(weeks=1)
MON, TUE, WED, THU, FRI, SAT, SUN = (date(2026, 11, 16) + number * DAY for number in range(7))
LAST_WEEK = (MON - WEEK, WED - WEEK, FRI - WEEK)
START = MON - 6 * WEEK
WHOLE = (LoggedSet("thrust", 20),)
THREE_A_WEEK = (Phase((Dose("thrust", 2, 10, per_direction=False),), frequency=3),)
TOP = Target("thrust", 2, 30)
BEYOND = (CountedSet("thrust", 30), CountedSet("thrust", 32))


def known(*days: date, start: date | None = START, pause: Pause | None = None, **more: Any) -> Known:
    """Three sessions a week since `start`; whole sessions on these days, without an answer about pain."""
    prescriptions = (Prescription(start, THREE_A_WEEK),) if start else ()
    defaults: dict[str, Any] = {
        "course": Course(prescriptions, (pause,) if pause else ()),
        "logs": [Log(day, WHOLE) for day in days],
        "sessions": [Session(day=day) for day in sorted(days)],
        "last_log": max(days, default=None),
        "last_session": max(days, default=None),
    }
    return Known(**defaults | more)


def hurting(*felt: tuple[date, int | None], **more: Any) -> Known:
    days = [day for day, _pain in felt]
    return known(*days, sessions=[Session(day=day, pain=pain) for day, pain in felt], **more)


def kinds(day: date, one: Known, **limits: int) -> list[Kind]:
    return [due.kind for due in in_digest(day, one, Thresholds(**limits))]


def told(pain: int | None, day: date, *felt: tuple[date, int | None], **limits: int) -> list[Due]:
    return at_once(pain, "a", day, [Session(day=each, pain=level) for each, level in felt], Thresholds(**limits))


class TestAtOnce:
    @pytest.mark.parametrize(
        ("pain", "before", "expected"),
        [
            (None, 9, []),
            (5, 9, []),
            (6, 5, []),
            (7, None, []),
            (6, 6, [Kind.PAIN_TWICE]),
            (8, 5, [Kind.ALARMING_PAIN]),
            (8, 6, [Kind.ALARMING_PAIN, Kind.PAIN_TWICE]),
        ],
    )
    def test_the_pain_of_this_session_and_the_one_before(
        self, pain: int | None, before: int | None, expected: list[Kind]
    ) -> None:
        assert [due.kind for due in told(pain, WED, (MON, before), (WED, pain))] == expected

    def test_what_is_between_two_sessions(self) -> None:
        assert told(6, FRI, (MON, 6), (WED, None), (FRI, 6)) == []
        assert told(6, FRI, (MON, 6), (WED, 5), (FRI, 6)) == []
        assert [due.kind for due in told(6, FRI, (MON - 3 * WEEK, 6), (FRI, 6))] == [Kind.PAIN_TWICE]

    def test_a_late_log_runs_with_the_one_after_it(self) -> None:
        [due] = told(7, MON, (MON, 7), (WED, 6))
        assert (due.kind, due.on) == (Kind.PAIN_TWICE, WED)
        assert [(each["day"], each["pain"]) for each in due.evidence] == [("2026-11-16", 7), ("2026-11-18", 6)]

    def test_two_earlier_ones_are_not_raised_by_a_third_that_is_well(self) -> None:
        assert told(2, FRI, (MON, 6), (WED, 6), (FRI, 2)) == []

    def test_the_clinics_own_numbers(self) -> None:
        assert [due.kind for due in told(7, WED, (WED, 7), pain_at_once=7)] == [Kind.ALARMING_PAIN]
        assert [due.kind for due in told(4, WED, (MON, 4), (WED, 4), pain_too_much=4)] == [Kind.PAIN_TWICE]

    def test_evidence_is_dates_numbers_and_ids(self) -> None:
        [due] = told(9, WED, (WED, 9))
        assert due.evidence == ({"day": "2026-11-18", "pain": 9, "log": "a"},)


class TestPain:
    def test_too_much_once(self) -> None:
        assert kinds(FRI, hurting((MON, 6), (WED, 5))) == [Kind.PAIN]
        assert kinds(FRI, hurting((MON, 5), (WED, 5))) == []
        assert kinds(FRI, hurting((MON, 5), (WED, 5)), pain_too_much=5) == []
        assert kinds(FRI, hurting((MON, 4), (WED, 5)), pain_too_much=5) == [Kind.PAIN]

    def test_not_what_was_told_at_once(self) -> None:
        assert kinds(FRI, hurting((MON, 8), (WED, 5))) == []
        assert kinds(FRI, hurting((MON, 6), (WED, 7))) == []

    @pytest.mark.parametrize(
        ("before", "morning", "expected"),
        [(3, 5, True), (3, 4, False), (None, 9, False), (3, None, False), (0, 2, True), (6, 5, False)],
    )
    def test_the_next_morning(self, before: int | None, morning: int | None, expected: bool) -> None:
        one = known(MON, WED, sessions=[Session(day=MON, before=before, morning=morning), Session(day=WED)])
        assert kinds(FRI, one) == [Kind.MORNING_AFTER] * expected

    @pytest.mark.parametrize(
        ("before", "after", "expected"),
        [
            ((2, 3), (4, 5), True),
            ((2, 3), (4, 4), False),
            ((2,), (5, 5), False),
            ((2, 2), (5,), False),
            ((1, 1, 2), (3, 3, 4), True),
            ((1, 2, 2), (3, 3, 4), False),
        ],
    )
    def test_the_weekly_mean(self, before: Sequence[int], after: Sequence[int], expected: bool) -> None:
        """1, 1, 2 has a mean of 4/3 and 3, 3, 4 of 10/3: exactly two more."""
        days = [MON - 2 * WEEK + 2 * number * DAY for number in range(3)]
        felt = [
            *zip(days, before, strict=False),
            *((day + WEEK, level) for day, level in zip(days, after, strict=False)),
        ]
        one = hurting(*felt, last_log=TUE, last_session=TUE, logs=[Log(day, WHOLE) for day in days])
        assert (Kind.PAIN_RISING in kinds(WED, one)) is expected

    def test_a_week_is_complete_with_its_sunday(self) -> None:
        felt = [(MON - WEEK, 1), (WED - WEEK, 1), (MON, 5), (WED, 5), (FRI, 5)]
        assert kinds(SAT, hurting(*felt)) == []
        assert kinds(SUN, hurting(*felt)) == [Kind.PAIN_RISING]


class TestWhatIsDone:
    def test_two_skips_for_pain_in_two_weeks(self) -> None:
        def skipping(*days: date) -> Known:
            logs = [*(Log(day, WHOLE) for day in LAST_WEEK), *(Log(day, skip_reason="pain") for day in days)]
            return known(*LAST_WEEK, logs=logs, last_log=max(days))

        assert kinds(WED, skipping(MON)) == []
        assert kinds(WED, skipping(SUN - 2 * WEEK, MON)) == []
        assert kinds(WED, skipping(SUN - WEEK, MON)) == [Kind.SKIPS_FOR_PAIN]
        assert kinds(WED, skipping(MON, TUE)) == [Kind.SKIPS_FOR_PAIN]
        assert kinds(WED, skipping(MON, TUE), skips_for_pain=3) == []

    @pytest.mark.parametrize(("days", "expected"), [((MON, TUE), False), ((MON, TUE, WED), True)])
    def test_skips_that_were_acknowledged_do_not_make_two(self, days: Sequence[date], expected: bool) -> None:
        logs = [Log(day, skip_reason="pain") for day in days]
        found = in_digest(WED, known(*LAST_WEEK, logs=logs, last_log=max(days)), Thresholds())
        [due] = [each for each in found if each.kind == Kind.SKIPS_FOR_PAIN]
        assert due.is_news(MON, 0, is_open=False) is expected
        assert due.is_news(MON, 0, is_open=True)

    def test_two_above_what_was_due(self) -> None:
        assert kinds(SUN, known(*LAST_WEEK, MON, TUE, WED, THU)) == []
        [due] = in_digest(SUN, known(*LAST_WEEK, MON, TUE, WED, THU, FRI), Thresholds())
        assert (due.kind, due.evidence) == (Kind.ABOVE_DUE, ({"week": "2026-11-16", "done": 5, "due": 3},))

    def test_no_first_session_by_the_fifth_day(self) -> None:
        assert kinds(THU, known(start=MON)) == []
        assert kinds(FRI, known(start=MON)) == [Kind.NOT_STARTED]
        assert kinds(FRI, known(start=MON), first_session_by=6) == []

    @pytest.mark.parametrize(("day", "level"), [(5, 0), (13, 0), (14, 14), (29, 14), (30, 30)])
    def test_not_started_is_silent_too(self, day: int, level: int) -> None:
        """Somebody who said that they would start is not forgotten once that was noted."""
        [due] = in_digest(MON + (day - 1) * DAY, known(start=MON), Thresholds())
        assert (due.kind, due.level) == (Kind.NOT_STARTED, level)

    def test_days_count_since_something_was_due(self) -> None:
        mondays = Course((Prescription(THU - 2 * WEEK, (Phase(THREE_A_WEEK[0].doses, weekdays=frozenset({0})),)),))
        once = known(MON - WEEK, course=mondays)
        assert kinds(SAT, once) == []
        assert kinds(SUN, once) == [Kind.SILENT]
        never = known(course=mondays)
        assert kinds(THU - WEEK, never) == []
        assert kinds(FRI - WEEK, never) == [Kind.NOT_STARTED]

    @pytest.mark.parametrize(("days", "level"), [(6, None), (7, 7), (13, 7), (14, 14), (29, 14), (30, 30), (60, 30)])
    def test_silence_in_three_steps(self, days: int, level: int | None) -> None:
        last = START + WEEK
        found = in_digest(last + days * DAY, known(START, last), Thresholds())
        [due] = [each for each in found if each.kind == Kind.SILENT] or [None]
        assert (due and due.level) == level
        assert due is None or due.evidence == ({"since": last.isoformat(), "days": days},)

    def test_paused_dates_are_no_silence(self) -> None:
        gap = Pause(TUE - WEEK, SUN - WEEK)
        assert Kind.SILENT in kinds(SUN, known(START, MON - WEEK, pause=gap))
        assert Kind.SILENT not in kinds(SAT, known(START, MON - WEEK, pause=gap))

    @pytest.mark.parametrize(
        ("before", "last", "expected"),
        [(1, 1, True), (1, 0, True), (0, 1, True), (0, 0, False), (2, 1, False), (1, 2, False)],
    )
    def test_below_half_in_two_complete_weeks(self, before: int, last: int, expected: bool) -> None:
        days = [MON - 2 * WEEK + each * DAY for each in range(before)] + [
            MON - WEEK + each * DAY for each in range(last)
        ]
        one = known(*days, last_log=TUE)
        assert (Kind.BELOW_HALF in kinds(WED, one)) is expected

    @pytest.mark.parametrize(("told", "expected"), [(MON - 3 * WEEK, True), (MON - 2 * WEEK, False)])
    def test_a_week_that_was_acknowledged_is_not_one_of_two(self, told: date, expected: bool) -> None:
        one = known(MON - 2 * WEEK, MON - WEEK, last_log=TUE)
        [due] = [each for each in in_digest(WED, one, Thresholds()) if each.kind == Kind.BELOW_HALF]
        assert due.is_news(told, 0, is_open=False) is expected
        assert due.is_news(told, 0, is_open=True)
        assert not due.is_news(MON - WEEK, 0, is_open=True)


def easy(day: date, **said: Any) -> Session:
    answers = {"pain": 3, "before": 2, "morning": 2, "effort": 6, "sets": BEYOND, "targets": (TOP,)}
    return Session(day=day, **answers | said)


class TestReady:
    def ready(self, *sessions: Session, **limits: int) -> bool:
        return Kind.READY in kinds(FRI, known(*LAST_WEEK, MON, WED, sessions=sessions), **limits)

    def test_all_of_it_in_two_sessions_running(self) -> None:
        assert self.ready(easy(MON), easy(WED))
        assert not self.ready(easy(WED))
        assert not self.ready(easy(SUN - WEEK), easy(MON), easy(WED, pain=6))
        assert not self.ready(easy(SUN - WEEK), easy(MON, effort=7), easy(WED))

    @pytest.mark.parametrize(
        "missing",
        [
            *({name: None} for name in ("pain", "before", "morning", "effort")),
            {"pain": 6},
            {"effort": 7},
            {"morning": 3},
            {"targets": ()},
            {"sets": BEYOND[1:]},
            {"sets": (CountedSet("thrust", 29), CountedSet("thrust", 32))},
            {"sets": (CountedSet("thrust", 30), CountedSet("thrust", 31))},
            {"sets": (CountedSet("thrust", 32), CountedSet("thrust", 30))},
            {"sets": (CountedSet("thrust", 30, as_planned=True), CountedSet("thrust", 32))},
            {"sets": (CountedSet("thrust", 30), CountedSet("thrust", 32, as_planned=True))},
            {"sets": (CountedSet("walk", 30), CountedSet("walk", 32))},
        ],
        ids=str,
    )
    def test_anything_missing_is_not_ready(self, missing: dict[str, Any]) -> None:
        assert not self.ready(easy(MON, **missing), easy(WED))
        assert not self.ready(easy(MON), easy(WED, **missing))

    def test_the_limits_are_included(self) -> None:
        assert self.ready(easy(MON, pain=5), easy(WED, pain=5))
        assert not self.ready(easy(MON), easy(WED), ready_beyond=3)
        assert not self.ready(easy(MON), easy(WED), ready_effort=5)


felt = st.builds(
    easy,
    st.integers(-14, 4).map(lambda number: MON + number * DAY),
    pain=st.none() | st.integers(0, 10),
    before=st.none() | st.integers(0, 10),
    morning=st.none() | st.integers(0, 10),
    effort=st.none() | st.integers(0, 10),
)
histories = st.lists(felt, unique_by=lambda each: each.day).map(lambda each: sorted(each, key=lambda one: one.day))


@given(histories, st.integers(0, 6))
def test_what_always_holds(sessions: list[Session], weekday: int) -> None:
    """At most one of each kind, none of the first group; nothing while paused; stricter limits never raise more."""
    day = MON + weekday * DAY
    one = known(*(each.day for each in sessions), sessions=sessions)
    found = kinds(day, one)
    assert len(found) == len(set(found))
    assert not set(found) & set(AT_ONCE)
    assert found == sorted(found, key=list(Kind).index)
    paused = Course(one.course.prescriptions, (Pause(day),))
    assert in_digest(day, replace(one, course=paused), Thresholds()) == []
    unanswered = [replace(each, morning=None) for each in sessions]
    assert not {Kind.READY, Kind.MORNING_AFTER} & set(kinds(day, replace(one, sessions=unanswered)))


@given(histories)
def test_no_pain_of_eight_or_two_running_is_missed(sessions: list[Session]) -> None:
    """Logged one after the other in any order, each is told when it comes."""
    raised: set[Kind] = set()
    for number, each in enumerate(sessions):
        raised |= {due.kind for due in at_once(each.pain, "a", each.day, sessions[: number + 1], Thresholds())}
    pains = [each.pain if each.pain is not None else -1 for each in sessions]
    assert (Kind.ALARMING_PAIN in raised) == any(pain >= 8 for pain in pains)
    running = any(min(pair) >= 6 for pair in pairwise(pains))
    assert (Kind.PAIN_TWICE in raised) == running
