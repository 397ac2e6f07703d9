"""The pictures of an exercise in a page. The page links `css/illustrations.css`."""

from django import template

from programs.illustrations import Frame, frames, frames_by_placement
from programs.models import Dose, Exercise

register = template.Library()


@register.inclusion_tag("programs/_illustrations.html")
def illustrations(exercise: Exercise, dose: Dose | None = None) -> dict[str, list[Frame]]:
    """`{% illustrations exercise dose %}`: an ordered list of figures, or nothing where there are none."""
    return {"frames": frames(exercise, dose)}


@register.inclusion_tag("programs/_pictures.html")
def pictures(exercise: Exercise, dose: Dose | None = None) -> dict[str, list[Frame]]:
    """`{% pictures exercise dose %}`: the same as files, so that the page stays small."""
    return {"frames": frames(exercise, dose)}


@register.simple_tag
def illustrations_by_placement(exercise: Exercise) -> list[tuple[str, list[Frame]]]:
    """`{% illustrations_by_placement exercise as placements %}`: each place of a band with its pictures."""
    return frames_by_placement(exercise)
