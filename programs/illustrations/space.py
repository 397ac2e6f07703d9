"""Points in centimetres, x forward, y up, z to the figure's left, and the views that bring them onto paper."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from math import acos, atan2, cos, degrees, hypot, pi, radians, sin

Point = tuple[float, float]
Vector = tuple[float, float, float]
Circle = tuple[float, float, float]


def add(*vectors: Vector) -> Vector:
    return (sum(v[0] for v in vectors), sum(v[1] for v in vectors), sum(v[2] for v in vectors))


def times(vector: Vector, factor: float) -> Vector:
    return (vector[0] * factor, vector[1] * factor, vector[2] * factor)


def minus(a: Vector, b: Vector) -> Vector:
    return (a[0] - b[0], a[1] - b[1], a[2] - b[2])


def dot(a: Vector, b: Vector) -> float:
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


def cross(a: Vector, b: Vector) -> Vector:
    return (a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0])


def unit(vector: Vector) -> Vector:
    return times(vector, 1 / hypot(*vector))


def middle(*points: Vector) -> Vector:
    return times(add(*points), 1 / len(points))


def turned(a: Vector, b: Vector, angle: float) -> Vector:
    """`a`, turned by `angle` degrees towards `b`, which is at a right angle to it."""
    return add(times(a, cos(radians(angle))), times(b, sin(radians(angle))))


def angle_between(a: Vector, b: Vector) -> float:
    """In degrees, 0 to 180."""
    return degrees(acos(max(-1.0, min(1.0, dot(unit(a), unit(b))))))


@dataclass(frozen=True)
class View:
    """A parallel projection: where a centimetre forward, up and to the left goes on paper (x right, y down)."""

    forward: Point
    up: Point
    left: Point
    origin: Point = (0, 0)

    def __call__(self, point: Vector) -> Point:
        x, y = zip(self.forward, self.up, self.left, strict=True)
        return self.origin[0] + dot((x[0], x[1], x[2]), point), self.origin[1] + dot((y[0], y[1], y[2]), point)

    def moved(self, origin: Point) -> "View":
        """The same view, with the point 0 at `origin` on paper."""
        return replace(self, origin=origin)

    @cached_property
    def toward(self) -> Vector:
        """The direction to whoever looks."""
        x, y = zip(self.forward, self.up, self.left, strict=True)
        return unit(cross((x[0], x[1], x[2]), (y[0], y[1], y[2])))


def convex_outline(circles: Sequence[Circle]) -> list[tuple[Circle, float, float]]:
    """The arcs of the line around circles, in order: `(circle, from, to)` in radians; straight lines join them."""
    first = max(circles, key=lambda circle: circle[0] + circle[2])
    arcs: list[tuple[Circle, float, float]] = []
    circle, angle = first, 0.0
    while True:
        turns = [
            ((tangent - angle) % (2 * pi), other)
            for other in circles
            if other != circle and (tangent := _overtaking(circle, other)) is not None
        ]
        turn, following = min(turns, default=(2 * pi, circle))
        if angle + turn >= 2 * pi:
            last = (circle, angle - 2 * pi, arcs[0][2]) if arcs and circle == first else (circle, angle, 2 * pi)
            return [last, *arcs[1:]] if arcs and circle == first else [*arcs, last]
        arcs.append((circle, angle, angle + turn))
        circle, angle = following, angle + turn


def _overtaking(one: Circle, other: Circle) -> float | None:
    """The direction from which on `other` reaches further out than `one`; None where it never does."""
    across, down = other[0] - one[0], other[1] - one[1]
    distance = hypot(across, down)
    if distance <= abs(one[2] - other[2]):
        return None
    return atan2(down, across) - acos((one[2] - other[2]) / distance)
