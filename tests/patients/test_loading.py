"""What is read for a whole clinic is what each patient's pages read, and what stands in the rows one by one."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clinic.wall.scope import clinic_scope
from patients import adherence
from patients.admin.figures import weeks_of
from patients.admin.overview import overview
from patients.attention.keeping import read_signs
from patients.caseload import each_week
from patients.evidence import known_on
from patients.models import Course, Log, Patient
from patients.progress.reading import read_progress
from patients.summaries.reading import WEEKS_BACK, read_facts
from patients.summaries.sharing import Share
from patients.today.day import read_day
from tests.factories import (
    MONDAY,
    NOW,
    make_clinic,
    make_log,
    make_member,
    make_patient,
    make_prescription,
    make_sign_in,
)
from tests.patients.histories import BEGINNINGS, ZONES, Prescribed, Story, live, prescribed, timed_steps

DAY, WEEK = timedelta(days=1), timedelta(weeks=1)
LONG_AGO = date(2000, 1, 1)
NOTHING = adherence.Course(())

pytestmark = pytest.mark.django_db


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(BEGINNINGS),
    st.sampled_from(ZONES),
    st.lists(prescribed, min_size=3, max_size=3),
    st.lists(timed_steps, min_size=10, max_size=45),
    st.integers(0, 3),
)
def test_a_clinic_reads_what_each_page_reads(
    now: datetime, zone: str, first: list[Prescribed], steps: list[Any], weeks_ago: int
) -> None:
    with transaction.atomic():
        clinic = make_clinic(time_zone=zone)
        with clinic_scope(clinic.pk):
            staff = make_member(clinic)
            people = [(patient, make_sign_in(patient)) for patient in (make_patient(staff) for _ in first)]
            for _patient, own in people:
                own.clinic = clinic
            story = Story(clinic, staff, people, now)
            live(story, [*((1, who, step) for who, step in enumerate(first)), *steps])
            check(story, adherence.monday_of(story.today) - weeks_ago * WEEK)
        transaction.set_rollback(True)


def check(story: Story, monday: date) -> None:
    """Of the week that starts on `monday`, as it stood on its Sunday at noon; what came later is known as well."""
    sunday, patients = monday + 6 * DAY, [patient for patient, _own in story.people]
    ids = [patient.pk for patient in patients]
    shares = [Share(patient) for patient in patients]
    [all_facts] = read_facts(story.staff.clinic, {story.staff: shares}, monday).values()
    known, signs = known_on(ids, sunday), read_signs(story.clinic, ids, today=sunday)
    listed = weeks_of(ids, monday - WEEK, today=sunday)
    of_clinic = dict(each_week(Patient.objects.active(), monday, today=sunday))
    assert list(of_clinic) == sorted(ids)
    for patient, facts in zip(patients, all_facts, strict=True):
        course, logs = course_by_hand(patient, sunday), logs_by_hand(patient)
        read = [facts.course, known[patient.pk].course, signs[patient.pk].course]
        assert [in_order(each) for each in read] == [in_order(course)] * 3
        assert said(facts.logs) == said(logs, monday - WEEKS_BACK * WEEK, sunday)
        assert said(known[patient.pk].logs) == said(logs, monday - 2 * WEEK, sunday)
        assert said(signs[patient.pk].logs) == said(logs, monday - WEEK)
        assert (facts.last_log, facts.last_session) == last_dates(logs, sunday)
        assert (known[patient.pk].last_log, known[patient.pk].last_session) == last_dates(logs, date.max)
        assert (signs[patient.pk].last_log, signs[patient.pk].last_session) == last_dates(logs, date.max)
        before, week = adherence.weeks(facts.course, facts.logs, monday - WEEK, monday, today=sunday)
        assert listed[patient.pk] == [before, week]
        assert of_clinic[patient.pk] == week
        check_pages(story, patient, facts.course, facts.logs, week)


def check_pages(story: Story, patient: Patient, course: adherence.Course, logs: Any, week: adherence.Week) -> None:
    """Each page of the one patient: the day's, the progress, and the record of the staff's site."""
    for number in range(7):
        day = read_day(patient, week.monday + number * DAY, today=week.sunday)
        assert day.session == adherence.sessions(day.course, logs).get(day.on)
        if in_order(day.course) == in_order(course):
            assert (day.week, day.planned) == (week, course.plan_on(day.on))
    assert in_order(day.course) == in_order(course)
    shown = [each.week for each in read_progress(story.clinic, patient, today=week.sunday).weeks]
    if week.due or week.paused_dates or not week.nothing_logged:
        assert shown[0] == week
    noon = datetime.combine(week.sunday, time(12), tzinfo=story.clinic.zone)
    record = overview(story.clinic, patient, now=noon)
    assert [cell.week for cell in record["weeks"]][-1:] in ([week], [])
    through = week.monday - WEEK
    assert record["to_date"] == adherence.to_date(course, logs_by_hand(patient), through)


def test_a_whole_clinic_is_read_in_two_queries_and_in_step() -> None:
    """Also where somebody in between is archived, or has no program."""
    clinic = make_clinic()
    with clinic_scope(clinic.pk):
        by = make_member(clinic)
        patients = [make_patient(by) for _ in range(4)]
        for patient in [patients[0], patients[1], patients[3]]:
            make_prescription(by, patient, starts_on=MONDAY - WEEK)
            make_log(by, patient, MONDAY - WEEK)
        make_log(by, patients[3], MONDAY - WEEK + DAY)
        Patient.objects.filter(pk=patients[1].pk).update(archived_at=NOW)
        with CaptureQueriesContext(connection) as captured:
            figures = dict(each_week(Patient.objects.active(), MONDAY - WEEK, today=MONDAY))
    assert {patient.pk: figures[patient.pk].fraction_text for patient in (patients[0], *patients[2:])} == {
        patients[0].pk: "1/3",
        patients[2].pk: "0/0",
        patients[3].pk: "2/3",
    }
    assert (len(figures), len(captured)) == (3, 2)


def course_by_hand(patient: Patient, day: date) -> adherence.Course:
    """Row by row, as nobody would for a thousand: of the courses begun by then the last, otherwise the next."""
    courses = [plan_of(course) for course in Course.objects.filter(patient=patient)]
    begun = [course for course in courses if (start := start_of(course)) and start <= day]
    if begun:
        return max(begun, key=lambda course: start_of(course) or LONG_AGO)
    return min(courses, key=lambda course: (start_of(course) or date.max, first_of(course)), default=NOTHING)


def start_of(course: adherence.Course) -> date | None:
    in_force = (each for each in course.prescriptions if each.ends_on is None or each.ends_on >= each.starts_on)
    return min((each.starts_on for each in in_force), default=None)


def first_of(course: adherence.Course) -> tuple[date, UUID]:
    return min((each.starts_on, each.key) for each in course.prescriptions)


def plan_of(course: Course) -> adherence.Course:
    prescriptions = [
        adherence.Prescription(
            each.starts_on,
            tuple(
                adherence.Phase(
                    tuple(
                        adherence.Dose(
                            dose.exercise_id, dose.sets_min, dose.amount_min, dose.exercise.per_direction, dose.required
                        )
                        for dose in phase.doses.order_by("position", "pk")
                    ),
                    phase.weeks,
                    phase.frequency,
                    frozenset(phase.weekdays),
                )
                for phase in each.program.phases.order_by("position", "pk")
            ),
            each.ends_on,
            each.pk,
        )
        for each in course.prescriptions.order_by("starts_on", "pk")
    ]
    pauses = [adherence.Pause(each.starts_on, each.ends_on) for each in course.pauses.order_by("starts_on")]
    return adherence.Course(tuple(prescriptions), tuple(pauses))


def in_order(course: adherence.Course) -> adherence.Course:
    pauses = sorted(course.pauses, key=lambda each: (each.starts_on, each.ends_on or date.max))
    return replace(course, pauses=tuple(pauses))


def logs_by_hand(patient: Patient) -> list[adherence.Log]:
    return [
        adherence.Log(
            log.date,
            tuple(adherence.LoggedSet(s.exercise_id, s.amount or 0, s.left, s.right) for s in log.sets.all()),
            log.skip_reason,
        )
        for log in Log.objects.filter(patient=patient)
        if log.accepted and log.replaced_at is None and log.withdrawn_at is None
    ]


def said(logs: Iterable[adherence.Log], first: date = LONG_AGO, last: date = date.max) -> dict[date, Any]:
    """Of each date how much was done, whether anything was entered, and the reasons for doing nothing."""
    found: dict[date, tuple[Counter[tuple[str, str]], set[str]]] = {}
    for log in logs:
        if first <= log.date <= last:
            done, reasons = found.setdefault(log.date, (Counter(), set()))
            reasons.add(log.skip_reason)
            for each in log.sets:
                for part in ("amount", "left", "right"):
                    done[each.exercise, part] += getattr(each, part) or 0
    return found


def last_dates(logs: Iterable[adherence.Log], day: date) -> tuple[date | None, date | None]:
    until = [log for log in logs if log.date <= day]
    last_session = max((log.date for log in until if log.sets), default=None)
    return max((log.date for log in until), default=None), last_session
