"""The day's work: what waits for a clinician, each thing once. Alerts, calls, and what else asks for a look."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Case, F, IntegerField, Max, Q, QuerySet, Value, When
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic.models import Clinic, Membership
from patients.admin.figures import Standing
from patients.alert_words import Shown, in_words
from patients.alerts import AT_ONCE, Kind
from patients.attention import LastAlert, Reason, left_to_say
from patients.models import Alert, Decision, Patient

MOST_SHOWN = 50
GROUPS = (
    (gettext_lazy("Now"), AT_ONCE),
    (
        gettext_lazy("Pain and load"),
        (Kind.PAIN, Kind.MORNING_AFTER, Kind.PAIN_RISING, Kind.SKIPS_FOR_PAIN, Kind.ABOVE_DUE),
    ),
    (gettext_lazy("Not started"), (Kind.NOT_STARTED,)),
    (gettext_lazy("Falling"), (Kind.SILENT, Kind.BELOW_HALF)),
    (gettext_lazy("Ready to progress?"), (Kind.READY,)),
)
IN_ORDER = [kind for _title, kinds in GROUPS for kind in kinds]


@dataclass(frozen=True, slots=True)
class Look:
    """A patient, and what speaks for a look at them."""

    patient: Patient
    reasons: list[Reason]


@dataclass(frozen=True, slots=True)
class Told:
    """A patient with their open alerts, the worst first: one look at them is for all."""

    patient: Patient
    alerts: list[Shown]


@dataclass(frozen=True, slots=True)
class Group:
    """What is done alike; one of the three lists has something in it."""

    title: str
    told: list[Told] = field(default_factory=list)
    calls: list[Decision] = field(default_factory=list)
    looks: list[Look] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.told or self.calls or self.looks)


def days_work(standings: Sequence[Standing], *, clinic: Clinic, of: Membership | None, day: date) -> dict[str, Any]:
    """All of it in groups, the most pressing first, a patient where their worst alert belongs.

    `standings`: of patients, of whom some may ask for a look.

    At most eight queries.
    """
    alerts = open_alerts(of=of, day=day)
    shown = in_words(alerts[:MOST_SHOWN])
    told = _by_patient(shown)
    now, *others = [
        Group(str(title), [each for each in told if each.alerts[0].alert.kind in kinds]) for title, kinds in GROUPS
    ]
    due, looks = calls_due(of=of, day=day), looks_left(standings, clinic=clinic, today=day)
    calls = list(due[:MOST_SHOWN])
    groups = [now, Group(_("Call back"), calls=calls), *others, Group(_("Worth a look"), looks=looks)]
    return {
        "work": [each for each in groups if each],
        "more_alerts": alerts.count() - MOST_SHOWN if len(shown) == MOST_SHOWN else 0,
        "more_calls": due.count() - MOST_SHOWN if len(calls) == MOST_SHOWN else 0,
        "today": day,
    }


def _by_patient(shown: Sequence[Shown]) -> list[Told]:
    """In the order of each patient's first."""
    found: dict[UUID, Told] = {}
    for each in shown:
        found.setdefault(each.alert.patient_id, Told(each.alert.patient, [])).alerts.append(each)
    return list(found.values())


def open_alerts(*, of: Membership | None = None, day: date | None = None) -> QuerySet[Alert]:
    """The worst first; all, or those of one's own patients on a date."""
    rank = Case(
        *[When(kind=kind, then=Value(place)) for place, kind in enumerate(IN_ORDER)], output_field=IntegerField()
    )
    alerts = Alert.objects.filter(acknowledged_at=None).select_related("patient", "clinic")
    if of is not None and day is not None:
        alerts = alerts.filter(patient__in=Patient.objects.in_care_of(of, day))
    return alerts.order_by(rank, "-level", "-changed_at", "pk")


def alerts_of(patient: Patient) -> list[Shown]:
    """The open ones of one patient, the worst first."""
    return in_words(open_alerts().filter(patient=patient))


def calls_of(patient: Patient) -> QuerySet[Decision]:
    """All that are to be made, the longest due first."""
    return Decision.objects.calls_to_make().filter(patient=patient).select_related("patient", "by__user")


def calls_due(*, of: Membership | None, day: date) -> QuerySet[Decision]:
    """The longest due first; one's own are also those that oneself said one would make."""
    calls = Decision.objects.calls_to_make().filter(call_on__lte=day).select_related("patient", "by__user")
    return calls.filter(Q(patient__in=Patient.objects.in_care_of(of, day)) | Q(by=of)) if of else calls


def looks_left(standings: Sequence[Standing], *, clinic: Clinic, today: date) -> list[Look]:
    """Of these patients those of whom there is something left to say."""
    patients = {each.patient.pk: each.patient for each in standings}
    left = left_of({each.patient.pk: each.reasons for each in standings if each.reasons}, clinic=clinic, today=today)
    return [Look(patients[key], reasons) for key, reasons in left.items() if reasons]


def left_of(reasons: Mapping[UUID, list[Reason]], *, clinic: Clinic, today: date) -> dict[UUID, list[Reason]]:
    """Of reasons those that no alert tells, and that nobody decided about. No query for nobody, otherwise two."""
    if not reasons:
        return {}
    alerts, decided = _last_alerts(reasons), _last_decisions(reasons)
    return {
        key: left_to_say(
            of_one,
            alerts[key],
            decided_on=clinic.today(decided[key]) if key in decided else None,
            today=today,
        )
        for key, of_one in reasons.items()
    }


def _last_alerts(patients: Collection[UUID]) -> defaultdict[UUID, dict[Kind, LastAlert]]:
    """Of each patient and kind the open one, otherwise the last that was acknowledged."""
    alerts = Alert.objects.filter(patient__in=patients)
    alerts = alerts.order_by("patient_id", "kind", F("acknowledged_at").desc(nulls_first=True)).distinct(
        "patient", "kind"
    )
    found: defaultdict[UUID, dict[Kind, LastAlert]] = defaultdict(dict)
    for alert in alerts:
        found[alert.patient_id][Kind(alert.kind)] = LastAlert(alert.on, alert.is_open)
    return found


def _last_decisions(patients: Collection[UUID]) -> dict[UUID, Any]:
    return dict(
        Decision.objects.filter(patient__in=patients).order_by().values_list("patient").annotate(last=Max("at"))
    )
