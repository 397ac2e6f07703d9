from datetime import timedelta

from django.db import models

from clinic.wall.fields import ClinicModel, TenantForeignKey
from patients.models.log import Log
from patients.models.patient import Patient

MOMENT = timedelta(minutes=1)


class RedFlagReport(ClinicModel):
    """A patient said yes to at least one warning sign. The words are kept as they were shown.

    The id is made by the page or the phone. Where it is `held` and both times are one, the phone's clock did not tell
    when it was said.
    """

    patient = TenantForeignKey(Patient, models.PROTECT, related_name="red_flag_reports")
    reported_at = models.DateTimeField()
    received_at = models.DateTimeField()
    provenance = models.CharField(max_length=5, choices=Log.Provenance)
    flags = models.JSONField()

    class Meta:
        ordering = ["-reported_at"]

    def __str__(self) -> str:
        return f"red flags at {self.reported_at:%Y-%m-%d %H:%M}"

    @property
    def came_later(self) -> bool:
        return self.provenance == Log.Provenance.HELD or self.received_at - self.reported_at > MOMENT
