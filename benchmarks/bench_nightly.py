"""The nightly pass over one clinic, which is one transaction in a task that is stopped after 60 seconds."""

import importlib
import os
from statistics import median
from typing import Any

import django
from django.db import connection

from benchmarks import database
from benchmarks.figures import Figure
from tests.servers import Servers

SMALL, LARGE = 500, 5000
SESSIONS = 20
NIGHTS = 3


def measure() -> list[Figure]:
    servers = Servers()
    try:
        servers.start()
        os.environ["EMAIL_URL"] = "smtp://127.0.0.1:1"
        database.migrate()
        django.setup()
        # Only now: what they import needs the settings.
        population: Any = importlib.import_module("benchmarks.population")
        night: Any = importlib.import_module("benchmarks.night")
        clinics = {
            size: population.make_population(f"of-{size}", clinics=1, patients=size, sessions=SESSIONS)
            for size in (SMALL, LARGE)
        }
        database.analyze()
        found = {size: night.passes(clinic, NIGHTS) for size, clinic in clinics.items()}
        a_patient = {size: median(seconds) / size * 1000 for size, (seconds, _queries) in found.items()}
        seconds, queries = found[LARGE]
        return [
            Figure(f"nightly pass over {LARGE:,} patients, one transaction", max(seconds), "s", aim="at most 30 s"),
            Figure(
                f"nightly pass, a patient of {LARGE:,} beside one of {SMALL}", a_patient[LARGE], "ms", a_patient[SMALL]
            ),
            Figure("nightly pass, queries for each 200 patients", queries / (LARGE / 200), "queries", aim="at most 10"),
        ]
    finally:
        connection.close()
        servers.stop()
