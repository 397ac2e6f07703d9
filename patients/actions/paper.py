"""Keeping what was ticked on paper: all of a sheet, or nothing."""

from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID, uuid5

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from clinic.models import Membership
from patients.actions.logging import Entry, LogConflict, SetEntry, record_log
from patients.models import Log, Patient
from patients.paper import Ticked
from patients.plans import course_on


class SheetRefused(Exception):
    """What stands against which day; nothing of the sheet was kept."""

    def __init__(self, problems: dict[date, str]):
        super().__init__("Nothing of the sheet was kept.")
        self.problems = problems


@transaction.atomic
def keep_sheet(*, by: Membership, patient: UUID, sheet: UUID, days: Mapping[date, Ticked], now: datetime) -> int:
    """Log each day of a sheet, and return how many were new. `sheet` is made with the page: sent twice is kept once.

    A day that somebody logged in another way stays as it is. Raises SheetRefused, Patient.DoesNotExist.
    """
    Patient.objects.select_for_update().only("pk").get(pk=patient)
    keys = {day: uuid5(sheet, day.isoformat()) for day in days}
    standing = Log.objects.filter(patient=patient, date__in=days, replaced_at=None, withdrawn_at=None)
    taken = set(standing.exclude(pk__in=keys.values()).values_list("date", flat=True))
    problems = dict.fromkeys(taken, _("Something is logged for this day, and stays. Clear the field, or correct that."))
    new = 0
    for day, ticked in sorted(days.items()):
        if day in taken:
            continue
        try:
            _log, is_new = record_log(by=by, patient=patient, entry=_entry(patient, keys[day], day, ticked), now=now)
            new += is_new
        except ValidationError as error:
            problems[day] = " ".join(error.messages)
        except LogConflict:
            problems[day] = _("This page was sent before with another sign here. Open it again to see what stands.")
    if problems:
        raise SheetRefused(problems)
    return new


def _entry(patient: UUID, key: UUID, day: date, ticked: Ticked) -> Entry:
    """Sets are marked as confirmed, never as counted. Raises ValidationError where nothing was planned."""
    if ticked.skip_reason:
        return Entry(id=key, date=day, skip_reason=ticked.skip_reason)
    planned = course_on(patient, day).plan_on(day)
    if planned is None:
        raise ValidationError(_("Nothing was planned for this day. Use “Enter a log” and say what was done."))
    if not ticked.exercises:
        return Entry(id=key, date=day, as_planned=True, pain_after=ticked.pain)
    doses = {dose.exercise: dose for dose in planned.phase.doses}
    if missing := [exercise for exercise in ticked.exercises if exercise not in doses]:
        raise ValidationError(_("%(exercise)s was not planned for this day."), params={"exercise": missing[0]})
    sets = tuple(
        SetEntry(exercise=exercise, as_planned=True)
        for exercise in ticked.exercises
        for _number in range(doses[exercise].sets)
    )
    return Entry(id=key, date=day, sets=sets, pain_after=ticked.pain)
