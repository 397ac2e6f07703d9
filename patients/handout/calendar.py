"""The calendar of a handout: a row for each week, on each day a box to tick and one for pain."""

from django.utils.formats import date_format
from django.utils.translation import pgettext

from clinic.models.clinic import Weekday
from patients.handout.facts import Day, Week
from patients.handout.part import MARGIN, Part
from patients.handout.sheet import INK, LINE, SOFT, WHITE, Colour, readable

LABEL, AIM = 23.0, 24.0
TICK, PAIN = 4.4, 7.6
NBSP = "\N{NO-BREAK SPACE}"
PALE = Colour.of("#eeeee9")


class Calendar(Part):
    @property
    def weeks(self) -> tuple[Week, ...]:
        return self.handout.weeks[: self.density.weeks]

    @property
    def aims(self) -> bool:
        return any(week.aim for week in self.weeks)

    @property
    def day_width(self) -> float:
        return (self.width - LABEL - (AIM if self.aims else 0)) / 7

    def left_of(self, column: int) -> float:
        return MARGIN + LABEL + column * self.day_width

    def draw(self, y: float) -> float:
        if not self.weeks:
            return y
        self.sheet.box(MARGIN, y, self.width, 0.5, fill=self.brand)
        y = self.weekdays(self.legend(y + 1.6))
        news = self.style(9, bold=True, colour=readable(self.brand))
        for week in self.weeks:
            if week.news:
                y = self.sheet.text(MARGIN, y + 0.6, self.width, week.news, news, most=self.density.news) + 0.8
            self.week(y, week)
            y += self.density.row
        return y + self.density.gap

    def legend(self, y: float) -> float:
        """The heading, and how to fill it in: with the very boxes that stand below."""
        sheet, style = self.sheet, self.style(9.5)
        title = self.style(12, bold=True, colour=readable(self.brand))
        y = sheet.text(MARGIN, y, self.width, pgettext("handout", "Your calendar"), title) + 0.8
        tick = pgettext("handout", "Done: tick.")
        if len(self.handout.exercises) > 1:
            tick = pgettext("handout", "Done: tick. Only one of them: write its letter.")
        pain = pgettext("handout", "Pain afterwards: 0 is none, 10 the worst you can think of.")
        x, middle = MARGIN, y + style.line / 2
        self.tick_box(x, middle, INK)
        x += TICK + 1.5
        sheet.text(x, y, self.width, tick, style, most=1)
        x += sheet.width_of(tick, style) + 6
        self.pain_box(x, middle, INK)
        x += PAIN + 1.5
        sheet.text(x, y, MARGIN + self.width - x, pain, style, most=1)
        return y + style.line + 1.2

    def weekdays(self, y: float) -> float:
        style = self.style(9, bold=True)
        for column, weekday in enumerate(Weekday):
            name = str(weekday.label)
            self.sheet.text(self.left_of(column), y, self.day_width, name, style, most=1, align="centre")
        if self.aims:
            self.sheet.text(self.left_of(7), y, AIM, pgettext("handout", "Aim"), style, align="centre")
        return y + style.line + 0.4

    def week(self, y: float, week: Week) -> None:
        style, short = self.style(9, bold=True), pgettext("handout date format", "j M")
        first, last = (date_format(week.days[end].on, short).replace(" ", NBSP) for end in (0, -1))
        dates = f"{first}{NBSP}– {last}"
        height = len(self.sheet.wrap(dates, LABEL - 1, style, 2)) * style.line
        self.sheet.text(MARGIN, y + (self.density.row - height) / 2, LABEL - 1, dates, style, most=2)
        for column, day in enumerate(week.days):
            self.day(self.left_of(column), y, day, fixed=week.aim is None)
        if week.aim:
            self.aim(y, week.aim)

    def day(self, x: float, y: float, day: Day, *, fixed: bool) -> None:
        """A date; on one of the fixed weekdays it stands out, and on another one may still be ticked."""
        sheet, row, usual = self.sheet, self.density.row, day.due or (day.active and not fixed)
        fill = self.brand.mixed(0.14) if day.due else WHITE if day.active else PALE
        sheet.box(x, y, self.day_width, row, fill=fill, line=LINE, stroke=0.2)
        number = self.style(8.5, bold=day.due, colour=INK if usual else SOFT)
        sheet.text(x + 0.8, y + 0.3, self.day_width, str(day.on.day), number)
        if day.paused:
            text = pgettext("handout", "pause")
            sheet.text(x, y + row / 2 - 1, self.day_width, text, self.style(8, colour=SOFT), most=1, align="centre")
        if day.active:
            space = max((self.day_width - 5 - TICK - PAIN) / 3, 0.4)
            colour = INK if usual else LINE
            self.tick_box(x + 5 + space, y + row / 2, colour, stroke=0.5 if day.due else 0.3)
            self.pain_box(x + 5 + 2 * space + TICK, y + row / 2, colour)

    def tick_box(self, x: float, middle: float, colour: Colour, *, stroke: float = 0.3) -> None:
        self.sheet.box(x, middle - TICK / 2, TICK, TICK, fill=WHITE, line=colour, stroke=stroke)

    def pain_box(self, x: float, middle: float, colour: Colour) -> None:
        """A field for a number out of ten."""
        self.sheet.box(x, middle - TICK / 2, PAIN, TICK, fill=WHITE, line=colour, stroke=0.25, corner=1.2)
        style = self.style(6.5, colour=SOFT)
        self.sheet.text(x, middle - style.line / 2, PAIN - 0.6, "/10", style, align="right")

    def aim(self, y: float, sessions: int) -> None:
        """A ring for each session of the week."""
        step = min(3.2, (AIM - 4) / sessions)
        left = self.left_of(7) + (AIM - (sessions - 1) * step) / 2
        for number in range(sessions):
            self.sheet.disc(left + number * step, y + self.density.row / 2, 1.25, line=INK)
