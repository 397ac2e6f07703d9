from django.db import models
from django.db.models import Q

from clinic.wall.fields import ClinicModel, TenantForeignKey
from patients.models.patient import Patient


class Attention(ClinicModel):
    """Why somebody should look at a patient, as patients.attention last found out; one row for each patient.

    It is right through the day before `good_until`. The database itself makes the row with the patient, and empties
    `good_until` whenever a log, a warning sign, a course or the clinic's pain zones are written.
    """

    patient = TenantForeignKey(Patient, models.PROTECT, related_name="attention")
    reasons = models.JSONField(default=list, help_text="Each a kind, a date or null, and a number or null.")
    urgency = models.PositiveIntegerField(default=0, help_text="0: no reason; the higher, the sooner.")
    last_log = models.DateField(null=True, help_text="The last date for which something stands.")
    good_until = models.DateField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["clinic", "good_until"], name="patients_attention_to_do"),
            models.Index(fields=["clinic", "urgency"], condition=Q(urgency__gt=0), name="patients_attention_urgent"),
        ]
        constraints = [models.UniqueConstraint(fields=["clinic", "patient"], name="patients_attention_of_one")]

    def __str__(self) -> str:
        return f"attention for {self.patient_id}"
