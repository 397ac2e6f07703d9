"""Logging a session of four sets over HTTP, beside one INSERT in a view without middleware on the same server.

The database does not wait for its disk (fsync off), in both alike: a disk would hide what our code costs.
"""

import http.client
import importlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import django
import psutil
import psycopg
from django.db import connection

from benchmarks import database
from benchmarks.figures import Figure, percentile
from benchmarks.target import Target
from clinic.local import processes
from tests.servers import Servers

REQUESTS = 200
ROUNDS = 3


def measure() -> list[Figure]:
    servers = Servers()
    try:
        servers.start()
        os.environ["EMAIL_URL"] = "smtp://127.0.0.1:1"
        database.migrate()
        _make_floor()
        django.setup()
        with _web() as (port, web):
            # Only now: what it imports needs the settings.
            target: Target = importlib.import_module("benchmarks.demo").signed_in(port)
            database.analyze()
            figures = [figure for clients in (1, 4) for figure in _compare(target, clients)]
            memory = [_pss(worker) for worker in psutil.Process(web.pid).children()]
        worst = max(memory)
        return [*figures, Figure("one web worker after load, PSS", worst / 1e6, "MB", aim="at most 150 MB")]
    finally:
        connection.close()
        servers.stop()


def _make_floor() -> None:
    with psycopg.connect(os.environ["MIGRATOR_DATABASE_URL"]) as migrator:
        migrator.execute("CREATE TABLE benchmark_floor (id uuid PRIMARY KEY, body text)")


@contextmanager
def _web() -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    port = processes.free_port()
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "web.log"
        command = [sys.executable, "-m", "gunicorn", "benchmarks.floor", f"--bind=127.0.0.1:{port}", "--workers=2"]
        options = ["--worker-class=gthread", "--threads=4", "--no-control-socket"]
        web = processes.start([*command, *options], log=log, env=os.environ, cwd=Path.cwd())
        try:
            _wait(port, log)
            yield port, web
        finally:
            processes.stop(web)


def _wait(port: int, log: Path) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            http.client.HTTPConnection("127.0.0.1", port, timeout=1).connect()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(f"The server did not start:\n{log.read_text()}")


def _compare(target: Target, clients: int) -> list[Figure]:
    """Both in turn, round by round, so that a machine whose speed drifts is fair to both."""
    times: dict[str, list[float]] = {"/floor/": [], target.path: []}
    seconds = dict.fromkeys(times, 0.0)
    with ProcessPoolExecutor(clients) as pool:
        for _round in range(ROUNDS):
            for path in times:
                began = time.perf_counter()
                for found in pool.map(_send, [target] * clients, [path] * clients):
                    times[path] += found
                seconds[path] += time.perf_counter() - began
    log, floor = times[target.path], times["/floor/"]
    who = "one client" if clients == 1 else f"{clients} clients"
    return [
        Figure(f"log a session, {who}, p50", percentile(log, 50) * 1000, "ms", percentile(floor, 50) * 1000),
        Figure(f"log a session, {who}, p95", percentile(log, 95) * 1000, "ms", percentile(floor, 95) * 1000),
        Figure(
            f"log a session, {who}, per second",
            len(log) / seconds[target.path],
            "requests/s",
            len(floor) / seconds["/floor/"],
        ),
    ]


def _send(target: Target, path: str) -> list[float]:
    """Seconds of each request, over one connection that is kept."""
    client = http.client.HTTPConnection("127.0.0.1", target.port, timeout=10)
    headers = {
        "Host": "localhost",
        "Content-Type": "application/json",
        "Cookie": target.cookies,
        "X-CSRFToken": target.csrf,
    }
    times = []
    for _request in range(REQUESTS):
        body = target.body()
        began = time.perf_counter()
        client.request("POST", path, body, headers)
        answer = client.getresponse()
        content = answer.read()
        times.append(time.perf_counter() - began)
        if answer.status != http.HTTPStatus.CREATED:
            raise RuntimeError(f"{path} answered {answer.status}: {content[:300]!r}")
    return times


def _pss(process: psutil.Process) -> int:
    """Bytes that are the process's own, and its share of what it shares; without Linux, what is resident."""
    full = process.memory_full_info()
    return getattr(full, "pss", full.rss)
