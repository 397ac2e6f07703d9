"""What happened with a patient, in words, the newest first: what was prescribed, by whom, and what came of it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.db.models import Q
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from clinic.models import Clinic, Invitation, Membership
from patients.admin.decision_words import what
from patients.models import (
    Alert,
    Course,
    Decision,
    Log,
    Measurement,
    Patient,
    Pause,
    Prescription,
    RecordEvent,
    RedFlagReport,
)
from programs.comparing import differences, outline

SHOWN = 40
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Event:
    """`at` in the clinic's zone; `is_day` where only the date is known. `program` leads to the page of one."""

    at: datetime
    what: str
    who: str = ""
    details: list[str] = field(default_factory=list)
    is_day: bool = False
    program: UUID | None = None


def history(
    clinic: Clinic,
    patient: Patient,
    *,
    prescriptions: list[Prescription],
    pauses: list[Pause],
    red_flags: list[RedFlagReport],
) -> list[Event]:
    """The newest events. `prescriptions` in order, with their programs' phases and doses. Six queries."""
    events = [
        *_prescriptions(prescriptions),
        *_ends(clinic, {each.course_id: each.course for each in prescriptions}.values()),
        *_pauses(clinic, pauses),
        *_invitations(patient),
        *_red_flags(red_flags),
        *_alerts(patient),
        *_decisions(patient),
        *_measurements(patient),
        *_changed_logs(patient),
        *_record(patient),
    ]
    return sorted(events, key=lambda event: event.at, reverse=True)[:SHOWN]


def who(membership: Membership | None) -> str:
    if membership is None:
        return ""
    return str(membership) if membership.is_staff else _("the patient")


def _day(day: date) -> str:
    return date_format(day, "j M Y")


def _at(clinic: Clinic, day: date) -> datetime:
    """The end of a date of which the hour is not known."""
    return datetime.combine(day, time.max, clinic.zone)


def _prescriptions(prescriptions: list[Prescription]) -> Iterator[Event]:
    before: dict[UUID, Prescription] = {}
    for each in prescriptions:
        earlier = before.get(each.course_id)
        before[each.course_id] = each
        words = _("Went on with “%(program)s” from %(day)s") if earlier else _("Prescribed “%(program)s” from %(day)s")
        yield Event(
            at=each.prescribed_at,
            what=words % {"program": each.program, "day": _day(each.starts_on)},
            who=who(each.prescribed_by),
            details=_changes(earlier, each)
            if earlier
            else [_("Knee: %(knee)s") % {"knee": each.get_affected_knee_display()}],
            program=each.program_id,
        )


def _changes(before: Prescription, after: Prescription) -> list[str]:
    old, new = (
        outline(each.program, [(phase, list(phase.doses.all())) for phase in each.program.phases.all()])
        for each in (before, after)
    )
    return differences(old, new)


def _ends(clinic: Clinic, courses: Iterable[Course]) -> Iterator[Event]:
    for course in courses:
        if course.ended_on is not None:
            yield Event(
                at=_at(clinic, course.ended_on),
                what=_("Ended with %(day)s") % {"day": _day(course.ended_on)},
                who=who(course.ended_by),
                details=list(filter(None, [course.get_outcome_display(), course.outcome_note])),
                is_day=True,
            )


def _pauses(clinic: Clinic, pauses: Iterable[Pause]) -> Iterator[Event]:
    for each in pauses:
        days = {"first": _day(each.starts_on), "last": _day(each.ends_on) if each.ends_on else ""}
        words = _("Paused from %(first)s to %(last)s") if each.ends_on else _("Paused from %(first)s until resumed")
        reason = [each.reason] if each.reason else []
        yield Event(at=each.made_at, what=words % days, who=who(each.made_by), details=reason)
        if each.ended_by is not None and each.ends_on is not None:
            on = each.ends_on + DAY
            reason = [each.resume_reason] if each.resume_reason else []
            what = _("Resumed on %(day)s") % {"day": _day(on)}
            yield Event(at=_at(clinic, on), what=what, who=who(each.ended_by), details=reason, is_day=True)


