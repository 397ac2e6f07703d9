"""What stands around the figure, and the marks that say what to look at."""

from collections.abc import Iterator
from math import atan2, cos, pi, sin

from programs.illustrations.figure import Figure
from programs.illustrations.poses import Angle
from programs.illustrations.shapes import Shape, disc, label, numbers, polygon, skin_around
from programs.illustrations.space import Point, Vector, View, add

EDGE_ON = 0.05
HEAD = 6.5


def bench(view: View, *, height: float, depth: float, half_length: float) -> Iterator[Shape]:
    """Its front edge stands above x = 0, its length lies across."""
    pad = height - 9
    legs = [((-depth + 9, 0.0, z - 3.0), (-9.0, pad, z + 3.0)) for z in (half_length - 12, -half_length + 12)]
    top = ((-depth, pad, -half_length), (0.0, height, half_length))
    yield Shape("bench-side", "".join(_face(box, axis, view) for box in legs for axis in (0, 2)))
    yield Shape("bench-side", "".join(_face(top, axis, view) for axis in (0, 2)))
    yield Shape("bench", _face(top, 1, view))


def _face(box: tuple[Vector, Vector], axis: int, view: View) -> str:
    """The side of a box across this axis that is seen, if one is."""
    if abs(view.toward[axis]) < EDGE_ON:
        return ""
    u, v = (each for each in (0, 1, 2) if each != axis)
    points = []
    for one, other in ((0, 0), (1, 0), (1, 1), (0, 1)):
        corner = list(box[1] if view.toward[axis] > 0 else box[0])
        corner[u], corner[v] = box[one][u], box[other][v]
        points.append(view((corner[0], corner[1], corner[2])))
    return polygon(points)


def dumbbell(grip: Vector, view: View) -> list[Shape]:
    """It lies along the body; `grip` is the middle of its handle."""
    ends = [view(add(grip, (end * 9, 0, 0))) for end in (-1, 1)]
    handle = skin_around([(*end, 1.8) for end in ends])
    return [Shape("iron", handle + "".join(disc(*end, HEAD) for end in ends))]


def arc(view: View, figure: Figure, angle: Angle, rays: tuple[Vector, Vector], size: float) -> Iterator[Shape]:
    """An angle with its number: from the first direction to the second, at its joint."""
    x, y = view(figure[angle.joint])
    ends = [view(add(figure[angle.joint], ray)) for ray in rays]
    start, end = (atan2(point[1] - y, point[0] - x) for point in ends)
    sweep = (end - start + pi) % (2 * pi) - pi
    around = [start + sweep * step / 12 for step in range(13)]
    yield Shape("angle", polygon([(x + size * cos(at), y + size * sin(at)) for at in around], closed=False))
    yield from label(angle.text, x + angle.label[0], y + angle.label[1])


def arrow(look: str, start: Point, end: Point) -> Shape:
    """From one point on paper to another."""
    angle = atan2(end[1] - start[1], end[0] - start[0])
    barbs = [(end[0] - 8 * cos(angle + turn), end[1] - 8 * sin(angle + turn)) for turn in (0.6, -0.6)]
    return Shape(look, f"M{numbers(*start)}L{numbers(*end)}" + polygon([barbs[0], end, barbs[1]], closed=False))


def wrong(x: float, y: float) -> Iterator[Shape]:
    """A cross in a disc."""
    yield Shape("wrong", disc(x, y, 10))
    yield Shape("cross", f"M{x - 4} {y - 4}l8 8m0-8l-8 8")
