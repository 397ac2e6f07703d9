"""The handout, from the request to the PDF, beside an empty page by the same library in the same run.

In this process, by Django's test client: for each patient of a demo clinic that has a program, on both papers.
"""

import importlib
import os
import time
from typing import Any

import django
from django.db import connection
from fpdf import FPDF

from benchmarks import database
from benchmarks.figures import Figure, percentile
from tests.servers import Servers

ROUNDS = 6
PAPERS = ("a4", "letter")


def measure() -> list[Figure]:
    servers = Servers()
    try:
        servers.start()
        os.environ["EMAIL_URL"] = "smtp://127.0.0.1:1"
        database.migrate()
        django.setup()
        # Only now: what it imports needs the settings.
        target: Any = importlib.import_module("benchmarks.demo")
        client, paths = target.handouts()
        database.analyze()
        began = time.perf_counter()
        client.get(paths[0])
        first = time.perf_counter() - began
        return [Figure("handout, the first of a process", first * 1000, "ms"), *_compare(client, paths)]
    finally:
        connection.close()
        servers.stop()


def _compare(client: Any, paths: list[str]) -> list[Figure]:
    """A handout and an empty page in turn, so that a machine whose speed drifts is fair to both."""
    times, floor, sizes = [], [], []
    for _round in range(ROUNDS):
        for path in paths:
            for paper in PAPERS:
                began = time.perf_counter()
                answer = client.get(path, {"paper": paper})
                times.append(time.perf_counter() - began)
                if answer["Content-Type"] != "application/pdf":
                    raise RuntimeError(f"{path} answered {answer.status_code}")
                sizes.append(len(answer.content))
                began = time.perf_counter()
                empty = FPDF()
                empty.add_page()
                size = len(empty.output())
                floor.append(time.perf_counter() - began)
    return [
        Figure("handout, p50", percentile(times, 50) * 1000, "ms", percentile(floor, 50) * 1000),
        Figure("handout, p95", percentile(times, 95) * 1000, "ms", percentile(floor, 95) * 1000, "at most 300 ms"),
        Figure("handout, the largest", max(sizes) / 1000, "kB", size / 1000, "at most 150 kB"),
    ]
