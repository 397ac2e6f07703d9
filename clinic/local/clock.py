"""Another time for the processes of `make run`: `AT="2026-11-30 06:59" make run` plays that Monday through.

Run as a module, it starts another module with the clock moved by CLOCK_AHEAD seconds: `clinic.local.clock celery …`.
Time goes on from there as usual. The servers of the database and of Redis keep their own.
"""

import os
import runpy
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import time_machine

from clinic.local.trouble import Trouble

AHEAD = "CLOCK_AHEAD"


def ahead(environ: Mapping[str, str], *, now: datetime) -> float:
    """By how many seconds AT is later than `now`; it is in UTC unless it says otherwise. Raises Trouble."""
    if not (wanted := environ.get("AT")):
        return 0
    try:
        at = datetime.fromisoformat(wanted)
    except ValueError:
        raise Trouble(f'AT is {wanted!r}: give a date and time in UTC, as in AT="2026-11-30 06:59" make run.') from None
    return ((at if at.tzinfo else at.replace(tzinfo=UTC)) - now).total_seconds()


def moved(command: Sequence[str]) -> list[str]:
    """`python -m module …` with the module started by this one."""
    python, _m, *module = command
    return [python, "-m", __name__, *module]


def main() -> None:
    """Start the module that the arguments name."""
    time_machine.travel(datetime.now(UTC).timestamp() + float(os.environ[AHEAD]), tick=True).start()
    del sys.argv[0]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
