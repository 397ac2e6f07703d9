"""Two thousand weekly emails, read, written and handed to a mail server by two worker processes, and by one.

The whole way of a message: found by the dispatcher, asked for over Valkey, claimed, written, sent, recorded. Workers,
database, Valkey and mail server share the machine. The database does not wait for its disk (fsync off).
"""

import importlib
import os
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import django
import psutil
from django.db import connection

from benchmarks import database
from benchmarks.figures import Figure
from clinic.local import processes
from tests.servers import Servers

CLINICS, CLINICIANS, PATIENTS, SESSIONS = 200, 10, 5, 40
CLINICS_OF_ONE_PROCESS = 25
LONGEST, AGAIN_AFTER = 600, 60  # seconds
WARM = 40  # emails, after which a worker has imported all that it needs


@dataclass(slots=True)
class Run:
    """When each email was taken, in seconds, and how large it is; of the workers' processes the memory over time, and
    the seconds of a processor that they took."""

    taken: list[float] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)
    memory: list[int] = field(default_factory=list)
    processor: float = 0

    @property
    def per_second(self) -> float:
        """Of those after which nothing was warming up."""
        taken = self.taken[WARM:]
        return (len(taken) - 1) / (taken[-1] - taken[0])


def measure() -> list[Figure]:
    servers = Servers()
    try:
        servers.start()
        port = processes.free_port()
        os.environ["EMAIL_URL"] = f"smtp://127.0.0.1:{port}"
        database.migrate()
        django.setup()
        # Only now: what they import needs the settings.
        population: Any = importlib.import_module("benchmarks.population")
        outgoing: Any = importlib.import_module("benchmarks.outgoing")
        many = population.make_population(
            "many", clinics=CLINICS, clinicians=CLINICIANS, patients=PATIENTS, sessions=SESSIONS
        )
        outgoing.nothing_else_is_due(many.clinics, many.monday)
        database.analyze()
        one = _run(outgoing, many.clinics[:CLINICS_OF_ONE_PROCESS], many.monday - timedelta(weeks=1), port, 1)
        two = _run(outgoing, many.clinics, many.monday, port, 2)
        return _figures(one, two)
    finally:
        connection.close()
        servers.stop()


def _figures(one: Run, two: Run) -> list[Figure]:
    emails = f"{len(two.taken):,} emails of {PATIENTS} patients"
    return [
        Figure(f"{emails}, two processes beside one", two.per_second, "per second", one.per_second, "at least 100"),
        Figure("an email, a processor's time in the worker", two.processor / len(two.taken) * 1000, "ms"),
        Figure("an email, mean size", sum(two.sizes) / len(two.sizes) / 1000, "kB"),
        Figure(
            "a process that sends, most PSS beside its first",
            max(two.memory) / 1e6,
            "MB",
            two.memory[0] / 1e6,
            "at most 160 MB",
        ),
    ]


def _run(outgoing: Any, clinics: list[Any], week: Any, port: int, concurrency: int) -> Run:
    count = outgoing.queue(clinics, week)
    with (
        tempfile.TemporaryDirectory() as folder,
        _sink(Path(folder), port) as notes,
        _worker(Path(folder), concurrency) as worker,
    ):
        run, deadline, dispatched = Run(), time.monotonic() + LONGEST, 0.0
        while len(run.taken) < count:
            if time.monotonic() > deadline:
                raise RuntimeError(f"{len(run.taken)} of {count} emails in {LONGEST} s")
            if time.monotonic() - dispatched > AGAIN_AFTER:
                dispatched = time.monotonic()
                outgoing.dispatch()
            time.sleep(1)
            lines = [line.split() for line in notes.read_text().splitlines() if line.count(" ") == 1]
            run.taken, run.sizes = [float(at) for at, _size in lines], [int(size) for _at, size in lines]
            children = worker.children()
            if len(run.taken) >= WARM * concurrency:
                run.memory.append(max(child.memory_full_info().pss for child in children))
            run.processor = sum(sum(child.cpu_times()[:2]) for child in children)
    if len(run.taken) > count or (states := outgoing.states(clinics, week)) != {"sent"}:
        raise RuntimeError(f"{len(run.taken)} emails of {count} messages, which are {states}")
    return run


@contextmanager
def _sink(folder: Path, port: int) -> Iterator[Path]:
    notes = folder / "notes"
    notes.touch()
    command = [sys.executable, "-m", "benchmarks.sink", str(port), str(notes)]
    sink = processes.start(command, log=folder / "sink.log", env=os.environ, cwd=Path.cwd())
    try:
        yield notes
    finally:
        processes.stop(sink)


@contextmanager
def _worker(folder: Path, concurrency: int) -> Iterator[psutil.Process]:
    """As docker-compose.yml starts it."""
    log = folder / "worker.log"
    command = [sys.executable, "-m", "celery", "--app=clinic", "worker", f"--concurrency={concurrency}"]
    worker = processes.start(
        [*command, "--loglevel=WARNING", "--without-gossip"], log=log, env=os.environ, cwd=Path.cwd()
    )
    try:
        deadline = time.monotonic() + 30
        while len(psutil.Process(worker.pid).children()) < concurrency:
            if worker.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"The worker did not start:\n{log.read_text()}")
            time.sleep(0.1)
        yield psutil.Process(worker.pid)
    finally:
        processes.stop(worker, by=signal.SIGTERM)
