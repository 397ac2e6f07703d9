"""The staff's site with 50, 500 and 5,000 patients in one clinic: how long its pages take, and how many queries.

In this process, by Django's test client: no network and no server, which would only hide what grows. Transaction
control is not counted as a query. The database does not wait for its disk (fsync off).
"""

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

SIZES = (50, 500, 5000)
REQUESTS = 15
ROUNDS = 3
# Each with the size it is compared with: the smallest that fills the page with as many rows as the largest does.
PAGES = {
    "patients' list": ("patients/patient/", 50),
    "patients' list, who needs a look": ("patients/patient/?show=needs", 500),
    "patients' list, search by name": ("patients/patient/?q=mul", 500),
    "first page, everybody's patients": ("?of=all", 500),
    "program's page": ("programs/program/{program}/change/", 50),
}
CONTROL = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE")


def measure() -> list[Figure]:
    servers = Servers()
    try:
        servers.start()
        os.environ["EMAIL_URL"] = "smtp://127.0.0.1:1"
        database.migrate()
        django.setup()
        # Only now: what it imports needs the settings.
        crowd: Any = importlib.import_module("benchmarks.crowd")
        clinics = {size: crowd.make_clinic_of(size) for size in SIZES}
        database.analyze()
        for clinic in clinics.values():
            _seconds(clinic, "patients/patient/add/")
        first = _seconds(clinics[max(SIZES)], "patients/patient/")
        took = {}
        for size in SIZES:
            began = time.perf_counter()
            crowd.look_at_everybody(clinics[size])
            took[size] = time.perf_counter() - began
        database.analyze()
        # When nobody's standing is known yet, as on a Monday morning before the worker is through.
        monday = Figure(f"patients' list, {max(SIZES):,} patients, first request of a week", first * 1000, "ms")
        figures = (_compare(name, path, least, clinics) for name, (path, least) in PAGES.items())
        worker = Figure(f"a worker finds out who of {max(SIZES):,} patients needs a look", took[max(SIZES)], "s")
        return [monday, worker, *(figure for each in figures for figure in each)]
    finally:
        connection.close()
        servers.stop()


def _compare(name: str, path: str, least: int, clinics: dict[int, Any]) -> list[Figure]:
    """The sizes in turn, round by round, so that a machine whose speed drifts is fair to all."""
    times: dict[int, list[float]] = {size: [] for size in SIZES}
    for clinic in clinics.values():
        _seconds(clinic, path)
    for _round in range(ROUNDS):
        for size, clinic in clinics.items():
            times[size] += [_seconds(clinic, path) for _request in range(REQUESTS)]
    p50 = {size: median(times[size]) * 1000 for size in SIZES}
    queries = {size: _queries(clinic, path) for size, clinic in clinics.items()}
    if len(set(queries.values())) > 1:
        raise RuntimeError(f"{name}: the number of queries depends on the number of patients: {queries}")
    return [
        Figure(f"{name}, queries", queries[least], "queries", aim="at most 15"),
        *(
            Figure(f"{name}, {size:,} patients, p50", p50[size], "ms", p50[least], aim="at most 1.3 times")
            for size in SIZES
            if size >= least
        ),
    ]


def _seconds(clinic: Any, path: str) -> float:
    began = time.perf_counter()
    answer = clinic.get(path)
    took = time.perf_counter() - began
    if answer.status_code != 200:
        raise RuntimeError(f"{path} answered {answer.status_code}")
    return took


def _queries(clinic: Any, path: str) -> int:
    connection.force_debug_cursor = True
    connection.queries_log.clear()
    clinic.get(path)
    connection.force_debug_cursor = False
    return sum(not query["sql"].startswith(CONTROL) for query in connection.queries_log)
