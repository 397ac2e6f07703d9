"""Figures of many patients at once: the same few queries, whatever their number."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.db.models import Max, Q
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from clinic.models import Clinic
from patients.adherence import Band, Week, monday_of, weeks
from patients.models import Log, Patient, RedFlagReport
from patients.plans import courses_on, logs_of

WEEK = timedelta(weeks=1)


@dataclass(frozen=True, slots=True)
class Standing:
    """A patient's last complete week and the one that goes on, and why somebody should look at them."""

    patient: Patient
    last_week: Week
    this_week: Week
    last_log: date | None
    reasons: list[str] = field(default_factory=list)

    @property
    def urgency(self) -> tuple[int, str]:
        return -len(self.reasons), self.patient.code


def weeks_of(patients: Collection[UUID], first_monday: date, *, today: date) -> dict[UUID, list[Week]]:
    """The weeks of each patient from one that starts on a Monday to the one that goes on. Three queries."""
    courses, logs = courses_on(patients, today), logs_of(patients, since=first_monday)
    return {
        patient: weeks(courses[patient], logs.get(patient, []), first_monday, monday_of(today), today=today)
        for patient in patients
    }


def standings(clinic: Clinic, patients: Iterable[Patient], *, today: date) -> list[Standing]:
    """Those with the most reasons to look first. Seven queries."""
    by_id = {patient.pk: patient for patient in patients}
    last_monday = monday_of(today) - WEEK
    both_weeks = weeks_of(by_id, last_monday, today=today)
    last_logs = dict(
        Log.objects.current().filter(patient__in=by_id).values_list("patient").annotate(Max("date")).order_by()
    )
    reported = _reported(clinic, list(by_id), since=last_monday)
    found = [
        Standing(patient, last, this, last_logs.get(pk), [*reported[pk], *reasons_of(last)])
        for pk, patient in by_id.items()
        for last, this in [both_weeks[pk]]
    ]
    return sorted(found, key=lambda standing: standing.urgency)


def reasons_of(last: Week) -> list[str]:
    """What a complete week alone gives as reasons to look at a patient."""
    if last.band == Band.NO_DATA:
        return [_("Nothing logged last week")]
    if last.band == Band.LOW:
        return [_("Less than half done last week")]
    return []


def _reported(clinic: Clinic, patients: list[UUID], *, since: date) -> defaultdict[UUID, list[str]]:
    """Red flags, much pain and logs that wait to be accepted, in words."""
    reasons: defaultdict[UUID, list[str]] = defaultdict(list)
    flags = RedFlagReport.objects.filter(
        patient__in=patients, reported_at__gte=datetime.combine(since, time.min, clinic.zone)
    )
    for patient, reported_at in flags.values_list("patient", "reported_at"):
        day = date_format(reported_at.astimezone(clinic.zone), "j M")
        reasons[patient].append(_("Warning sign on %(day)s") % {"day": day})
    limit = clinic.pain_too_much_from
    much = Q(pain_before__gte=limit) | Q(pain_during__gte=limit) | Q(pain_after__gte=limit)
    for log in Log.objects.current().filter(much, patient__in=patients, date__gte=since).order_by("date"):
        day = date_format(log.date, "j M")
        reasons[log.patient_id].append(_("Pain %(pain)d on %(day)s") % {"pain": log.pain, "day": day})
    waiting = Log.objects.filter(patient__in=patients, accepted=False, withdrawn_at=None, replaced_at=None)
    for patient in waiting.values_list("patient", flat=True):
        reasons[patient].append(_("A log waits to be accepted"))
    return reasons
