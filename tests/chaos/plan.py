"""What goes wrong and when. The same seed gives the same plan."""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

# Of a thousand. A kill of `dispatch` ends every child of the pools just after a dispatch was asked for.
KILLS = {"child": 860, "dispatch": 60, "worker": 50, "beat": 30}
# Beside the kills, per thousand of them.
SERVERS = {
    "redis emptied": 25,
    "redis killed": 6,
    "redis hangs": 6,
    "database session killed": 4,
    "database restarted": 2,
}
# Per thousand of what the mail server is asked.
MAIL = {"421": 15, "452": 15, "hangs": 4, "drops": 15}
ALONE = [*KILLS, *SERVERS, *MAIL, "two beats"]
OFTEN = 200  # per thousand, where nothing else goes wrong


@dataclass(frozen=True, slots=True)
class Trouble:
    """`at` is the share of the emails that are out by then, `choice` and `wait` (in seconds) say which and when."""

    at: float
    kind: str
    choice: float
    wait: float


def troubles(seed: int, kills: int, only: str = "") -> list[Trouble]:
    """In order. Each of KILLS ends one process at least. `only` is one kind, that many times."""
    random = Random(f"{seed} troubles")
    kinds = [*random.choices([*KILLS], [*KILLS.values()], k=kills)]
    for kind, weight in SERVERS.items():
        kinds += [kind] * max(1, round(kills * weight / 1000))
    random.shuffle(kinds)
    if only:
        kinds = [only] * kills if only in KILLS | SERVERS else []
    return [
        Trouble((i + 0.5) / len(kinds), kind, random.random(), random.uniform(0, 0.04)) for i, kind in enumerate(kinds)
    ]


def moods(seed: int, only: str = "") -> Iterator[str]:
    """Of the mail server, one for each recipient it is asked about: one of MAIL, or nothing."""
    common = {kind: OFTEN * (kind == only) for kind in MAIL} if only else MAIL
    random, kinds = Random(f"{seed} mail"), [*MAIL, ""]
    weights = [*common.values(), 1000 - sum(common.values())]
    while True:
        yield random.choices(kinds, weights)[0]
