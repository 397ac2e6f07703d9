"""Draws a handout on one page: as roomy as its content allows, and closer where there is much to say."""

from dataclasses import replace

from django.utils import translation
from django.utils.translation import pgettext

from patients.handout.calendar import Calendar
from patients.handout.density import DENSITIES
from patients.handout.exercises import Exercises
from patients.handout.facts import Handout, Paper
from patients.handout.foot import Notes, Safety
from patients.handout.part import MARGIN, Part
from patients.handout.sheet import Sheet
from patients.handout.top import Top


def lay_out(handout: Handout, paper: Paper = Paper.A4) -> Sheet:
    """The page in the handout's language, with the most roomy density that fits; the last one does."""
    with translation.override(handout.language):
        sheet = Sheet(paper, language=handout.language)
        sheet.pdf.set_title(pgettext("handout", "Your exercises"))
        pages = (Page(handout, sheet, density) for density in DENSITIES)
        page = next((page for page in pages if page.spare >= 0), Page(handout, sheet, DENSITIES[-1]))
        page.filled_up().draw(0)
    return sheet


class Page(Part):
    def draw(self, y: float) -> float:
        bottom = self.sheet.height - MARGIN
        for part in (Top, Exercises, Calendar, Notes):
            y = part(self.handout, self.sheet, self.density).draw(y)
        foot = Safety(self.handout, self.sheet, self.density)
        height = foot.height()
        foot.draw(bottom - height)
        return y + height

    @property
    def spare(self) -> float:
        """Millimetres left over; below 0 where it does not fit."""
        return self.sheet.height - MARGIN - self.height()

    def filled_up(self) -> "Page":
        """What is left over makes the calendar's rows taller, then the gaps wider."""
        density, spare = self.density, max(self.spare, 0)
        rows, gaps = min(len(self.handout.weeks), density.weeks), len(self.handout.exercises) + 4
        taller = min(spare / rows, 2) if rows else 0
        wider = min((spare - taller * rows) / gaps, 3)
        density = replace(density, row=density.row + taller, gap=density.gap + wider)
        return Page(self.handout, self.sheet, density)
