from typing import Any

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from clinic.models import Membership
from clinic.wall.fields import ClinicModel, TenantForeignKey
from patients.models.patient import Patient
from programs.models import Band, Exercise

MOST_IN_A_SET = 1000
LONGEST_NOTE = 2000


def rating(label: Any) -> models.PositiveSmallIntegerField:
    """A number from 0 to 10 that may stay unanswered."""
    return models.PositiveSmallIntegerField(label, null=True, blank=True, validators=[MaxValueValidator(10)])


class LogQuerySet(models.QuerySet["Log"]):
    def current(self) -> "LogQuerySet":
        """What stands: neither replaced by a correction, nor withdrawn, nor waiting for staff to accept it."""
        return self.filter(replaced_at=None, withdrawn_at=None, accepted=True)


class Log(ClinicModel):
    """What was entered at once for one local date: sets, or the reason why there were none.

    Everything logged for a date together is that date's session. The id is made by the phone. Nothing is ever
    overwritten: a correction is a new log that replaces this one.
    """

    class Provenance(models.TextChoices):
        LIVE = "live", _("entered on the day")
        LATE = "late", _("entered on one of the two days after")
        HELD = "held", _("entered in time, arrived later")
        STAFF = "staff", _("entered by the clinic")

    class SkipReason(models.TextChoices):
        PAIN = "pain", _("it hurt too much")
        TIME = "time", _("no time")
        UNWELL = "unwell", _("I felt unwell")
        EQUIPMENT = "equipment", _("I did not have my bands")
        OTHER = "other", _("another reason")

    patient = TenantForeignKey(Patient, models.PROTECT, related_name="logs")
    date = models.DateField(help_text=_("In the clinic's time zone when it was entered. It never moves."))
    entered_at = models.DateTimeField()
    received_at = models.DateTimeField()
    entered_by = TenantForeignKey(Membership, models.PROTECT, related_name="+")
    provenance = models.CharField(max_length=5, choices=Provenance)
    accepted = models.BooleanField(
        default=True, help_text=_("No: it came too late or off the clock, and waits for staff.")
    )
    pain_before = rating(_("pain before"))
    pain_during = rating(_("pain during"))
    pain_after = rating(_("pain after"))
    effort = rating(_("effort"))
    note = models.TextField(blank=True, max_length=LONGEST_NOTE)
    skip_reason = models.CharField(max_length=10, choices=SkipReason, blank=True)
    replaces = TenantForeignKey("self", models.PROTECT, null=True, blank=True, related_name="replaced_by")
    replaced_at = models.DateTimeField(null=True, blank=True, editable=False)
    withdrawn_at = models.DateTimeField(null=True, blank=True, editable=False)
    withdrawn_by = TenantForeignKey(Membership, models.PROTECT, null=True, blank=True, editable=False, related_name="+")
    digest = models.CharField(max_length=64, help_text=_("Of what was sent: the same id with another is a conflict."))

    objects = LogQuerySet.as_manager()

    class Meta:
        ordering = ["date", "entered_at"]
        indexes = [
            models.Index(
                fields=["clinic", "patient", "date"],
                condition=Q(replaced_at=None, withdrawn_at=None),
                name="patients_log_standing",
            ),
            models.Index(
                fields=["clinic", "date"],
                condition=Q(replaced_at=None, withdrawn_at=None),
                name="patients_log_of_a_date",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["clinic", "replaces"], condition=Q(accepted=True), name="patients_log_replaced_once"
            ),
            models.CheckConstraint(
                condition=(Q(pain_before=None) | Q(pain_before__lte=10))
                & (Q(pain_during=None) | Q(pain_during__lte=10))
                & (Q(pain_after=None) | Q(pain_after__lte=10))
                & (Q(effort=None) | Q(effort__lte=10)),
                name="patients_log_ratings",
            ),
            models.CheckConstraint(condition=~Q(replaces=F("id")), name="patients_log_replaces_another"),
        ]

    def __str__(self) -> str:
        return f"log of {self.date}"

    @property
    def pain(self) -> int | None:
        """The highest of before, during and after; None where all stayed unanswered."""
        answered = [value for value in (self.pain_before, self.pain_during, self.pain_after) if value is not None]
        return max(answered, default=None)


class LoggedSet(ClinicModel):
    """One set: an amount, or one for each direction. Its bands and their place where they differed from the plan."""

    log = TenantForeignKey(Log, models.CASCADE, related_name="sets")
    position = models.PositiveSmallIntegerField()
    exercise = models.ForeignKey(Exercise, on_delete=models.PROTECT, related_name="+")
    amount = models.PositiveSmallIntegerField(null=True, blank=True)
    left = models.PositiveSmallIntegerField(null=True, blank=True)
    right = models.PositiveSmallIntegerField(null=True, blank=True)
    as_planned = models.BooleanField(default=False, help_text=_("Confirmed as planned, not counted."))
    short_band = TenantForeignKey(Band, models.PROTECT, null=True, blank=True, related_name="+")
    long_band = TenantForeignKey(Band, models.PROTECT, null=True, blank=True, related_name="+")
    placement = models.CharField(_("short band around"), max_length=20, blank=True)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__isnull=False, amount__lte=MOST_IN_A_SET, left=None, right=None)
                | Q(
                    amount=None,
                    left__isnull=False,
                    left__lte=MOST_IN_A_SET,
                    right__isnull=False,
                    right__lte=MOST_IN_A_SET,
                ),
                name="patients_set_amount_or_directions",
            ),
        ]

    def __str__(self) -> str:
        return str(self.amount) if self.amount is not None else f"{self.left} + {self.right}"
