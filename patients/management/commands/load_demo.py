from datetime import date
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from clinic.models import Clinic
from patients.demo.load import load
from patients.demo.people import CLINICS


class Command(BaseCommand):
    help = "Load two clinics to try everything in. Once loaded it changes nothing. Never into a production database."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--date", type=date.fromisoformat, help="the day up to which they have a history; today")

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEVELOPMENT:
            raise CommandError("The demo's passwords are known to all, so it is loaded in development only.")
        slugs = set(Clinic.objects.values_list("slug", flat=True))
        demo = {each.slug for each in CLINICS}
        if demo <= slugs:
            self.stdout.write("The demo is loaded.")
            return
        if slugs:
            self.stdout.write("There are clinics in this database: the demo is loaded into an empty one only.")
            return
        load(options["date"] or timezone.now().date())
        self.stdout.write("The demo is loaded: two clinics with a dozen patients each.")
