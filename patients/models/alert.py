from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from clinic.models import Membership, Message
from clinic.wall.fields import ClinicModel, TenantForeignKey
from patients.models.patient import Patient


class Alert(ClinicModel):
    """Something that a clinician should look at, until one says what was done. It is never deleted.

    One is open for each patient and kind: what happens meanwhile is added to it. `evidence` is dates, numbers and ids.
    """

    class Kind(models.TextChoices):
        RED_FLAG = "red_flag", _("Warning sign")
        ALARMING_PAIN = "alarming_pain", _("Very high pain")
        PAIN_TWICE = "pain_twice", _("Too much pain in two sessions running")
        PAIN = "pain", _("Too much pain")
        MORNING_AFTER = "morning_after", _("Worse on the next morning")
        PAIN_RISING = "pain_rising", _("Pain is rising")
        SKIPS_FOR_PAIN = "skips_for_pain", _("Skipped for pain")
        ABOVE_DUE = "above_due", _("More sessions than planned")
        SILENT = "silent", _("Silent")
        NOT_STARTED = "not_started", _("Not started")
        BELOW_HALF = "below_half", _("Below half in two weeks running")
        READY = "ready", _("Ready to progress?")

    patient = TenantForeignKey(Patient, models.PROTECT, related_name="alerts")
    kind = models.CharField(max_length=20, choices=Kind)
    on = models.DateField(help_text=_("The date that it is about: the last one, or the start of a silence or a week."))
    level = models.PositiveSmallIntegerField(default=0, help_text=_("Of silence, the days that were reached."))
    evidence = models.JSONField(default=list)
    raised_at = models.DateTimeField()
    changed_at = models.DateTimeField(help_text=_("When something was last added to it."))
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    acknowledged_by = TenantForeignKey(Membership, models.PROTECT, null=True, blank=True, related_name="+")
    note = models.CharField(_("what was done"), max_length=500, blank=True)
    told_in = TenantForeignKey(
        Message,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="alerts",
        help_text=_("The message that tells of it at once; none where that is not needed, or nobody is left to tell."),
    )

    class Meta:
        ordering = ["-raised_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["clinic", "patient", "kind"], condition=Q(acknowledged_at=None), name="patients_alert_one_open"
            ),
            models.CheckConstraint(
                condition=Q(acknowledged_at=None, acknowledged_by=None, note="")
                | (Q(acknowledged_at__isnull=False, acknowledged_by__isnull=False) & ~Q(note="")),
                name="patients_alert_who_when_and_what",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.patient_id}"

    @property
    def is_open(self) -> bool:
        return self.acknowledged_at is None
