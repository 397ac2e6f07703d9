from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from clinic.models.thresholds import IN_ORDER, SENSIBLE, Thresholds


def validate_time_zone(name: str) -> None:
    if name not in available_timezones():
        raise ValidationError(_("%(name)s is not a time zone, such as Europe/Berlin."), params={"name": name})


BRAND = "#0b5b5d"
NIGHT = timedelta(hours=3)  # of the local day: by then phones have sent what was logged before midnight
# When patients read of their week: Sunday can still be written down, and who wants to call reaches somebody.
OWN_WEEK_AT = timedelta(hours=10)
MOST_SIGNS, LONGEST_SIGN = 50, 500  # of warning signs: how many, and how many characters each
HEX_COLOUR = r"^#[0-9a-f]{6}$"


class Weekday(models.IntegerChoices):
    MONDAY = 0, _("Monday")
    TUESDAY = 1, _("Tuesday")
    WEDNESDAY = 2, _("Wednesday")
    THURSDAY = 3, _("Thursday")
    FRIDAY = 4, _("Friday")
    SATURDAY = 5, _("Saturday")
    SUNDAY = 6, _("Sunday")


class Clinic(Thresholds):
    """A tenant. Its own row is readable by all and changed only from inside it."""

    class NamesInEmail(models.TextChoices):
        CODES = "codes", _("patient codes")
        INITIALS = "initials", _("initials")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=120)
    time_zone = models.CharField(max_length=64, default="UTC", validators=[validate_time_zone])
    language = models.CharField(
        max_length=12,
        choices=[("", _("as each patient's browser asks")), *settings.LANGUAGES],
        blank=True,
        default="en",
        help_text=_("Of the patients' pages and emails, where their record names no other."),
    )
    phone = models.CharField(max_length=40, help_text=_("What patients call. Shown on each of their pages."))
    emergency_number = models.CharField(max_length=20, default="112")
    colour = models.CharField(
        max_length=7,
        default=BRAND,
        validators=[RegexValidator(HEX_COLOUR, _("A colour is written like #0b5b5d."))],
        help_text=_("Of the handouts that patients take home. Text on it is black or white, whichever reads better."),
    )
    red_flags = models.JSONField(
        default=list,
        blank=True,
        help_text=_("The clinic's own list of warning signs. Empty: the default list, until you have reviewed it."),
    )
    pain_acceptable_from = models.PositiveSmallIntegerField(default=3, validators=[MaxValueValidator(10)])
    pain_too_much_from = models.PositiveSmallIntegerField(default=6, validators=[MaxValueValidator(10)])
    summary_weekday = models.PositiveSmallIntegerField(choices=Weekday, default=Weekday.MONDAY)
    summary_hour = models.PositiveSmallIntegerField(
        default=7, validators=[MinValueValidator(0), MaxValueValidator(23)], help_text=_("In the clinic's time zone.")
    )
    names_in_email = models.CharField(max_length=10, choices=NamesInEmail, default=NamesInEmail.CODES)
    summarised_through = models.DateField(
        null=True, editable=False, help_text=_("Monday of the last week whose summaries were queued.")
    )
    alerted_through = models.DateField(
        null=True, editable=False, help_text=_("The last date whose alerts the nightly pass has raised.")
    )
    own_weeks_through = models.DateField(
        null=True, editable=False, help_text=_("Monday of the last week that patients were told of.")
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(pain_acceptable_from__lt=F("pain_too_much_from"), pain_too_much_from__lte=10),
                name="clinic_pain_zones_in_order",
                violation_error_message=_("Pain is acceptable from a lower number than it is too much."),
            ),
            models.CheckConstraint(condition=Q(colour__regex=HEX_COLOUR), name="clinic_colour_is_one"),
            models.CheckConstraint(condition=Q(summary_weekday__lte=6), name="clinic_summary_weekday"),
            models.CheckConstraint(condition=Q(summary_hour__lte=23), name="clinic_summary_hour"),
            IN_ORDER,
            SENSIBLE,
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    def today(self, now: datetime) -> date:
        """The local date at an instant."""
        return now.astimezone(self.zone).date()

    def day_to_look_at(self, now: datetime) -> date | None:
        """The last date that is over since some hours, if the nightly pass has not looked at it yet, or None."""
        local = now.astimezone(self.zone).replace(tzinfo=None)
        day = (local - NIGHT).date() - timedelta(days=1)
        return day if self.alerted_through is None or self.alerted_through < day else None

    def week_to_summarise(self, now: datetime) -> date | None:
        """Monday of the oldest complete week that is due for its summary and was not queued yet, or None.

        A week is due on the weekday and hour the clinic chose, in the week after it.
        """
        local = now.astimezone(self.zone).replace(tzinfo=None)
        this_monday = local.date() - timedelta(days=local.weekday())
        due_at = datetime.combine(this_monday, datetime.min.time()) + timedelta(
            days=self.summary_weekday, hours=self.summary_hour
        )
        newest = this_monday - timedelta(weeks=1 if local >= due_at else 2)
        oldest = self.summarised_through or self._monday_before(self.today(self.created_at))
        following = oldest + timedelta(weeks=1)
        return following if following <= newest else None

    def own_week_to_tell(self, now: datetime) -> date | None:
        """Monday of the last complete week, from OWN_WEEK_AT on, unless patients were told of it; an older one that was
        missed is told no more."""
        local = now.astimezone(self.zone).replace(tzinfo=None)
        week = self._monday_before((local - OWN_WEEK_AT).date())
        return week if self.own_weeks_through is None or self.own_weeks_through < week else None

    @staticmethod
    def _monday_before(day: date) -> date:
        return day - timedelta(days=day.weekday() + 7)
