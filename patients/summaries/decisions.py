"""What was decided about a patient, what happened since, and whether they are to be called: pure, from facts.

Never a note: who wrote it did not think of an email.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from patients import adherence
from patients.adherence import monday_of
from patients.summaries import words
from patients.summaries.facts import Decided, Facts

DAY, WEEK = timedelta(days=1), timedelta(weeks=1)
MOST_CHANGES = 2


def calls(facts: Facts, monday: date) -> Iterator[str]:
    """The calls that were not made in the week or before it, and those that are due in the next."""
    for each in facts.decisions:
        if _is_to_call(each, monday):
            overdue = each.call_on is not None and each.call_on < monday + WEEK
            yield f"{_promise(each)}, {_('not marked as done')}" if overdue else _promise(each)


def outcomes(facts: Facts, monday: date) -> Iterator[str]:
    """What was decided in the week, and what happened since; and the calls that were made in it."""
    for each in facts.decisions:
        if each.called_on and monday <= each.called_on < monday + WEEK:
            yield _called(each)
        elif monday <= each.on < monday + WEEK and not _is_to_call(each, monday):
            yield _decided(facts, each, monday + WEEK - DAY)


def _is_to_call(decided: Decided, monday: date) -> bool:
    """A call that is due later than the next week is only told in the week in which it was decided."""
    return decided.call_on is not None and decided.called_on is None and decided.call_on < monday + 2 * WEEK


def _decided(facts: Facts, decided: Decided, sunday: date) -> str:
    match decided.kind:
        case "pause":
            return f"{_by(decided, _('you paused'), _('%(who)s paused'))}; {_since_pause(facts, decided, sunday)}"
        case "revise":
            changed = _by(decided, _("you changed the program"), _("%(who)s changed the program"))
            return f"{changed}{_in_brackets(decided.changes)}; {_since_revision(facts, decided, sunday)}"
        case "call":
            return _promise(decided)
        case _:
            seen = _by(decided, _("you looked at it"), _("%(who)s looked at it"))
            return f"{seen}; {_since(facts, decided.on, sunday)}"


def _by(decided: Decided, you: str, colleague: str) -> str:
    who = colleague % {"who": decided.by} if decided.by else you
    return _("%(who)s on %(day)s") % {"who": who, "day": words.day(decided.on)}


def _promise(decided: Decided) -> str:
    said = _("%(who)s said they would call on %(day)s") if decided.by else _("you said you would call on %(day)s")
    return said % {"who": decided.by, "day": words.day(decided.call_on or decided.on)}


def _called(decided: Decided) -> str:
    called = _("%(who)s called on %(day)s") if decided.called_by else _("you called on %(day)s")
    return called % {"who": decided.called_by, "day": words.day(decided.called_on or decided.on)}


def _in_brackets(changes: tuple[str, ...]) -> str:
    if not changes:
        return ""
    more = len(changes) - MOST_CHANGES
    said = [*changes[:MOST_CHANGES], *([_("and %(more)d more") % {"more": more}] if more > 0 else [])]
    return f" ({'; '.join(said)})"


def _since_pause(facts: Facts, decided: Decided, sunday: date) -> str:
    if facts.course.paused_between(sunday, sunday):
        return _("still paused")
    if facts.course.plan_on(sunday):
        return _("the program goes on, %(since)s") % {"since": _since(facts, decided.on, sunday)}
    return _since(facts, decided.on, sunday)


def _since_revision(facts: Facts, decided: Decided, sunday: date) -> str:
    """Of what is due under it and nothing before, which is another program's."""
    first = decided.starts_on or decided.on
    if first > sunday:
        return _("it starts on %(day)s") % {"day": words.day(first)}
    chain = tuple(each for each in facts.course.prescriptions if each.starts_on >= first)
    course, monday = replace(facts.course, prescriptions=chain), monday_of(sunday)
    weeks = adherence.weeks(course, facts.logs, monday_of(first), monday, today=sunday + DAY)
    done, due = sum(week.done for week in weeks), sum(week.due for week in weeks)
    if not due:
        return _since(facts, first, sunday)
    return f"{_('%(done)d/%(due)d since') % {'done': done, 'due': due}}{_pain(facts, first, sunday)}"


def _since(facts: Facts, first: date, sunday: date) -> str:
    number = len(facts.sessions_between(first, sunday))
    if not number:
        return _("no session since")
    sessions = ngettext("%(number)d session since", "%(number)d sessions since", number) % {"number": number}
    return f"{sessions}{_pain(facts, first, sunday)}"


def _pain(facts: Facts, first: date, sunday: date) -> str:
    pain = facts.pain_between(first, sunday)
    return f", {_('worst pain %(worst)d of 10') % {'worst': max(pain)}}" if pain else ""
