from datetime import date
from uuid import UUID

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clinic.models.dates import DateRange
from clinic.models.membership import Membership
from clinic.wall.fields import ClinicModel, TenantForeignKey


class DeputyQuerySet(models.QuerySet["Deputy"]):
    def on(self, day: date) -> "DeputyQuerySet":
        return self.filter(starts_on__lte=day, ends_on__gte=day)

    def stood_in_for_by(self, member: Membership, day: date) -> "models.QuerySet[Deputy, UUID]":
        """The ids of those in whose place `member` is told on a date."""
        return self.on(day).filter(deputy=member).values_list("clinician", flat=True)


class Deputy(ClinicModel):
    """Who is told about a clinician's patients in their place, from a first date to a last, both included."""

    clinician = TenantForeignKey(Membership, models.PROTECT, related_name="deputies", verbose_name=_("who is away"))
    deputy = TenantForeignKey(Membership, models.PROTECT, related_name="stands_in", verbose_name=_("who stands in"))
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until"), help_text=_("The last date."))
    named_by = TenantForeignKey(Membership, models.PROTECT, editable=False, related_name="+")
    named_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = DeputyQuerySet.as_manager()

    class Meta:
        verbose_name = _("deputy")
        verbose_name_plural = _("deputies")
        ordering = ["-ends_on"]
        constraints = [
            ExclusionConstraint(
                name="clinic_deputy_one_at_a_time",
                expressions=[
                    ("clinic", RangeOperators.EQUAL),
                    ("clinician", RangeOperators.EQUAL),
                    (DateRange("starts_on", "ends_on"), RangeOperators.OVERLAPS),
                ],
                violation_error_message=_("Somebody stands in for them on some of these dates already."),
            ),
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="clinic_deputy_dates"),
            models.CheckConstraint(
                condition=~Q(clinician=F("deputy")),
                name="clinic_deputy_is_somebody_else",
                violation_error_message=_("Nobody stands in for themselves."),
            ),
        ]

    def __str__(self) -> str:
        return str(_("%(deputy)s for %(clinician)s") % {"deputy": self.deputy, "clinician": self.clinician})

    def clean(self) -> None:
        """Nobody is away who stands in: a patient would be handed on from one to the next."""
        if not (self.clinician_id and self.deputy_id and self.starts_on and self.ends_on):
            return
        if self.ends_on < self.starts_on:
            raise ValidationError({"ends_on": _("The last date is the first one or later.")})
        meanwhile = Deputy.objects.filter(starts_on__lte=self.ends_on, ends_on__gte=self.starts_on)
        meanwhile = meanwhile.exclude(pk=self.pk).select_related("clinician__user", "deputy__user")
        if chained := meanwhile.filter(Q(clinician=self.deputy_id) | Q(deputy=self.clinician_id)).first():
            sentence = _("On some of these dates %(deputy)s stands in for %(away)s.")
            raise ValidationError(sentence % {"deputy": chained.deputy, "away": chained.clinician})
