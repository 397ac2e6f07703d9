"""From which numbers on something is worth an alert, as each clinic chooses."""

from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


def number(label: Any, default: int, least: int, most: int, help_text: Any = "") -> models.PositiveSmallIntegerField:
    validators = [MinValueValidator(least), MaxValueValidator(most)]
    return models.PositiveSmallIntegerField(label, default=default, validators=validators, help_text=help_text)


ACTIVE_DAYS = _("Active days, those on which a program is in force, since something was due.")


class Thresholds(models.Model):
    """Pain is 0 to 10. The pain that is too much is a zone of the clinic's."""

    alert_pain_at_once = number(_("pain at once from"), 8, 1, 10, _("Before, during or after a session."))
    alert_morning_rise = number(_("next morning worse by"), 2, 1, 10, _("Than the pain before the session."))
    alert_mean_rise = number(_("weekly mean of pain up by"), 2, 1, 10, _("With at least two answers in each week."))
    alert_below_percent = number(_("below, in two weeks running (%)"), 50, 1, 100)
    alert_first_session_by = number(_("no first session by day"), 5, 1, 28, ACTIVE_DAYS)
    alert_silent_days = number(_("silent for (days)"), 7, 1, 90, ACTIVE_DAYS)
    alert_silent_again_days = number(_("raised again after (days)"), 14, 1, 180)
    alert_silent_end_days = number(_("“close or pause?” after (days)"), 30, 1, 365)
    alert_skips_for_pain = number(_("skips for pain in two weeks"), 2, 1, 7)
    alert_above_due = number(_("sessions above what was due in a week"), 2, 1, 7)
    ready_beyond = number(
        _("ready: repetitions beyond the top"), 2, 1, 20, _("In the last set of two sessions running.")
    )
    ready_pain = number(_("ready: pain at most"), 5, 0, 10)
    ready_effort = number(_("ready: effort at most"), 6, 0, 10)

    class Meta:
        abstract = True


THRESHOLDS = [field.name for field in Thresholds._meta.local_fields]
IN_ORDER = models.CheckConstraint(
    condition=Q(
        alert_silent_days__gte=1,
        alert_silent_days__lt=F("alert_silent_again_days"),
        alert_silent_again_days__lt=F("alert_silent_end_days"),
    ),
    name="clinic_silence_in_order",
    violation_error_message=_(
        "Silence is raised again after more days than at first, and asked about after more still."
    ),
)
SENSIBLE = models.CheckConstraint(
    condition=Q(
        alert_pain_at_once__range=(1, 10),
        alert_morning_rise__range=(1, 10),
        alert_mean_rise__range=(1, 10),
        alert_below_percent__range=(1, 100),
        alert_first_session_by__range=(1, 28),
        alert_skips_for_pain__range=(1, 7),
        alert_above_due__range=(1, 7),
        ready_beyond__range=(1, 20),
        ready_pain__lte=10,
        ready_effort__lte=10,
    ),
    name="clinic_thresholds_make_sense",
)
