from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from clinic.models import Membership
from clinic.wall.fields import ClinicModel, TenantForeignKey
from patients.models.course import Course
from patients.models.log import rating


class MeasurementQuerySet(models.QuerySet["Measurement"]):
    def current(self) -> "MeasurementQuerySet":
        """What stands: neither replaced by a correction nor withdrawn."""
        return self.filter(replaced_at=None, withdrawn_at=None)


class Measurement(ClinicModel):
    """What a patient answered at once: at the start of a course, in between, or at its end.

    Each answer may stay empty, but not all of them. Nothing is ever overwritten: a correction is a new one that
    replaces this one.
    """

    class Occasion(models.TextChoices):
        START = "start", _("at the start")
        BETWEEN = "between", _("in between")
        END = "end", _("at the end")

    class Change(models.IntegerChoices):
        """Compared with the start, in words of our own."""

        FAR_WORSE = -3, _("a great deal worse")
        CLEARLY_WORSE = -2, _("clearly worse")
        SLIGHTLY_WORSE = -1, _("slightly worse")
        SAME = 0, _("about the same")
        SLIGHTLY_BETTER = 1, _("slightly better")
        CLEARLY_BETTER = 2, _("clearly better")
        FAR_BETTER = 3, _("a great deal better")

    course = TenantForeignKey(Course, models.PROTECT, related_name="measurements")
    occasion = models.CharField(max_length=7, choices=Occasion)
    given_on = models.DateField(help_text=_("When the patient answered, in the clinic's time zone."))
    activity = models.CharField(max_length=120, blank=True, help_text=_("One thing that matters, of their choosing."))
    activity_score = rating(_("how well it goes"))
    pain = rating(_("pain"))
    change = models.SmallIntegerField(null=True, blank=True, choices=Change)
    entered_by = TenantForeignKey(Membership, models.PROTECT, related_name="+")
    entered_at = models.DateTimeField()
    replaces = TenantForeignKey("self", models.PROTECT, null=True, blank=True, related_name="replaced_by")
    replaced_at = models.DateTimeField(null=True, blank=True, editable=False)
    withdrawn_at = models.DateTimeField(null=True, blank=True, editable=False)
    withdrawn_by = TenantForeignKey(Membership, models.PROTECT, null=True, blank=True, editable=False, related_name="+")

    objects = MeasurementQuerySet.as_manager()

    class Meta:
        ordering = ["given_on", "entered_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["clinic", "course", "occasion"],
                condition=Q(replaced_at=None, withdrawn_at=None) & ~Q(occasion="between"),
                name="patients_measurement_one_start_one_end",
            ),
            models.UniqueConstraint(fields=["clinic", "replaces"], name="patients_measurement_replaced_once"),
            models.CheckConstraint(condition=~Q(replaces=F("id")), name="patients_measurement_replaces_another"),
            models.CheckConstraint(
                condition=(Q(activity_score=None) | Q(activity_score__lte=10) & ~Q(activity=""))
                & (Q(pain=None) | Q(pain__lte=10))
                & (Q(change=None) | Q(change__range=(-3, 3))),
                name="patients_measurement_ranges",
            ),
            models.CheckConstraint(
                condition=Q(activity_score__isnull=False) | Q(pain__isnull=False) | Q(change__isnull=False),
                name="patients_measurement_says_something",
            ),
            models.CheckConstraint(
                condition=Q(change=None) | ~Q(occasion="start"), name="patients_measurement_no_change_at_the_start"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.occasion} of {self.given_on}"
