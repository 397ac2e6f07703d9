"""What belongs to no clinic: who runs the platform, and a sign that all of it works."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q


class Operator(models.Model):
    """Somebody who runs the platform. The application's role can't make one: `manage.py operators` does."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.PROTECT, primary_key=True, related_name="operator")

    def __str__(self) -> str:
        return str(self.user)


class Canary(models.Model):
    """The last minute that went all the way: from beat over Redis to a worker, and through the dispatcher's eyes."""

    LATE = timedelta(minutes=5)

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    at = models.DateTimeField()
    overdue = models.PositiveIntegerField(help_text="Messages that have waited too long, of all clinics.")

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="clinic_canary_is_one")]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S}"

    def sings(self, now: datetime) -> bool:
        """Whether that was lately, and no message had waited too long."""
        return now - self.at < self.LATE and not self.overdue
