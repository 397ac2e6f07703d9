from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from clinic.models.membership import Membership
from clinic.wall.fields import ClinicModel, TenantForeignKey


class SuppressionQuerySet(models.QuerySet["Suppression"]):
    def standing(self) -> "SuppressionQuerySet":
        return self.filter(lifted_at=None)


class Suppression(ClinicModel):
    """An address that this clinic writes to no more, until somebody lifts it.

    It is the clinic's own: told of by another clinic's mail, it would say that this person is known there.
    """

    class Reason(models.TextChoices):
        REFUSED = "refused", _("Their mail server says that there is no such mailbox.")
        BOUNCED = "bounced", _("An email came back: there is no such mailbox.")
        COMPLAINED = "complained", _("They told their mail program that an email from you is spam.")

    address = models.EmailField(help_text=_("In lower case."))
    reason = models.CharField(max_length=10, choices=Reason)
    answer = models.TextField(blank=True, help_text=_("What the mail server said."))
    since = models.DateTimeField()
    lifted_at = models.DateTimeField(null=True)
    lifted_by = TenantForeignKey(Membership, models.PROTECT, null=True, related_name="+")

    objects = SuppressionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["clinic", "address"], condition=Q(lifted_at=None), name="clinic_suppression_standing_once"
            ),
            models.CheckConstraint(
                condition=Q(lifted_at=None, lifted_by=None) | Q(lifted_at__isnull=False, lifted_by__isnull=False),
                name="clinic_suppression_lifted_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return self.address
