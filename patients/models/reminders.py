from datetime import datetime

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from clinic.models import Membership
from clinic.wall.fields import ClinicModel, TenantForeignKey


class ReminderQuerySet(models.QuerySet["Reminder"]):
    def due(self, local: datetime) -> "ReminderQuerySet":
        """Those that ask for this local date, at this hour or an earlier one, and were not seen to on it yet."""
        return self.filter(
            Q(queued_through=None) | Q(queued_through__lt=local.date()),
            weekdays__contains=[local.weekday()],
            hour__lte=local.hour,
        )


class Reminder(ClinicModel):
    """When somebody wants to be reminded of their exercises. Nobody is until they ask for it."""

    recipient = TenantForeignKey(Membership, models.PROTECT, related_name="reminders")
    weekdays = ArrayField(models.PositiveSmallIntegerField(), default=list, blank=True)
    hour = models.PositiveSmallIntegerField(default=9, help_text="In the clinic's time zone.")
    by_email = models.BooleanField(default=False)
    queued_through = models.DateField(
        null=True, editable=False, help_text="The last local date that was seen to, whether a message was due or not."
    )

    objects = ReminderQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["clinic", "recipient"], name="patients_reminder_one_each"),
            models.CheckConstraint(condition=Q(hour__lte=23), name="patients_reminder_hour"),
            models.CheckConstraint(
                condition=Q(weekdays__contained_by=list(range(7))), name="patients_reminder_weekdays"
            ),
        ]
        # The dispatcher asks each minute, of all clinics of a zone: few are of an hour that has come and not seen to.
        indexes = [models.Index(fields=["hour", "queued_through"], name="patients_reminder_to_come")]

    def __str__(self) -> str:
        return f"reminder of {self.recipient_id}"


class PushDevice(ClinicModel):
    """A browser that is to show reminders. It is deleted when it is not to any more."""

    recipient = TenantForeignKey(Membership, models.CASCADE, related_name="push_devices")
    endpoint = models.CharField(max_length=1000)
    p256dh = models.CharField(max_length=100)
    auth = models.CharField(max_length=40)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["created_at"]
        constraints = [
            models.UniqueConstraint(fields=["clinic", "recipient", "endpoint"], name="patients_pushdevice_once"),
        ]

    def __str__(self) -> str:
        return f"device of {self.recipient_id}"
