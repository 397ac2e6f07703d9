from django.db import models
from django.db.models import F, OuterRef, Q, Subquery
from django.utils.translation import gettext_lazy as _

from clinic.models import Membership
from clinic.wall.fields import ClinicModel, TenantForeignKey
from patients.models.log import Log, LogQuerySet
from patients.models.patient import Patient


class NextMorningQuerySet(models.QuerySet["NextMorning"]):
    def current(self) -> "NextMorningQuerySet":
        """What stands: neither replaced by a correction, nor withdrawn, nor waiting for staff to accept it."""
        return self.filter(replaced_at=None, withdrawn_at=None, accepted=True)

    def waiting(self) -> "NextMorningQuerySet":
        return self.filter(accepted=False, withdrawn_at=None)


class NextMorning(ClinicModel):
    """Pain on the morning after a session, which is a patient and a local date. Its id is made by page or phone.

    Nothing is ever overwritten: a correction is a new one that replaces this one.
    """

    patient = TenantForeignKey(Patient, models.PROTECT, related_name="next_mornings")
    date = models.DateField(help_text=_("Of the session, not of the morning."))
    pain = models.PositiveSmallIntegerField(_("pain on the next morning"))
    entered_at = models.DateTimeField()
    received_at = models.DateTimeField()
    entered_by = TenantForeignKey(Membership, models.PROTECT, related_name="+")
    provenance = models.CharField(max_length=5, choices=Log.Provenance)
    accepted = models.BooleanField(
        default=True, help_text=_("No: it came too late or off the clock, and waits for staff.")
    )
    replaces = TenantForeignKey("self", models.PROTECT, null=True, blank=True, related_name="replaced_by")
    replaced_at = models.DateTimeField(null=True, blank=True, editable=False)
    withdrawn_at = models.DateTimeField(null=True, blank=True, editable=False)
    withdrawn_by = TenantForeignKey(Membership, models.PROTECT, null=True, blank=True, editable=False, related_name="+")

    objects = NextMorningQuerySet.as_manager()

    class Meta:
        ordering = ["date", "entered_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["clinic", "patient", "date"],
                condition=Q(replaced_at=None, withdrawn_at=None, accepted=True),
                name="patients_nextmorning_one_stands",
            ),
            models.UniqueConstraint(
                fields=["clinic", "replaces"], condition=Q(accepted=True), name="patients_nextmorning_replaced_once"
            ),
            models.CheckConstraint(condition=Q(pain__lte=10), name="patients_nextmorning_pain"),
            models.CheckConstraint(condition=~Q(replaces=F("id")), name="patients_nextmorning_replaces_another"),
        ]

    def __str__(self) -> str:
        return f"the morning after {self.date}"


def with_next_morning(logs: LogQuerySet) -> LogQuerySet:
    """Each log with `pain_next_morning` of the session that it belongs to; None where nobody answered."""
    answers = NextMorning.objects.current().filter(patient=OuterRef("patient"), date=OuterRef("date"))
    return logs.annotate(pain_next_morning=Subquery(answers.values("pain")))
