"""How often somebody wants the weekly emails."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from clinic.models import Membership, Summaries


@transaction.atomic
def choose_summaries(*, by: Membership, choice: str) -> None:
    """For `by`, who is the one that gets them. Again is harmless. Raises ValidationError for no choice of ours."""
    if choice not in Summaries.values:
        raise ValidationError(_("Choose how often you want the weekly email."))
    Membership.objects.filter(pk=by.pk).update(summaries=choice)
    by.summaries = choice


@transaction.atomic
def choose_clinic_week(*, by: Membership, wanted: bool) -> None:
    """Whether `by`, an owner, gets the clinic's weekly email. Again is harmless."""
    Membership.objects.filter(pk=by.pk).update(clinic_week=wanted)
    by.clinic_week = wanted
