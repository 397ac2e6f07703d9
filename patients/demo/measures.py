"""What the demo's patients say about themselves: at the start, and four weeks later."""

from datetime import date, timedelta

from patients.actions.measuring import Answers

FOUR_WEEKS = timedelta(weeks=4)
ACTIVITIES = [
    "Stairs with the shopping",
    "Getting up from the floor",
    "An hour in the garden",
    "Down the hill to the bus",
]


def start(number: int, starts_on: date) -> Answers:
    """The answers of the patient with this number; some leave one out."""
    return Answers(
        given_on=starts_on,
        activity=ACTIVITIES[number % len(ACTIVITIES)],
        activity_score=2 + number % 4,
        pain=None if number % 5 == 0 else 4 + number % 4,
        change=None,
    )


def four_weeks_later(number: int, starts_on: date) -> Answers:
    before = start(number, starts_on)
    score = before["activity_score"] or 0
    return Answers(
        given_on=starts_on + FOUR_WEEKS,
        activity=before["activity"],
        activity_score=score + number % 3,
        pain=None if before["pain"] is None else before["pain"] - number % 3,
        change=number % 3,
    )
