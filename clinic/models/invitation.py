import hashlib
import secrets
from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from clinic.models.membership import Membership
from clinic.wall.fields import ClinicModel, TenantForeignKey


def hash_token(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def usable(self, now: datetime) -> "InvitationQuerySet":
        """Not used, not too old, and not from somebody who left."""
        stays = Q(invited_by=None) | Q(invited_by__is_active=True, invited_by__user__is_active=True)
        return self.filter(stays, used_at=None, expires_at__gt=now)

    def with_token(self, token: str) -> "InvitationQuerySet":
        return self.filter(token_hash=hash_token(token))


class Invitation(ClinicModel):
    """A link that opens one patient record, once. Only its hash is kept."""

    record = models.UUIDField()
    token_hash = models.CharField(max_length=64)
    invited_by = TenantForeignKey(Membership, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["clinic", "token_hash"], name="clinic_invitation_token"),
            models.CheckConstraint(condition=Q(expires_at__gt=F("created_at")), name="clinic_invitation_expires"),
        ]

    def __str__(self) -> str:
        return f"invitation to {self.record}"

    @staticmethod
    def new_token() -> str:
        return secrets.token_urlsafe(32)
