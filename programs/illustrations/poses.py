"""Reads the figure, its poses and the frames from their file, and checks that each frame shows what it says."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from programs.catalogue import CatalogueError, Entry
from programs.illustrations.figure import SIDES, Arm, Figure, Leg, Pose, stand
from programs.illustrations.shapes import GLYPHS
from programs.illustrations.space import Point, Vector, View, angle_between, minus
from programs.illustrations.words import WORDS

POSES_FILE = Path(__file__).with_name("poses.toml")
PLACES = ["forefeet", "ankles", "knees", "hips"]
LENGTHS = ["torso", "neck", "hip", "shoulder", "thigh", "shank", "ankle", "foot", "upper_arm", "forearm", "hand"]
LEG = {"thigh": True, "knee": True, "out": False, "turn": False, "toes": False}
ARM = {"raised": True, "out": True, "elbow": True, "turn": False}


class PosesError(CatalogueError):
    """The file can't be used; the message names the entry and what is wrong with it."""


@dataclass(frozen=True)
class Angle:
    """A mark for an angle in degrees: the lean of the torso at `hips`, or the bend of a knee at that knee."""

    joint: str
    low: float
    high: float
    label: Point

    @property
    def text(self) -> str:
        return f"{self.low:g}°" if self.low == self.high else f"{self.low:g}–{self.high:g}°"

    def rays(self, figure: Figure) -> tuple[Vector, Vector]:
        """The directions between which it is."""
        corner = figure[self.joint]
        if self.joint == "hips":
            return (0, 1, 0), minus(figure["neck"], corner)
        side = self.joint.split()[0]
        return minus(figure[f"{side} hip"], corner), minus(figure[f"{side} ankle"], corner)


@dataclass(frozen=True)
class Arrow:
    """Which way something moves: centimetres from a joint to its start, and from there to its tip."""

    joint: str
    start: Vector
    by: Vector


@dataclass(frozen=True)
class Scene:
    """What an exercise is drawn with: the size of its frames, and bench and anchors where it has them."""

    size: tuple[int, int]
    bench: Mapping[str, float] = field(default_factory=dict)
    anchors: tuple[Vector, ...] = ()


@dataclass(frozen=True)
class Plan:
    """One frame as the file gives it. `paper` is where the point on the floor at 0 comes to lie."""

    key: str
    exercise: str
    places: list[str]
    is_fault: bool
    scene: Scene
    figure: Figure
    view: View
    paper: Point
    slack: float
    angles: list[Angle]
    arrows: list[Arrow]


@cache
def plans() -> tuple[Plan, ...]:
    return read_plans()


