"""The drawings of `programs.illustrations` as PDF operators, kept for as long as the process lives.

They are `<path>` and nothing else, with a handful of attributes. fpdf2 reads any SVG, and takes longer over eight of
these than over the rest of the page; and the same drawing goes on many handouts.
"""

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from math import atan2, ceil, cos, hypot, pi, sin, sqrt, tan

Point = tuple[float, float]

PATH = re.compile(r"<path ([^>]*)/>")
ATTRIBUTE = re.compile(r'([\w-]+)="([^"]*)"')
TOKEN = re.compile(r"[a-zA-Z]|[-+]?(?:\d+\.?\d*|\.\d+)")
MOVE = re.compile(r"(translate|scale)\(([^)]*)\)")
CAPS = {"butt": 0, "round": 1, "square": 2}
JOINS = {"miter": 0, "round": 1, "bevel": 2}
KNOWN = {"d", "fill", "stroke", "stroke-width", "stroke-linecap", "stroke-linejoin", "stroke-dasharray", "transform"}
TAKES = {"M": 2, "L": 2, "H": 1, "V": 1, "C": 6, "S": 4, "A": 7}


class Unreadable(ValueError):
    """It holds something that the drawings did not have when this was written."""


@lru_cache(maxsize=256)
def operators(svg: str) -> str:
    """In the drawing's own coordinates: x to the right, y downwards. Raises Unreadable."""
    if re.search(r"<(?!/?svg\b|path )", svg):
        raise Unreadable("Something is no path.")
    return "\n".join(_path(dict(ATTRIBUTE.findall(attributes))) for attributes in PATH.findall(svg))


def _path(given: dict[str, str]) -> str:
    if unknown := given.keys() - KNOWN:
        raise Unreadable(f"Nothing is known of {unknown}.")
    fill, stroke = given.get("fill", "#000000"), given.get("stroke", "none")
    style = [_colour(fill, "rg"), _colour(stroke, "RG")]
    if stroke != "none":
        style.append(f"{numbers(float(given.get('stroke-width', 1)))} w")
        dashes = re.split("[ ,]+", given.get("stroke-dasharray", "").strip())
        style.append(f"[{numbers(*map(float, filter(None, dashes)))}] 0 d")
        style.append(f"{CAPS[given.get('stroke-linecap', 'butt')]} J {JOINS[given.get('stroke-linejoin', 'miter')]} j")
    paint = {(True, True): "B", (True, False): "f", (False, True): "S", (False, False): "n"}
    moves = "".join(map(_move, MOVE.findall(given.get("transform", ""))))
    drawn = " ".join(Pen().draw(TOKEN.findall(given["d"])))
    return f"q {moves}{' '.join(filter(None, style))} {drawn} {paint[fill != 'none', stroke != 'none']} Q"


def numbers(*values: float) -> str:
    """As PDF wants them: without an exponent."""
    return " ".join(f"{round(value, 3) + 0:.3f}".rstrip("0").rstrip(".") for value in values)


def _colour(text: str, operator: str) -> str:
    if text == "none":
        return ""
    if not re.fullmatch("#[0-9a-f]{6}", text):
        raise Unreadable(f"{text} is no colour.")
    return f"{numbers(*(part / 255 for part in bytes.fromhex(text[1:])))} {operator}"


def _move(found: tuple[str, str]) -> str:
    kind, (x, *rest) = found[0], [float(number) for number in found[1].split()]
    if kind == "translate":
        return f"1 0 0 1 {numbers(x, *(rest or [0]))} cm "
    return f"{numbers(x)} 0 0 {numbers(*(rest or [x]))} 0 0 cm "


class Pen:
    """Follows a path: where it is, where the outline began, and the last control point, which `s` mirrors."""

    def __init__(self) -> None:
        self.at = self.start = self.control = (0.0, 0.0)

    def draw(self, tokens: list[str]) -> Iterator[str]:
        steps: dict[str, Callable[..., Iterator[str]]] = {
            "M": self._begin,
            "L": self._line,
            "H": lambda x: self._line(x, self.at[1]),
            "V": lambda y: self._line(self.at[0], y),
            "C": self._curve,
            "S": self._smooth,
            "A": self._arc,
        }
        place, command = 0, ""
        while place < len(tokens):
            if tokens[place].isalpha():
                command, place = tokens[place], place + 1
            if command in "zZ":
                self.at = self.control = self.start
                yield "h"
                continue
            kind = command.upper()
            if kind not in steps:
                raise Unreadable(f"Nothing is known of the step {command}.")
            count = TAKES[kind]
            given = [float(token) for token in tokens[place : place + count]]
            place += count
            yield from steps[kind](*(self._absolute(kind, given) if command.islower() else given))
            command = {"M": "L", "m": "l"}.get(command, command)

    def _absolute(self, kind: str, given: list[float]) -> list[float]:
        x, y = self.at
        if kind == "V":
            return [given[0] + y]
        if kind == "A":
            return [*given[:5], given[5] + x, given[6] + y]
        return [value + (y if index % 2 else x) for index, value in enumerate(given)]

    def _begin(self, x: float, y: float) -> Iterator[str]:
        self.at = self.start = self.control = (x, y)
        yield f"{numbers(x, y)} m"

    def _line(self, x: float, y: float) -> Iterator[str]:
        self.at = self.control = (x, y)
        yield f"{numbers(x, y)} l"

    def _curve(self, *points: float) -> Iterator[str]:
        self.control, self.at = (points[2], points[3]), (points[4], points[5])
        yield f"{numbers(*points)} c"

    def _smooth(self, *points: float) -> Iterator[str]:
        """Its first control point mirrors the last one of the curve before it."""
        (x, y), (x2, y2) = self.at, self.control
        yield from self._curve(2 * x - x2, 2 * y - y2, *points)

    def _arc(self, *given: float) -> Iterator[str]:
        """Of a circle, in curves of a quarter at most."""
        rx, ry, turn, large, sweep, x, y = given
        if rx != ry or turn:
            raise Unreadable("Only arcs of circles are known.")
        (x0, y0), chord = self.at, hypot(x - self.at[0], y - self.at[1])
        if not chord:
            return
        radius = max(rx, chord / 2)
        off = sqrt(max(radius**2 - chord**2 / 4, 0)) * (1 if bool(large) != bool(sweep) else -1)
        cx, cy = (x0 + x) / 2 - off * (y - y0) / chord, (y0 + y) / 2 + off * (x - x0) / chord
        first, last = atan2(y0 - cy, x0 - cx), atan2(y - cy, x - cx)
        angle = (last - first) % (2 * pi) if sweep else -((first - last) % (2 * pi))
        parts = ceil(abs(angle) / (pi / 2) - 1e-9)
        step = angle / parts
        reach = 4 / 3 * tan(step / 4) * radius
        for number in range(parts):
            one, two = first + number * step, first + (number + 1) * step
            end = (x, y) if number == parts - 1 else (cx + radius * cos(two), cy + radius * sin(two))
            yield from self._curve(
                cx + radius * cos(one) - reach * sin(one),
                cy + radius * sin(one) + reach * cos(one),
                end[0] + reach * sin(two),
                end[1] - reach * cos(two),
                *end,
            )
        self.control = self.at
