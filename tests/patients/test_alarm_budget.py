"""The made-up cohort of the alarm budget, and what is counted of it."""

from datetime import date, timedelta

import pytest

from benchmarks.budget import Response, budget_of, go_through, in_four_weeks, next_monday, next_working_day
from benchmarks.cohort import START, Person, Said, Trouble, make_cohort, weekly_adherence
from patients.alerts import Kind, Thresholds

DAY, WEEK = timedelta(days=1), timedelta(weeks=1)
NEXT_DAY = Response(next_working_day)


def person(*said: Said) -> Person:
    """One with whom nothing goes wrong."""
    quiet = {"trouble": None, "onset": START, "keen": 0, "keeps": True, "pain": 2, "pain_differs": 0, "quick": False}
    return Person(**quiet, away=range(0), days={each.day: each for each in said})


def painful(*days: date, pain: int = 6) -> Person:
    """Three sessions a week for twelve weeks, with this pain on some days and 1 otherwise."""
    every = (START + week * WEEK + number * DAY for week in range(12) for number in (0, 2, 4))
    return person(*(Said(day, reps=10, before=1, pain=pain if day in days else 1, morning=1) for day in every))


class TestCohort:
    def test_adherence_falls_from_ninety_to_sixty_five_percent(self) -> None:
        weeks = [float(each) for each in weekly_adherence(make_cohort(size=1080, seed=2026))]
        assert weeks[0] == pytest.approx(0.90, abs=0.02)
        assert weeks[-1] == pytest.approx(0.65, abs=0.02)
        assert all(later < earlier for earlier, later in zip(weeks, weeks[3:], strict=False))

    def test_a_seed_gives_the_same_people_and_another_one_others(self) -> None:
        one, again, other = (make_cohort(size=30, seed=seed) for seed in (1, 1, 2))
        assert one == again
        assert one != other

    @pytest.mark.parametrize("seed", [1, 2026])
    def test_what_goes_wrong_shows_in_what_is_logged(self, seed: int) -> None:
        seeded = [each for each in make_cohort(size=540, seed=seed) if each.trouble]
        assert {trouble: sum(each.trouble == trouble for each in seeded) for trouble in Trouble} == dict.fromkeys(
            Trouble, 10
        )
        assert [each.trouble for each in seeded if each.since is None] == []


class TestCounting:
    def raised(self, one: Person, response: Response = NEXT_DAY) -> list[tuple[date, Kind]]:
        return go_through(one, Thresholds(), response).alerts

    def test_each_once_until_it_is_acknowledged(self) -> None:
        one = painful(START, START + WEEK)
        assert self.raised(one) == [(START, Kind.PAIN), (START + WEEK, Kind.PAIN)]
        assert self.raised(one, Response(in_four_weeks)) == [(START, Kind.PAIN)]
        assert len(go_through(one, Thresholds(), Response(in_four_weeks)).told) == 2

    def test_at_once_on_the_day_itself(self) -> None:
        assert self.raised(painful(START, START + 2 * DAY)) == [
            (START, Kind.PAIN),
            (START + 2 * DAY, Kind.PAIN_TWICE),
        ]
        assert self.raised(painful(START + WEEK, pain=8))[0] == (START + WEEK, Kind.ALARMING_PAIN)

    def test_relief_comes_with_the_acknowledgement(self) -> None:
        one = painful(START, START + WEEK, START + 2 * WEEK)
        assert self.raised(one, Response(next_working_day, relief=1)) == [(START, Kind.PAIN)]
        in_time = painful(START + 4 * DAY, START + WEEK)
        assert [kind for _day, kind in self.raised(in_time, Response(next_monday, relief=1))] == [Kind.PAIN]

    def test_firsts_repeats_looks_and_weeks(self) -> None:
        budget = budget_of([painful(START, START + 4 * DAY, START + WEEK + 2 * DAY)], Thresholds(), NEXT_DAY)
        one = budget.a_week(1)
        assert one == pytest.approx(30 / 12)
        assert budget.alerts() == 3 * one
        assert (budget.alerts(again=False), budget.alerts(again=True)) == (one, 2 * one)
        assert (budget.alerts([Kind.PAIN]), budget.alerts([Kind.SILENT])) == (3 * one, 0)
        assert (budget.alerts(ordinary=True), budget.alerts(ordinary=False)) == (3 * one, 0)
        assert (budget.looks, budget.weeks) == (3, 2)

    def test_one_look_for_all_that_is_open_of_somebody(self) -> None:
        """Below half in the first two weeks, raised on the second Sunday; silent for a week on the Monday after it."""
        one = person(Said(START, reps=10), Said(START + WEEK, reps=10))
        raised = self.raised(one)[:2]
        assert raised == [(START + 2 * WEEK - DAY, Kind.BELOW_HALF), (START + 2 * WEEK, Kind.SILENT)]
        told = [go_through(one, Thresholds(), Response(when)) for when in (next_working_day, in_four_weeks)]
        assert [(len(each.alerts), each.looks) for each in told] == [(4, 4), (2, 1)]

    def test_what_no_rule_sees_is_missed(self) -> None:
        cohort = [each for each in make_cohort(size=108, seed=2026) if each.trouble]
        assert budget_of(cohort, Thresholds(), NEXT_DAY).seeded == 18
        deaf = Thresholds(pain_at_once=10, silent_days=90)
        noticed = budget_of(cohort, deaf, NEXT_DAY).noticed
        assert [noticed[each] for each in (Trouble.FLARE, Trouble.SILENT)] == [[None, None]] * 2
        assert noticed[Trouble.RED_FLAG] == [0, 0]
