"""`make run` from a fresh copy to the first page served, again when warm, and the memory of all of it together."""

import signal
import subprocess
import tempfile
import time
from pathlib import Path

from benchmarks.figures import Figure
from tests.project import Project


def measure() -> list[Figure]:
    with tempfile.TemporaryDirectory() as home:
        project = Project.copy(Path(home) / "a clone")
        try:
            return _measure(project)
        finally:
            project.remove()


def _measure(project: Project) -> list[Figure]:
    started = time.monotonic()
    subprocess.run(["make", "venv"], cwd=project.folder, check=True, capture_output=True)
    packages = time.monotonic() - started
    first, _ = _start_and_stop(project)
    warm, memory = _start_and_stop(project)
    return [
        Figure("cold `make run`, packages included", packages + first, "s"),
        Figure("cold `make run`, without its packages", first, "s"),
        Figure("warm `make run`", warm, "s", aim="at most 10 s"),
        Figure("all processes of `make run`, PSS", memory / 1e6, "MB", aim="at most 700 MB"),
    ]


def _start_and_stop(project: Project) -> tuple[float, int]:
    """Seconds until the site answers, and bytes of memory once the worker is up, too."""
    started = time.monotonic()
    run = project.start()
    seconds = time.monotonic() - started
    time.sleep(10)
    memory = sum(process.memory_full_info().pss for process in project.processes())
    run.send_signal(signal.SIGINT)
    run.wait()
    return seconds, memory
