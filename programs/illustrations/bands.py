"""Bands as ribbons: the short one around both legs, the long one across the hips."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, hypot, pi, radians, sin

from programs.illustrations.figure import SIDES, Figure
from programs.illustrations.shapes import Shape, numbers, polygon
from programs.illustrations.space import Point, Vector, View, add, angle_between, cross, dot, middle, minus, times, unit

WIDTH = 6.5
INSTEP, SLIPPED = 0.6, 0.4
STEPS = 18
FAR = -0.05
LIGHT, DARK, NEUTRAL = "#ffffff", "#1a1a1a", "#d5dcdf"


@dataclass(frozen=True)
class Colour:
    """Of a band, with an edge that shows on it: a yellow band is seen on white, a black one in the dark."""

    main: str = NEUTRAL

    @property
    def edge(self) -> str:
        return DARK if self._brightness > 0.28 else LIGHT

    @property
    def shade(self) -> str:
        """Of the band's inner side."""
        return "#" + "".join(f"{int(part * 0.62):02x}" for part in self._parts)

    @property
    def _parts(self) -> list[int]:
        return [int(self.main[start : start + 2], 16) for start in (1, 3, 5)]

    @property
    def _brightness(self) -> float:
        """Relative luminance as WCAG 2 defines it, 0 to 1."""
        linear = [part / 3294.6 if part <= 10 else ((part / 255 + 0.055) / 1.055) ** 2.4 for part in self._parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@dataclass(frozen=True)
class Ribbon:
    """A band as it is drawn: what lies behind the body and what lies before it, and where it runs, in centimetres."""

    behind: list[Shape]
    before: list[Shape]
    through: list[Vector]


def loop(figure: Figure, place: str, view: View, colour: Colour) -> Ribbon:
    """The short band around both legs."""
    centres, axis, across, through = _around(figure, place)
    first = unit(minus(centres[0], centres[1]))
    along = unit(minus(axis, times(first, dot(axis, first))))
    second = cross(along, first)
    rim = []
    for step in range(STEPS):
        angle = 2 * pi * (step + 0.5) / STEPS
        outward = add(times(first, cos(angle)), times(second, sin(angle)))
        centre = centres[0] if cos(angle) > 0 else centres[1]
        edge = add(centre, times(first, across * cos(angle)), times(second, through * sin(angle)))
        rim.append((edge, dot(outward, view.toward) > 0))
    start = next(step for step in range(STEPS) if rim[step][1] and not rim[step - 1][1])
    rim = rim[start:] + rim[:start]
    front = [edge for edge, is_front in rim if is_front]
    back = [front[-1], *[edge for edge, is_front in rim if not is_front], front[0]]

    def strip(edges: Sequence[Vector]) -> str:
        one, other = ([view(add(edge, times(along, half * WIDTH / 2))) for edge in edges] for half in (1, -1))
        return polygon([*one, *reversed(other)])

    behind = [Shape("band", strip(back), fill=colour.shade, stroke=colour.edge)] if place != "forefeet" else []
    return Ribbon(behind, [Shape("band", strip(front), fill=colour.main, stroke=colour.edge)], centres)


def _around(figure: Figure, place: str) -> tuple[list[Vector], Vector, float, float]:
    """For each leg the middle of what the band goes around, the band's axis there, and half its girth two ways."""
    if place == "forefeet":
        centres = [add(figure[f"{side} ball"], (0, 2.9, 0)) for side in SIDES]
        back = [unit(minus(figure[f"{side} heel"], figure[f"{side} toe"])) for side in SIDES]
        return centres, unit(add(middle(*back), (0, INSTEP, 0))), 5.9, 3.8
    if place == "ankles":
        shank = [unit(minus(figure[f"{side} knee"], figure[f"{side} ankle"])) for side in SIDES]
        centres = [add(figure[f"{side} ankle"], times(along, 5)) for side, along in zip(SIDES, shank, strict=True)]
        return centres, unit(middle(*shank)), 4.7, 4.7
    thigh = [unit(minus(figure[f"{side} hip"], figure[f"{side} knee"])) for side in SIDES]
    centres = [add(figure[f"{side} knee"], times(along, 4)) for side, along in zip(SIDES, thigh, strict=True)]
    return centres, unit(add(middle(*thigh), (0, SLIPPED, 0))), 6.5, 6.5


def strap(figure: Figure, anchors: Sequence[Vector], view: View, colour: Colour, slack: float) -> Ribbon:
    """The long band from anchor to anchor across the hips; it waves by `slack` centimetres where it hangs loose."""
    fold = [_fold(figure, side) for side in SIDES]
    over = [add(figure[f"{side} hip"], out) for side, out in zip(SIDES, fold, strict=True)]
    beside = [
        add(figure[f"{side} hip"], (0, 0, z * 9.4), times(out, 0.5))
        for (side, z), out in zip(SIDES.items(), fold, strict=True)
    ]
    before = f"M{'L'.join(numbers(*view(point)) for point in over)}"
    behind = ""
    for z, anchor, top, hip in zip(SIDES.values(), anchors, over, beside, strict=True):
        run = f"M{numbers(*view(top))}L{numbers(*view(hip))}{_hanging(view(hip), view(anchor), slack)}"
        if z * view.toward[2] < FAR:
            behind += run
        else:
            before += run
    looks = [("strap-edge", colour.edge), ("strap", colour.main)]
    lines = [[Shape(look, path, stroke=stroke) for look, stroke in looks if path] for path in (behind, before)]
    return Ribbon(lines[0], lines[1], [*beside, *over])


def _fold(figure: Figure, side: str) -> Vector:
    """From the hip joint to where belly and thigh meet: the more the hip is bent, the farther."""
    thigh = unit(minus(figure[f"{side} knee"], figure[f"{side} hip"]))
    half = radians(angle_between(figure.torso_up, thigh) / 2)
    return times(unit(add(figure.torso_up, thigh, times(figure.torso_front, 0.3))), min(9.6 / sin(half), 15))


def _hanging(start: Point, end: Point, slack: float) -> str:
    """Straight on, or in a wave."""
    if not slack:
        return f"L{numbers(*end)}"
    across, down = end[0] - start[0], end[1] - start[1]
    long = hypot(across, down)
    bend = (start[0] + across / 4 + down / long * slack, start[1] + down / 4 - across / long * slack)
    return f"Q{numbers(*bend, start[0] + across / 2, start[1] + down / 2)}T{numbers(*end)}"
