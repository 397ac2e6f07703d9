import os
from typing import Any

import psycopg
from django.core.management.base import BaseCommand, CommandError

from clinic.database import roles


class Command(BaseCommand):
    help = "Make the three database roles, with the passwords of their URLs, and give the migrator the database."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        if missing := [name for name in ["ADMIN_DATABASE_URL", *roles.URLS.values()] if not os.environ.get(name)]:
            raise CommandError(
                f"Set {', '.join(missing)}: the admin's URL makes the roles, the others have their passwords."
            )
        try:
            passwords = {role: roles.password_of(os.environ[name]) for role, name in roles.URLS.items()}
            roles.prepare(os.environ["ADMIN_DATABASE_URL"], passwords=passwords)
        except (ValueError, psycopg.Error) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Ready: {', '.join(roles.ROLES)}.")
