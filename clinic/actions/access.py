"""Who may sign in as a patient. What a clinic types into a record gives nobody access elsewhere."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from clinic import links
from clinic.models import Clinic, Invitation, Membership, Role, User
from clinic.models.invitation import hash_token
from clinic.wall.scope import clinic_scope

INVITATION_LASTS = timedelta(days=14)


class InvitationUnusable(Exception):
    """The link is unknown, was used, or is too old."""


def invite(*, by: Membership | None, clinic: Clinic, record: UUID, now: datetime) -> str:
    """A link that opens one patient record, once, within 14 days. Shown now and never again; older ones are void."""
    Invitation.objects.filter(record=record, used_at=None).delete()
    token = Invitation.new_token()
    Invitation.objects.create(
        record=record,
        token_hash=hash_token(token),
        invited_by=by,
        created_at=now,
        expires_at=now + INVITATION_LASTS,
    )
    return links.absolute(links.outside("invitation", clinic.slug, token))


def find(*, clinic: Clinic, token: str) -> Invitation | None:
    """The invitation of a link, whether it still works or not; None where there never was one."""
    with clinic_scope(clinic.pk):
        return Invitation.objects.with_token(token).first()


def is_usable(*, clinic: Clinic, token: str, now: datetime) -> bool:
    """Whether a link would sign in now."""
    with clinic_scope(clinic.pk):
        return Invitation.objects.usable(now).with_token(token).exists()


def accept(*, clinic: Clinic, token: str, now: datetime) -> User:
    """The user that the invitation signs in: one without an email, which opens this record and nothing else.

    Raises InvitationUnusable.
    """
    with clinic_scope(clinic.pk):
        invitation = Invitation.objects.usable(now).with_token(token).select_for_update(of=["self"]).first()
        if invitation is None:
            raise InvitationUnusable
        invitation.used_at = now
        invitation.save(update_fields=["used_at"])
        known = Membership.objects.active().filter(record=invitation.record, user__email=None).select_related("user")
        if membership := known.first():
            return membership.user
        user = User.objects.create_user(email=None)
        Membership.objects.create(user=user, role=Role.PATIENT, record=invitation.record)
        return user


@transaction.atomic
def sign_out_phones(*, record: UUID) -> None:
    """Whoever got in by an invitation is out, and no link that was made before gets in."""
    Membership.objects.filter(record=record, user__email=None).update(is_active=False)
    Invitation.objects.filter(record=record, used_at=None).delete()


@transaction.atomic
def let_sign_in_by_email(*, record: UUID, email: str) -> None:
    """Whoever proves that they read this address opens the record; an address that was there before no longer does."""
    others = Membership.objects.filter(record=record).exclude(user__email=None)
    others.exclude(user__email=email.lower()).update(is_active=False)
    if not email:
        return
    user = User.objects.filter(email=email.lower()).first() or User.objects.create_user(email)
    Membership.objects.update_or_create(
        user=user, record=record, defaults={"is_active": True}, create_defaults={"role": Role.PATIENT}
    )


@transaction.atomic
def let_new_records_sign_in_by_email(emails: Mapping[UUID, str]) -> None:
    """The same for many records that nobody opens yet, each with its address."""
    wanted = {email.lower() for email in emails.values()}
    known = {user.email for user in User.objects.filter(email__in=wanted)}
    missing = [User(email=email) for email in sorted(wanted - known)]
    for user in missing:
        user.set_unusable_password()
    User.objects.bulk_create(missing)
    users = {user.email: user for user in User.objects.filter(email__in=wanted)}
    Membership.objects.bulk_create(
        Membership(user=users[email.lower()], role=Role.PATIENT, record=record) for record, email in emails.items()
    )
