from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clinic.models import Membership
from clinic.models.dates import DateRange
from clinic.wall.fields import ClinicModel, TenantForeignKey
from patients.models.patient import Knee, Patient
from programs.models import Program


class Course(ClinicModel):
    """A patient's chain of prescriptions, each the revision of the one before, and its pauses."""

    class Outcome(models.TextChoices):
        REACHED = "reached", _("goal reached")
        ON_THEIR_OWN = "own", _("goes on without us")
        NO_FURTHER = "plateau", _("no further change expected")
        PAIN = "pain", _("stopped for pain")
        DECLINED = "declined", _("the patient chose to stop")
        REFERRED = "referred", _("referred on")
        NOT_REACHED = "lost", _("could not be reached")
        REPLACED = "replaced", _("another program took its place")
        OTHER = "other", _("something else")

    patient = TenantForeignKey(Patient, models.PROTECT, related_name="courses")
    ended_on = models.DateField(null=True, blank=True, help_text=_("Its last date."))
    ended_by = TenantForeignKey(Membership, models.PROTECT, null=True, blank=True, editable=False, related_name="+")
    outcome = models.CharField(max_length=10, choices=Outcome, blank=True)
    outcome_note = models.CharField(max_length=300, blank=True)
    measured_every_four_weeks = models.BooleanField(
        _("ask again every four weeks"), default=False, help_text=_("Activity, pain and change, beside the adherence.")
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["clinic", "patient"], condition=Q(ended_on=None), name="patients_course_one_running"
            ),
            models.CheckConstraint(
                condition=Q(outcome="") | Q(ended_on__isnull=False), name="patients_course_outcome_of_what_ended"
            ),
        ]

    def __str__(self) -> str:
        return f"course of {self.patient_id}"


class Prescription(ClinicModel):
    """A frozen program, prescribed to a patient from a date. It ends where its revision starts."""

    course = TenantForeignKey(Course, models.PROTECT, related_name="prescriptions")
    program = TenantForeignKey(Program, models.PROTECT, related_name="prescriptions")
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True, help_text=_("Its last date; empty while it goes on."))
    affected_knee = models.CharField(max_length=5, choices=Knee)
    prescribed_by = TenantForeignKey(Membership, models.PROTECT, related_name="+")
    prescribed_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["starts_on"]
        constraints = [
            # One whose revision takes effect before its first date never was in force: it ends the day before.
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on") - 1), name="patients_prescription_dates"
            ),
            ExclusionConstraint(
                name="patients_prescription_one_at_a_time",
                expressions=[
                    ("clinic", RangeOperators.EQUAL),
                    ("course", RangeOperators.EQUAL),
                    (DateRange("starts_on", "ends_on"), RangeOperators.OVERLAPS),
                ],
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.program} from {self.starts_on}"


class Pause(ClinicModel):
    """Dates of a course on which nothing is due. What follows moves."""

    course = TenantForeignKey(Course, models.PROTECT, related_name="pauses")
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True, help_text=_("Its last date; empty while it goes on."))
    reason = models.CharField(max_length=300, blank=True)
    resume_reason = models.CharField(max_length=300, blank=True, help_text=_("Why it ended."))
    made_by = TenantForeignKey(Membership, models.PROTECT, related_name="+")
    made_at = models.DateTimeField(default=timezone.now, editable=False)
    ended_by = TenantForeignKey(Membership, models.PROTECT, null=True, blank=True, editable=False, related_name="+")

    class Meta:
        ordering = ["starts_on"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")),
                name="patients_pause_dates",
                violation_error_message=_("A pause ends on its first date or later."),
            ),
        ]

    def __str__(self) -> str:
        return f"pause from {self.starts_on}"
