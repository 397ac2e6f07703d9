"""Why a patient needs the clinician: each reason of docs/summaries.md at its threshold, pure."""

from datetime import date, timedelta

import pytest

from patients.adherence import Log, Pause
from patients.alerts import Session, Thresholds
from patients.summaries.facts import Entry
from patients.summaries.making import summarise
from tests.patients.cases import (
    FRI,
    MON,
    ON_TRACK,
    SAT,
    START,
    SUN,
    THU,
    TUE,
    WED,
    WEEK,
    facts,
    needs,
    on,
    pain,
    reasons_of,
    summary_of,
)


def test_each_red_flag() -> None:
    assert reasons_of(facts("P-001", *ON_TRACK, red_flags=(TUE, SAT))) == [
        "red flag reported on Tue 17 Nov",
        "red flag reported on Sat 21 Nov",
    ]


@pytest.mark.parametrize(
    ("entries", "said"),
    [
        ([pain(5, WED)], []),
        ([pain(6, WED), pain(5, FRI), pain(7, SUN)], ["pain 7 of 10 on Sun 22 Nov"]),
        (
            [pain(6, WED), pain(7, FRI), pain(6, SUN)],
            ["too much pain in two sessions running: 6 of 10 on Wed 18 Nov, 7 on Fri 20 Nov"],
        ),
        (
            [pain(6, SUN - WEEK), pain(6, MON)],
            ["too much pain in two sessions running: 6 of 10 on Sun 15 Nov, 6 on Mon 16 Nov"],
        ),
        ([pain(6, FRI - WEEK), pain(6, SUN - WEEK)], []),
        ([pain(6, WED), Entry(FRI, FRI, sets=4), pain(6, SUN)], ["pain 6 of 10 on Sun 22 Nov"]),
        ([pain(7, WED - WEEK)], []),
        (
            [pain(8, WED), pain(7, THU), pain(10, FRI)],
            ["pain 8 of 10 on Wed 18 Nov", "pain 10 of 10 on Fri 20 Nov"],
        ),
        ([pain(8, SUN - WEEK)], []),
        ([pain(8, SUN - WEEK, received_on=MON)], ["pain 8 of 10 on Sun 15 Nov"]),
    ],
    ids=[
        "acceptable",
        "too much, twice with a session between",
        "too much, running",
        "running over Sunday",
        "running, told before",
        "no answer between",
        "a week ago",
        "alarming, each",
        "told before",
        "came after it was told",
    ],
)
def test_pain(entries: list[Entry], said: list[str]) -> None:
    assert sorted(reasons_of(facts("P-001", *ON_TRACK, entries=tuple(entries)))) == sorted(said)


def test_the_clinics_own_zone_of_too_much_pain() -> None:
    one = facts("P-001", *ON_TRACK, entries=(pain(5, WED),))
    summary = summarise([one], monday=MON, weeks_back=12, limits=Thresholds(pain_too_much=5))
    assert needs(summary) == {"P-001": ["pain 5 of 10 on Wed 18 Nov"]}


@pytest.mark.parametrize(
    ("logs", "said"),
    [
        (on(MON - WEEK, MON), ["below half in two weeks: 1/3, then 1/3"]),
        (on(MON - WEEK, MON, TUE), []),
        (on(MON - WEEK, TUE - WEEK, MON), []),
        (on(MON), ["below half in two weeks: 0/3, then 1/3"]),
    ],
)
def test_below_half_in_two_complete_weeks(logs: tuple[Log, ...], said: list[str]) -> None:
    assert reasons_of(facts("P-001", *logs)) == said


@pytest.mark.parametrize(
    ("last", "said"),
    [
        (MON, []),
        (SUN - WEEK, ["nothing logged for 7 days (last on Sun 15 Nov)"]),
        (WED - WEEK, ["nothing logged for 11 days (last on Wed 11 Nov)"]),
    ],
)
def test_silent_for_seven_days(last: date, said: list[str]) -> None:
    before = on(MON - WEEK, TUE - WEEK)
    found = reasons_of(facts("P-001", *before, *on(last)))
    assert [reason for reason in found if "nothing logged" in reason] == said


