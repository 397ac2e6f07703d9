"""What can be prescribed, and how sure we are of it: the same for every clinic, so not behind the clinics' wall."""

from django.db import models
from django.db.models import F, Q


def as_range(lowest: int, highest: int | None) -> str:
    return f"{lowest}–{highest}" if highest and highest != lowest else str(lowest)


class Citation(models.Model):
    key = models.SlugField(primary_key=True)
    text = models.TextField()
    identifier = models.CharField(max_length=40, blank=True, help_text="PMID or PMC number, where there is one")

    class Meta:
        ordering = ["key"]

    def __str__(self) -> str:
        return f"{self.text} ({self.identifier})" if self.identifier else self.text


class ExerciseQuerySet(models.QuerySet["Exercise"]):
    def offered(self) -> "ExerciseQuerySet":
        return self.filter(retired=False)


class Exercise(models.Model):
    """
    An exercise as its source gives it.

    The ranges count sets per session, and steps per direction or repetitions per set. The lists hold
    `{"text": ..., "reading": "source" | "ours"}`; `placements` holds `{"band", "key", "text"}`, the usual place of
    each band first; `silent` holds `{"key", "text"}`: what the source leaves to the clinician. `asks` names what a
    dose may state besides numbers, rest and bands; that choice is ours.
    """

    class CountedIn(models.TextChoices):
        STEPS_PER_DIRECTION = "steps_per_direction", "steps in each direction"
        REPETITIONS = "repetitions", "repetitions"

    class Band(models.TextChoices):
        SHORT = "short", "short band"
        LONG = "long", "long band"

    class Asks(models.TextChoices):
        HOLD = "hold", "a hold"
        TEMPO = "tempo", "a tempo"
        SUBSTITUTE = "substitute", "what replaces a bench or an anchor"

    class Reading(models.TextChoices):
        SOURCE = "source", "the source"
        OURS = "ours", "our reading"

    key = models.SlugField(primary_key=True)
    name = models.CharField(max_length=80)
    position = models.PositiveSmallIntegerField()
    retired = models.BooleanField(default=False, help_text="No longer offered; programs that have it keep it")
    source = models.ForeignKey(Citation, on_delete=models.PROTECT, related_name="exercises")

    counted_in = models.CharField(max_length=20, choices=CountedIn.choices)
    sets_min = models.PositiveSmallIntegerField()
    sets_max = models.PositiveSmallIntegerField()
    amount_min = models.PositiveSmallIntegerField()
    amount_max = models.PositiveSmallIntegerField()
    start_only = models.BooleanField(help_text="The source gives this dose only as one to start with")

    needs_short_band = models.BooleanField()
    needs_long_band = models.BooleanField()
    placements = models.JSONField()
    asks = models.JSONField(default=list, blank=True)

    counting = models.JSONField(default=list, blank=True)
    why = models.JSONField(default=list, blank=True)
    muscles = models.JSONField(default=list, blank=True)
    equipment = models.JSONField(default=list, blank=True)
    set_up = models.JSONField(default=list, blank=True)
    movement = models.JSONField(default=list, blank=True)
    cues = models.JSONField(default=list, blank=True)
    faults = models.JSONField(default=list, blank=True)
    silent = models.JSONField(default=list, blank=True)

    objects = ExerciseQuerySet.as_manager()

    class Meta:
        ordering = ["position", "key"]
        constraints = [
            models.CheckConstraint(
                name="exercise_counted_in_known",
                condition=Q(counted_in__in=["steps_per_direction", "repetitions"]),
            ),
            models.CheckConstraint(
                name="exercise_sets_range", condition=Q(sets_min__gte=1) & Q(sets_max__gte=F("sets_min"))
            ),
            models.CheckConstraint(
                name="exercise_amount_range", condition=Q(amount_min__gte=1) & Q(amount_max__gte=F("amount_min"))
            ),
            models.CheckConstraint(
                name="exercise_needs_a_band", condition=Q(needs_short_band=True) | Q(needs_long_band=True)
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def per_direction(self) -> bool:
        return self.counted_in == self.CountedIn.STEPS_PER_DIRECTION

    @property
    def bands(self) -> list[str]:
        """The kinds of band that it needs, one of each."""
        needed = {self.Band.LONG: self.needs_long_band, self.Band.SHORT: self.needs_short_band}
        return [band.value for band, is_needed in needed.items() if is_needed]

    @property
    def range_in_words(self) -> dict[str, str]:
        """What the source gives, to be put into a sentence: `sets`, `amount` and its `unit`."""
        return {
            "sets": as_range(self.sets_min, self.sets_max),
            "amount": as_range(self.amount_min, self.amount_max),
            "unit": self.get_counted_in_display(),
        }

    @property
    def usual_placement(self) -> str:
        """Where its short band goes unless a dose says otherwise; empty where it has none."""
        return next((key for key, _text in self.placements_of(self.Band.SHORT)), "")

    def placements_of(self, band: str) -> list[tuple[str, str]]:
        """Where this band may go, as choices `(key, text)`, the usual place first."""
        return [(place["key"], place["text"]) for place in self.placements if place["band"] == band]


class Claim(models.Model):
    """One thing that is said about an exercise, its hedge kept, with the kind of evidence there is for it."""

    class Kind(models.TextChoices):
        MEASURED = "measured", "Measured in healthy people"
        TRIAL = "trial", "Trial in patients"
        COACH = "coach", "Coach's article, no citation"
        OURS = "ours", "Our reading"

    NEEDS_CITATION = (Kind.MEASURED, Kind.TRIAL)

    exercise = models.ForeignKey(Exercise, on_delete=models.CASCADE, related_name="claims")
    key = models.SlugField()
    position = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=10, choices=Kind.choices)
    text = models.TextField()
    citation = models.ForeignKey(Citation, on_delete=models.PROTECT, null=True, blank=True, related_name="claims")

    class Meta:
        ordering = ["exercise", "position"]
        constraints = [
            models.UniqueConstraint(fields=["exercise", "key"], name="claim_once_per_exercise"),
            models.CheckConstraint(
                name="claim_citation_fits_kind",
                condition=Q(kind__in=["measured", "trial"], citation__isnull=False)
                | Q(kind__in=["coach", "ours"], citation__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return self.text
