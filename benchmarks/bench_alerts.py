"""How many alerts a clinician with 30 patients gets in a week, and what the rules miss, over a cohort that is made up.

Nothing is timed: what is measured are the rules of patients.alerts, by the defaults and by thresholds around them.
"""

from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from statistics import median
from typing import Any

from benchmarks.budget import Budget, budget_of, in_four_weeks, next_monday, next_working_day
from benchmarks.cohort import make_cohort
from benchmarks.figures import Figure
from patients.alerts import Thresholds

PATIENTS, SEED = 270, 2026
AROUND: list[dict[str, int]] = [
    {"pain_too_much": 5},
    {"pain_too_much": 7},
    {"morning_rise": 1},
    {"morning_rise": 3},
    {"mean_rise": 1},
    {"mean_rise": 3},
    {"below_percent": 33},
    {"below_percent": 67},
    {"silent_days": 5},
    {"silent_days": 10},
    {"skips_for_pain": 1},
    {"skips_for_pain": 3},
    {"above_due": 1},
    {"above_due": 3},
    {"first_session_by": 3},
    {"first_session_by": 7},
    {"pain_too_much": 7, "morning_rise": 3, "mean_rise": 3, "below_percent": 33, "silent_days": 10},
]


def measure() -> list[Figure]:
    with ProcessPoolExecutor(2) as pool:
        defaults = pool.submit(_budget, {})
        sorer = pool.submit(_budget, {}, sorer=1)
        later = {words: pool.submit(_budget, {}, when) for words, when in LATER.items()}
        around = [(changed, pool.submit(_budget, changed)) for changed in AROUND]
        return [
            *_of_defaults(defaults.result()),
            *(_figure(words, budget.result()) for words, budget in later.items()),
            _figure("everybody's pain one point higher", sorer.result()),
            *(_figure(_in_words(changed), budget.result()) for changed, budget in around),
        ]


LATER = {"acknowledged on Mondays": next_monday, "acknowledged after four weeks": in_four_weeks}


def _budget(
    changed: dict[str, int], acknowledged: Callable[[date], date] = next_working_day, *, sorer: float = 0
) -> Budget:
    cohort = make_cohort(size=PATIENTS, seed=SEED, sorer=sorer)
    limits: Any = changed
    return budget_of(cohort, Thresholds(**limits), acknowledged)


def _of_defaults(budget: Budget) -> list[Figure]:
    found = budget.noticed.items()
    return [
        Figure(
            "alerts per clinician and week, defaults", budget.a_week(budget.kinds.total()), "alerts", aim="at most 3"
        ),
        Figure("of these about patients with whom nothing is wrong", budget.a_week(budget.ordinary), "alerts"),
        Figure("patients per clinician and week about whom there are any", budget.a_week(budget.weeks), "patients"),
        *(
            Figure(f"of these: {kind.replace('_', ' ')}", budget.a_week(count), "alerts")
            for kind, count in budget.kinds.most_common()
        ),
        Figure("deteriorations missed, defaults", budget.missed, f"of {budget.seeded}", aim="none"),
        *(
            Figure(f"missed: {trouble}", days.count(None), f"of {len(days)}, else noticed after {_median(days)} days")
            for trouble, days in found
        ),
    ]


def _figure(words: str, budget: Budget) -> Figure:
    alerts = budget.a_week(budget.kinds.total())
    return Figure(
        f"alerts per clinician and week, {words}", alerts, f"alerts, {budget.missed} of {budget.seeded} missed"
    )


def _in_words(changed: dict[str, int]) -> str:
    return ", ".join(f"{name} {number}" for name, number in changed.items())


def _median(days: list[int | None]) -> str:
    noticed = [each for each in days if each is not None]
    return f"{median(noticed):g}" if noticed else "no"
