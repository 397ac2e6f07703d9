"""Which reminders are due, and putting them into the outbox: each once for a patient's date."""

import logging
from collections import defaultdict
from collections.abc import Collection, Iterator
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction

from clinic import outbox
from clinic.dispatch import Read
from clinic.models import Clinic, Membership, Message
from patients.adherence import monday_of
from patients.models import Log, Patient, PushDevice, Reminder
from patients.plans import courses_on

logger = logging.getLogger(__name__)

TASK = "patients.tasks.queue_reminders"
EMAIL, PUSH = "reminder_email", "reminder_push"


def find_due(read: Read, now: datetime) -> Iterator[tuple[str, UUID]]:
    """The task for each clinic in which a reminder is due, found by the dispatcher's role: one query for each zone.

    Only today's are: what a beat that was down missed on an earlier day is not sent any more.
    """
    clinics: defaultdict[str, list[UUID]] = defaultdict(list)
    for clinic_id, zone in read(Clinic.objects.values_list("id", "time_zone")):
        clinics[zone].append(clinic_id)
    for zone, of_zone in clinics.items():
        try:
            local = now.astimezone(ZoneInfo(zone))
        except (KeyError, ValueError) as error:
            logger.warning("In zone %s nobody can be told the time: %s", zone, error)
            continue
        due = Reminder.objects.filter(clinic__in=of_zone).due(local)
        for (clinic_id,) in read(due.values_list("clinic").distinct()):
            yield TASK, clinic_id


@transaction.atomic
def queue_due_reminders(*, clinic: Clinic, now: datetime) -> list[Message]:
    """Put the reminders of the open clinic that are due now into the outbox. Again, or twice at once, is harmless:
    who claims a date of a reminder first sees to it, later comers find nothing."""
    local = now.astimezone(clinic.zone)
    due = Reminder.objects.due(local)
    claimed = list(due.select_for_update(skip_locked=True).values_list("pk", flat=True))
    if not due.filter(pk__in=claimed).update(queued_through=local.date()):
        return []
    recipients = Membership.objects.active().filter(reminders__in=claimed, record__isnull=False)
    everybody = {membership.record: membership for membership in recipients if membership.record}
    unwanted = why_not(everybody, local.date())
    wanted = {membership.pk: membership for record, membership in everybody.items() if record not in unwanted}
    return outbox.queue_all(_messages(claimed, wanted, local.date(), now))


def why_not(patients: Collection[UUID], day: date) -> dict[UUID, str]:
    """Those of these patients that are not to be reminded on a date, each with the reason. Three queries."""
    active = set(Patient.objects.active().filter(pk__in=patients).values_list("pk", flat=True))
    standing = Log.objects.filter(patient__in=patients, date=day, replaced_at=None, withdrawn_at=None)
    logged = set(standing.values_list("patient", flat=True))
    courses = courses_on(active - logged, day)
    found = {}
    for patient in patients:
        if patient not in active:
            found[patient] = "The record is closed."
        elif patient in logged:
            found[patient] = "Something was logged for the day."
        elif courses[patient].plan_on(day) is None:
            found[patient] = "No program is in force on the day."
    return found


def _messages(
    reminders: Collection[UUID], wanted: dict[UUID, Membership], day: date, now: datetime
) -> Iterator[Message]:
    common = {"week": monday_of(day), "due_at": now, "created_at": now}
    by_email = Reminder.objects.filter(pk__in=reminders, by_email=True, recipient__in=wanted)
    for recipient in by_email.values_list("recipient", flat=True):
        yield Message(recipient=wanted[recipient], kind=EMAIL, key=str(day), **common)
    devices = PushDevice.objects.filter(recipient__in=wanted)
    for recipient, device in devices.values_list("recipient", "pk"):
        yield Message(recipient=wanted[recipient], kind=PUSH, key=f"{day} {device}", **common)
