"""When and how somebody is reminded: chosen and stopped by themselves alone."""

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from clinic.models import Membership
from clinic.webpush import Browser, check_browser
from patients.models import PushDevice, Reminder

MOST_DEVICES = 10


@transaction.atomic
def set_reminder(*, by: Membership, weekdays: Collection[int], hour: int, by_email: bool, now: datetime) -> Reminder:
    """Remind on these weekdays (Monday = 0) at this hour of the clinic's zone; without weekdays never.

    Whose hour is over today is reminded from the next day on. Raises ValidationError.
    """
    if by.record is None:
        raise ValidationError(_("Only patients are reminded."))
    if by_email and not by.user.email:
        raise ValidationError({"by_email": _("There is no email address to write to.")})
    local = now.astimezone(by.clinic.zone)
    seen_to = local.date() if local.hour >= hour else local.date() - timedelta(days=1)
    reminder = Reminder.objects.filter(recipient=by).first() or Reminder(recipient=by)
    reminder.weekdays, reminder.hour, reminder.by_email = sorted(set(weekdays)), hour, by_email
    reminder.queued_through = seen_to
    reminder.full_clean(exclude=["clinic", "recipient"], validate_unique=False, validate_constraints=False)
    reminder.save()
    return reminder


@transaction.atomic
def add_device(*, by: Membership, browser: Browser, now: datetime) -> PushDevice:
    """Remind on this browser too. Again, or with new keys, it is the same one. Raises ValidationError."""
    check_browser(browser)
    Membership.objects.select_for_update().only("pk").get(pk=by.pk)
    known = PushDevice.objects.filter(recipient=by, endpoint=browser.endpoint).first()
    if known is None and PushDevice.objects.filter(recipient=by).count() >= MOST_DEVICES:
        raise ValidationError(_("These are too many devices. Stop the reminders on one of them first."))
    device = known or PushDevice(recipient=by, endpoint=browser.endpoint, created_at=now)
    device.p256dh, device.auth = browser.p256dh, browser.auth
    device.save()
    return device


@transaction.atomic
def move_device(*, recipient: UUID, endpoint: str, browser: Browser) -> bool:
    """A browser that was reached at `endpoint` is reached elsewhere; whether it is one that they are reminded on.

    Again is harmless. Raises ValidationError.
    """
    check_browser(browser)
    Membership.objects.select_for_update().only("pk").get(pk=recipient)
    devices = PushDevice.objects.filter(recipient=recipient)
    said = {"endpoint": browser.endpoint, "p256dh": browser.p256dh, "auth": browser.auth}
    if devices.filter(endpoint=browser.endpoint).exists():
        devices.filter(endpoint=endpoint).exclude(endpoint=browser.endpoint).delete()
        return bool(devices.filter(endpoint=browser.endpoint).update(**said))
    return bool(devices.filter(endpoint=endpoint).update(**said))


def remove_device(*, recipient: UUID, device: UUID) -> None:
    """Again is harmless."""
    PushDevice.objects.filter(recipient=recipient, pk=device).delete()


def forget_devices(*, record: UUID) -> None:
    """Remind on no device any more, for one was lost. Again is harmless."""
    PushDevice.objects.filter(recipient__record=record).delete()


def stop_emails(*, recipient: UUID) -> None:
    """Again is harmless."""
    Reminder.objects.filter(recipient=recipient).update(by_email=False)
