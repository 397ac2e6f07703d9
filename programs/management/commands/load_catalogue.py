from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from programs.catalogue import CATALOGUE_FILE, CatalogueError, load_catalogue, read_catalogue


class Command(BaseCommand):
    help = "Load the exercise catalogue from its file. Loading the same file again changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--file", type=Path, default=CATALOGUE_FILE, help="another file than the project's own")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            catalogue = read_catalogue(options["file"])
        except CatalogueError as error:
            raise CommandError(f"The catalogue was not loaded. {error}") from error
        changes = load_catalogue(catalogue)
        if options["verbosity"] == 0:
            return
        for what, row in changes:
            self.stdout.write(f"{what}: {row}")
        counts = f"{len(catalogue.exercises)} exercises, {len(catalogue.claims)} claims"
        self.stdout.write(f"The catalogue has {counts}: {f'{len(changes)} changes' if changes else 'unchanged'}.")
