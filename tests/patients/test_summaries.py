"""What a weekly summary says: pure, from facts."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.models import Membership, Role, Summaries, User
from patients.adherence import Course, LoggedSet, Pause, Prescription
from patients.alerts import CountedSet, Session, Target
from patients.models import Patient
from patients.summaries import words
from patients.summaries.facts import Entry, Facts
from patients.summaries.sharing import Share, share_out
from patients.telling import Clinicians
from tests.patients.cases import (
    FRI,
    HALF,
    MON,
    ON_TRACK,
    SAT,
    START,
    SUN,
    THREE_A_WEEK,
    THU,
    TUE,
    WED,
    WEEK,
    WHOLE,
    details_of,
    facts,
    groups,
    on,
    pain,
    row_of,
    summary_of,
)


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


class TestCaseload:
    def test_lowest_first_by_sessions_then_dose(self) -> None:
        summary = summary_of(
            facts("P-1", *ON_TRACK),
            facts("P-2", *on(MON, WED)),
            facts("P-3", *on(MON), *on(WED, sets=HALF)),
            facts("P-4", *on(MON, sets=(LoggedSet("thrust", 5),))),
        )
        assert [(row.person.label, row.sessions, details_of(row)[0]) for row in summary.rows] == [
            ("P-4", "0/3 (0 %)", "dose 0.1/3 (4 %)"),
            ("P-3", "2/3 (66 %)", "dose 1.5/3 (50 %)"),
            ("P-2", "2/3 (66 %)", "dose 2/3 (66 %)"),
            ("P-1", "3/3 (100 %)", "dose 3/3 (100 %)"),
        ]

    def test_the_trend_of_four_weeks(self) -> None:
        logs = (*on(THU - 3 * WEEK), *on(MON - 2 * WEEK, TUE - 2 * WEEK, WED - 2 * WEEK), *on(MON))
        row = row_of(facts("P-001", *logs, start=THU - 3 * WEEK))
        assert [(week.name, week.squares, week.text, week.symbol) for week in row.trend] == [
            ("Week 44", "■□", "1/2", "◐"),
            ("Week 45", "■■■", "3/3", "✓"),
            ("Week 46", "□□□", "0/3", "○"),
            ("Week 47", "■□□", "1/3", "▼"),
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
            ([pain(0, WED)], "worst pain 0 of 10 (1 answer)"),
            ([pain(2, MON), pain(4, WED)], "worst pain 4 of 10 (2 answers)"),
            ([pain(4, MON), pain(4, MON - WEEK)], "worst pain 4 of 10 (1 answer; as the week before)"),
            ([pain(4, MON), pain(5, SUN - WEEK)], "worst pain 4 of 10 (1 answer; down from 5)"),
            ([pain(4, MON), pain(1, MON - WEEK)], "worst pain 4 of 10 (1 answer; up from 1)"),
        ],
    )
    def test_worst_pain_and_its_change(self, entries: list[Entry], said: str) -> None:
        assert said in details_of(row_of(facts("P-001", *ON_TRACK, entries=tuple(entries))))

    @pytest.mark.parametrize(
        ("mornings", "said"),
        [
            ({}, "next morning not answered"),
            ({MON: 0}, "next morning at worst 0 of 10 (1 answer)"),
            ({MON: 2, WED: 4}, "next morning at worst 4 of 10 (2 answers)"),
            ({MON: 4, FRI - WEEK: 4}, "next morning at worst 4 of 10 (1 answer; as the week before)"),
            ({WED: 4, FRI - WEEK: 6}, "next morning at worst 4 of 10 (1 answer; down from 6)"),
            ({WED: 4, FRI - WEEK: 1}, "next morning at worst 4 of 10 (1 answer; up from 1)"),
            ({FRI - WEEK: 6}, "next morning not answered"),
            ({WED: 2, THU: 9}, "next morning at worst 2 of 10 (1 answer)"),
        ],
        ids=["none", "no pain", "the worst", "as before", "down", "up", "only before", "without its session"],
    )
    def test_the_morning_after_and_its_change(self, mornings: dict[date, int], said: str) -> None:
        entries = tuple(Entry(day, day, sets=4) for day in (FRI - WEEK, MON, WED))
        details = details_of(row_of(facts("P-001", *ON_TRACK, entries=entries, mornings=mornings)))
        assert [text for text in details if "next morning" in text] == [said]

    def test_without_a_session_there_is_no_morning_after(self) -> None:
        skip = on(MON, sets=(), skip_reason="time")
        one = facts("P-001", *on(FRI - WEEK), *skip, mornings={MON: 3}, entries=(Entry(MON, MON),))
        details = details_of(row_of(one))
        assert [text for text in details if "morning" in text] == []

    def test_each_share_says_what_it_is_made_of(self) -> None:
        entries = (
            Entry(MON, TUE, late=True, sets=4, as_planned=4),
            Entry(WED, WED, sets=4, as_planned=1),
            Entry(FRI, FRI),
            Entry(MON - WEEK, TUE - WEEK, late=True, sets=4, as_planned=4),
        )
        logs = (*on(MON, WED), *on(THU, FRI, sets=(), skip_reason="time"), *on(SAT, sets=(), skip_reason="pain"))
        assert details_of(row_of(facts("P-001", *logs, entries=entries))) == (
            "dose 2/3 (66 %)",
            "skipped 2× (no time)",
            "last log Sat 21 Nov",
            "pain not answered",
            "next morning not answered",
            "1 of 2 logged late",
            "5 of 8 sets as planned",
        )

    def test_part_done_extra_and_paused_days_are_told_apart(self) -> None:
        one = facts("P-001", *on(MON, TUE, WED), *on(THU, sets=WHOLE[:1]), pause=Pause(FRI, SUN))
        assert details_of(row_of(one))[:3] == ("dose 2/2 (100 %)", "1 part done", "1 extra")
        assert "paused 3 days" in details_of(row_of(one))

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
        assert list(groups(summary)) == ["New this week", "Paused all week", "Nothing due", "Nothing logged"]
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

    def ready(self, **fields: Any) -> Facts:
        """The last two sessions beyond the top of the range, both easy and settled."""
        target = Target("thrust", sets=2, top=12)
        easy: dict[str, Any] = {"pain": 3, "before": 2, "morning": 1, "effort": 5, "targets": (target,)}
        counted = [(CountedSet("thrust", 12), CountedSet("thrust", last)) for last in (14, 15)]
        sessions = tuple(Session(day=day, sets=sets, **easy) for day, sets in zip((WED, FRI), counted, strict=True))
        return facts("P-001", *ON_TRACK, **{"sessions": sessions, "exercises": {"thrust": "Hip thrust"}} | fields)

    def test_who_is_ready_and_what_speaks_for_it(self) -> None:
        assert groups(summary_of(self.ready())) == {
            "Ready to progress? You decide": [
                (
                    "P-001",
                    "Hip thrust, last set 14 and 15 (top of the range 12) on Wed 18 Nov and Fri 20 Nov; pain 3 and 3,"
                    " effort 5 and 5 of 10, next morning 1 and 1 after 2 and 2 before",
                )
            ]
        }

    def test_who_was_ready_a_week_ago_or_is_paused_is_not_told_again(self) -> None:
        earlier = tuple(replace(each, day=each.day - WEEK) for each in self.ready().sessions)
        assert groups(summary_of(self.ready(sessions=earlier))) == {}
        assert groups(summary_of(self.ready(pause=Pause(SAT)))) == {}

    def test_how_all_weeks_went_adds_up_to_all_patients(self) -> None:
        summary = summary_of(
            facts("P-1", *ON_TRACK),
            facts("P-2", *on(MON, TUE, WED)),
            facts("P-3", *on(MON)),
            facts("P-4"),
            facts("P-5", start=SAT),
            facts("P-6", start=None),
        )
        assert [(each.number, each.symbol, each.words) for each in summary.bands] == [
            (2, "✓", "on track"),
            (1, "▼", "low"),
            (1, "○", "nothing logged"),
            (1, "·", "short week"),
            (1, "–", "nothing due"),
        ]
        assert sum(each.number for each in summary.bands) == summary.patients

    def test_who_has_no_row_has_their_trend_where_they_are_named(self) -> None:
        summary = summary_of(facts("P-1", *on(FRI - 2 * WEEK)), facts("P-2", start=None), facts("P-3", *ON_TRACK))
        shown = {each.person.label: [week.text for week in each.trend] for each in summary.groups[1].members}
        assert (summary.groups[1].title, shown) == ("Nothing logged", {"P-1": ["0/3", "1/3", "0/3", "0/3"]})
        assert [each.trend for each in summary.groups[0].members] == [()]

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
            each.person.label
            for group in summary.groups
            if group.title not in {"New this week", "Ready to progress? You decide"}
            for each in group.members
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
