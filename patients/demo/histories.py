"""How the demo's patients do: pure functions from a week of a course to what was done on its days."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random

from patients.models import Log

PAIN, TIME, UNWELL = Log.SkipReason.PAIN, Log.SkipReason.TIME, Log.SkipReason.UNWELL


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoSession:
    """One day's log, as shares of the dose; `days_late` is how long after it was entered."""

    day: int
    walk: float = 1.0
    walk_right: float | None = None
    thrust: float = 1.0
    as_planned: bool = False
    skip_reason: str = ""
    pain: tuple[int | None, int | None, int | None] = (None, None, None)
    effort: int | None = None
    days_late: int = 0
    note: str = ""


History = Callable[[int, Random], Iterator[DemoSession]]
WEEKS = 8


def on_track(week: int, random: Random) -> Iterator[DemoSession]:
    """Three a week, counted, now and then one fewer or entered late; pain easing."""
    days = [0, 2, 4] if random.random() < 0.8 else [0, 3]
    for day in days:
        pain = max(0, 3 - week // 2)
        yield DemoSession(
            day=day,
            thrust=random.choice([1.0, 1.1, 1.2]),
            pain=(pain, pain + random.randint(0, 1), pain),
            effort=random.randint(4, 6),
            days_late=random.choice([0, 0, 0, 1]),
        )


def as_planned(week: int, random: Random) -> Iterator[DemoSession]:
    """Always one tap, often on the day after, no number ever counted."""
    for day in [1, 3, 5]:
        yield DemoSession(day=day, as_planned=True, days_late=random.choice([0, 1, 1]))


def fading(week: int, random: Random) -> Iterator[DemoSession]:
    """Three, three, three, then fewer each week."""
    for day in [0, 2, 4][: max(0, 5 - week) if week > 2 else 3]:
        yield DemoSession(day=day, walk=max(0.6, 1 - week / 12), pain=(1, 2, None), effort=5)
    if week == 5:
        yield DemoSession(day=4, skip_reason=TIME)


def silent(week: int, random: Random) -> Iterator[DemoSession]:
    """Well begun, and then nothing more for three weeks."""
    if week < WEEKS - 3:
        for day in [1, 4]:
            yield DemoSession(day=day, pain=(2, 2, 2), effort=6)


def in_pain(week: int, random: Random) -> Iterator[DemoSession]:
    """Pain climbs in the last weeks, up to 8, and sessions are skipped for it."""
    worst = [3, 3, 2, 3, 4, 5, 7, 8][min(week, WEEKS - 1)]
    yield DemoSession(day=0, pain=(worst - 2, worst, worst - 1), effort=7, note="Stairs are hard." if worst > 5 else "")
    yield DemoSession(day=2, walk=0.7, pain=(worst - 2, worst, None), effort=7)
    yield DemoSession(day=4, skip_reason=PAIN) if worst > 4 else DemoSession(day=4, pain=(1, worst, 1))


def paused(week: int, random: Random) -> Iterator[DemoSession]:
    """On track until the pause that the clinic made for the last two weeks."""
    if week < WEEKS - 2:
        yield from on_track(week, random)


def over_eager(week: int, random: Random) -> Iterator[DemoSession]:
    """Six days out of three, and more than was asked for."""
    for day in range(6):
        yield DemoSession(day=day, walk=1.5, thrust=random.choice([1.5, 2.0]), pain=(1, 2, 2), effort=8)


def one_sided(week: int, random: Random) -> Iterator[DemoSession]:
    """The affected side does half of the steps, so some sessions are only part done."""
    for day in [0, 2, 5]:
        yield DemoSession(day=day, walk_right=random.choice([0.4, 0.5, 0.6]), pain=(2, 3, 2), effort=5)


def part_done(week: int, random: Random) -> Iterator[DemoSession]:
    """The walk is done, the thrust left out: there is no bench at home."""
    for day in [1, 3, 6]:
        note = "Sofa too soft for the thrust." if week == 3 and day == 1 else ""
        yield DemoSession(day=day, thrust=0.0 if random.random() < 0.7 else 0.6, pain=(1, 1, 1), effort=3, note=note)


def skipping(week: int, random: Random) -> Iterator[DemoSession]:
    """Answers each time, and does every second one."""
    yield DemoSession(day=0, pain=(2, 3, 3), effort=6)
    yield DemoSession(day=2, skip_reason=random.choice([TIME, UNWELL]))
    yield DemoSession(day=4, pain=(2, 4, 3), effort=6, days_late=2)
