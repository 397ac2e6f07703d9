from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clinic.models import Membership
from clinic.wall.fields import ClinicModel, TenantForeignKey
from programs.models.bands import Band
from programs.models.catalogue import Exercise, as_range

MOST_SETS = 20
MOST_AMOUNT = 500
TEMPO = r"^\d{1,2}-\d{1,2}-\d{1,2}$"


FIELD_OF_ASK = {"hold": "hold_seconds", "tempo": "tempo", "substitute": "substitute"}


def between(lowest: int, highest: int) -> list[Any]:
    return [MinValueValidator(lowest), MaxValueValidator(highest)]


class ProgramQuerySet(models.QuerySet["Program"]):
    def open_to_change(self) -> "ProgramQuerySet":
        return self.filter(frozen_at=None)


class Program(ClinicModel):
    """What can be prescribed: phases of doses. Once prescribed it is frozen, here and by a trigger in the database."""

    title = models.CharField(max_length=120)
    goal = models.CharField(max_length=300, blank=True)
    notes_for_patient = models.TextField(blank=True)
    notes_for_staff = models.TextField(blank=True, help_text=_("Stays inside the clinic."))
    is_template = models.BooleanField(default=False, help_text=_("Prescribing it makes a copy."))
    copy_of = TenantForeignKey("self", models.SET_NULL, null=True, blank=True, editable=False, related_name="copies")
    made_by = TenantForeignKey(Membership, models.PROTECT, null=True, editable=False, related_name="+")
    made_at = models.DateTimeField(default=timezone.now, editable=False)
    started_from = models.SlugField(blank=True, editable=False, help_text=_("The key of the template that ships."))
    version = models.PositiveIntegerField(default=1, editable=False, help_text=_("Counts up with each save."))
    changed_by = TenantForeignKey(Membership, models.PROTECT, null=True, editable=False, related_name="+")
    changed_at = models.DateTimeField(null=True, editable=False)
    frozen_at = models.DateTimeField(null=True, editable=False)

    objects = ProgramQuerySet.as_manager()

    class Meta:
        ordering = ["-made_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(is_template=False) | Q(frozen_at=None), name="programs_template_is_never_frozen"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_frozen(self) -> bool:
        return self.frozen_at is not None


class ProgramVersion(ClinicModel):
    """What a program was before a save replaced it. `outline` is a `programs.comparing.Outline` as JSON."""

    program = TenantForeignKey(Program, models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    outline = models.JSONField()
    saved_by = TenantForeignKey(Membership, models.PROTECT, null=True, related_name="+")
    saved_at = models.DateTimeField()

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["clinic", "program", "number"], name="programs_version_once"),
        ]

    def __str__(self) -> str:
        return str(_("Version %(number)d") % {"number": self.number})


class Phase(ClinicModel):
    """A number of 7-day blocks with the same doses, on fixed weekdays or a number of times a week."""

    program = TenantForeignKey(Program, models.CASCADE, related_name="phases")
    position = models.PositiveSmallIntegerField(default=0)
    title = models.CharField(max_length=80, blank=True)
    weeks = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=between(1, 52), help_text=_("Empty: open-ended. Only the last phase may be.")
    )
    frequency = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=between(1, 7), help_text=_("Sessions per week, or choose weekdays instead.")
    )
    weekdays = ArrayField(models.PositiveSmallIntegerField(), default=list, blank=True)

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(frequency__isnull=False, frequency__range=(1, 7), weekdays=[])
                | Q(frequency=None, weekdays__len__range=(1, 7), weekdays__contained_by=list(range(7))),
                name="programs_phase_frequency_or_weekdays",
                violation_error_message=_("Say how many sessions per week, or choose the weekdays: one of the two."),
            ),
            models.CheckConstraint(
                condition=Q(weeks=None) | Q(weeks__range=(1, 52)),
                name="programs_phase_weeks",
                violation_error_message=_("A phase lasts 1 to 52 weeks, or is open-ended."),
            ),
        ]

    def __str__(self) -> str:
        return self.title or str(_("Phase %(number)d") % {"number": self.position + 1})


