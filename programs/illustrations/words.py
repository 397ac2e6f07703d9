"""What is said with each frame, and what it shows, for who can't see it. `{band}` stands for where the band goes."""

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Words = tuple[str | Promise, str | Promise]

WORDS: Final[dict[str, Words]] = {
    "walk-lean": (
        _("Soften your knees, push your hips back and lean forward, 30 to 45 degrees."),
        _(
            "From the side: somebody stands with soft knees, hips pushed back and hands on the hips. The upper body "
            "leans forward; a mark shows 30 to 45 degrees from upright."
        ),
    ),
    "walk-ready": (
        _("Feet under your hips. Toes and knees straight ahead."),
        _(
            "From the front: the feet are as wide apart as the hips, the toes point straight ahead, and each knee is "
            "above its foot."
        ),
    ),
    "walk-step": (
        _("Take a small step out to one side. Then go on the same way."),
        _(
            "From the front: one foot steps out to the side, low over the floor, as an arrow shows. Knees and toes "
            "still point straight ahead."
        ),
    ),
    "walk-knees-in": (
        _("your knees drop inward and your feet turn."),
        _("From the front: the knees have dropped inward until they almost touch, and the toes point at each other."),
    ),
    "thrust-start": (
        _("Rest your back on the bench and spread your arms along it. Hips low, the bands already pull."),
        _(
            "From the side: somebody leans with the back on a bench, arms spread along it. The hips hang just above "
            "the floor, the knees are bent, the feet flat and as wide apart as the shoulders. The bands are tight."
        ),
    ),
    "thrust-top": (
        _("Chin in. Push through your heels and lift your hips until your knees are at 90 degrees."),
        _(
            "From the side: the hips are lifted, so that the body is level from the shoulders to the knees. The shins "
            "are upright; a mark shows 90 degrees at the knee. The chin is tucked in."
        ),
    ),
    "thrust-knees-out": (
        _("At the top, press your knees outward and squeeze your buttocks."),
        _("From the feet: the hips are lifted, and two arrows show the knees pressing outward against the short band."),
    ),
    "thrust-slack": (
        _("you sit down, and the bands go slack."),
        _("From the side: somebody sits on the floor in front of the bench, and the long band hangs loose."),
    ),
    "thrust-knees-in": (
        _("your knees drop inward."),
        _("From the feet: the hips are lifted, but the knees lean inward and the short band is loose."),
    ),
}
BAND = _("{kind} {place}.")
COLOURED_BAND = _("{kind}, {colour}, {place}.")
FAULT_CAPTION = _("Not like this: {caption}")
FAULT_ALT = _("Not like this. {alt}")
