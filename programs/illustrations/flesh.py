"""What is around the joints: every part of the body is the skin stretched around a few balls."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from programs.illustrations.figure import SIDES, Figure
from programs.illustrations.space import Vector, View, add, dot, middle, minus, times, unit

Ball = tuple[Vector, float]
Part = tuple[str, Sequence[Sequence[Ball]]]
FAR = 0.6
KNEES_IN_FRONT = 30


@dataclass(frozen=True)
class Limb:
    """Parts that are drawn together, in order, where `depth` puts them: the larger, the nearer."""

    depth: float
    parts: list[Part]


def flesh(figure: Figure, view: View) -> Iterator[Limb]:
    """The body as whoever looks sees it; the limbs of the far side are named so."""

    def depth(*joints: str) -> float:
        return dot(middle(*(figure[joint] for joint in joints)), view.toward)

    near = _near(view)
    for side in SIDES:
        shade = "" if side in near else "-far"
        yield Limb(depth(*leg_of(side)), _leg(figure, side, shade))
        yield Limb(depth(f"{side} shoulder", f"{side} elbow", f"{side} wrist"), _arm(figure, side, shade))
    yield Limb(seat_depth(figure, view), [("shorts", [_pelvis(figure), *(_trouser(figure, side) for side in near)])])
    yield Limb(depth("hips", "neck", "neck"), [("shirt", _chest(figure))])
    yield Limb(depth("head") + 0.1, list(_head(figure, view)))


def leg_of(side: str) -> tuple[str, ...]:
    return tuple(f"{side} {joint}" for joint in ("hip", "knee", "ankle"))


def seat_depth(figure: Figure, view: View) -> float:
    """Of the trousers: before the legs, or behind them where the knees point at whoever looks."""
    near = [dot(middle(*(figure[joint] for joint in leg_of(side))), view.toward) for side in _near(view)]
    forward = dot(minus(figure["right knee"], figure["right hip"]), view.toward)
    return min(near) - 0.1 if forward > KNEES_IN_FRONT else max(near) + 0.1


def _near(view: View) -> list[str]:
    """The sides that are not turned away."""
    return [side for side, z in SIDES.items() if z * view.toward[2] > -FAR]


def _between(a: Vector, b: Vector, part: float) -> Vector:
    return add(times(a, 1 - part), times(b, part))


def _leg(figure: Figure, side: str, shade: str) -> list[Part]:
    names = ("hip", "knee", "ankle", "heel", "ball", "toe")
    hip, knee, ankle, heel, ball, toe = (figure[f"{side} {name}"] for name in names)
    ahead = unit(minus(toe, heel))
    calf = add(_between(knee, ankle, 0.3), times(ahead, -2.2))
    thigh = [(_between(hip, knee, 0.5), 7.3), (knee, 5.4)]
    shank = [(knee, 5.4), (calf, 5.5), (ankle, 3.6)]
    outward = (-ahead[2], 0, ahead[0])
    ball, toe = add(ball, (0, 2.9, 0)), add(toe, (0, 2.4, 0))
    shoe = [(add(heel, (0, 3.6, 0)), 3.6), (add(ankle, (0, -1.5, 0)), 4.2)]
    shoe += [(add(ball, times(outward, aside)), 2.9) for aside in (2.2, -2.2)]
    shoe += [(add(toe, times(outward, aside)), 2.4) for aside in (1.4, -1.4)]
    parts: list[Part] = [(f"skin{shade}", [thigh, shank]), (f"shoe{shade}", [shoe])]
    return [*parts, (f"shorts{shade}", [_trouser(figure, side)])] if shade else parts


def _trouser(figure: Figure, side: str) -> list[Ball]:
    hip, knee = figure[f"{side} hip"], figure[f"{side} knee"]
    return [(hip, 9.2), (_between(hip, knee, 0.52), 8.0)]


def _arm(figure: Figure, side: str, shade: str) -> list[Part]:
    shoulder, elbow, wrist, hand = (figure[f"{side} {name}"] for name in ("shoulder", "elbow", "wrist", "hand"))
    upper = [(shoulder, 4.6), (_between(shoulder, elbow, 0.4), 4.5), (elbow, 3.5)]
    fore = [(elbow, 3.5), (_between(elbow, wrist, 0.3), 3.8), (wrist, 2.6)]
    palm = [(wrist, 2.6), (_between(wrist, hand, 0.55), 3.4), (hand, 2.2)]
    sleeve = [(shoulder, 5.8), (_between(shoulder, elbow, 0.5), 5.1)]
    return [(f"skin{shade}", [upper, fore, palm]), (f"shirt{shade}", [sleeve])]


def _on_torso(figure: Figure, up: float, side: float, front: float = 0) -> Vector:
    return add(figure["hips"], times(figure.torso_up, up), (0, 0, side), times(figure.torso_front, front))


def _pelvis(figure: Figure) -> list[Ball]:
    seat = [(_on_torso(figure, -1, z * 6, -4.5), 9.2) for z in SIDES.values()]
    hips = [(_on_torso(figure, 0, z * 8, 0), 9.0) for z in SIDES.values()]
    return seat + hips + [(_on_torso(figure, 11, z * 6, 0), 8.2) for z in SIDES.values()]


def _chest(figure: Figure) -> list[list[Ball]]:
    top = dot(minus(figure["neck"], figure["hips"]), figure.torso_up)
    waist = [(_on_torso(figure, 9, z * 6.5), 8.4) for z in SIDES.values()]
    ribs = [(_on_torso(figure, top * 0.66, z * 7.5, 0.8), 9.8) for z in SIDES.values()]
    shoulders = [(_on_torso(figure, top - 4.5, z * 13.5, -0.8), 6) for z in SIDES.values()]
    collar = [(_on_torso(figure, top - 1.5, z * 4, -0.8), 5.6) for z in SIDES.values()]
    return [waist + ribs, ribs + shoulders, shoulders + collar]


def _head(figure: Figure, view: View) -> Iterator[Part]:
    def at(up: float, front: float, side: float = 0) -> Vector:
        return add(figure["head"], times(figure.head_up, up), times(figure.head_front, front), (0, 0, side))

    yield "skin", [[(at(-15, -1.2), 5.2), (at(-4, -0.8), 5.0)]]
    yield "hair", [[(at(3.0, -1.3), 10.4), (at(-0.5, -4.4), 6.8)]]
    face = [(at(1.2, 1.4, z * 1.4), 8.2) for z in SIDES.values()] + [
        (at(-6.2, 3.4, z * 1.2), 4.4) for z in SIDES.values()
    ]
    yield "skin", [face, [(at(1.4, 8.8), 1.2), (at(-1.4, 10.2), 1.5)]]
    ears = [z for z in SIDES.values() if z * view.toward[2] > -FAR]
    if len(ears) == 1:
        yield "skin", [[(at(-0.5, -1.6, ears[0] * 9), 2.2)]]
    eyes = [z for z in ears if dot(add(figure.head_front, (0, 0, z)), view.toward) > 0.2]
    if eyes:
        yield "eye", [[(at(2.2, 7.6, z * 3.6), 1.0)] for z in eyes]
