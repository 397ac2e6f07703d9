from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from clinic.models.clinic import HEX_COLOUR
from clinic.wall.fields import ClinicModel, TenantForeignKey
from programs.models.catalogue import Exercise


class BandLadder(ClinicModel):
    """One maker's bands of one length, easiest first. Colours are no standard, so each clinic has its own."""

    maker = models.CharField(max_length=80)
    length = models.CharField(max_length=5, choices=Exercise.Band)

    class Meta:
        ordering = ["maker", "length"]
        constraints = [models.UniqueConstraint(fields=["clinic", "maker", "length"], name="programs_ladder_once")]

    def __str__(self) -> str:
        return f"{self.maker}, {self.get_length_display()}"


class Band(ClinicModel):
    """One rung of a ladder."""

    ladder = TenantForeignKey(BandLadder, models.CASCADE, related_name="bands")
    position = models.PositiveSmallIntegerField(default=0, help_text=_("1 is the easiest."))
    label = models.CharField(max_length=40, help_text=_("As the maker calls it, such as “red” or “medium”."))
    colour = models.CharField(
        max_length=7,
        default="#888888",
        validators=[RegexValidator(HEX_COLOUR, _("A colour is written like #c0392b."))],
        help_text=_("For pictures, such as #c0392b."),
    )
    force_newtons = models.PositiveSmallIntegerField(null=True, blank=True, help_text=_("If the maker states it."))

    class Meta:
        ordering = ["ladder", "position"]
        constraints = [
            models.UniqueConstraint(fields=["clinic", "ladder", "label"], name="programs_band_once"),
            models.CheckConstraint(condition=Q(colour__regex=HEX_COLOUR), name="programs_band_colour_is_one"),
        ]

    def __str__(self) -> str:
        return self.label
