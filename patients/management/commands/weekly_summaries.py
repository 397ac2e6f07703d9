from argparse import ArgumentParser
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone, translation

from clinic.models import Clinic
from clinic.wall.scope import clinic_scope
from patients.summaries import queue_summaries, shares_of_clinic, write


def monday_of_week(name: str) -> date:
    """The Monday of a week named as 2026-W47. Raises CommandError."""
    try:
        return date.fromisoformat(f"{name}-1")
    except ValueError:
        raise CommandError(
            f"{name!r} is no week: write it like 2026-W47, the year and the number of the ISO week."
        ) from None


class Command(BaseCommand):
    help = "Queue the weekly summaries of a week that is over. What was queued before stays as it is."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--week", required=True, help="such as 2026-W47")
        parser.add_argument("--clinic", metavar="SLUG", help="one clinic only; otherwise all of them")
        parser.add_argument("--dry-run", action="store_true", help="print what would be sent now, and queue nothing")

    def handle(self, *, week: str, clinic: str | None, dry_run: bool, **options: Any) -> None:
        monday, now = monday_of_week(week), timezone.now()
        clinics = Clinic.objects.order_by("slug")
        if clinic and not (clinics := clinics.filter(slug=clinic)):
            raise CommandError(f"There is no clinic {clinic!r}: give the part of its address that follows /clinic/.")
        for each in clinics:
            if each.today(now) < monday + timedelta(weeks=1):
                self.stdout.write(f"{each.slug}: {week} is not over there yet.")
            elif dry_run:
                self.show(each, monday, now)
            else:
                self.queue(each, monday, now)

    def queue(self, clinic: Clinic, monday: date, now: datetime) -> None:
        with clinic_scope(clinic.pk):
            queued, before = queue_summaries(clinic=clinic, week=monday, now=now)
        self.stdout.write(f"{clinic.slug}: {len(queued)} queued, {before} there before.")

    def show(self, clinic: Clinic, monday: date, now: datetime) -> None:
        with clinic_scope(clinic.pk), translation.override(settings.LANGUAGE_CODE):
            day = clinic.today(now)
            for recipient, shares in shares_of_clinic(day).items():
                letter = write(recipient, shares, monday, day=day)
                self.stdout.write(f"To: {recipient.user.email}\nSubject: {letter.subject}\n\n{letter.text}\n")