def read_plans(path: Path = POSES_FILE) -> tuple[Plan, ...]:
    """Read and check the whole file. Raises PosesError, also for a file that is missing or isn't TOML."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as problem:
        raise PosesError(f"{path}: {problem}") from problem
    try:
        return _plans(Entry(path.name, table))
    except PosesError:
        raise
    except CatalogueError as problem:
        raise PosesError(*problem.args) from problem


def _plans(file: Entry) -> tuple[Plan, ...]:
    entry = Entry("lengths", file.take("lengths", dict))
    lengths = {name: _number(entry, name, lowest=1) for name in LENGTHS}
    entry.done()
    views = {name: _view(Entry(f"view {name!r}", table)) for name, table in file.take("views", dict).items()}
    scenes = {name: _scene(Entry(f"scene {name!r}", table)) for name, table in file.take("scenes", dict).items()}
    figures = {
        name: _figure(Entry(f"pose {name!r}", table), lengths) for name, table in file.take("poses", dict).items()
    }
    plans, keys = [], set()
    for number, table in enumerate(file.take("frames", list), start=1):
        key = table.get("key") if isinstance(table, dict) else None
        entry = Entry(f"frame {key!r}" if key else f"frames, entry {number}", table)
        plans.append(_plan(entry, figures, views, scenes))
        entry.done()
        if key in keys:
            raise entry.error("is there twice")
        keys.add(key)
    file.done()
    return tuple(plans)


def _plan(entry: Entry, figures: Mapping[str, Figure], views: Mapping[str, View], scenes: Mapping[str, Scene]) -> Plan:
    exercise = entry.choice("exercise", scenes)
    figure = figures[entry.choice("pose", figures)]
    places = entry.words("places", PLACES)
    if "hips" in places and not scenes[exercise].anchors:
        raise entry.error("a band across the hips needs anchors in its scene")
    return Plan(
        key=entry.choice("key", WORDS),
        exercise=exercise,
        places=places,
        is_fault=entry.take("fault", bool, False),
        scene=scenes[exercise],
        figure=figure,
        view=views[entry.choice("view", views)],
        paper=_point(entry, "paper"),
        slack=_number(entry, "slack", 0),
        angles=[_angle(Entry(f"{entry.name}, angles", each), figure) for each in entry.take("angles", list, [])],
        arrows=[_arrow(Entry(f"{entry.name}, arrows", each), figure) for each in entry.take("arrows", list, [])],
    )


def _angle(entry: Entry, figure: Figure) -> Angle:
    joint = entry.choice("at", ["hips", "left knee", "right knee"])
    angle = Angle(joint, _number(entry, "from"), _number(entry, "to"), _point(entry, "label"))
    entry.done()
    if unknown := set(angle.text) - set(GLYPHS):
        raise entry.error(f"there is no sign to draw {unknown.pop()!r} with")
    measured = angle_between(*angle.rays(figure))
    if not angle.low - 0.5 <= measured <= angle.high + 0.5:
        raise entry.error(f"says {angle.text}, but in this pose it is {measured:.0f}°")
    return angle


def _arrow(entry: Entry, figure: Figure) -> Arrow:
    joint = entry.choice("at", figure.joints)
    arrow = Arrow(joint, _vector(entry, "start"), _vector(entry, "by"))
    entry.done()
    return arrow


def _view(entry: Entry) -> View:
    view = View(*(_point(entry, name) for name in ("forward", "up", "left")))
    entry.done()
    return view


def _scene(entry: Entry) -> Scene:
    size = _numbers(entry, "size", 2)
    bench: dict[str, float] = {}
    if "bench" in entry.rest:
        table = Entry(f"{entry.name}, bench", entry.take("bench", dict))
        bench = {name: _number(table, name, lowest=1) for name in ("height", "depth", "half_length")}
        table.done()
    anchors: tuple[Vector, ...] = ()
    if "anchors" in entry.rest:
        forward, up, aside = _numbers(entry, "anchors", 3)
        anchors = tuple((forward, up, z * aside) for z in SIDES.values())
    entry.done()
    return Scene((int(size[0]), int(size[1])), bench, anchors)


def _figure(entry: Entry, lengths: Mapping[str, float]) -> Figure:
    at = _numbers(entry, "stand", 2)
    pose = Pose(
        lean=_number(entry, "lean"),
        head=_number(entry, "head"),
        left_leg=Leg(**_limb(entry, "left_leg", "legs", LEG)),
        right_leg=Leg(**_limb(entry, "right_leg", "legs", LEG)),
        left_arm=Arm(**_limb(entry, "left_arm", "arms", ARM)),
        right_arm=Arm(**_limb(entry, "right_arm", "arms", ARM)),
    )
    for both in ("legs", "arms"):
        entry.rest.pop(both, None)
    entry.done()
    return stand(pose, lengths, (at[0], 0, at[1]))


def _limb(entry: Entry, own: str, both: str, angles: Mapping[str, bool]) -> dict[str, float]:
    """The angles of one limb: its own, or those for both sides."""
    field = own if own in entry.rest else both
    table = entry.take(own, dict) if field == own else entry.checked(both, entry.rest.get(both), dict)
    limb = Entry(f"{entry.name}, {field}", table)
    read = {name: _number(limb, name) if needed else _number(limb, name, 0) for name, needed in angles.items()}
    limb.done()
    return read


def _number(entry: Entry, name: str, default: float | None = None, *, lowest: float = -360) -> float:
    if name not in entry.rest:
        if default is None:
            raise entry.error(f"{name} is missing")
        return default
    return _checked(entry, name, entry.rest.pop(name), lowest)


def _checked(entry: Entry, name: str, value: Any, lowest: float = -360) -> float:
    if type(value) not in (int, float) or not lowest <= value <= 360:
        raise entry.error(f"{name} must be a number from {lowest:g} to 360, not {value!r}")
    return float(value)


def _numbers(entry: Entry, name: str, count: int) -> list[float]:
    values = entry.take(name, list)
    if len(values) != count:
        raise entry.error(f"{name} must hold {count} numbers, not {len(values)}")
    return [_checked(entry, name, value) for value in values]


def _point(entry: Entry, name: str) -> Point:
    x, y = _numbers(entry, name, 2)
    return x, y


def _vector(entry: Entry, name: str) -> Vector:
    x, y, z = _numbers(entry, name, 3)
    return x, y, z


def of_exercise(exercise: str, places: Iterable[str]) -> list[Plan]:
    """The frames of an exercise that show a band at one of these places, in the order of the file."""
    wanted = set(places)
    return [plan for plan in plans() if plan.exercise == exercise and wanted & set(plan.places)]
