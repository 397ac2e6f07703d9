"""The nightly pass over a population's clinics."""

import time
from datetime import timedelta

from django.db import connection
from django.utils import timezone

from benchmarks.population import Population
from clinic.wall.scope import clinic_scope
from patients.actions.nightly import raise_due_alerts


def passes(population: Population, nights: int) -> tuple[list[float], int]:
    """How long it took on each of some nights running, in seconds, and the queries of the last."""
    seconds = []
    for night in range(nights):
        day = population.monday + timedelta(days=6 + night)
        connection.force_debug_cursor = night == nights - 1
        connection.queries_log.clear()
        began = time.perf_counter()
        for clinic in population.clinics:
            with clinic_scope(clinic):
                raise_due_alerts(clinic_id=clinic, day=day, now=timezone.now())
        seconds.append(time.perf_counter() - began)
        connection.force_debug_cursor = False
    return seconds, len(connection.queries_log)
