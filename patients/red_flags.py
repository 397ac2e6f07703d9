"""The warning signs that the red-flag question lists: the clinic's own, or these until it has some.

The default is to be reviewed by each clinic before patients rely on it: no clinician has done so for this project.
It is drawn up, in our own words, from what public health services tell people to get help for at once: nhs.uk,
"Knee pain" and "DVT (deep vein thrombosis)"; NHS Greater Glasgow and Clyde, MSK Physiotherapy, "Knee", red flags.
"""

from django.utils.translation import gettext_lazy as _

from clinic.models import Clinic

DEFAULT_SIGNS = (
    _("My knee is hot, red or very swollen, and I have a fever or feel shivery."),
    _("I can't put weight on my leg, or I can't move my knee."),
    _("My knee is stuck. It will not bend or straighten."),
    _("I fell, I felt a pop, or my knee has changed its shape."),
    _("My foot is numb, cold or pale."),
    _("My calf is swollen or sore, or I am short of breath."),
    _("My knee hurts all the time at night, whatever I do."),
)


def signs_for(clinic: Clinic) -> list[str]:
    """The clinic's list in its own words, or the default in the language of the page."""
    return [str(sign) for sign in clinic.red_flags or DEFAULT_SIGNS]
