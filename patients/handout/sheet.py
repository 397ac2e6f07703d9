"""A sheet of paper to draw on: text that wraps and is cut where it must be, boxes, an SVG, a QR code. In millimetres.

What was drawn is kept in `placed`, so that tests can tell whether anything overlaps or leaves the page.
"""

import logging
import re
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple

import segno
from fpdf import FPDF

from patients.handout.facts import Paper
from patients.handout.vector import Unreadable, operators

FONTS = Path(__file__).with_name("fonts")
POINT = 25.4 / 72  # millimetres
LEADING = 1.2
ASCENT = 0.93  # of the line's size, from its top to its base line
UNKNOWN = "□"
VIEW_BOX = re.compile(r'viewBox="0 0 ([\d.]+) ([\d.]+)"')

logging.getLogger("fontTools").setLevel(logging.WARNING)
logging.getLogger("fpdf").setLevel(logging.ERROR)


class Colour(NamedTuple):
    red: int
    green: int
    blue: int

    @classmethod
    def of(cls, text: str) -> "Colour":
        """From `#rrggbb`."""
        return cls(*bytes.fromhex(text.removeprefix("#")))

    def mixed(self, share: float) -> "Colour":
        """This share of it on white."""
        return Colour(*(round(255 - (255 - part) * share) for part in self))

    @property
    def luminance(self) -> float:
        """Relative luminance, 0 to 1, as WCAG 2.2 defines it."""
        linear = [(part / 255 / 12.92 if part <= 10 else ((part / 255 + 0.055) / 1.055) ** 2.4) for part in self]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    def contrast(self, other: "Colour") -> float:
        lighter, darker = sorted([self.luminance, other.luminance], reverse=True)
        return (lighter + 0.05) / (darker + 0.05)


WHITE, BLACK = Colour(255, 255, 255), Colour(0, 0, 0)
ALARM = Colour.of("#a01f1f")
INK, SOFT, LINE = Colour(23, 41, 43), Colour(74, 91, 92), Colour(147, 160, 158)


def text_on(background: Colour) -> Colour:
    """Black or white, whichever reads better."""
    return max(WHITE, BLACK, key=background.contrast)


def readable(colour: Colour) -> Colour:
    """The colour itself as text on white where that reads well (4.5 to 1), otherwise our ink."""
    return colour if colour.contrast(WHITE) >= 4.5 else INK


@dataclass(frozen=True, slots=True)
class Style:
    """`size` in points."""

    size: float
    bold: bool = False
    colour: Colour = INK

    @property
    def line(self) -> float:
        """The height of a line in millimetres."""
        return self.size * POINT * LEADING


@dataclass(frozen=True, slots=True)
class Placed:
    """Where a text stands, in millimetres from the top left corner."""

    text: str
    x: float
    y: float
    width: float
    height: float


