"""How many alerts a clinician with 30 patients gets in a week, and what the rules miss, over a cohort that is made up.

Nothing is timed: what is measured are the rules of patients.alerts, by the defaults and by thresholds around them.
"""

from concurrent.futures import ProcessPoolExecutor
from statistics import median
from typing import Any

from benchmarks.budget import Budget, Response, budget_of, in_four_weeks, next_monday, next_working_day
from benchmarks.cohort import PAIN_DIFFERS_PUBLISHED, make_cohort, weekly_adherence
from benchmarks.figures import Figure
from patients.alerts import AT_ONCE, Kind, Thresholds

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
    {"pain_too_much": 7, "morning_rise": 3, "mean_rise": 3},
    {"pain_too_much": 7, "morning_rise": 3, "mean_rise": 3, "silent_days": 10},
    {"pain_too_much": 7, "morning_rise": 3, "mean_rise": 3, "silent_days": 10, "below_percent": 33},
]
NEXT_DAY = Response(next_working_day)
RESPONSES = {
    "acknowledged on Mondays": Response(next_monday),
    "acknowledged after four weeks": Response(in_four_weeks),
    "a point less pain after each look for pain": Response(next_working_day, relief=1),
}
COHORTS: dict[str, dict[str, float]] = {
    "everybody's pain one point higher": {"sorer": 1},
    "pain from day to day as steady as published": {"pain_differs": PAIN_DIFFERS_PUBLISHED},
    "another seed": {"seed": SEED + 1},
}


def measure() -> list[Figure]:
    first, *_others, last = weekly_adherence(make_cohort(size=PATIENTS, seed=SEED))
    with ProcessPoolExecutor(2) as pool:
        defaults = pool.submit(_budget)
        others = {
            **{words: pool.submit(_budget, response=response) for words, response in RESPONSES.items()},
            **{words: pool.submit(_budget, cohort=cohort) for words, cohort in COHORTS.items()},
            **{_in_words(limits): pool.submit(_budget, limits=limits) for limits in AROUND},
        }
        return [
            Figure("adherence of the cohort in the first week", 100 * float(first), "%", aim="90"),
            Figure("adherence of the cohort in the twelfth week", 100 * float(last), "%", aim="65"),
            *_of_defaults(defaults.result()),
            *(_in_short(words, budget.result()) for words, budget in others.items()),
        ]


def _budget(
    *, limits: dict[str, int] | None = None, response: Response = NEXT_DAY, cohort: dict[str, float] | None = None
) -> Budget:
    chosen: Any = {"size": PATIENTS, "seed": SEED} | (cohort or {})
    numbers: Any = limits or {}
    return budget_of(make_cohort(**chosen), Thresholds(**numbers), response)


def _of_defaults(budget: Budget) -> list[Figure]:
    kinds = sorted(Kind, key=lambda kind: -budget.alerts([kind]))
    return [
        Figure("alerts per clinician and week, defaults", budget.alerts(), _parts(budget), aim="at most 3"),
        Figure("of these emailed at once", budget.alerts(AT_ONCE), _parts(budget, *AT_ONCE)),
        Figure("looks at a patient, all that is open in one go", budget.a_week(budget.looks), "per clinician and week"),
        Figure("patients with an alert", budget.a_week(budget.weeks), "per clinician and week"),
        *(Figure(_name(kind), budget.alerts([kind]), _parts(budget, kind)) for kind in kinds),
        Figure("deteriorations missed, defaults", budget.missed, f"of {budget.seeded}", aim="none"),
        *(
            Figure(f"missed: {trouble}", days.count(None), f"of {len(days)}, else noticed after {_median(days)} days")
            for trouble, days in budget.noticed.items()
        ),
    ]


def _parts(budget: Budget, *kinds: Kind) -> str:
    """The first of its kind about somebody, or one more; about somebody with whom nothing is wrong, or something."""
    chosen = kinds or tuple(Kind)
    first, again = (budget.alerts(chosen, again=each) for each in (False, True))
    well, seeded = (budget.alerts(chosen, ordinary=each) for each in (True, False))
    return f"= {first:.2f} first + {again:.2f} again = {well:.2f} ordinary + {seeded:.2f} seeded"


def _in_short(words: str, budget: Budget) -> Figure:
    at_once, looks = budget.alerts(AT_ONCE), budget.a_week(budget.looks)
    return Figure(
        f"alerts per clinician and week, {words}",
        budget.alerts(),
        f"({at_once:.2f} at once), {looks:.2f} looks; {budget.missed} of {budget.seeded} missed",
    )


def _name(kind: Kind) -> str:
    return kind.replace("_", " ")


def _in_words(changed: dict[str, int]) -> str:
    return ", ".join(f"{name} {number}" for name, number in changed.items())


def _median(days: list[int | None]) -> str:
    noticed = [each for each in days if each is not None]
    return f"{median(noticed):g}" if noticed else "no"
