"""The top of a handout: the clinic, for whom and for when, the version to be read out, the QR code."""

from collections.abc import Iterable

from django.utils.formats import date_format
from django.utils.translation import pgettext

from patients.handout.part import MARGIN, Part
from patients.handout.sheet import LINE, SOFT, Style, readable, text_on

HEAD = 15.0
QR = 31.0


class Top(Part):
    def draw(self, y: float) -> float:
        return self.title(self.head(y))

    def head(self, y: float) -> float:
        """The clinic's name on its colour, and what to call."""
        clinic, on = self.handout.clinic, text_on(self.brand)
        self.sheet.box(0, y, self.sheet.width, HEAD, fill=self.brand)
        phone = self.width * 0.38 if clinic.phone else 0
        name = self.width - phone - 4
        style = self.fitting(clinic.name, name, (17, 15, 13, 11))
        self.sheet.text(MARGIN, y + (HEAD - style.line) / 2, name, clinic.name, style, most=1)
        if clinic.phone:
            x = MARGIN + self.width - phone
            label, number = Style(8.5, colour=on), self.fitting(clinic.phone, phone, (13, 11, 9, 7))
            line = y + (HEAD - label.line - number.line) / 2
            line = self.sheet.text(x, line, phone, pgettext("handout", "Questions? Call us:"), label, align="right")
            self.sheet.text(x, line, phone, clinic.phone, number, most=1, align="right")
        return y + HEAD + self.density.gap

    def fitting(self, text: str, width: float, sizes: Iterable[float]) -> Style:
        """In the largest of these sizes that takes one line, or in the last."""
        styles = [Style(size, bold=True, colour=text_on(self.brand)) for size in sizes]
        return next((style for style in styles if self.sheet.width_of(text, style) <= width), styles[-1])

    def title(self, y: float) -> float:
        """For whom and for when, and beside it the QR code."""
        handout, sheet = self.handout, self.sheet
        width = self.width - QR - 9
        top = y
        y = sheet.text(MARGIN, y, width, handout.name, self.style(19, bold=True), most=1)
        headline = self.style(12.5, bold=True, colour=readable(self.brand))
        y = (
            sheet.text(MARGIN, y, width, ": ".join(filter(None, [handout.title, handout.phase])), headline, most=2)
            + 0.6
        )
        when = " · ".join(filter(None, [handout.knee, handout.rhythm, self.dates()]))
        y = sheet.text(MARGIN, y, width, when, self.style(10.5), most=2)
        if handout.goal:
            goal = pgettext("handout", "Your goal: %(goal)s") % {"goal": handout.goal}
            y = sheet.text(MARGIN, y, width, goal, self.style(10.5), most=2)
        y = self.version(y + 1.2, width)
        return max(y, self.link(top)) + self.density.gap

    def dates(self) -> str:
        handout = self.handout
        long = pgettext("handout date format", "j F Y")
        if handout.last is None:
            return pgettext("handout", "from %(first)s") % {"first": date_format(handout.first, long)}
        first = date_format(handout.first, pgettext("handout date format", "j F"))
        return pgettext("handout", "%(first)s to %(last)s") % {"first": first, "last": date_format(handout.last, long)}

    def version(self, y: float, width: float) -> float:
        """The words to be read out, in a frame; beside them what they are for, and who prescribed."""
        handout, sheet = self.handout, self.sheet
        words, small = self.style(11.5, bold=True), self.style(8, colour=SOFT)
        framed = sheet.width_of(handout.spoken, words) + 5
        height = max(words.line + 2, 2 * small.line)
        sheet.box(MARGIN, y, framed, height, line=LINE, stroke=0.3, corner=1.5)
        sheet.text(MARGIN + 2.5, y + (height - words.line) / 2, framed, handout.spoken, words)
        about = pgettext("handout", "This sheet’s words. Say them when you call: we see at once which plan you have.")
        x = MARGIN + framed + 2.5
        lines = len(sheet.wrap(about, width - framed - 2.5, small, 2))
        sheet.text(x, y + (height - lines * small.line) / 2, width - framed - 2.5, about, small, most=2)
        y += height + 0.8
        by = pgettext("handout", "Prescribed by %(name)s · Your code: %(code)s")
        return sheet.text(MARGIN, y, width, by % {"name": handout.prescribed_by, "code": handout.code}, small, most=1)

    def link(self, y: float) -> float:
        sheet, link = self.sheet, self.handout.link
        x = MARGIN + self.width - QR
        sheet.qr(link.url, x - 3, y - 1, QR)
        here = pgettext("handout", "Log your sessions here")
        y = sheet.text(x - 6, y + QR - 2, QR + 6, here, Style(9.5, bold=True), most=1, align="centre")
        if link.once_until:
            until = date_format(link.once_until, pgettext("handout date format", "j F"))
            how = pgettext("handout", "Opens once, until %(date)s") % {"date": until}
        elif link.by_email:
            how = pgettext("handout", "Sign in with your email")
        else:
            how = pgettext("handout", "Ask us for an invitation")
        return sheet.text(x - 6, y, QR + 6, how, Style(8, colour=SOFT), most=2, align="centre")
