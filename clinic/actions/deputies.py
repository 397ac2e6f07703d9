"""Who stands in for a clinician who is away."""

from datetime import datetime

from django.db import transaction

from clinic.models import Deputy, Membership


@transaction.atomic
def name_deputy(*, by: Membership, deputy: Deputy, now: datetime) -> None:
    """Keep who stands in for whom, new or changed. Raises ValidationError."""
    deputy.named_by, deputy.named_at = by, now
    deputy.full_clean()
    deputy.save()
