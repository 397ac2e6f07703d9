"""A short run of `make chaos`, and that its plan follows from its seed."""

import subprocess
import sys
from collections import Counter
from itertools import islice

import pytest

from tests.chaos.plan import KILLS, MAIL, SERVERS, moods, troubles


def test_the_same_seed_gives_the_same_plan() -> None:
    assert troubles(7, 100) == troubles(7, 100) != troubles(8, 100)
    assert list(islice(moods(7), 500)) == list(islice(moods(7), 500)) != list(islice(moods(8), 500))


def test_all_that_can_go_wrong_does() -> None:
    happens = Counter(trouble.kind for trouble in troubles(7, 1000))
    assert happens.keys() == {*KILLS, *SERVERS}
    assert sum(happens[kind] for kind in KILLS) == 1000
    assert {*islice(moods(7), 10_000)} == {*MAIL, ""}


@pytest.mark.slow
def test_nothing_is_lost() -> None:
    command = [sys.executable, "-m", "tests.chaos", "--emails", "300", "--kills", "30"]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=900)
    assert done.returncode == 0, done.stdout + done.stderr[-3000:]
    assert "Nothing is lost." in done.stdout, done.stdout
    assert "unexplained" not in done.stdout, done.stdout
