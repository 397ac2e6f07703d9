"""The weekly email: who gets whose, what it says, and the writing of it. docs/summaries.md says what is in it."""

from patients.summaries.previewing import Preview, preview
from patients.summaries.queueing import queue_due_summaries, queue_summaries
from patients.summaries.reading import shares_of_clinic
from patients.summaries.ways import ways_to_decide
from patients.summaries.writing import week_of_one, write, write_weekly_summary

__all__ = [
    "Preview",
    "preview",
    "queue_due_summaries",
    "queue_summaries",
    "shares_of_clinic",
    "ways_to_decide",
    "week_of_one",
    "write",
    "write_weekly_summary",
]
