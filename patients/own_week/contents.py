"""What a patient's own week says: pure, in plain words. It tells what they did and never how their knee does."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from patients.adherence import SessionResult, Status, Week

DAY = timedelta(days=1)
WEEKEND = 2  # days before Monday, and as long can be logged
MUCH = 2


@dataclass(frozen=True, slots=True)
class OwnDay:
    name: str
    symbol: str
    word: str


@dataclass(frozen=True, slots=True)
class OwnWeek:
    """`planned` is how many sessions are due in the week that has begun; `today` the date on which it is sent."""

    name: str
    week: Week
    results: Mapping[date, SessionResult]
    planned: int
    today: date

    @property
    def subject(self) -> str:
        """Nothing of anybody's health, and no name."""
        return _("Your week from %(first)s to %(last)s") % {
            "first": _day_of_month(self.week.monday),
            "last": _day_of_month(self.week.sunday),
        }

    @property
    def squares(self) -> str:
        return "■" * self.week.done + "□" * (self.week.due - self.week.done)

    @property
    def sentences(self) -> list[str]:
        return [*self._done(), *self._beside()]

    @property
    def days(self) -> list[OwnDay]:
        """Those on which something was written down."""
        words = {
            Status.COUNTS: ("✓", _("done")),
            Status.PART_DONE: ("◐", _("partly done")),
            Status.NO_PLAN: ("✓", _("done, though nothing was planned")),
            Status.SKIPPED: ("–", _("not done, with a reason")),
        }
        in_order = sorted((day, result) for day, result in self.results.items())
        return [OwnDay(date_format(day, "l"), *words[result.status]) for day, result in in_order]

    @property
    def ahead(self) -> str:
        if not self.planned:
            return _("For this new week nothing is planned.")
        return ngettext(
            "This is a new week, with %(number)d session planned.",
            "This is a new week, with %(number)d sessions planned.",
            self.planned,
        ) % {"number": self.planned}

    @property
    def still_open(self) -> str:
        """What of the week can be logged yet; empty once nothing can."""
        days = [self.week.sunday - DAY, self.week.sunday]
        left = [date_format(day, "l") for day in days if (self.today - day).days <= WEEKEND]
        if not left:
            return ""
        if len(left) == 1:
            return _("Is something missing? What you did on %(day)s you can still write down today.") % {"day": left[0]}
        words = _("Is something missing? What you did on %(day)s or %(next)s you can still write down today.")
        return words % {"day": left[0], "next": left[1]}

    def _done(self) -> Iterator[str]:
        done, due = self.week.done, self.week.due
        if self.week.whole_week_paused:
            yield _("Your program was paused. There was nothing that you had to do.")
        elif not due:
            yield _("Nothing was planned for this week.")
        elif done == due:
            yield ngettext(
                "You did %(done)d of %(due)d session. That is all that was planned.",
                "You did %(done)d of %(due)d sessions. That is all that was planned.",
                due,
            ) % {"done": done, "due": due}
        elif self.week.nothing_logged:
            yield ngettext(
                "Nothing was written down. %(due)d session was planned.",
                "Nothing was written down. %(due)d sessions were planned.",
                due,
            ) % {"due": due}
        else:
            yield ngettext(
                "You did %(done)d of the %(due)d session that was planned.",
                "You did %(done)d of the %(due)d sessions that were planned.",
                due,
            ) % {"done": done, "due": due}

    def _beside(self) -> Iterator[str]:
        if self.week.extra:
            yield ngettext(
                "You did %(number)d more than planned.", "You did %(number)d more than planned.", self.week.extra
            ) % {"number": self.week.extra}
        if self.week.extra >= MUCH:
            yield _("Days of rest are part of the plan, too.")
        if self.week.done < self.week.due:
            yield _("Not every week is alike. If your program does not fit your days, tell your clinic.")


def _day_of_month(day: date) -> str:
    return date_format(day, pgettext("date format", "j F"))
