"""Reads what a summary is made from: the same few queries for one patient as for a hundred."""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from functools import partial
from itertools import groupby
from operator import attrgetter
from typing import Any
from uuid import UUID

from django.db.models import Count, Max, Q

from clinic import links
from clinic.models import Clinic, Membership, Message
from patients import adherence
from patients.alerts import Session, were_easy
from patients.evidence import mornings_of, session, sessions_of
from patients.limits import limits_of
from patients.models import Decision, Log, Patient, RedFlagReport
from patients.plans import courses_on, logs_of
from patients.revisions import changes_of
from patients.summaries.facts import Decided, Entry, Facts, Person
from patients.summaries.sharing import Share, share_out
from patients.telling import Clinicians, clinicians_on
from programs.models import Exercise

KIND = "weekly_summary"
WEEKS_BACK = 12
WEEK = timedelta(weeks=1)
Shares = Mapping[Membership, Sequence[Share]]


def shares_of_clinic(day: date) -> dict[Membership, list[Share]]:
    """Who gets whose summary in the open clinic, as things are on a date. Four queries."""
    return share_out(clinicians_on(day), Patient.objects.active())


def shares_of(recipients: Collection[Membership], clinicians: Clinicians) -> dict[Membership, list[Share]]:
    """Of those among them who get a summary, with no other patient of the clinic read. One query."""
    patients = Patient.objects.active().filter(clinicians.of_whom(recipients, wants=clinicians.gets_summaries))
    return {each: shares for each, shares in share_out(clinicians, patients).items() if each in recipients}


def read_facts(clinic: Clinic, shares: Shares, monday: date) -> dict[Membership, list[Facts]]:
    """The facts of the week that starts on `monday`, of the patients shared out to each recipient.

    However many they are, eight queries; four more where a program was changed in the week, and five where somebody may
    be ready for more.
    """
    sunday = monday + WEEK - timedelta(days=1)
    ids = [share.patient.pk for of_one in shares.values() for share in of_one]
    courses = courses_on(ids, sunday)
    logs = logs_of(ids, since=monday - WEEKS_BACK * WEEK)
    recent, red_flags = _recent(clinic, ids, monday), _red_flags(clinic, ids, monday)
    sessions, exercises = _sessions(clinic, recent, courses, monday)
    decisions = _decisions(clinic, ids, monday)
    last_dates, reported = _last_dates(ids, sunday), _reported(shares, monday)
    return {
        recipient: [
            Facts(
                person=person_of(clinic, share.patient),
                course=courses[key],
                logs=tuple(log for log in logs.get(key, ()) if log.date <= sunday),
                entries=tuple(_entry(clinic, log) for log in recent[key]),
                sessions=tuple(sessions.get(key, ())),
                exercises=exercises,
                red_flags=tuple(red_flags[key]),
                reported=reported[recipient.pk][str(key)],
                instead_of=share.instead_of,
                decisions=tuple(decided(recipient) for decided in decisions[key]),
                why_here=share.why_here,
                **last_dates.get(key, {}),
            )
            for share in of_one
            for key in [share.patient.pk]
        ]
        for recipient, of_one in shares.items()
    }


def person_of(clinic: Clinic, patient: Patient) -> Person:
    initials = patient.initials if clinic.names_in_email == Clinic.NamesInEmail.INITIALS else ""
    label = f"{initials} ({patient.code})" if initials else patient.code
    return Person(patient.pk, label, links.absolute(links.inside(clinic, "admin:patients_patient_change", patient.pk)))


def _start_of(day: date, clinic: Clinic) -> datetime:
    return datetime.combine(day, time.min, tzinfo=clinic.zone)


def _recent(clinic: Clinic, patients: Sequence[UUID], monday: date) -> defaultdict[UUID, list[Any]]:
    """What is logged of the week and the one before it, and what arrived in this week for an earlier date."""
    recent = Q(date__gte=monday - WEEK) | Q(received_at__gte=_start_of(monday, clinic))
    rows = (
        Log.objects.current()
        .filter(recent, patient__in=patients, date__gte=monday - WEEKS_BACK * WEEK, date__lt=monday + WEEK)
        .annotate(count=Count("sets"), as_planned=Count("sets", filter=Q(sets__as_planned=True)))
        .order_by("patient", "date", "entered_at", "id")
    )
    found: defaultdict[UUID, list[Any]] = defaultdict(list)
    for log in rows:
        found[log.patient_id].append(log)
    return found


def _entry(clinic: Clinic, log: Any) -> Entry:
    return Entry(
        day=log.date,
        received_on=clinic.today(log.received_at),
        pain=log.pain,
        late=log.provenance == Log.Provenance.LATE,
        sets=log.count,
        as_planned=log.as_planned,
    )


