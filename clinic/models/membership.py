from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clinic.models.summaries import Summaries
from clinic.wall.constraints import MembershipWall
from clinic.wall.fields import ClinicKey, ClinicModel


class Role(models.TextChoices):
    OWNER = "owner", _("owner")
    CLINICIAN = "clinician", _("clinician")
    ASSISTANT = "assistant", _("assistant")
    PATIENT = "patient", _("patient")


class MembershipQuerySet(models.QuerySet["Membership"]):
    def active(self) -> "MembershipQuerySet":
        return self.filter(is_active=True, user__is_active=True)

    def clinicians(self) -> "MembershipQuerySet":
        """Those who may treat: owners and clinicians."""
        return self.active().filter(role__in=[Role.OWNER, Role.CLINICIAN])


class Membership(ClinicModel):
    """What a user is in a clinic. A patient's names the record that it opens.

    Readable by its own user before a clinic is open, and inside the clinic.
    """

    clinic = ClinicKey(wall=MembershipWall, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=10, choices=Role)
    name = models.CharField(max_length=120, blank=True, help_text=_("What this clinic calls them."))
    record = models.UUIDField(null=True, blank=True, editable=False, help_text=_("The patient record it opens."))
    summaries = models.CharField(max_length=10, choices=Summaries, default=Summaries.WEEKLY)
    clinic_week = models.BooleanField(
        default=True, help_text="Of an owner: whether they want the clinic's weekly email."
    )
    own_week = models.BooleanField(default=False, help_text="Of a patient: whether they want their own week by email.")
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["clinic", "user", "record"], nulls_distinct=False, name="clinic_membership_once"
            ),
            models.CheckConstraint(
                condition=Q(role=Role.PATIENT, record__isnull=False) | ~Q(role=Role.PATIENT) & Q(record__isnull=True),
                name="clinic_membership_record_of_patients",
            ),
            models.CheckConstraint(
                condition=Q(own_week=False) | Q(record__isnull=False), name="clinic_membership_own_week_of_patients"
            ),
        ]

    def __str__(self) -> str:
        return self.name or str(self.user)

    @property
    def is_clinician(self) -> bool:
        return self.role in {Role.OWNER, Role.CLINICIAN}

    @property
    def is_staff(self) -> bool:
        return self.role != Role.PATIENT
