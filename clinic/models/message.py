import re
from datetime import datetime, timedelta
from typing import cast
from uuid import UUID

from django.core.signing import b64_decode, b64_encode
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clinic.models.membership import Membership
from clinic.wall.fields import ClinicModel, TenantForeignKey

MESSAGE_ID = re.compile(r"<([-\w]{43})@steady-knee>", re.ASCII)


class MessageQuerySet(models.QuerySet["Message"]):
    def claimable(self, now: datetime) -> "MessageQuerySet":
        """Queued and due, or left in mid-send by a worker that is gone."""
        stale = Q(state=Message.State.SENDING, claimed_at__lt=now - Message.STALE_AFTER)
        return self.filter(Q(state=Message.State.QUEUED, due_at__lte=now) | stale)


class Message(ClinicModel):
    """One email, or a push message, in the outbox.

    Whatever runs twice, there is one row for each clinic, recipient, kind, week and key.
    """

    STALE_AFTER = timedelta(minutes=10)
    MOST_ATTEMPTS = 8

    class State(models.TextChoices):
        QUEUED = "queued", _("queued")
        SENDING = "sending", _("sending")
        SENT = "sent", _("sent")
        SKIPPED = "skipped", _("no longer wanted")
        FAILED = "failed", _("failed")
        UNCERTAIN = "uncertain", _("sent, perhaps twice")
        SUPPRESSED = "suppressed", _("address is wrong or unwanted")

    WAITING = (State.QUEUED, State.SENDING)
    GIVEN_UP = (State.FAILED, State.SUPPRESSED)

    recipient = TenantForeignKey(Membership, models.PROTECT, related_name="messages")
    kind = models.CharField(max_length=30)
    week = models.DateField(help_text=_("Monday of the week it belongs to."))
    key = models.CharField(max_length=60, blank=True, help_text=_("Tells apart what comes more than once a week."))
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    due_at = models.DateTimeField(default=timezone.now)
    attempts = models.PositiveSmallIntegerField(default=0)
    claimed_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    sent_to = models.EmailField(blank=True)
    subject = models.CharField(max_length=200, blank=True)
    error = models.TextField(blank=True)
    code = models.CharField(max_length=12, blank=True, help_text=_("Of the error, without a word of anybody."))
    reported = models.JSONField(default=dict, help_text=_("The figures it told, to say later which were revised."))
    created_at = models.DateTimeField(default=timezone.now)

    objects = MessageQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["clinic", "recipient", "kind", "week", "key"], name="clinic_message_once"),
        ]
        indexes = [
            models.Index(
                fields=["state", "due_at"],
                condition=Q(state__in=["queued", "sending"]),
                name="clinic_message_waiting",
            ),
            models.Index(fields=["week", "state", "due_at"], name="clinic_message_of_week"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.week} to {self.recipient_id}"

    @property
    def message_id(self) -> str:
        """The same at each attempt, so that a second copy is seen as one. Short enough for a line of its own."""
        return f"<{b64_encode(self.pk.bytes + cast(UUID, self.clinic_id).bytes).decode()}@steady-knee>"

    @staticmethod
    def ids_in(message_id: str) -> tuple[UUID, UUID] | None:
        """The clinic and the message of a Message-ID; None for one that is not of our making."""
        found = MESSAGE_ID.fullmatch(message_id)
        ids = b64_decode(found[1].encode()) if found else b""
        return (UUID(bytes=ids[16:]), UUID(bytes=ids[:16])) if ids else None
