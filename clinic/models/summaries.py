from django.db import models
from django.utils.translation import gettext_lazy as _


class Summaries(models.TextChoices):
    """When somebody wants the weekly email about their patients."""

    WEEKLY = "weekly", _("every week")
    NEEDED = "needed", _("only when a patient needs me")
    OFF = "off", _("never")
