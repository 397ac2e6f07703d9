"""What the weekly email says of decisions: pure, from facts."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from patients.adherence import Course, Pause, Phase, Prescription
from patients.summaries.contents import Summary
from patients.summaries.facts import Decided, Facts
from tests.patients.cases import (
    FRI,
    MON,
    ON_TRACK,
    START,
    SUN,
    THREE_A_WEEK,
    THRUST,
    TUE,
    WALK,
    WED,
    WEEK,
    facts,
    on,
    pain,
    summary_of,
)

DAY = TUE - MON
CALL = {"kind": "call", "on": TUE}


def decided(kind: str, day: date = TUE, **kwargs: Any) -> Decided:
    return Decided(kind, day, **kwargs)


def told(summary: Summary) -> dict[str, list[str]]:
    """By what it is told as."""
    return {
        name: [f"{person.label}: {text}" for person, text in said]
        for name, said in (("calls", summary.calls), ("decided", summary.decided))
        if said
    }


def of_one(*decisions: Decided, logs: tuple[Any, ...] = ON_TRACK, **kwargs: Any) -> dict[str, list[str]]:
    return told(summary_of(facts("P-014", *logs, decisions=decisions, **kwargs)))


def revised(starts_on: date, **kwargs: Any) -> Facts:
    """A program that went on with five sessions a week from a date."""
    five = (Phase((WALK, THRUST), frequency=5),)
    chain = (Prescription(START, THREE_A_WEEK, starts_on - DAY), Prescription(starts_on, five))
    one = facts("P-014", *on(MON, TUE, WED, FRI), **kwargs)
    return replace(one, course=Course(chain))


def test_without_a_decision_nothing_is_said() -> None:
    assert of_one() == {}


class TestRevised:
    def test_what_it_changed_and_what_was_done_of_what_is_due_since(self) -> None:
        decision = decided("revise", MON, starts_on=TUE, changes=("Walk: short band red → green",))
        summary = summary_of(revised(TUE, decisions=(decision,), entries=(pain(9, MON), pain(3, TUE), pain(2, FRI))))
        assert told(summary)["decided"] == [
            "P-014: you changed the program on Mon 16 Nov (Walk: short band red → green); 3/4 since, worst pain 3 of 10"
        ]

    def test_two_changes_are_named_and_others_counted(self) -> None:
        decision = decided("revise", starts_on=TUE, changes=("one", "two", "three", "four"))
        [said] = told(summary_of(revised(TUE, decisions=(decision,))))["decided"]
        assert "(one; two; and 2 more)" in said

    def test_one_that_starts_after_the_week(self) -> None:
        assert of_one(decided("revise", FRI, starts_on=SUN + DAY))["decided"] == [
            "P-014: you changed the program on Fri 20 Nov; it starts on Mon 23 Nov"
        ]

    def test_where_nothing_is_due_since(self) -> None:
        summary = summary_of(revised(SUN, decisions=(decided("revise", SUN, starts_on=SUN),)))
        assert told(summary)["decided"] == ["P-014: you changed the program on Sun 22 Nov; 0/1 since"]


class TestPaused:
    def test_still(self) -> None:
        assert of_one(decided("pause", WED), pause=Pause(WED))["decided"] == [
            "P-014: you paused on Wed 18 Nov; still paused"
        ]

    def test_no_longer(self) -> None:
        entries = (pain(3, MON), pain(2, FRI))
        assert of_one(decided("pause", TUE), pause=Pause(TUE, WED), entries=entries)["decided"] == [
            "P-014: you paused on Tue 17 Nov; the program goes on, 1 session since, worst pain 2 of 10"
        ]


class TestSeen:
    def test_what_was_logged_since(self) -> None:
        entries = (pain(7, MON), pain(4, WED), pain(2, FRI))
        assert of_one(decided("seen"), entries=entries)["decided"] == [
            "P-014: you looked at it on Tue 17 Nov; 2 sessions since, worst pain 4 of 10"
        ]

    def test_nothing_logged_since(self) -> None:
        assert of_one(decided("seen", by="Dr. Berg"))["decided"] == [
            "P-014: Dr. Berg looked at it on Tue 17 Nov; no session since"
        ]


class TestCalls:
    @pytest.mark.parametrize(
        ("call_on", "said"),
        [
            (WED, {"calls": ["P-014: you said you would call on Wed 18 Nov, not marked as done"]}),
            (SUN, {"calls": ["P-014: you said you would call on Sun 22 Nov, not marked as done"]}),
            (SUN + DAY, {"calls": ["P-014: you said you would call on Mon 23 Nov"]}),
            (SUN + 7 * DAY, {"calls": ["P-014: you said you would call on Sun 29 Nov"]}),
            (SUN + 8 * DAY, {"decided": ["P-014: you said you would call on Mon 30 Nov"]}),
        ],
    )
    def test_to_be_made(self, call_on: date, said: dict[str, list[str]]) -> None:
        assert of_one(Decided(**CALL, call_on=call_on)) == said

    def test_of_an_earlier_week_until_it_is_made(self) -> None:
        overdue = decided("call", TUE - 2 * WEEK, by="Dr. Berg", call_on=FRI - 2 * WEEK)
        assert of_one(overdue) == {"calls": ["P-014: Dr. Berg said they would call on Fri 6 Nov, not marked as done"]}
        far = decided("call", TUE - 2 * WEEK, call_on=SUN + 8 * DAY)
        assert of_one(far) == {}

    def test_made_in_the_week(self) -> None:
        made = [
            decided("call", TUE - WEEK, call_on=MON, called_on=TUE),
            decided("call", MON, by="Dr. Berg", call_on=FRI, called_on=WED, called_by="Dr. Berg"),
        ]
        assert of_one(*made) == {"decided": ["P-014: you called on Tue 17 Nov", "P-014: Dr. Berg called on Wed 18 Nov"]}

    def test_made_before_the_week_is_no_news(self) -> None:
        assert of_one(decided("call", TUE - WEEK, call_on=FRI - WEEK, called_on=FRI - WEEK)) == {}

    def test_it_is_needed_where_somebody_is_to_be_called(self) -> None:
        calm = facts("P-001", *ON_TRACK)
        assert not summary_of(calm).is_needed
        assert not summary_of(facts("P-001", *ON_TRACK, decisions=(decided("seen"),))).is_needed
        assert summary_of(calm, facts("P-002", *ON_TRACK, decisions=(Decided(**CALL, call_on=FRI),))).is_needed


def test_what_was_decided_in_another_week_is_not_told() -> None:
    assert of_one(decided("seen", MON - DAY), decided("pause", SUN + DAY)) == {}