@pytest.mark.parametrize(
    ("days", "said"),
    [
        (13, "nothing logged for 13 days (last on Mon 9 Nov)"),
        (14, "still nothing logged, for 14 days (last on Sun 8 Nov)"),
        (29, "still nothing logged, for 29 days (last on Sat 24 Oct)"),
        (30, "nothing logged for 30 days (last on Fri 23 Oct): close or pause?"),
    ],
)
def test_silence_escalates_and_in_the_end_asks(days: int, said: str) -> None:
    assert said in reasons_of(facts("P-001", *on(SUN - timedelta(days=days))))


def test_the_longer_silence_comes_first() -> None:
    silent = [facts(f"P-{days}", *on(SUN - timedelta(days=days))) for days in (8, 31, 15)]
    assert list(needs(summary_of(*silent))) == ["P-31", "P-15", "P-8"]


@pytest.mark.parametrize(
    ("sessions", "said"),
    [
        ([(MON, 2, 4)], ["2 before the session on Mon 16 Nov, 4 on the morning after"]),
        ([(MON, 2, 3)], []),
        ([(MON, None, 9), (WED, 3, None)], []),
        ([(SUN - WEEK, 0, 5)], []),
        ([(MON, 2, 4), (WED, 1, 4)], ["1 before the session on Wed 18 Nov, 4 on the morning after"]),
    ],
    ids=["two more", "one more", "unanswered", "told before", "the worst"],
)
def test_the_morning_after(sessions: list[tuple[date, int | None, int | None]], said: list[str]) -> None:
    told = tuple(Session(day=day, before=before, morning=morning) for day, before, morning in sessions)
    whole = [f"next morning worse: pain {text}" for text in said]
    assert reasons_of(facts("P-001", *ON_TRACK, sessions=told)) == whole


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ([1, 2], [3, 4], ["mean pain up from 1.5 (2 answers) to 3.5 (2 answers)"]),
        ([1, 2], [3, 3], []),
        ([1], [5, 5], []),
        ([1, 1], [5], []),
        ([0, 1, 1], [3, 2, 3], ["mean pain up from 0.6 (3 answers) to 2.6 (3 answers)"]),
    ],
    ids=["up by two", "by less", "one before", "one after", "in thirds"],
)
def test_the_mean_of_a_week(before: list[int], after: list[int], said: list[str]) -> None:
    days = [(MON - WEEK + timedelta(days=number), pain) for number, pain in enumerate(before)]
    days += [(MON + timedelta(days=number), pain) for number, pain in enumerate(after)]
    told = tuple(Session(day=day, pain=pain) for day, pain in days)
    assert reasons_of(facts("P-001", *ON_TRACK, sessions=told)) == said


@pytest.mark.parametrize(
    ("days", "said"),
    [((MON, TUE, WED, THU), []), ((MON, TUE, WED, THU, FRI), ["more than planned: 5 sessions, 3 due"])],
)
def test_sessions_above_what_was_due(days: tuple[date, ...], said: list[str]) -> None:
    assert reasons_of(facts("P-001", *on(MON - WEEK, WED - WEEK, FRI - WEEK, *days))) == said


def test_each_number_is_the_clinics_own() -> None:
    sessions = (Session(day=MON, before=2, morning=4, pain=2), Session(day=WED, pain=2))
    one = facts("P-001", *ON_TRACK, *on(TUE, THU), sessions=sessions)
    assert len(summarise([one], monday=MON, weeks_back=12, limits=Thresholds()).needs[0].reasons) == 2
    patient_limits = Thresholds(morning_rise=3, above_due=3)
    assert summarise([one], monday=MON, weeks_back=12, limits=patient_limits).needs == ()


