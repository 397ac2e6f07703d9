"""Run the benchmarks named on the command line, or all of them; print their table and keep it as JSON."""

import importlib
import json
import os
import pkgutil
import platform
import sys
from datetime import UTC, datetime
from pathlib import Path

import benchmarks
from benchmarks.figures import Figure, table

RESULTS = Path(__file__).parent / "results"


def names() -> list[str]:
    return [module.name for module in pkgutil.iter_modules(benchmarks.__path__) if module.name.startswith("bench_")]


def main(wanted: list[str]) -> None:
    figures: list[Figure] = []
    for name in wanted or names():
        print(f"{name} ...", file=sys.stderr, flush=True)
        figures += importlib.import_module(f"benchmarks.{name}").measure()
    now = datetime.now(UTC)
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, {platform.system()}"
    RESULTS.mkdir(exist_ok=True)
    result = {"at": now.isoformat(), "machine": machine, "figures": [figure.as_json() for figure in figures]}
    (RESULTS / f"{now:%Y-%m-%dT%H%M%S}.json").write_text(json.dumps(result, indent=1))
    print(f"{machine}\n\n{table(figures)}")


if __name__ == "__main__":
    main(sys.argv[1:])
