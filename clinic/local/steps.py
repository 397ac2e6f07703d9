"""Run management commands one after another in one process, because starting Django takes longer than they do.

    python -m clinic.local.steps "migrator: migrate --no-input" "app: load_demo"

Each names its database role; MIGRATOR_DATABASE_URL and DATABASE_URL have the passwords. What the last one prints goes
to stdout, what the others print to stderr.
"""

import os
import sys
from urllib.parse import unquote, urlsplit

import django
from django.core.management import call_command
from django.db import connection

URLS = {"migrator": "MIGRATOR_DATABASE_URL", "app": "DATABASE_URL"}


def main(steps: list[str]) -> None:
    django.setup()
    for position, step in enumerate(steps, start=1):
        role, _, command = step.partition(":")
        sign_in(os.environ[URLS[role]])
        call_command(*command.split(), stdout=sys.stdout if position == len(steps) else sys.stderr)


def sign_in(url: str) -> None:
    """Go on in the same database with the user of `url`."""
    parts = urlsplit(url)
    connection.close()
    connection.settings_dict.update(USER=unquote(parts.username or ""), PASSWORD=unquote(parts.password or ""))


if __name__ == "__main__":
    main(sys.argv[1:])
