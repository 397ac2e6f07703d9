"""Writes a reminder, as things are when it is sent. None of it says anything about anybody's health."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from css_inline import CSSInliner
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from clinic import links, unsubscribing, webpush
from clinic.languages import first_of
from clinic.models import Clinic, Message
from clinic.outbox import Batch, Letter, NotTaken, NotWanted
from clinic.wall.scope import clinic_scope
from patients.models import Log, NextMorning, Patient, PushDevice, Reminder
from patients.reminders.due import why_not
from patients.reminders.stopping import stop_of

DAY = timedelta(days=1)
TRY_LATER = {408, 429}
inliner = CSSInliner(keep_at_rules=True, load_remote_stylesheets=False)


def write_email(message: Message, *, now: datetime, batch: Batch) -> Letter:
    """Raises NotWanted with the reason."""
    if not Reminder.objects.filter(recipient=message.recipient, by_email=True).exists():
        raise NotWanted("They turned it off.")
    patient, day = _still_wanted(message, now)
    clinic = message.recipient.clinic
    stop = links.absolute(stop_of(message.recipient).path)
    with _language_of(patient, clinic):
        context = {
            "clinic": clinic,
            "today_url": links.absolute(links.inside(clinic, "today", patient.pk)),
            "morning_url": links.absolute(links.inside(clinic, "morning", patient.pk, day - DAY))
            if _asks_about(patient, day - DAY)
            else "",
            "stop_url": stop,
        }
        return Letter(
            subject=_("Time for your exercises?"),
            text=render_to_string("patients/reminder/email.txt", context),
            html=inliner.inline(render_to_string("patients/reminder/email.html", context)),
            headers=unsubscribing.one_click(stop),
        )


def write_push(message: Message, *, now: datetime, batch: Batch) -> "Push":
    """Raises NotWanted with the reason."""
    device = PushDevice.objects.filter(recipient=message.recipient, pk=message.key.split()[1]).first()
    if device is None:
        raise NotWanted("They turned it off.")
    patient, day = _still_wanted(message, now)
    clinic = message.recipient.clinic
    with _language_of(patient, clinic):
        payload = {
            "title": _("Time for your exercises?"),
            "open": links.inside(clinic, "today", patient.pk),
            "stop": stop_of(message.recipient, device.pk).path,
            "stop_label": _("Stop reminders"),
            "stopped": _("There will be no more reminders on this device."),
            "not_stopped": _("That did not work. You can stop them on your page, under Reminders."),
            "language": translation.get_language() or "en",
        }
    midnight = datetime.combine(day + DAY, time(), tzinfo=clinic.zone).astimezone(UTC)
    browser = webpush.Browser(device.endpoint, device.p256dh, device.auth)
    return Push(clinic.pk, device.pk, browser, payload, now, midnight - now)


@dataclass(frozen=True, slots=True)
class Push:
    """A parcel for one browser."""

    clinic_id: UUID
    device_id: UUID
    browser: webpush.Browser
    payload: dict[str, str]
    now: datetime
    ttl: timedelta
    to: str = ""
    subject: str = ""
    reported: dict[str, Any] = field(default_factory=dict)

    def hand_over(self) -> None:
        try:
            webpush.push(self.browser, self.payload, now=self.now, ttl=self.ttl, topic="reminder")
        except webpush.NotPushed as trouble:
            if trouble.is_gone:
                with clinic_scope(self.clinic_id):
                    PushDevice.objects.filter(pk=self.device_id).delete()
            for_good = 300 <= trouble.code < 500 and trouble.code not in TRY_LATER
            raise NotTaken(str(trouble), code=trouble.code, unknown=trouble.unknown, for_good=for_good) from trouble


def _still_wanted(message: Message, now: datetime) -> tuple[Patient, date]:
    recipient, day = message.recipient, date.fromisoformat(message.key.split()[0])
    if recipient.clinic.today(now) != day:
        raise NotWanted("The day is over.")
    if recipient.record is None or (reason := why_not([recipient.record], day).get(recipient.record)):
        raise NotWanted(reason if recipient.record else "The record is closed.")
    return Patient.objects.get(pk=recipient.record), day


def _asks_about(patient: Patient, day: date) -> bool:
    """Whether there is a session on that date, and no answer about the morning after it."""
    done = Log.objects.current().filter(patient=patient, date=day, skip_reason="").exists()
    return done and not NextMorning.objects.current().filter(patient=patient, date=day).exists()


@contextmanager
def _language_of(patient: Patient, clinic: Clinic) -> Iterator[None]:
    with translation.override(first_of(patient.language, clinic.language)):
        yield
