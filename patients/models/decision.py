from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from clinic.models import Membership
from clinic.wall.fields import ClinicModel, TenantForeignKey
from patients.models.course import Prescription
from patients.models.patient import Patient


class DecisionQuerySet(models.QuerySet["Decision"]):
    def calls_to_make(self) -> "DecisionQuerySet":
        """The longest due first."""
        return self.filter(kind=Decision.Kind.CALL_BACK, called_at=None).order_by("call_on", "at", "pk")


class Decision(ClinicModel):
    """What a clinician decided about a patient, and the week that they had read about.

    Never changed and never deleted; a call-back is only marked as made, once.
    """

    class Kind(models.TextChoices):
        PAUSE = "pause", _("Paused")
        REVISE = "revise", _("Program changed")
        CALL_BACK = "call", _("Call back")
        SEEN = "seen", _("Seen")

    patient = TenantForeignKey(Patient, models.PROTECT, related_name="decisions")
    kind = models.CharField(max_length=10, choices=Kind)
    week = models.DateField(help_text=_("Monday of the week that it is about."))
    by = TenantForeignKey(Membership, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    note = models.CharField(_("note"), max_length=500, blank=True)
    prescription = TenantForeignKey(Prescription, models.PROTECT, null=True, blank=True, related_name="+")
    call_on = models.DateField(_("call on"), null=True, blank=True)
    called_at = models.DateTimeField(null=True, blank=True)
    called_by = TenantForeignKey(Membership, models.PROTECT, null=True, blank=True, related_name="+")
    call_note = models.CharField(_("what was said"), max_length=500, blank=True)

    objects = DecisionQuerySet.as_manager()

    class Meta:
        ordering = ["-at"]
        indexes = [
            models.Index(
                fields=["clinic", "call_on"], condition=Q(kind="call", called_at=None), name="patients_decision_to_call"
            )
        ]
        constraints = [
            models.CheckConstraint(condition=Q(week__iso_week_day=1), name="patients_decision_week_is_a_monday"),
            models.CheckConstraint(
                condition=Q(kind="call", call_on__isnull=False) | (~Q(kind="call") & Q(call_on=None)),
                name="patients_decision_date_of_a_call",
            ),
            models.CheckConstraint(
                condition=Q(kind="revise", prescription__isnull=False) | (~Q(kind="revise") & Q(prescription=None)),
                name="patients_decision_prescription_of_a_revision",
            ),
            models.CheckConstraint(
                condition=Q(called_at=None, called_by=None, call_note="")
                | (Q(kind="call", called_at__isnull=False, called_by__isnull=False) & ~Q(call_note="")),
                name="patients_decision_who_called_when_and_what",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} about {self.patient_id}"

    @property
    def is_call_to_make(self) -> bool:
        return self.kind == self.Kind.CALL_BACK and self.called_at is None
