"""Reads a patient's own week."""

from datetime import date, timedelta

from patients import adherence
from patients.models import Patient
from patients.own_week.contents import OwnWeek
from patients.plans import course_on, logs_of

WEEK, DAY = timedelta(weeks=1), timedelta(days=1)


def own_week(patient: Patient, monday: date, *, today: date) -> OwnWeek | None:
    """The week that starts on `monday`, as it is known on a day. None where no program was in force and none paused,
    and nothing was logged: there is nothing to tell. Three queries."""
    sunday = monday + WEEK - DAY
    course, ahead = course_on(patient.pk, sunday), course_on(patient.pk, today)
    logs = [log for log in logs_of([patient.pk], since=monday)[patient.pk] if log.date <= sunday]
    week = adherence.week(course, logs, monday, today=sunday + DAY)
    if not (week.active_dates or week.paused_dates or logs):
        return None
    return OwnWeek(
        name=patient.name,
        week=week,
        results=adherence.sessions(course, logs),
        planned=adherence.due_in_week(ahead, adherence.monday_of(today)),
        today=today,
    )
