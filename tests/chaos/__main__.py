"""python -m tests.chaos [--seed N] [--emails 10000] [--kills 1000]"""

import argparse
import importlib
import logging
import sys
from random import SystemRandom

import django

from clinic.local import processes
from tests.chaos import servers
from tests.chaos.plan import ALONE


def main() -> int:
    parser = argparse.ArgumentParser(prog="chaos")
    parser.add_argument("--seed", type=int, default=SystemRandom().randrange(1_000_000))
    parser.add_argument("--emails", type=int, default=10_000)
    parser.add_argument("--kills", type=int, default=1_000)
    parser.add_argument("--only", default="", choices=ALONE, help="one kind of trouble, instead of all")
    asked = parser.parse_args()
    print(f"Seed {asked.seed}", flush=True)
    running = servers.start()
    try:
        django.setup()
        logging.getLogger("mail.log").setLevel(logging.ERROR)
        run = importlib.import_module("tests.chaos.run")
        outcome = run.Run(
            seed=asked.seed, emails=asked.emails, kills=asked.kills, only=asked.only, servers=running
        ).go()
        print(run.told(outcome))
        if outcome.wrong:
            print(processes.tail(running.folder / "crew.log", 60))
    finally:
        running.stop()
    return bool(outcome.wrong)


if __name__ == "__main__":
    sys.exit(main())
