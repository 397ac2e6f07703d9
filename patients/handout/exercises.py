"""The exercises of a handout: dose, pictures, bands, and what the clinician says."""

from django.utils.translation import pgettext

from patients.handout.density import MOST_PICTURES
from patients.handout.facts import Exercise, Picture
from patients.handout.part import MARGIN, Part
from patients.handout.sheet import ALARM, INK, SOFT, Colour, Style, readable, text_on


class Exercises(Part):
    def draw(self, y: float) -> float:
        for exercise in self.handout.exercises:
            y = self.exercise(y, exercise)
        return y

    def exercise(self, y: float, exercise: Exercise) -> float:
        """A heading with the dose, and below it pictures beside words; without pictures the steps take their place."""
        sheet, density = self.sheet, self.density
        sheet.box(MARGIN, y, self.width, 0.5, fill=self.brand)
        y = self.heading(y + 1.6, exercise)
        pictures = exercise.pictures[:MOST_PICTURES]
        if not pictures:
            half = (self.width - 6) / 2
            ends = [
                self.words(MARGIN, y, half, exercise),
                self.steps(MARGIN + half + 6, y, half, exercise.steps),
            ]
            return max(ends) + density.gap
        ends = [self.picture(MARGIN + place * (density.picture + 2), y, each) for place, each in enumerate(pictures)]
        strip = len(pictures) * (density.picture + 2) + 2
        y = max(*ends, self.words(MARGIN + strip, y, self.width - strip, exercise))
        if density.told and exercise.steps:
            text = "  ".join(f"{number}. {step}" for number, step in enumerate(exercise.steps, start=1))
            y = sheet.text(MARGIN, y + 1, self.width, text, self.style(8.5), most=5)
        return y + density.gap

    def picture(self, x: float, y: float, picture: Picture) -> float:
        width, colour = self.density.picture, ALARM if picture.is_fault else SOFT
        height = width * picture.ratio
        self.sheet.picture(picture.svg, x, y, width, height)
        caption = self.style(8, bold=picture.is_fault, colour=colour)
        return self.sheet.text(x, y + height + 0.5, width, picture.caption, caption, most=5, align="centre")

    def heading(self, y: float, exercise: Exercise) -> float:
        sheet, name = self.sheet, self.style(13, bold=True)
        dose = self.style(13, bold=True, colour=readable(self.brand))
        radius = name.line / 2
        sheet.disc(MARGIN + radius, y + radius, radius, fill=self.brand)
        badge = self.style(11, bold=True, colour=text_on(self.brand))
        sheet.text(MARGIN, y + (name.line - badge.line) / 2, 2 * radius, exercise.letter, badge, align="centre")
        x, right = MARGIN + 2 * radius + 2, MARGIN + self.width
        title = exercise.name
        if not exercise.required:
            title = pgettext("handout", "%(exercise)s (if you like)") % {"exercise": exercise.name}
        beside = x + sheet.width_of(title, name) + 4
        if beside + sheet.width_of(exercise.dose, dose) <= right:
            sheet.text(x, y, right - x, title, name)
            return sheet.text(beside, y, right - beside, exercise.dose, dose) + 1.2
        y = sheet.text(x, y, right - x, title, name, most=1)
        return sheet.text(x, y, right - x, exercise.dose, dose, most=2) + 1.2

    def words(self, x: float, y: float, width: float, exercise: Exercise) -> float:
        """Bands with their colours, what the clinician says, what to think of."""
        sheet, style = self.sheet, self.style(10)
        for band in exercise.bands:
            radius = style.line * 0.34
            fill = Colour.of(band.colour) if band.colour else None
            sheet.disc(x + radius, y + style.line / 2, radius, fill=fill, line=SOFT)
            y = sheet.text(x + 2 * radius + 1.5, y, width - 2 * radius - 1.5, band.text, style, most=2)
        for remark in exercise.remarks:
            y = self.item(x, y, width, remark, self.style(10, bold=True), most=self.density.remark)
        for cue in exercise.cues:
            y = self.item(x, y, width, cue, style, most=self.density.remark)
        return y

    def item(self, x: float, y: float, width: float, text: str, style: Style, *, most: int) -> float:
        self.sheet.disc(x + 1, y + style.line * 0.55, 0.55, fill=INK)
        return self.sheet.text(x + 3, y, width - 3, text, style, most=most)

    def steps(self, x: float, y: float, width: float, steps: tuple[str, ...]) -> float:
        style = self.style(9.5)
        for number, step in enumerate(steps, start=1):
            self.sheet.text(x, y, 5, f"{number}.", style)
            y = self.sheet.text(x + 5, y, width - 5, step, style, most=self.density.step)
        return y
