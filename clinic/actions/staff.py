"""Who works in the clinic, and as what."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from clinic.models import Membership, Role, User

STAFF_ROLES = [(role.value, role.label) for role in Role if role != Role.PATIENT]


@transaction.atomic
def add_staff(*, email: str, name: str, role: str) -> Membership:
    """Somebody works here from now on, and has no password yet if they are new.

    Raises ValidationError where they are staff already.
    """
    check_is_not_staff(email)
    user = User.objects.filter(email=email.lower()).first() or User.objects.create_user(email)
    return Membership.objects.create(user=user, name=name, role=role)


def check_is_not_staff(email: str) -> None:
    """Raises ValidationError where the clinic's staff, active or not, has somebody with this address."""
    if Membership.objects.filter(user__email=email.lower(), record=None).exists():
        raise ValidationError(_("This person is in the list of staff already."))


def check_an_owner_stays(*, membership: Membership, role: str, is_active: bool) -> None:
    """Raises ValidationError where the clinic would be left without an owner."""
    if role == Role.OWNER and is_active:
        return
    owners = Membership.objects.select_for_update().filter(role=Role.OWNER, is_active=True, user__is_active=True)
    if not [owner for owner in owners if owner.pk != membership.pk]:
        raise ValidationError(_("A clinic needs an owner. Make somebody else an owner first."))
