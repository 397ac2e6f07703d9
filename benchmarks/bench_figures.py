"""Every clinic's figures of one week, out of a million sessions, beside a GROUP BY written by hand.

In this process, clinic by clinic through the wall. The database does not wait for its disk (fsync off).
"""

import gc
import importlib
import os
import time
from statistics import median
from typing import Any

import django
from django.db import connection

from benchmarks import database
from benchmarks.figures import Figure
from tests.servers import Servers

CLINICS, PATIENTS, SESSIONS = 200, 50, 100
LARGE, SESSIONS_OF_LARGE = 5000, 20
ROUNDS = 5


def measure() -> list[Figure]:
    servers = Servers()
    try:
        servers.start()
        os.environ["EMAIL_URL"] = "smtp://127.0.0.1:1"
        database.migrate()
        django.setup()
        # Only now: what they import needs the settings.
        population: Any = importlib.import_module("benchmarks.population")
        reading: Any = importlib.import_module("benchmarks.reading")
        many = population.make_population("many", clinics=CLINICS, patients=PATIENTS, sessions=SESSIONS)
        large = population.make_population("large", clinics=1, patients=LARGE, sessions=SESSIONS_OF_LARGE)
        database.analyze()
        return [*_compare(reading, many, large), _queries(reading, many, large), _memory(reading, many, large)]
    finally:
        connection.close()
        servers.stop()


def _compare(reading: Any, many: Any, large: Any) -> list[Figure]:
    """All in turn, round by round, so that a machine whose speed drifts is fair to all."""
    ways = {"ours": (reading.by_the_application, many), "hand": (reading.by_hand, many)}
    ways["large"] = (reading.by_the_application, large)
    times: dict[str, list[float]] = {way: [] for way in ways}
    found: dict[str, Any] = {}
    for _round in range(ROUNDS):
        for way, (read, population) in ways.items():
            gc.collect()
            began = time.perf_counter()
            found[way] = read(population)
            times[way].append(time.perf_counter() - began)
    if found["ours"] != found["hand"]:
        raise RuntimeError("The application and the GROUP BY do not agree on who did how many sessions.")
    took = {way: median(seconds) for way, seconds in times.items()}
    sessions = f"{CLINICS * PATIENTS * SESSIONS:,} sessions"
    return [
        Figure(
            f"figures of {CLINICS * PATIENTS:,} patients in {CLINICS} clinics, {sessions}",
            took["ours"],
            "s",
            took["hand"],
            "at most 3 s",
        ),
        Figure(
            f"figures, a patient of a clinic of {LARGE:,} beside one of {PATIENTS}",
            took["large"] / LARGE * 1000,
            "ms",
            took["ours"] / (CLINICS * PATIENTS) * 1000,
            "at most 1 time",
        ),
    ]


def _queries(reading: Any, many: Any, large: Any) -> Figure:
    count = {reading.queries(population) for population in (many, large)}
    if len(count) > 1:
        raise RuntimeError(f"The number of queries depends on the number of patients: {count}")
    return Figure("figures of a clinic, queries", count.pop(), "queries")


def _memory(reading: Any, many: Any, large: Any) -> Figure:
    most = [reading.most_memory(population) / 1e6 for population in (large, many)]
    return Figure(
        f"figures, the most memory in a clinic of {LARGE:,} beside those of {PATIENTS}", most[0], "MB", most[1]
    )
