from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email
from django.db import transaction

from clinic import links
from clinic.actions.staff import add_staff
from clinic.models import Clinic, Role
from clinic.wall.scope import clinic_scope


class Command(BaseCommand):
    help = "Make a clinic and its owner, who then chooses a password and adds everybody else."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--slug", required=True, help="its part of the address: /clinic/SLUG/")
        parser.add_argument("--name", required=True)
        parser.add_argument("--time-zone", required=True, help="such as Europe/Berlin")
        parser.add_argument("--phone", required=True, help="what patients call")
        parser.add_argument("--emergency-number", default="112", help="of the country it is in; 112")
        parser.add_argument("--owner", required=True, metavar="EMAIL")
        parser.add_argument("--owner-name", required=True, metavar="NAME")

    @transaction.atomic
    def handle(self, *, owner: str, owner_name: str, **options: Any) -> None:
        fields = ["slug", "name", "time_zone", "phone", "emergency_number"]
        clinic = Clinic(**{name: options[name] for name in fields})
        try:
            clinic.full_clean()
            validate_email(owner)
        except ValidationError as error:
            problems = error.message_dict if hasattr(error, "error_dict") else {"owner": error.messages}
            said = (f"{name}: {' '.join(sentences)}" for name, sentences in problems.items())
            raise CommandError("\n".join(said)) from error
        clinic.save()
        with clinic_scope(clinic.pk):
            add_staff(email=owner, name=owner_name, role=Role.OWNER)
        address = links.absolute(links.outside("account_reset_password"))
        self.stdout.write(f"{clinic} is at {links.absolute(links.inside(clinic, 'admin:index'))}")
        self.stdout.write(f"{owner} chooses a password at {address}")
