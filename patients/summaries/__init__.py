"""The weekly emails: who gets whose, what it says, and the writing of it. docs/summaries.md says what is in it."""

from patients.summaries.clinic_letter import write_clinic_week
from patients.summaries.clinic_week import KIND as CLINIC_WEEK
from patients.summaries.previewing import Preview, preview
from patients.summaries.queueing import queue_due_summaries, queue_summaries
from patients.summaries.reading import shares_of_clinic
from patients.summaries.ways import ways_to_decide
from patients.summaries.writing import week_of_one, write, write_weekly_summary

__all__ = [
    "CLINIC_WEEK",
    "Preview",
    "preview",
    "queue_due_summaries",
    "queue_summaries",
    "shares_of_clinic",
    "ways_to_decide",
    "week_of_one",
    "write",
    "write_clinic_week",
    "write_weekly_summary",
]
