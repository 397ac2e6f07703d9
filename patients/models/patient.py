from datetime import date

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clinic.models import Deputy, Membership, Role
from clinic.wall.fields import ClinicModel, TenantForeignKey
from patients.models.search import SearchField, starts_of_words


class Knee(models.TextChoices):
    LEFT = "left", _("left")
    RIGHT = "right", _("right")
    BOTH = "both", _("both")


class PatientQuerySet(models.QuerySet["Patient"]):
    def active(self) -> "PatientQuerySet":
        return self.filter(archived_at=None)

    def in_care_of(self, membership: Membership, day: date) -> "PatientQuerySet":
        """Whom they are responsible for, and whose clinician they stand in for on a date; for an owner also those whom
        no clinician looks after."""
        theirs = Q(responsible=membership) | Q(responsible__in=Deputy.objects.stood_in_for_by(membership, day))
        if membership.role == Role.OWNER:
            looked_after = Membership.objects.clinicians().values("pk")
            stood_in_for = Deputy.objects.on(day).filter(deputy__in=looked_after).values("clinician")
            theirs |= Q(responsible=None) | ~(Q(responsible__in=looked_after) | Q(responsible__in=stood_in_for))
        return self.filter(theirs)

    def found_by(self, text: str) -> "PatientQuerySet":
        """Each word of the text begins a word of the name or the code; accents and capitals make no difference."""
        return self.filter(starts_of_words(text, "search_words"))


class Patient(ClinicModel):
    """A clinic's record of a person. Its email is what the clinic typed: not unique, and no key to anything else."""

    code = models.CharField(max_length=20, help_text=_("Stands for the name in emails, such as P-014."))
    name = models.CharField(max_length=120)
    email = models.EmailField(blank=True, help_text=_("They can sign in with a code sent here. Couples may share one."))
    phone = models.CharField(max_length=40, blank=True)
    birth_year = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1900), MaxValueValidator(2100)]
    )
    language = models.CharField(max_length=12, choices=settings.LANGUAGES, blank=True)
    affected_knee = models.CharField(max_length=5, choices=Knee)
    responsible = TenantForeignKey(
        Membership,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="patients",
        verbose_name=_("responsible clinician"),
    )
    emergency_note = models.CharField(max_length=300, blank=True, help_text=_("What somebody should know at once."))
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    archived_at = models.DateTimeField(null=True, editable=False)
    search_words = SearchField(of=("name", "code"))

    objects = PatientQuerySet.as_manager()

    class Meta:
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(
                fields=["clinic", "code"],
                name="patients_patient_code",
                violation_error_message=_("Another patient of this clinic has this code."),
            ),
            models.CheckConstraint(condition=~Q(code=""), name="patients_patient_has_a_code"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"

    @property
    def initials(self) -> str:
        return "".join(f"{part[0]}." for part in self.name.split())
