import json
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from clinic.actions.access import invite
from clinic.models import Clinic
from clinic.wall.scope import clinic_scope
from patients.demo.people import CLINICS, PASSWORD, DemoClinic
from patients.models import Patient


class Command(BaseCommand):
    help = "How to sign in as the people of the demo, as JSON, with a fresh link for each patient."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEVELOPMENT:
            raise CommandError("There is no demo in production.")
        clinics = {clinic.slug: clinic for clinic in Clinic.objects.filter(slug__in=[demo.slug for demo in CLINICS])}
        loaded = [demo for demo in CLINICS if demo.slug in clinics]
        people = [person for demo in loaded for person in people_of(demo, clinics[demo.slug])]
        self.stdout.write(json.dumps(people))


def people_of(demo: DemoClinic, clinic: Clinic) -> Iterator[dict[str, str]]:
    for member in demo.staff:
        yield {
            "email": member.email,
            "role": member.role,
            "clinic": demo.slug,
            "password": PASSWORD,
            "name": member.name,
        }
    with clinic_scope(clinic.pk):
        for patient in Patient.objects.filter(name__in=[person.name for person in demo.patients]):
            url = invite(by=None, clinic=clinic, record=patient.pk, now=timezone.now())
            yield {
                "email": patient.email,
                "role": "patient",
                "clinic": demo.slug,
                "sign_in_url": url,
                "name": patient.name,
            }
