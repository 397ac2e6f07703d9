from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import ProgrammingError, transaction

from clinic.models import Operator, User


class Command(BaseCommand):
    help = "Who may open the platform's pages. Adding and removing needs DATABASE_URL=$MIGRATOR_DATABASE_URL."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--add", metavar="EMAIL", help="of somebody who can sign in already")
        parser.add_argument("--remove", metavar="EMAIL")

    def handle(self, *, add: str | None, remove: str | None, **options: Any) -> None:
        try:
            with transaction.atomic():
                if add:
                    Operator.objects.get_or_create(user=self._user(add))
                if remove:
                    Operator.objects.filter(user=self._user(remove)).delete()
        except ProgrammingError as error:
            raise CommandError("This role may not: run it with DATABASE_URL=$MIGRATOR_DATABASE_URL.") from error
        for operator in Operator.objects.select_related("user").order_by("user__email"):
            self.stdout.write(str(operator))

    def _user(self, email: str) -> User:
        try:
            return User.objects.get(email=email.lower())
        except User.DoesNotExist as error:
            raise CommandError(f"Nobody signs in as {email}.") from error
