"""Lines on paper: how a shape looks on a screen and in print, and the writing of its path."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import cos, pi, sin

from django.forms.utils import flatatt
from django.utils.html import format_html
from django.utils.safestring import SafeString

from programs.illustrations.space import Circle, Point, convex_outline

LETTERS, SHORT = 1.5, 0.8
LINE = {"stroke": "#3c3c3c", "stroke-width": ".8"}
INK, ROUND = "#0b5b5d", {"stroke-linejoin": "round", "stroke-linecap": "round"}
PRINTED: dict[str, dict[str, str]] = {
    "floor": {"fill": "#efefec"},
    "shadow": {"fill": "#d9d9d4"},
    "skin": {"fill": "#f6e3d4"} | LINE,
    "skin-far": {"fill": "#dcc3b0"} | LINE,
    "shirt": {"fill": "#b4d6d2"} | LINE,
    "shirt-far": {"fill": "#97bab6"} | LINE,
    "shorts": {"fill": "#8797a8"} | LINE,
    "shorts-far": {"fill": "#6d7e90"} | LINE,
    "shoe": {"fill": "#ffffff"} | LINE,
    "shoe-far": {"fill": "#dedede"} | LINE,
    "hair": {"fill": "#6b5850"} | LINE,
    "eye": {"fill": "#1a1a1a"},
    "bench": {"fill": "#f1efe9"} | LINE,
    "bench-side": {"fill": "#d6d3cb"} | LINE,
    "iron": {"fill": "#7b8287"} | LINE,
    "band": {"stroke-width": "1"},
    "strap-edge": {"fill": "none", "stroke-width": "6.6"},
    "strap": {"fill": "none", "stroke-width": "4.8"},
    "guide": {"fill": "none", "stroke": INK, "stroke-width": "1.2", "stroke-dasharray": "4 3"},
    "angle": {"fill": "none", "stroke": INK, "stroke-width": "2"},
    "label": {"fill": "none", "stroke": INK, "stroke-width": "1.2"},
    "arrow": {"fill": "none", "stroke": INK, "stroke-width": "3.4"},
    "arrow-wrong": {"fill": "none", "stroke": "#a01f1f", "stroke-width": "3.4"},
    "wrong": {"fill": "#a01f1f"},
    "cross": {"fill": "none", "stroke": "#ffffff", "stroke-width": "3"},
}
JOINED = {"skin", "skin-far", "shirt", "shirt-far", "shorts", "shorts-far", "iron"}


@dataclass(frozen=True)
class Shape:
    """A path. `look` is a name of PRINTED and of the stylesheet; bands bring their colours themselves."""

    look: str
    path: str
    fill: str = ""
    stroke: str = ""
    transform: str = ""

    def on_screen(self) -> SafeString:
        return format_html("<path{}/>", flatatt({"class": f"pic-{self.look}"} | self._own))

    def in_print(self) -> SafeString:
        """What is made of several outlines is painted over once more, to hide the lines between them."""
        looks = PRINTED[self.look]
        if self.look not in JOINED:
            return format_html("<path{}/>", flatatt(looks | ROUND | self._own))
        thick = looks | ROUND | {"stroke-width": "1.6"} | self._own
        return format_html("<path{}/><path{}/>", flatatt(thick), flatatt({"fill": looks["fill"]} | self._own))

    @property
    def _own(self) -> dict[str, str]:
        given = {"fill": self.fill, "stroke": self.stroke, "transform": self.transform, "d": self.path}
        return {name: value for name, value in given.items() if value}


def number(value: float) -> str:
    text = f"{value:.1f}".removesuffix(".0")
    return "0" if text == "-0" else text.replace("0.", ".", 1) if text.startswith(("0.", "-0.")) else text


def numbers(*values: float) -> str:
    return " ".join(map(number, values)).replace(" -", "-")


def polygon(points: Sequence[Point], *, closed: bool = True) -> str:
    """A path through points, written as steps from one rounded point to the next."""
    rounded = [(round(x, 1), round(y, 1)) for x, y in points]
    steps = [_step(before, to) for before, to in pairwise(rounded)]
    return f"M{numbers(*rounded[0])}l{' '.join(steps).replace(' -', '-')}{'z' if closed else ''}"


def disc(x: float, y: float, radius: float) -> str:
    size, half = number(2 * radius), numbers(radius, radius)
    return f"M{numbers(x - radius, y)}a{half} 0 1 1 {size} 0a{half} 0 1 1-{size} 0z"


def skin_around(circles: Sequence[Circle]) -> str:
    """The path of the line around circles."""
    arcs = convex_outline(circles)
    if len(arcs) == 1:
        return disc(*arcs[0][0])
    path, at = "", (0.0, 0.0)
    for (x, y, radius), start, end in arcs:
        first, last = _on(x, y, radius, start), _on(x, y, radius, end)
        path += f"l{_step(at, first)}" if path else f"M{numbers(*first)}"
        if radius * (end - start) > SHORT:
            path += f"a{numbers(radius, radius)} 0 {int(end - start > pi)} 1 {_step(first, last)}".replace("1 -", "1-")
            at = last
        else:
            at = first
    return path + "z"


def _on(x: float, y: float, radius: float, angle: float) -> Point:
    return round(x + radius * cos(angle), 1), round(y + radius * sin(angle), 1)


def _step(start: Point, end: Point) -> str:
    return numbers(end[0] - start[0], end[1] - start[1])


def label(text: str, x: float, y: float) -> Iterator[Shape]:
    """Digits, dash and degree sign as lines, for print has no letters in a picture; `x`, `y` are its middle."""
    wide = sum(GLYPHS[letter][0] for letter in text)
    across, path = -wide / 2, ""
    for letter in text:
        width, left, top, line = GLYPHS[letter]
        path += f"M{numbers(across + left, top)}{line}"
        across += width
    yield Shape("label", path, transform=f"translate({numbers(x, y - 3 * LETTERS)})scale({LETTERS})")


GLYPHS = {
    "0": (5.4, 2, 0, "c-1.3 0-2 1.2-2 3s.7 3 2 3 2-1.2 2-3-.7-3-2-3z"),
    "1": (4, 0.6, 1, "l1.6-1v6"),
    "2": (5.3, 0.1, 1.3, "c.1-.8.8-1.3 1.8-1.3s1.8.6 1.8 1.5c0 1.4-3.6 2.7-3.6 4.5h3.8"),
    "3": (
        5.4,
        0.2,
        0.5,
        "c.5-.3 1-.5 1.7-.5 1 0 1.8.6 1.8 1.5s-.8 1.4-1.9 1.4c1.2 0 2.1.6 2.1 1.5s-.9 1.6-2.1 1.6c-.7 0-1.3-.2-1.8-.5",
    ),
    "4": (5.6, 2.9, 6, "v-6l-2.9 4.2h4"),
    "5": (5.4, 3.6, 0, "h-3l-.3 2.7c.5-.3 1-.5 1.6-.5 1.2 0 2 .8 2 1.9s-.8 1.9-2 1.9c-.7 0-1.3-.2-1.8-.6"),
    "6": (5.4, 3.5, 0.1, "c-2.2.2-3.4 1.6-3.4 3.8 0 1.3.8 2.1 1.9 2.1s1.9-.8 1.9-2-.8-1.9-1.8-1.9-1.8.7-2 1.7"),
    "7": (5.4, 0, 0, "h3.8l-2.4 6"),
    "8": (
        5.4,
        1.9,
        2.8,
        "c-1 0-1.6-.6-1.6-1.4s.7-1.4 1.6-1.4 1.6.6 1.6 1.4-.6 1.4-1.6 1.4"
        "c-1.1 0-1.9.7-1.9 1.6s.8 1.6 1.9 1.6 1.9-.7 1.9-1.6-.8-1.6-1.9-1.6z",
    ),
    "9": (5.4, 3.8, 2.1, "c0 1.2-.8 2-1.9 2s-1.8-.8-1.8-2 .8-2.1 1.8-2.1 1.9.8 1.9 2.1c0 2.2-.6 3.5-2.6 3.9"),
    "°": (2.6, 1, 0, "c-.6 0-1 .4-1 1s.4 1 1 1 1-.4 1-1-.4-1-1-1z"),
    "–": (4.8, 0.2, 3.2, "h3"),
}
