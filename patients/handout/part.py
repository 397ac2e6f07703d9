"""What every part of a handout has: the paper, what is to be said, and how close it is set."""

from dataclasses import dataclass

from patients.handout.density import Density
from patients.handout.facts import Handout
from patients.handout.sheet import INK, Colour, Sheet, Style

MARGIN = 12.0


@dataclass(frozen=True, slots=True)
class Part:
    """A part that is drawn below `y` and gives where it ends, in millimetres from the top of the page."""

    handout: Handout
    sheet: Sheet
    density: Density

    @property
    def width(self) -> float:
        return self.sheet.width - 2 * MARGIN

    @property
    def brand(self) -> Colour:
        return Colour.of(self.handout.clinic.colour)

    def style(self, size: float, *, bold: bool = False, colour: Colour = INK) -> Style:
        return Style(size * self.density.type, bold, colour)

    def draw(self, y: float) -> float:
        raise NotImplementedError

    def height(self) -> float:
        """Without drawing it."""
        before, self.sheet.ink = self.sheet.ink, False
        try:
            return self.draw(0)
        finally:
            self.sheet.ink = before
