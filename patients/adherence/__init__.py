"""Adherence: pure arithmetic over a plan and what was logged. The definition in words is docs/adherence.md.

Nothing here knows the database, the clock or a language: dates come in, exact fractions and counts go out.
"""

from patients.adherence.plan import Course, Dose, Pause, Phase, Planned, Prescription, Stretch
from patients.adherence.sessions import (
    ExerciseDose,
    Log,
    LoggedSet,
    Part,
    SessionResult,
    Status,
    exercise_doses,
    session_dose,
    sessions,
)
from patients.adherence.weeks import Band, ToDate, Week, due_in_week, monday_of, percent, to_date, week, weeks

__all__ = [
    "Band",
    "Course",
    "Dose",
    "ExerciseDose",
    "Log",
    "LoggedSet",
    "Part",
    "Pause",
    "Phase",
    "Planned",
    "Prescription",
    "SessionResult",
    "Status",
    "Stretch",
    "ToDate",
    "Week",
    "due_in_week",
    "exercise_doses",
    "monday_of",
    "percent",
    "session_dose",
    "sessions",
    "to_date",
    "week",
    "weeks",
]
