"""A database of the benchmark's own, ready for the site."""

import os
import subprocess
import sys

import psycopg


def migrate() -> None:
    env = os.environ | {"DATABASE_URL": os.environ["MIGRATOR_DATABASE_URL"]}
    for command in ("migrate", "load_catalogue"):
        subprocess.run([sys.executable, "manage.py", command, "-v0"], env=env, check=True)


def analyze() -> None:
    """As the server does by itself within a minute: until then its plans are those of empty tables."""
    with psycopg.connect(os.environ["MIGRATOR_DATABASE_URL"], autocommit=True) as migrator:
        migrator.execute("VACUUM ANALYZE")
