"""Run the benchmarks named on the command line, or all of them; print their table and keep it as JSON."""

import json
import os
import pkgutil
import platform
import sys
import traceback
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path

import benchmarks
from benchmarks.figures import Figure, measured_by, table

RESULTS = Path(__file__).parent / "results"


def names() -> list[str]:
    return [module.name for module in pkgutil.iter_modules(benchmarks.__path__) if module.name.startswith("bench_")]


def main(wanted: list[str]) -> None:
    figures: list[Figure] = []
    failed: list[str] = []
    for name in wanted or names():
        print(f"{name} ...", file=sys.stderr, flush=True)
        # Each in a process of its own: Django's settings name the servers of one benchmark for good.
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as alone:
            found = alone.submit(measured_by, name)
        if error := found.exception():
            traceback.print_exception(error)
            failed.append(name)
        else:
            figures += found.result()
    now = datetime.now(UTC)
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, {platform.system()}"
    RESULTS.mkdir(exist_ok=True)
    result = {"at": now.isoformat(), "machine": machine, "figures": [figure.as_json() for figure in figures]}
    (RESULTS / f"{now:%Y-%m-%dT%H%M%S}.json").write_text(json.dumps(result, indent=1))
    print(f"{machine}\n\n{table(figures)}")
    if failed:
        sys.exit(f"No figures of {', '.join(failed)}.")


if __name__ == "__main__":
    main(sys.argv[1:])
