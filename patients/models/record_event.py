from django.db import models
from django.utils.translation import gettext_lazy as _

from clinic.models import Membership
from clinic.wall.fields import ClinicModel, TenantForeignKey
from patients.models.patient import Patient


class RecordEvent(ClinicModel):
    """What staff did with a record as a whole. Never changed, never deleted."""

    class Kind(models.TextChoices):
        ADDED = "added", _("record added")
        IMPORTED = "imported", _("record imported")
        ARCHIVED = "archived", _("archived")
        BROUGHT_BACK = "back", _("brought back from the archive")

    patient = TenantForeignKey(Patient, models.PROTECT, related_name="record_events")
    kind = models.CharField(max_length=10, choices=Kind)
    by = TenantForeignKey(Membership, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["-at"]

    def __str__(self) -> str:
        return f"{self.kind} at {self.at:%Y-%m-%d %H:%M}"
