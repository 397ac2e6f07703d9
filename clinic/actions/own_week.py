"""Whether a patient gets their own week by email: turned on and off by themselves alone."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from clinic.models import Membership


@transaction.atomic
def choose_own_week(*, by: Membership, wanted: bool) -> None:
    """Again is harmless. Raises ValidationError where it can't be sent to them."""
    if wanted and by.record is None:
        raise ValidationError(_("Only patients get their own week."))
    if wanted and not by.user.email:
        raise ValidationError(_("There is no email address to write to."))
    Membership.objects.filter(pk=by.pk).update(own_week=wanted)
    by.own_week = wanted