def test_paused_days_are_no_silence() -> None:
    paused = Pause(SUN - WEEK, FRI)
    assert reasons_of(facts("P-001", *on(MON - WEEK, WED - WEEK, SAT - WEEK), pause=paused)) == []


def test_a_skip_breaks_the_silence() -> None:
    logs = (*on(MON - 2 * WEEK), *on(FRI, sets=(), skip_reason="time"))
    assert [text for text in reasons_of(facts("P-001", *logs)) if "nothing logged" in text] == []


@pytest.mark.parametrize(
    ("start", "logs", "said"),
    [
        (THU, (), []),
        (WED, (), ["no first session by day 5 (started Wed 18 Nov)"]),
        (WED, on(SUN), []),
        (WED, on(SUN, sets=(), skip_reason="time"), ["no first session by day 5 (started Wed 18 Nov)"]),
        (WED, on(MON - WEEK), ["no first session by day 5 (started Wed 18 Nov)"]),
    ],
    ids=["day 4", "day 5", "had one", "a skip is none", "one before the start is none"],
)
def test_no_first_session_by_the_fifth_day(start: date, logs: tuple[Log, ...], said: list[str]) -> None:
    assert reasons_of(facts("P-001", *logs, start=start)) == said


def test_two_skips_for_pain() -> None:
    skips = on(TUE, sets=(), skip_reason="pain"), on(THU, sets=(), skip_reason="pain")
    assert reasons_of(facts("P-001", *ON_TRACK, *skips[0])) == []
    assert reasons_of(facts("P-001", *ON_TRACK, *skips[0], *skips[1])) == ["skipped 2× for pain"]
    before = on(TUE - WEEK, sets=(), skip_reason="pain"), on(THU - WEEK, sets=(), skip_reason="pain")
    assert reasons_of(facts("P-001", *ON_TRACK, *before[0], *skips[0])) == ["skipped 2× for pain in two weeks"]
    assert reasons_of(facts("P-001", *ON_TRACK, *before[0], *before[1])) == []


def test_while_paused_only_what_cannot_wait() -> None:
    paused = Pause(SAT)
    assert reasons_of(facts("P-001", *ON_TRACK, pause=paused, entries=(pain(7, WED),))) == []
    assert reasons_of(facts("P-001", *ON_TRACK, pause=paused, entries=(pain(8, WED),))) == [
        "pain 8 of 10 on Wed 18 Nov"
    ]
    running = (pain(6, WED), pain(6, FRI))
    assert reasons_of(facts("P-001", *ON_TRACK, pause=paused, entries=running)) == [
        "too much pain in two sessions running: 6 of 10 on Wed 18 Nov, 6 on Fri 20 Nov"
    ]
    assert reasons_of(facts("P-001", pause=Pause(START), red_flags=(WED,))) == ["red flag reported on Wed 18 Nov"]


def test_the_worst_first_and_up_to_five() -> None:
    low = [facts(f"P-10{number}", *on(MON - WEEK, MON)) for number in range(4)]
    others = [
        facts("P-201", *on(MON - 2 * WEEK)),
        facts("P-202", *ON_TRACK, entries=(pain(6, WED),)),
        facts("P-203", *ON_TRACK, entries=(pain(7, WED),)),
        facts("P-204", *ON_TRACK, red_flags=(WED,)),
        facts("P-205", *ON_TRACK, entries=(pain(9, WED),)),
    ]
    summary = summary_of(*low, *others)
    assert [need.person.label for need in summary.needs] == ["P-204", "P-205", "P-203", "P-202", "P-201"]
    assert summary.more == 4
    assert summary.subject.startswith("Week 47: 9 need you,")


def test_what_cannot_wait_is_all_there() -> None:
    summary = summary_of(*[facts(f"P-{number}", *ON_TRACK, entries=(pain(8, WED),)) for number in range(7)])
    assert (len(summary.needs), summary.more) == (7, 0)
