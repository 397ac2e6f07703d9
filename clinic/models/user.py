from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from uuid_utils.compat import uuid7


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str | None, password: str | None = None, **fields: Any) -> "User":
        """A user with no password signs in by an emailed code; one with no email only by an invitation."""
        user = self.model(email=email.lower() if email else None, **fields)
        user.set_password(password)
        user.save()
        return user

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=username.lower() if username else None)


class User(AbstractBaseUser):
    """A person who signs in, known by email alone. What they may do is said by their memberships, per clinic.

    An invitation signs in a user without an email, so that a link opens one record and nothing else.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    email = models.EmailField(unique=True, null=True, blank=True)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = UserManager()

    name = ""  # what the open clinic calls them: no clinic's name for somebody reaches another

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(email=Lower("email")), name="clinic_user_email_lower_case"),
        ]

    def __str__(self) -> str:
        return self.email or "signed in by invitation"

    def get_full_name(self) -> str:
        return self.name

    @property
    def is_staff(self) -> bool:
        """Nobody is staff everywhere. Django's own admin site is not installed at any address."""
        return False
