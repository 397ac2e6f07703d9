"""Puts a frame together: floor and bench, the body and its bands from the farthest to the nearest, then the marks."""

from collections.abc import Iterator, Mapping
from math import cos, pi, sin

from programs.illustrations.bands import Colour, Ribbon, loop, strap
from programs.illustrations.figure import SIDES
from programs.illustrations.flesh import Part, flesh, seat_depth
from programs.illustrations.poses import Plan
from programs.illustrations.scenery import arc, arrow, bench, dumbbell, wrong
from programs.illustrations.shapes import Shape, number, polygon, skin_around
from programs.illustrations.space import View, add, dot, middle, times

LEAN_ARC, KNEE_ARC, UPRIGHT = 50, 18, 66


def draw(plan: Plan, colours: Mapping[str, Colour]) -> list[Shape]:
    """The shapes of a frame, in the order in which they are painted; `colours` are those of the bands, by place."""
    view = plan.view.moved(plan.paper)
    shapes = [_floor(plan), _shadow(plan, view)]
    if plan.scene.bench:
        shapes += bench(view, **plan.scene.bench)
    layers = [(limb.depth, [_part(part, view) for part in limb.parts]) for limb in flesh(plan.figure, view)]
    layers += _bands(plan, view, colours)
    for _depth, drawn in sorted(layers, key=lambda layer: layer[0]):
        shapes += drawn
    return [*shapes, *_marks(plan, view)]


def _part(part: Part, view: View) -> Shape:
    look, hulls = part
    return Shape(look, "".join(skin_around([(*view(at), radius) for at, radius in hull]) for hull in hulls))


def ribbons(plan: Plan, view: View, colours: Mapping[str, Colour]) -> dict[str, Ribbon]:
    """The bands of a frame by place."""
    return {
        place: strap(plan.figure, plan.scene.anchors, view, colour, plan.slack)
        if place == "hips"
        else loop(plan.figure, place, view, colour)
        for place, colour in colours.items()
    }


def _bands(plan: Plan, view: View, colours: Mapping[str, Colour]) -> Iterator[tuple[float, list[Shape]]]:
    figure = plan.figure

    def depths(*joints: str) -> list[float]:
        return [dot(figure[f"{side} {joint}"], view.toward) for joint in joints for side in SIDES]

    for place, ribbon in ribbons(plan, view, colours).items():
        yield min(depths("hip", "knee", "ankle")) - 1, ribbon.behind
        nearest = max(depths("hip", "knee", "ankle")) + 1
        yield seat_depth(figure, view) + 0.05 if place == "hips" else nearest, ribbon.before
    for anchor in plan.scene.anchors:
        yield dot(anchor, view.toward), dumbbell(anchor, view)


def _floor(plan: Plan) -> Shape:
    """A strip as deep as what stands on it."""
    figure, view, scene = plan.figure, plan.view.moved(plan.paper), plan.scene
    stands = [figure[f"{side} {joint}"] for side in SIDES for joint in ("heel", "toe")]
    stands += [(x, 0, z) for x, _up, z in scene.anchors]
    if scene.bench:
        stands += [(0, 0, half * (scene.bench["half_length"] - 8)) for half in (1, -1)]
    depths = [view(point)[1] for point in stands]
    top, bottom, right = min(depths) - 6, max(depths) + 6, scene.size[0] - 4
    return Shape("floor", f"M4 {number(top)}H{right}V{number(bottom)}H4z")


def _shadow(plan: Plan, view: View) -> Shape:
    """Below what has to leave the floor, hips or feet, so that one sees whether it does."""
    figure = plan.figure
    feet = [(middle(figure[f"{side} heel"], figure[f"{side} toe"]), 16, 6) for side in SIDES]
    path = ""
    for (x, _y, z), ahead, aside in [(figure["hips"], 14, 19)] if plan.scene.bench else feet:
        turns = [2 * pi * step / 14 for step in range(14)]
        path += polygon([view((x + ahead * cos(turn), 0, z + aside * sin(turn))) for turn in turns])
    return Shape("shadow", path)


def _marks(plan: Plan, view: View) -> Iterator[Shape]:
    figure = plan.figure
    for angle in plan.angles:
        corner, (one, other) = figure[angle.joint], angle.rays(figure)
        if angle.joint == "hips":
            for ray in (times(one, UPRIGHT), other):
                yield Shape("guide", polygon([view(corner), view(add(corner, ray))], closed=False))
        yield from arc(view, figure, angle, (one, other), LEAN_ARC if angle.joint == "hips" else KNEE_ARC)
    for each in plan.arrows:
        start = add(figure[each.joint], each.start)
        look = "arrow-wrong" if plan.is_fault else "arrow"
        yield arrow(look, view(start), view(add(start, each.by)))
    if plan.is_fault:
        yield from wrong(plan.scene.size[0] - 16, 16)
