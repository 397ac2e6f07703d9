from django.db import models

from clinic.wall.fields import ClinicModel, TenantForeignKey
from patients.models.patient import Patient


class RedFlagReport(ClinicModel):
    """A patient said yes to at least one warning sign. The words are kept as they were shown."""

    patient = TenantForeignKey(Patient, models.PROTECT, related_name="red_flag_reports")
    reported_at = models.DateTimeField()
    flags = models.JSONField()

    class Meta:
        ordering = ["-reported_at"]

    def __str__(self) -> str:
        return f"red flags at {self.reported_at:%Y-%m-%d %H:%M}"
