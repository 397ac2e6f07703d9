"""The foot of a handout: the clinician's notes, and what must not be missed."""

from django.utils.translation import pgettext

from patients.handout.part import MARGIN, Part
from patients.handout.sheet import ALARM


class Notes(Part):
    """The clinician's words to the patient. Where they are cut it is said where the rest is."""

    def draw(self, y: float) -> float:
        notes, sheet, style = self.handout.notes.strip(), self.sheet, self.style(10)
        if not notes:
            return y
        y = sheet.text(MARGIN, y, self.width, pgettext("handout", "From your clinic"), self.style(10.5, bold=True))
        lines = sheet.wrap(notes, self.width, style)
        most = self.density.notes
        y = sheet.text(MARGIN, y, self.width, notes, style, most=most)
        if len(lines) > most:
            whole = pgettext("handout", "You can read all of it on your page.")
            y = sheet.text(MARGIN, y, self.width, whole, self.style(9, bold=True))
        return y + self.density.gap


class Safety(Part):
    """The warning signs, whom to call, and that nobody watches."""

    def draw(self, y: float) -> float:
        sheet, bottom = self.sheet, y + self.inside_height() + 3.6
        sheet.box(MARGIN, y, self.width, bottom - y, line=ALARM, stroke=0.4)
        sheet.box(MARGIN, y, 2.6, bottom - y, fill=ALARM)
        self.inside(y + 1.8)
        return bottom

    def inside_height(self) -> float:
        before, self.sheet.ink = self.sheet.ink, False
        height = self.inside(0)
        self.sheet.ink = before
        return height

    def inside(self, y: float) -> float:
        sheet, clinic = self.sheet, self.handout.clinic
        x, width = MARGIN + 6, self.width - 9
        title = pgettext("handout", "Stop, and call, if one of these is true:")
        y = sheet.text(x, y, width, title, self.style(10.5, bold=True, colour=ALARM))
        y = sheet.text(x, y, width, " · ".join(clinic.warning_signs), self.style(9), most=self.density.signs)
        emergency = pgettext("handout", "Emergency: %(number)s") % {"number": clinic.emergency_number}
        own = pgettext("handout", "Call us: %(phone)s") % {"phone": clinic.phone} if clinic.phone else ""
        y = sheet.text(
            x, y + 0.6, width, "   ·   ".join(filter(None, [emergency, own])), self.style(11, bold=True), most=2
        )
        nobody = pgettext("handout", "Nobody watches your page or this sheet for emergencies. If it can’t wait, call.")
        return sheet.text(x, y, width, nobody, self.style(9), most=2)