class Dose(ClinicModel):
    """What one exercise asks for in one session. Amounts are repetitions, or steps in each direction.

    Of a range the lower end is what is prescribed.
    """

    phase = TenantForeignKey(Phase, models.CASCADE, related_name="doses")
    position = models.PositiveSmallIntegerField(default=0)
    exercise = models.ForeignKey(Exercise, on_delete=models.PROTECT, related_name="+")
    required = models.BooleanField(default=True, help_text=_("Optional exercises are logged, and count in no figure."))
    sets_min = models.PositiveSmallIntegerField(_("sets"), validators=between(1, MOST_SETS))
    sets_max = models.PositiveSmallIntegerField(_("to"), null=True, blank=True, validators=between(1, MOST_SETS))
    amount_min = models.PositiveSmallIntegerField(_("reps or steps"), validators=between(1, MOST_AMOUNT))
    amount_max = models.PositiveSmallIntegerField(_("to"), null=True, blank=True, validators=between(1, MOST_AMOUNT))
    hold_seconds = models.PositiveSmallIntegerField(_("hold (s)"), null=True, blank=True, validators=between(1, 120))
    rest_seconds = models.PositiveSmallIntegerField(_("rest (s)"), null=True, blank=True, validators=between(1, 900))
    tempo = models.CharField(
        max_length=20,
        blank=True,
        validators=[RegexValidator(TEMPO, _("Write three numbers, such as 3-1-1."))],
        help_text=_("Seconds down, pause and up, such as 3-1-1."),
    )
    placement = models.CharField(_("short band around"), max_length=20, blank=True)
    short_band = TenantForeignKey(Band, models.PROTECT, null=True, blank=True, related_name="+")
    long_band = TenantForeignKey(Band, models.PROTECT, null=True, blank=True, related_name="+")
    substitute = models.CharField(
        max_length=300,
        blank=True,
        help_text=_("What replaces a bench or an anchor at home, as agreed with the patient."),
    )
    cues = ArrayField(
        models.CharField(max_length=200),
        default=list,
        blank=True,
        help_text=_("Those of the catalogue to think of first, in its words."),
    )
    own_cues = models.CharField(max_length=300, blank=True)
    reason = models.CharField(
        _("reason, if outside the usual dose"), max_length=300, blank=True, help_text=_("Kept with the program.")
    )

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["clinic", "phase", "exercise"],
                name="programs_dose_once_per_phase",
                violation_error_message=_("A phase asks for an exercise once."),
            ),
            models.CheckConstraint(
                condition=Q(sets_min__range=(1, MOST_SETS))
                & (Q(sets_max=None) | Q(sets_max__gte=F("sets_min"), sets_max__lte=MOST_SETS)),
                name="programs_dose_sets",
                violation_error_message=_("The second number of sets is not below the first."),
            ),
            models.CheckConstraint(
                condition=Q(amount_min__range=(1, MOST_AMOUNT))
                & (Q(amount_max=None) | Q(amount_max__gte=F("amount_min"), amount_max__lte=MOST_AMOUNT)),
                name="programs_dose_amount",
                violation_error_message=_("The second number of repetitions or steps is not below the first."),
            ),
            models.CheckConstraint(
                condition=Q(tempo="") | Q(tempo__regex=TEMPO),
                name="programs_dose_tempo",
                violation_error_message=_("Write three numbers, such as 3-1-1."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.exercise}: {self.sets_text} × {self.amount_text}"

    @property
    def sets_text(self) -> str:
        return as_range(self.sets_min, self.sets_max)

    @property
    def amount_text(self) -> str:
        return as_range(self.amount_min, self.amount_max)

    @property
    def outside_range(self) -> str:
        """What the catalogue says, where this dose is outside of it; empty inside."""
        exercise = self.exercise
        within = (
            exercise.sets_min <= self.sets_min
            and (self.sets_max or self.sets_min) <= exercise.sets_max
            and exercise.amount_min <= self.amount_min
            and (self.amount_max or self.amount_min) <= exercise.amount_max
        )
        if within:
            return ""
        return str(
            _("The source of %(exercise)s gives %(sets)s sets of %(amount)s %(unit)s.")
            % {"exercise": exercise, **exercise.range_in_words}
        )

    def clean(self) -> None:
        if not self.exercise_id or self.sets_min is None or self.amount_min is None:
            return
        if (source := self.outside_range) and not self.reason:
            raise ValidationError({"reason": _("%(source)s Say why this dose differs.") % {"source": source}})
        self._clean_placement()
        self._clean_what_is_asked()

    def _clean_what_is_asked(self) -> None:
        """Only what makes sense for the exercise: what it does not ask for stays empty."""
        known = [cue["text"] for cue in self.exercise.cues]
        if any(cue not in known for cue in self.cues):
            raise ValidationError({"cues": _("The catalogue has no such cue.")})
        for name in Exercise.Asks.values:
            if name not in self.exercise.asks and getattr(self, FIELD_OF_ASK[name]):
                raise ValidationError(
                    {FIELD_OF_ASK[name]: _("%(exercise)s does not ask for this.") % {"exercise": self.exercise}}
                )

    def _clean_placement(self) -> None:
        """The usual place unless another is chosen; only a place that the exercise has."""
        places = dict(self.exercise.placements_of(Exercise.Band.SHORT))
        self.placement = self.placement or next(iter(places), "")
        if self.placement and self.placement not in places:
            raise ValidationError({"placement": _("This exercise has no band there.")})


@dataclass(frozen=True, slots=True)
class BandUse:
    """A band that an exercise asks for: `band` is the rung that the clinic chose, None where it left that open."""

    kind: Exercise.Band
    placement: str
    place: str
    band: Band | None


def bands_used(exercise: Exercise, dose: Dose | None = None) -> list[BandUse]:
    """Each band of the exercise, at its usual place unless the dose names another."""
    chosen = {Exercise.Band.SHORT: dose.short_band, Exercise.Band.LONG: dose.long_band} if dose else {}
    uses = []
    for kind in map(Exercise.Band, exercise.bands):
        places = dict(exercise.placements_of(kind))
        placement = (
            dose.placement if dose and kind == Exercise.Band.SHORT and dose.placement in places else next(iter(places))
        )
        uses.append(BandUse(kind, placement, places[placement], chosen.get(kind)))
    return uses