class Sheet:
    """One page. Where `ink` is False nothing is drawn: what is asked only says how much room it takes."""

    def __init__(self, paper: Paper, *, language: str) -> None:
        self.pdf = FPDF(unit="mm", format=paper.value)
        self.pdf.set_margin(0)
        self.pdf.set_auto_page_break(False)
        self.pdf.set_lang(language)
        self.pdf.add_font("sheet", "", FONTS / "SourceSans3-Regular.ttf")
        self.pdf.add_font("sheet", "B", FONTS / "SourceSans3-Bold.ttf")
        self.pdf.add_page()
        self.width, self.height = self.pdf.w, self.pdf.h
        self.placed: list[Placed] = []
        self.ink = True
        self._advances: dict[bool, dict[str, float]] = {False: {}, True: {}}
        self._wrapped: dict[tuple[str, float, float, bool], list[str]] = {}

    def width_of(self, text: str, style: Style) -> float:
        """In millimetres."""
        advances = self._advances[style.bold]
        for letter in text:
            if letter not in advances:
                self.pdf.set_font("sheet", "B" if style.bold else "", 100)
                advances[letter] = self.pdf.get_string_width(letter)
        return sum(map(advances.__getitem__, text)) * style.size / 100

    def wrap(self, text: str, width: float, style: Style, most: int | None = None) -> list[str]:
        """The text in lines of this width, `most` at the most: what is left out shows as an ellipsis."""
        key = text, width, style.size, style.bold
        if key not in self._wrapped:
            self._wrapped[key] = list(self._lines(known(text), width, style))
        lines = self._wrapped[key]
        if most is None or len(lines) <= most:
            return lines
        kept, last = lines[: most - 1], lines[most - 1]
        while last and self.width_of(f"{last}…", style) > width:
            last = last[:-1]
        return [*kept, f"{last.rstrip(' ,.;:–-')}…"]

    def _lines(self, text: str, width: float, style: Style) -> Iterator[str]:
        line = ""
        for word in filter(None, re.split(r"[ \t\r\n]+", text)):
            longer = f"{line} {word}" if line else word
            if self.width_of(longer, style) <= width:
                line = longer
                continue
            if line:
                yield line
            *whole, line = self._broken(word, width, style)
            yield from whole
        if line:
            yield line

    def _broken(self, word: str, width: float, style: Style) -> list[str]:
        """A word in pieces that fit, where it is longer than a line."""
        pieces = [""]
        for letter in word:
            if pieces[-1] and self.width_of(pieces[-1] + letter, style) > width:
                pieces.append("")
            pieces[-1] += letter
        return pieces

    def text(
        self, x: float, y: float, width: float, text: str, style: Style, *, most: int | None = None, align: str = "left"
    ) -> float:
        """Write it below `y`; gives where it ends."""
        for line in self.wrap(text, width, style, most):
            if self.ink:
                free = width - self.width_of(line, style)
                self._write(x + {"left": 0, "centre": free / 2, "right": free}[align], y, line, style)
            y += style.line
        return y

    def _write(self, x: float, y: float, line: str, style: Style) -> None:
        self.pdf.set_font("sheet", "B" if style.bold else "", style.size)
        self.pdf.set_text_color(*style.colour)
        self.pdf.text(x, y + style.size * POINT * ASCENT, line)
        self.placed.append(Placed(line, x, y, self.width_of(line, style), style.line))

    def box(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        *,
        fill: Colour | None = None,
        line: Colour | None = None,
        stroke: float = 0.25,
        corner: float = 0,
    ) -> None:
        if self.ink:
            with self._pens(fill, line, stroke) as style:
                self.pdf.rect(x, y, width, height, style=style, round_corners=bool(corner), corner_radius=corner)

    def disc(
        self, x: float, y: float, radius: float, *, fill: Colour | None = None, line: Colour | None = None
    ) -> None:
        """A circle around a middle."""
        if self.ink:
            with self._pens(fill, line, 0.25) as style:
                self.pdf.ellipse(x - radius, y - radius, 2 * radius, 2 * radius, style=style)

    @contextmanager
    def _pens(self, fill: Colour | None, line: Colour | None, stroke: float) -> Iterator[str]:
        """The colours for what is drawn inside; gives the style to draw it in."""
        if fill:
            self.pdf.set_fill_color(*fill)
        if line:
            self.pdf.set_draw_color(*line)
            self.pdf.set_line_width(stroke)
        yield ("D" if line else "") + ("F" if fill else "")

    def picture(self, svg: str, x: float, y: float, width: float, height: float) -> None:
        """As large as fits there, in the middle."""
        if not self.ink:
            return
        box = VIEW_BOX.search(svg)
        try:
            drawn = operators(svg) if box else ""
        except Unreadable:
            drawn = ""
        if not box or not drawn:
            self.pdf.image(BytesIO(svg.encode()), x, y, width, height, keep_aspect_ratio=True)
            return
        across, down = map(float, box.groups())
        scale = min(width / across, height / down)
        left, top = x + (width - scale * across) / 2, y + (height - scale * down) / 2
        self._in_place(drawn, left, top, scale)

    def _in_place(self, drawn: str, left: float, top: float, scale: float) -> None:
        """Operators whose y goes down, as PDF's does not."""
        k = self.pdf.k
        matrix = f"{scale * k:.5f} 0 0 {-scale * k:.5f} {left * k:.3f} {(self.height - top) * k:.3f}"
        self.pdf._out(f"q {matrix} cm\n{drawn}\nQ")

    def qr(self, url: str, x: float, y: float, size: float) -> None:
        """With the quiet zone of four modules that readers ask for; on a screen it is a link."""
        if self.ink:
            self.pdf.link(x, y, size, size, url)
            self.pdf.set_fill_color(0)
            for left, top, width, height in qr_boxes(url, size):
                self.pdf.rect(x + left, y + top, width, height, style="F")

    def output(self) -> bytes:
        return bytes(self.pdf.output())


def qr_boxes(url: str, size: float) -> Iterator[tuple[float, float, float, float]]:
    """The dark boxes of a QR code that fills a square, quiet zone included: left, top, width and height of each."""
    matrix = segno.make(url, error="m", micro=False, boost_error=False).matrix
    module = size / (len(matrix) + 8)
    for row, modules in enumerate(matrix, start=4):
        for start, length in runs(modules):
            yield (start + 4) * module, row * module, length * module, module


def runs(modules: Any) -> Iterator[tuple[int, int]]:
    """Where dark modules of a row begin, and how many stand together."""
    start = None
    for column, dark in enumerate([*modules, 0]):
        if dark and start is None:
            start = column
        elif not dark and start is not None:
            yield start, column - start
            start = None


@cache
def glyphs() -> frozenset[int]:
    """What the font can write: Latin, Cyrillic and Greek, and Vietnamese."""
    sheet = FPDF()
    sheet.add_font("sheet", "", FONTS / "SourceSans3-Regular.ttf")
    return frozenset(sheet.fonts["sheet"].cmap)


@lru_cache(maxsize=2048)
def known(text: str) -> str:
    """With a box for every letter that the font lacks: something seen to be missing can be mended by hand."""
    letters = unicodedata.normalize("NFC", text)
    return "".join(
        letter if letter.isspace() or ord(letter) in glyphs() else UNKNOWN
        for letter in letters
        if unicodedata.category(letter) not in {"Cc", "Cf"} or letter.isspace()
    )