def _invitations(patient: Patient) -> Iterator[Event]:
    invitations = Invitation.objects.filter(record=patient.pk).select_related("invited_by__user")
    for each in invitations.order_by("-created_at")[:SHOWN]:
        yield Event(at=each.created_at, what=_("Invited"), who=who(each.invited_by))
        if each.used_at:
            yield Event(at=each.used_at, what=_("Opened the invitation"), who=_("the patient"))


def _red_flags(reports: Iterable[RedFlagReport]) -> Iterator[Event]:
    for each in reports:
        what = _("A yes to a warning sign arrived") if each.came_later else _("Said yes to a warning sign")
        yield Event(at=each.received_at, what=what, who=_("the patient"), details=each.flags)


def _alerts(patient: Patient) -> Iterator[Event]:
    for each in Alert.objects.filter(patient=patient).select_related("acknowledged_by__user")[:SHOWN]:
        kind = {"kind": each.get_kind_display()}
        yield Event(at=each.raised_at, what=_("Alert: %(kind)s") % kind)
        if each.acknowledged_at is not None:
            what = _("Alert acknowledged: %(kind)s") % kind
            yield Event(at=each.acknowledged_at, what=what, who=who(each.acknowledged_by), details=[each.note])


def _decisions(patient: Patient) -> Iterator[Event]:
    """A pause and a revision stand there as what they are."""
    decisions = Decision.objects.filter(patient=patient, kind__in=[Decision.Kind.CALL_BACK, Decision.Kind.SEEN])
    for each in decisions.select_related("by__user", "called_by__user")[:SHOWN]:
        details = [_("About the week of %(day)s") % {"day": _day(each.week)}, *([each.note] if each.note else [])]
        yield Event(at=each.at, what=what(each), who=who(each.by), details=details)
        if each.called_at is not None:
            yield Event(at=each.called_at, what=_("Called"), who=who(each.called_by), details=[each.call_note])


def _measurements(patient: Patient) -> Iterator[Event]:
    found = Measurement.objects.filter(course__patient=patient).select_related("entered_by__user", "withdrawn_by__user")
    for each in found.order_by("-entered_at")[:SHOWN]:
        of = {"occasion": each.get_occasion_display(), "day": _day(each.given_on)}
        words = (
            _("Corrected the measures %(occasion)s, of %(day)s")
            if each.replaces_id
            else _("Entered the measures %(occasion)s, of %(day)s")
        )
        yield Event(at=each.entered_at, what=words % of, who=who(each.entered_by))
        if each.withdrawn_at:
            what = _("Withdrew the measures %(occasion)s, of %(day)s") % of
            yield Event(at=each.withdrawn_at, what=what, who=who(each.withdrawn_by))


def _changed_logs(patient: Patient) -> Iterator[Event]:
    changed = Log.objects.filter(Q(replaces__isnull=False) | Q(withdrawn_at__isnull=False), patient=patient)
    for log in changed.select_related("entered_by__user", "withdrawn_by__user").order_by("-received_at")[:SHOWN]:
        day = {"day": _day(log.date)}
        if log.replaces_id:
            yield Event(
                at=log.received_at, what=_("Corrected what was logged for %(day)s") % day, who=who(log.entered_by)
            )
        if log.withdrawn_at:
            words = _("Withdrew what was logged for %(day)s") % day
            yield Event(at=log.withdrawn_at, what=words, who=who(log.withdrawn_by))


def _record(patient: Patient) -> Iterator[Event]:
    events = RecordEvent.objects.filter(patient=patient).select_related("by__user")[:SHOWN]
    for each in events:
        yield Event(at=each.at, what=str(each.get_kind_display()).capitalize(), who=who(each.by))
