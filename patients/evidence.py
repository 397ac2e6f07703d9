"""Reads what alerts are made from: for many patients the same few queries as for one."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from uuid import UUID

from patients import adherence
from patients.adherence import monday_of
from patients.alerts import CountedSet, Known, Session, Target
from patients.models import Log, LoggedSet, NextMorning
from patients.plans import courses_on, last_dates_of, logs_of
from programs.models import Dose, Exercise, Phase

WEEKS_BACK = 2
Targets = dict[tuple[UUID, int], list[Target]]


def known_on(patients: Sequence[UUID], day: date) -> dict[UUID, Known]:
    """What the nightly pass of a date has to know of each patient. Seven queries; two more where somebody is near."""
    since = monday_of(day) - timedelta(weeks=WEEKS_BACK)
    courses, logs = courses_on(patients, day), logs_of(patients, since=since)
    sessions, last_dates = sessions_of(patients, courses, since=since, through=day), last_dates_of(patients)
    return {
        patient: Known(
            course=courses[patient],
            logs=[log for log in logs.get(patient, ()) if log.date <= day],
            sessions=sessions.get(patient, ()),
            last_log=last_log,
            last_session=last_session,
        )
        for patient in patients
        for last_log, last_session in [last_dates.get(patient, (None, None))]
    }


def sessions_of(
    patients: Sequence[UUID], courses: dict[UUID, adherence.Course], *, since: date, through: date
) -> dict[UUID, list[Session]]:
    """Of each patient the dates with a session, in order, with all that was answered about them. Four queries."""
    logs = Log.objects.current().filter(patient__in=patients, skip_reason="", date__range=(since, through))
    by_date: defaultdict[tuple[UUID, date], list[Log]] = defaultdict(list)
    for log in logs.order_by("patient", "date", "entered_at", "id"):
        by_date[log.patient_id, log.date].append(log)
    sets, mornings = _sets(patients, since, through), mornings_of(patients, since, through)
    plans = {key: courses[key[0]].plan_on(key[1]) for key in by_date}
    targets = _targets({plan.prescription.key for plan in plans.values() if plan})
    found: defaultdict[UUID, list[Session]] = defaultdict(list)
    for key, of_date in by_date.items():
        plan = plans[key]
        asked = targets.get((plan.prescription.key, plan.phase_index), []) if plan else []
        found[key[0]].append(session(key[1], of_date, mornings.get(key), sets.get(key, ()), asked))
    return found


def session(
    day: date,
    logs: Iterable[Log],
    morning: int | None = None,
    sets: Sequence[CountedSet] = (),
    targets: Sequence[Target] = (),
) -> Session:
    """The logs of one date, in the order of their entry, as one session."""
    worst = max((log for log in logs if log.pain is not None), key=lambda log: log.pain or 0, default=None)
    return Session(
        day=day,
        pain=worst.pain if worst else None,
        before=next((log.pain_before for log in logs if log.pain_before is not None), None),
        effort=max((log.effort for log in logs if log.effort is not None), default=None),
        morning=morning,
        log=str(worst.pk) if worst else "",
        sets=sets,
        targets=targets,
    )


def _sets(patients: Sequence[UUID], since: date, through: date) -> dict[tuple[UUID, date], list[CountedSet]]:
    """Those that were counted in repetitions."""
    rows = LoggedSet.objects.filter(
        log__in=Log.objects.current().filter(patient__in=patients, date__range=(since, through)), amount__isnull=False
    ).order_by("log__entered_at", "log", "position")
    found: defaultdict[tuple[UUID, date], list[CountedSet]] = defaultdict(list)
    for patient, day, exercise, amount, as_planned in rows.values_list(
        "log__patient", "log__date", "exercise", "amount", "as_planned"
    ):
        found[patient, day].append(CountedSet(exercise, amount or 0, as_planned))
    return found


def mornings_of(patients: Sequence[UUID], since: date, through: date) -> dict[tuple[UUID, date], int]:
    answers = NextMorning.objects.current().filter(patient__in=patients, date__range=(since, through))
    return {(patient, day): pain for patient, day, pain in answers.values_list("patient", "date", "pain")}


def _targets(prescriptions: set[UUID]) -> Targets:
    """By prescription and place of the phase, the tops of what is counted in repetitions and has a range."""
    found: defaultdict[tuple[UUID, int], list[Target]] = defaultdict(list)
    if not prescriptions:
        return found
    phases = Phase.objects.filter(program__prescriptions__in=prescriptions).order_by("position", "id")
    places: defaultdict[UUID, list[UUID]] = defaultdict(list)
    of_prescription = list(phases.values_list("program__prescriptions", "id"))
    for prescription, phase in of_prescription:
        places[prescription].append(phase)
    doses: defaultdict[UUID, list[Target]] = defaultdict(list)
    ranged = Dose.objects.filter(phase__in={phase for _, phase in of_prescription}, amount_max__isnull=False)
    for dose in ranged.filter(exercise__counted_in=Exercise.CountedIn.REPETITIONS):
        doses[dose.phase_id].append(Target(dose.exercise_id, dose.sets_max or dose.sets_min, dose.amount_max or 0))
    for prescription, in_order in places.items():
        for place, phase in enumerate(in_order):
            found[prescription, place] = doses[phase]
    return found
