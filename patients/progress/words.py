"""Words that encourage, and never say more than that somebody was there."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from patients.adherence import ToDate, Week


def encouragement(before: Week | None, week: Week, *, paused: bool) -> str:
    """A sentence about the week that goes on, or about the last one where this one has nothing yet."""
    if paused:
        return _("Your program is paused. There is nothing that you have to do.")
    if week.due and week.done == week.due:
        return ngettext(
            "You were there each time this week: %(done)d of %(due)d. That is all that was asked.",
            "You were there each time this week: %(done)d of %(due)d. That is all that was asked.",
            week.due,
        ) % {"done": week.done, "due": week.due}
    if week.done:
        return _("You were there %(done)d of %(due)d times so far this week.") % {"done": week.done, "due": week.due}
    if before and before.due and before.done:
        return _("Last week you were there %(done)d of %(due)d times. This week is a new one.") % {
            "done": before.done,
            "due": before.due,
        }
    if week.due:
        return _("This is a new week. One session is a good start.")
    return _("Nothing is due this week.")


def times(week: Week | ToDate) -> str:
    """ "2 of 3", the way that every figure is written."""
    return _("%(done)d of %(due)d") % {"done": week.done, "due": week.due}


def beside(week: Week) -> list[str]:
    """What else happened in a week."""
    words = []
    if week.whole_week_paused:
        words.append(_("paused"))
    elif not week.due:
        words.append(_("nothing due"))
    elif week.complete and week.nothing_logged:
        words.append(_("nothing logged"))
    if not week.complete:
        words.append(_("so far"))
    if week.part_done:
        words.append(
            ngettext("%(number)d day partly done", "%(number)d days partly done", week.part_done)
            % {"number": week.part_done}
        )
    if week.extra:
        words.append(ngettext("%(number)d extra", "%(number)d extra", week.extra) % {"number": week.extra})
    if week.skipped:
        words.append(
            ngettext("%(number)d not done, with a reason", "%(number)d not done, with a reason", week.skipped)
            % {"number": week.skipped}
        )
    if week.paused_dates and not week.whole_week_paused:
        words.append(
            ngettext("%(number)d day paused", "%(number)d days paused", week.paused_dates)
            % {"number": week.paused_dates}
        )
    return words
