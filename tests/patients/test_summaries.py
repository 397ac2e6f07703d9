"""What a weekly summary says: pure, from facts."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.models import Membership, Role, Summaries, User
from patients.adherence import Course, Dose, Log, LoggedSet, Pause, Phase, Prescription
from patients.alerts import Session, Thresholds
from patients.models import Patient
from patients.summaries import words
from patients.summaries.contents import Row, Summary
from patients.summaries.facts import Entry, Facts, Person
from patients.summaries.making import summarise
from patients.summaries.sharing import Share, share_out
from patients.telling import Clinicians

MON, TUE, WED, THU, FRI, SAT, SUN = (date(2026, 11, 16) + timedelta(days=offset) for offset in range(7))
WEEK = timedelta(weeks=1)
START = MON - 6 * WEEK
WALK = Dose("walk", sets=2, amount=10, per_direction=True)
THRUST = Dose("thrust", sets=2, amount=10, per_direction=False)
THREE_A_WEEK = (Phase((WALK, THRUST), frequency=3),)
WHOLE = (LoggedSet("walk", left=20, right=20), LoggedSet("thrust", 20))
HALF = (LoggedSet("walk", left=10, right=10), LoggedSet("thrust", 10))


def on(*days: date, **kwargs: Any) -> tuple[Log, ...]:
    return tuple(Log(day, **{"sets": WHOLE} | kwargs) for day in days)


def facts(
    label: str = "P-001",
    *logs: Log,
    start: date | None = START,
    pause: Pause | None = None,
    mornings: Mapping[date, int] | None = None,
    **kwargs: Any,
) -> Facts:
    """A patient with three sessions a week since `start`; `last_log` and `last_session` as the logs have it, and
    `sessions` as the entries, with the answers of the `mornings` after them."""
    entries, answers = kwargs.get("entries", ()), mornings or {}
    prescriptions = (Prescription(start, THREE_A_WEEK),) if start else ()
    dates = [log.date for log in logs if log.date <= SUN]
    with_sets = [log.date for log in logs if log.sets and log.date <= SUN]
    defaults: dict[str, Any] = {
        "person": Person(UUID(int=sum(map(ord, label))), label),
        "course": Course(prescriptions, (pause,) if pause else ()),
        "last_log": max(dates, default=None),
        "last_session": max(with_sets, default=None),
        "sessions": tuple(Session(day=e.day, pain=e.pain, morning=answers.get(e.day)) for e in entries if e.sets),
    }
    return Facts(logs=logs, **defaults | kwargs)


def pain(level: int, day: date, received_on: date | None = None) -> Entry:
    return Entry(day, received_on or day, pain=level, sets=4)


def summary_of(*everybody: Facts) -> Summary:
    return summarise(everybody, monday=MON, weeks_back=12, limits=Thresholds())


def needs(summary: Summary) -> dict[str, list[str]]:
    return {need.person.label: [reason.text for reason in need.reasons] for need in summary.needs}


def reasons_of(one: Facts) -> list[str]:
    return needs(summary_of(one)).get(one.person.label, [])


def row_of(one: Facts) -> Row:
    [row] = summary_of(one).rows
    return row


def groups(summary: Summary) -> dict[str, list[tuple[str, str]]]:
    return {group.title: [(person.label, text) for person, text in group.members] for group in summary.groups}


ON_TRACK = on(MON - WEEK, WED - WEEK, FRI - WEEK, MON, WED, FRI)


def test_the_subject_has_counts_only() -> None:
    summary = summary_of(
        facts("P-001 Anna", *ON_TRACK, entries=(pain(9, WED),)),
        facts("P-002", *on(TUE - WEEK, FRI - WEEK, MON)),
        facts("P-003", *ON_TRACK),
    )
    assert summary.subject == "Week 47: 1 needs you, 2 of 3 on track"
    assert summary.headline == "1 needs you, 2 of 3 on track, 7 of 9 sessions done."


@pytest.mark.parametrize(
    ("everybody", "headline"),
    [
        ([], "You have no patients here at present, so there is nothing to report."),
        ([facts(start=None)], "No sessions were due this week, and nobody needs you."),
        ([facts("P-001", *ON_TRACK)], "Nobody needs you, 1 of 1 on track, 3 of 3 sessions done."),
        ([facts("P-001", start=SAT)], "Nobody needs you, 0 of 1 sessions done."),
    ],
)
def test_a_week_in_which_nothing_happened_is_told_in_one_line(everybody: list[Facts], headline: str) -> None:
    assert summary_of(*everybody).headline == headline


class TestNeedsYou:
    def test_each_red_flag(self) -> None:
        assert reasons_of(facts("P-001", *ON_TRACK, red_flags=(TUE, SAT))) == [
            "red flag reported on Tue 17 Nov",
            "red flag reported on Sat 21 Nov",
        ]

    @pytest.mark.parametrize(
        ("entries", "said"),
        [
            ([pain(5, WED)], []),
            ([pain(6, WED), pain(7, FRI), pain(6, SUN)], ["pain 7 of 10 on Fri 20 Nov"]),
            ([pain(7, WED - WEEK)], []),
            (
                [pain(8, WED), pain(7, THU), pain(10, FRI)],
                ["pain 8 of 10 on Wed 18 Nov", "pain 10 of 10 on Fri 20 Nov"],
            ),
            ([pain(8, SUN - WEEK)], []),
            ([pain(8, SUN - WEEK, received_on=MON)], ["pain 8 of 10 on Sun 15 Nov"]),
        ],
        ids=["acceptable", "too much, once", "a week ago", "alarming, each", "told before", "came after it was told"],
    )
    def test_pain(self, entries: list[Entry], said: list[str]) -> None:
        assert sorted(reasons_of(facts("P-001", *ON_TRACK, entries=tuple(entries)))) == sorted(said)

    def test_the_clinics_own_zone_of_too_much_pain(self) -> None:
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
    def test_below_half_in_two_complete_weeks(self, logs: tuple[Log, ...], said: list[str]) -> None:
        assert reasons_of(facts("P-001", *logs)) == said

    @pytest.mark.parametrize(
        ("last", "said"),
        [
            (MON, []),
            (SUN - WEEK, ["nothing logged for 7 days (last on Sun 15 Nov)"]),
            (WED - WEEK, ["nothing logged for 11 days (last on Wed 11 Nov)"]),
        ],
    )
    def test_silent_for_seven_days(self, last: date, said: list[str]) -> None:
        before = on(MON - WEEK, TUE - WEEK)
        found = reasons_of(facts("P-001", *before, *on(last)))
        assert [reason for reason in found if "nothing logged" in reason] == said

    def test_paused_days_are_no_silence(self) -> None:
        paused = Pause(SUN - WEEK, FRI)
        assert reasons_of(facts("P-001", *on(MON - WEEK, WED - WEEK, SAT - WEEK), pause=paused)) == []

    def test_a_skip_breaks_the_silence(self) -> None:
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
    def test_no_first_session_by_the_fifth_day(self, start: date, logs: tuple[Log, ...], said: list[str]) -> None:
        assert reasons_of(facts("P-001", *logs, start=start)) == said

    def test_two_skips_for_pain(self) -> None:
        skips = on(TUE, sets=(), skip_reason="pain"), on(THU, sets=(), skip_reason="pain")
        assert reasons_of(facts("P-001", *ON_TRACK, *skips[0])) == []
        assert reasons_of(facts("P-001", *ON_TRACK, *skips[0], *skips[1])) == ["skipped 2× for pain"]

    def test_while_paused_only_what_cannot_wait(self) -> None:
        paused = Pause(SAT)
        assert reasons_of(facts("P-001", *ON_TRACK, pause=paused, entries=(pain(7, WED),))) == []
        assert reasons_of(facts("P-001", *ON_TRACK, pause=paused, entries=(pain(8, WED),))) == [
            "pain 8 of 10 on Wed 18 Nov"
        ]
        assert reasons_of(facts("P-001", pause=Pause(START), red_flags=(WED,))) == ["red flag reported on Wed 18 Nov"]

    def test_the_worst_first_and_up_to_five(self) -> None:
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

    def test_what_cannot_wait_is_all_there(self) -> None:
        summary = summary_of(*[facts(f"P-{number}", *ON_TRACK, entries=(pain(8, WED),)) for number in range(7)])
        assert (len(summary.needs), summary.more) == (7, 0)


class TestCaseload:
    def test_lowest_first_by_sessions_then_dose(self) -> None:
        summary = summary_of(
            facts("P-1", *ON_TRACK),
            facts("P-2", *on(MON, WED)),
            facts("P-3", *on(MON), *on(WED, sets=HALF)),
            facts("P-4", *on(MON, sets=(LoggedSet("thrust", 5),))),
        )
        assert [(row.person.label, row.sessions, row.details[0]) for row in summary.rows] == [
            ("P-4", "0/3 (0 %)", "dose 0.1/3 (4 %)"),
            ("P-3", "2/3 (66 %)", "dose 1.5/3 (50 %)"),
            ("P-2", "2/3 (66 %)", "dose 2/3 (66 %)"),
            ("P-1", "3/3 (100 %)", "dose 3/3 (100 %)"),
        ]

    def test_the_trend_of_four_weeks(self) -> None:
        logs = (*on(THU - 3 * WEEK), *on(MON - 2 * WEEK, TUE - 2 * WEEK, WED - 2 * WEEK), *on(MON))
        row = row_of(facts("P-001", *logs, start=THU - 3 * WEEK))
        assert [(week.name, week.text, week.symbol) for week in row.trend] == [
            ("Week 44", "1/2", "◐"),
            ("Week 45", "3/3", "✓"),
            ("Week 46", "0/3", "○"),
            ("Week 47", "1/3", "▼"),
        ]
        assert [week.text for week in row_of(facts("P-001", *ON_TRACK, start=MON - WEEK)).trend] == [
            "–",
            "–",
            "3/3",
            "3/3",
        ]

    @pytest.mark.parametrize(
        ("entries", "said"),
        [
            ([], "pain not answered"),
            ([Entry(WED, WED, pain=None, sets=4)], "pain not answered"),
            ([pain(0, WED)], "worst pain 0 of 10"),
            ([pain(2, MON), pain(4, WED)], "worst pain 4 of 10"),
            ([pain(4, MON), pain(4, MON - WEEK)], "worst pain 4 of 10 (as the week before)"),
            ([pain(4, MON), pain(5, SUN - WEEK)], "worst pain 4 of 10 (down from 5)"),
            ([pain(4, MON), pain(1, MON - WEEK)], "worst pain 4 of 10 (up from 1)"),
        ],
    )
    def test_worst_pain_and_its_change(self, entries: list[Entry], said: str) -> None:
        assert said in row_of(facts("P-001", *ON_TRACK, entries=tuple(entries))).details

    @pytest.mark.parametrize(
        ("mornings", "said"),
        [
            ({}, "next morning not answered"),
            ({MON: 0}, "next morning at worst 0 of 10"),
            ({MON: 2, WED: 4}, "next morning at worst 4 of 10"),
            ({MON: 4, FRI - WEEK: 4}, "next morning at worst 4 of 10 (as the week before)"),
            ({WED: 4, FRI - WEEK: 6}, "next morning at worst 4 of 10 (down from 6)"),
            ({WED: 4, FRI - WEEK: 1}, "next morning at worst 4 of 10 (up from 1)"),
            ({FRI - WEEK: 6}, "next morning not answered"),
            ({WED: 2, THU: 9}, "next morning at worst 2 of 10"),
        ],
        ids=["none", "no pain", "the worst", "as before", "down", "up", "only before", "without its session"],
    )
    def test_the_morning_after_and_its_change(self, mornings: dict[date, int], said: str) -> None:
        entries = tuple(Entry(day, day, sets=4) for day in (FRI - WEEK, MON, WED))
        details = row_of(facts("P-001", *ON_TRACK, entries=entries, mornings=mornings)).details
        assert [text for text in details if "next morning" in text] == [said]

    def test_without_a_session_there_is_no_morning_after(self) -> None:
        skip = on(MON, sets=(), skip_reason="time")
        details = row_of(facts("P-001", *on(FRI - WEEK), *skip, mornings={MON: 3}, entries=(Entry(MON, MON),))).details
        assert [text for text in details if "morning" in text] == []

    def test_each_share_says_what_it_is_made_of(self) -> None:
        entries = (
            Entry(MON, TUE, late=True, sets=4, as_planned=4),
            Entry(WED, WED, sets=4, as_planned=1),
            Entry(FRI, FRI),
            Entry(MON - WEEK, TUE - WEEK, late=True, sets=4, as_planned=4),
        )
        logs = (*on(MON, WED), *on(THU, FRI, sets=(), skip_reason="time"), *on(SAT, sets=(), skip_reason="pain"))
        assert row_of(facts("P-001", *logs, entries=entries)).details == (
            "dose 2/3 (66 %)",
            "pain not answered",
            "next morning not answered",
            "last log Sat 21 Nov",
            "1 of 2 logged late",
            "5 of 8 sets as planned",
            "skipped 2× (no time)",
        )

    def test_part_done_extra_and_paused_days_are_told_apart(self) -> None:
        one = facts("P-001", *on(MON, TUE, WED), *on(THU, sets=WHOLE[:1]), pause=Pause(FRI, SUN))
        assert row_of(one).details[:3] == ("dose 2/2 (100 %)", "1 part done", "1 extra")
        assert row_of(one).details[-1] == "paused 3 days"

    def test_patients_without_figures_are_told_in_words(self) -> None:
        ended = Course((Prescription(START, THREE_A_WEEK, ends_on=SUN - WEEK),))
        summary = summary_of(
            facts("P-1", *on(FRI - 2 * WEEK)),
            facts("P-2", start=SAT),
            facts("P-3", pause=Pause(MON, SUN)),
            facts("P-4", *on(WED), pause=Pause(MON, SUN)),
            facts("P-5", start=SUN),
            facts("P-6", start=MON + WEEK),
            facts("P-7", start=None),
            facts("P-8", *on(WED), course=ended),
            facts("P-9", *on(FRI), start=THU),
        )
        assert [row.person.label for row in summary.rows] == ["P-9"]
        assert groups(summary) == {
            "Nothing logged": [("P-1", "0/3, last log Fri 6 Nov"), ("P-2", "0/1, nothing so far")],
            "Paused all week": [("P-3", ""), ("P-4", "1 extra logged")],
            "Nothing due": [
                ("P-5", "too few days for a session"),
                ("P-6", "starts on Mon 23 Nov"),
                ("P-7", "no program yet"),
                ("P-8", "program ended, 1 extra logged"),
            ],
            "New this week": [
                ("P-2", "since Sat 21 Nov, 0/1"),
                ("P-5", "since Sun 22 Nov, n/a"),
                ("P-9", "since Thu 19 Nov, 1/2"),
            ],
        }

    def test_who_wants_it_only_when_needed_gets_it_for_somebody_in_need_or_unattended(self) -> None:
        assert not summary_of(facts("P-001", *ON_TRACK)).is_needed
        assert summary_of(facts("P-001", *ON_TRACK, entries=(pain(6, WED),))).is_needed
        assert summary_of(facts("P-001", *ON_TRACK, why_here="has no responsible clinician")).is_needed

    def test_why_somebody_comes_to_the_owner(self) -> None:
        one = facts("P-001", *ON_TRACK, why_here="has no responsible clinician")
        assert groups(summary_of(one)) == {"Sent to you as the owner": [("P-001", "has no responsible clinician")]}

    @given(
        st.sets(st.integers(-20, 6)), st.one_of(st.none(), st.integers(-40, 10)), st.integers(-20, 6), st.integers(0, 9)
    )
    def test_everybody_is_somewhere_once(self, days: set[int], start: int | None, pause: int, length: int) -> None:
        logs = on(*(MON + timedelta(days=number) for number in days))
        paused = Pause(MON + timedelta(days=pause), MON + timedelta(days=pause + length))
        one = facts("P-001", *logs, start=None if start is None else MON + timedelta(days=start), pause=paused)
        summary = summary_of(one)
        places = [row.person.label for row in summary.rows] + [
            person.label for group in summary.groups if group.title != "New this week" for person, _ in group.members
        ]
        assert places == ["P-001"]


class TestRevised:
    def test_what_changed_since_this_recipient_was_told(self) -> None:
        one = facts("P-001", *ON_TRACK, reported={MON - WEEK: "2/3", MON - 2 * WEEK: "0/3"})
        [revision] = summary_of(one).revised
        assert (revision.person.label, revision.week, revision.before, revision.now) == (
            "P-001",
            "Week 46",
            "2/3",
            "3/3",
        )

    def test_a_pause_in_the_past_revises_too(self) -> None:
        one = facts("P-001", *on(MON), pause=Pause(MON - 2 * WEEK, SUN - WEEK), reported={MON - WEEK: "0/3"})
        [revision] = summary_of(one).revised
        assert (revision.before, revision.now) == ("0/3", "n/a")

    def test_once_told_it_is_no_news(self) -> None:
        one = facts("P-001", *ON_TRACK, reported={MON - WEEK: "2/3"})
        told = {date.fromisoformat(week): text for week, text in summary_of(one).reported[str(one.person.id)].items()}
        assert summary_of(replace(one, reported=told)).revised == ()

    def test_an_older_week_is_told_again_only_where_it_was_revised(self) -> None:
        one = facts("P-001", *ON_TRACK, reported={MON - 5 * WEEK: "1/3", MON - 6 * WEEK: "0/3"})
        assert summary_of(one).reported[str(one.person.id)] == {
            "2026-10-12": "0/3",
            "2026-10-26": "0/3",
            "2026-11-02": "0/3",
            "2026-11-09": "3/3",
            "2026-11-16": "3/3",
        }

    def test_the_weeks_of_an_earlier_course_are_left_alone(self) -> None:
        one = facts("P-001", *on(THU), start=MON, reported={MON - WEEK: "3/3"})
        assert summary_of(one).revised == ()
        assert summary_of(one).reported == {str(one.person.id): {"2026-11-16": "1/3"}}


class TestSharing:
    def member(self, role: str = Role.CLINICIAN, **fields: Any) -> Membership:
        return Membership(role=role, user=User(), **fields)

    def labels(self, shares: Iterable[Share]) -> list[tuple[str, str]]:
        return [(share.patient.code, share.why_here) for share in shares]

    def test_each_clinician_gets_their_own_and_the_owner_the_rest(self) -> None:
        owner, one, other = self.member(Role.OWNER), self.member(), self.member()
        gone, tired = self.member(), self.member(summaries=Summaries.OFF)
        patients = [
            Patient(code=code, responsible=responsible)
            for code, responsible in [("A", one), ("B", None), ("C", gone), ("D", tired), ("E", owner), ("F", one)]
        ]
        shares = share_out(Clinicians.of([owner, one, other, tired]), patients)
        assert {member: self.labels(theirs) for member, theirs in shares.items()} == {
            one: [("A", ""), ("F", "")],
            other: [],
            owner: [
                ("B", "has no responsible clinician"),
                ("C", "their clinician no longer works here"),
                ("D", "their clinician gets no summaries"),
                ("E", ""),
            ],
        }

    def test_an_owner_without_summaries_is_told_of_patients_nobody_else_gets(self) -> None:
        owner, one = self.member(Role.OWNER, summaries=Summaries.OFF), self.member()
        assert share_out(Clinicians.of([owner, one]), [Patient(code="A", responsible=one)]).keys() == {one}
        shares = share_out(Clinicians.of([owner, one]), [Patient(code="A", responsible=one), Patient(code="B")])
        assert self.labels(shares[owner]) == [("B", "has no responsible clinician")]

    def test_of_several_owners_the_longest_standing_who_wants_it(self) -> None:
        first, second, third = (
            self.member(Role.OWNER, summaries=Summaries.WEEKLY if number else Summaries.OFF) for number in range(3)
        )
        shares = share_out(Clinicians.of([third, second, first]), [Patient(code="A")])
        assert self.labels(shares[second]) == [("A", "has no responsible clinician")]
        assert shares[third] == []
        assert first not in shares


def test_figures_are_cut_never_rounded_up() -> None:
    assert [words.tenths(Fraction(number)) for number in ["0", "5/2", "299/100", "3"]] == ["0", "2.5", "2.9", "3"]