def _sessions(
    clinic: Clinic, recent: dict[UUID, list[Any]], courses: dict[UUID, adherence.Course], monday: date
) -> tuple[dict[UUID, list[Session]], dict[str, str]]:
    """Those of the week and of the one before it, and the names of the exercises in them.

    What was counted in them is only asked about the few patients whose last two were easy: four queries more.
    """
    since, sunday, limits = monday - WEEK, monday + WEEK - timedelta(days=1), limits_of(clinic)
    mornings = mornings_of(list(recent), since, sunday)
    found = {
        patient: [
            session(day, of_day, mornings.get((patient, day)))
            for day, of_day in groupby((log for log in logs if log.count and log.date >= since), attrgetter("date"))
        ]
        for patient, logs in recent.items()
    }
    easy = [patient for patient, sessions in found.items() if were_easy(sessions, limits)]
    if not easy:
        return found, {}
    return found | sessions_of(easy, courses, since=since, through=sunday), dict(
        Exercise.objects.values_list("pk", "name")
    )


def _red_flags(clinic: Clinic, patients: Sequence[UUID], monday: date) -> defaultdict[UUID, list[date]]:
    reports = RedFlagReport.objects.filter(
        patient__in=patients,
        received_at__gte=_start_of(monday, clinic),
        received_at__lt=_start_of(monday + WEEK, clinic),
    ).order_by("reported_at")
    dates: defaultdict[UUID, list[date]] = defaultdict(list)
    for report in reports:
        dates[report.patient_id].append(clinic.today(report.reported_at))
    return dates


def _decisions(
    clinic: Clinic, patients: Sequence[UUID], monday: date
) -> defaultdict[UUID, list[Callable[[Membership], Decided]]]:
    """Of the week, with the calls that were made in it or are still to make; in the order in which they were made, each
    as one reads it who may have made it."""
    week = (_start_of(monday, clinic), _start_of(monday + WEEK, clinic) - timedelta(microseconds=1))
    to_call = Q(kind=Decision.Kind.CALL_BACK, called_at=None)
    rows = Decision.objects.filter(Q(at__range=week) | Q(called_at__range=week) | to_call, patient__in=patients)
    rows = rows.filter(at__lte=week[1]).select_related("by__user", "called_by__user", "prescription").order_by("at")
    changes = changes_of({each.prescription_id for each in rows if each.prescription_id})
    decisions: defaultdict[UUID, list[Callable[[Membership], Decided]]] = defaultdict(list)
    for each in rows:
        told = changes.get(each.prescription_id, ()) if each.prescription_id else ()
        decisions[each.patient_id].append(partial(_decided, clinic, each, tuple(told), week[1]))
    return decisions


def _decided(
    clinic: Clinic, decision: Decision, changes: tuple[str, ...], until: datetime, reader: Membership
) -> Decided:
    return Decided(
        kind=decision.kind,
        on=clinic.today(decision.at),
        by="" if decision.by_id == reader.pk else str(decision.by),
        starts_on=decision.prescription.starts_on if decision.prescription else None,
        changes=changes,
        call_on=decision.call_on,
        called_on=clinic.today(decision.called_at) if decision.called_at and decision.called_at <= until else None,
        called_by="" if decision.called_by_id in {None, reader.pk} else str(decision.called_by),
    )


def _last_dates(patients: Sequence[UUID], sunday: date) -> dict[UUID, dict[str, date | None]]:
    rows = (
        Log.objects.current()
        .filter(patient__in=patients, date__lte=sunday)
        .order_by()
        .values("patient")
        .annotate(last_log=Max("date"), last_session=Max("date", filter=Q(skip_reason="")))
    )
    return {row["patient"]: {"last_log": row["last_log"], "last_session": row["last_session"]} for row in rows}


def _reported(recipients: Collection[Membership], monday: date) -> defaultdict[UUID, defaultdict[str, dict[date, str]]]:
    """What each recipient was last told about each earlier week, by patient."""
    sent = Message.objects.filter(
        recipient__in=recipients, kind=KIND, sent_at__isnull=False, week__gte=monday - WEEKS_BACK * WEEK
    ).order_by("sent_at")
    told: defaultdict[UUID, defaultdict[str, dict[date, str]]] = defaultdict(lambda: defaultdict(dict))
    for recipient, reported in sent.values_list("recipient", "reported"):
        for patient, weeks in reported.items():
            told[recipient][patient] |= {date.fromisoformat(week): figure for week, figure in weeks.items()}
    return told
