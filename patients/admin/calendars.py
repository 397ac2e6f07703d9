"""The calendar of a plan as a page shows it before anything is saved: its weeks, its phases by name, what moves."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, cast

from django.core.exceptions import ValidationError
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from patients import adherence
from patients.calendar import Calendar, calendar_of, moved, revised, waits_from
from patients.models import Prescription
from patients.plans import phases_of
from programs.actions import check_prescribable
from programs.comparing import Outline, outline_of
from programs.models import Program

NEW = "new"
WEEKS_SHOWN = 30


@dataclass(frozen=True, slots=True)
class PhaseShown:
    number: int
    title: str
    first: date
    last: date | None
    in_words: str
    doses: list[str]


@dataclass(frozen=True, slots=True)
class PlanShown:
    """Either a calendar with its phases, or `problems`: why there is none. `effects` are sentences on what moves."""

    calendar: Calendar | None = None
    phases: list[PhaseShown] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    effects: list[str] = field(default_factory=list)

    @property
    def has_fixed_days(self) -> bool:
        return self.calendar is not None and any(stretch.phase.weekdays for stretch in self.calendar.phases)


def of_program(program: Program | None, starts_on: date | None, *, after: adherence.Course | None = None) -> PlanShown:
    """The plan that a program makes from a date; `after` is the course that it follows as a revision."""
    if program is None or starts_on is None:
        return PlanShown(problems=[_("Choose a program and a date, and its calendar is shown here.")])
    try:
        check_prescribable(program)
    except ValidationError as error:
        return PlanShown(problems=error.messages)
    prescription = adherence.Prescription(starts_on, phases_of(program), key=NEW)
    course = adherence.Course((prescription,)) if after is None else revised(after, prescription)
    return shown(course, {NEW: program}, since=starts_on)


def of_change(before: adherence.Course, after: adherence.Course, *, since: date) -> PlanShown:
    """The plan of a course from a date, once it was paused or resumed, and what that moves."""
    keys = {each.prescription.key for each in [*before.stretches(), *after.stretches()]}
    of_key = {each.pk: each.program for each in Prescription.objects.filter(pk__in=keys).select_related("program")}
    outlines = {key: outline_of(program) for key, program in of_key.items()}
    return _shown(after, outlines, since=since, effects=list(_effects(before, after, outlines)))


def shown(course: adherence.Course, programs: Mapping[Any, Program], *, since: date) -> PlanShown:
    return _shown(course, {key: outline_of(program) for key, program in programs.items()}, since=since)


def _shown(
    course: adherence.Course, outlines: Mapping[Any, Outline], *, since: date, effects: list[str] | None = None
) -> PlanShown:
    calendar = calendar_of(course, since=since, most_weeks=WEEKS_SHOWN)
    phases = []
    for stretch in calendar.phases:
        outline = outlines[stretch.prescription.key].phases[stretch.phase_index]
        phases.append(
            PhaseShown(
                number=stretch.phase_index + 1,
                title=outline.title,
                first=stretch.first,
                last=stretch.last,
                in_words=", ".join([outline.weeks, outline.rhythm]),
                doses=[f"{dose.name}: {dose.in_words}" for dose in outline.doses],
            )
        )
    return PlanShown(calendar, phases, [] if phases else [_("Nothing is due from this date on.")], effects or [])


def _effects(before: adherence.Course, after: adherence.Course, outlines: Mapping[Any, Outline]) -> Iterator[str]:
    """A sentence for each phase that moves, and one for the end. A date that a pause leaves open is not said."""
    waited, waits, moves = waits_from(before), waits_from(after), moved(before, after)
    for was, now in moves:
        phase = _named(cast(adherence.Stretch, now or was), outlines)
        was_known = was is not None and not _waits(was, waited)
        if now is None:
            yield _("%(phase)s follows once you resume.") % {"phase": phase}
        elif _waits(now, waits):
            yield _("%(phase)s: what is left of it follows once you resume.") % {"phase": phase}
        elif was is not None and was_known and now.last and was.last:
            words = {"phase": phase, "now": _day(now.last), "was": _day(was.last)}
            yield _("%(phase)s now ends on %(now)s (before: %(was)s).") % words
        elif was is not None and was_known and now.first != was.first:
            words = {"phase": phase, "now": _day(now.first), "was": _day(was.first)}
            yield _("%(phase)s now starts on %(now)s (before: %(was)s).") % words
        elif now.last:
            yield _("%(phase)s ends on %(now)s.") % {"phase": phase, "now": _day(now.last)}
        else:
            yield _("%(phase)s goes on without an end.") % {"phase": phase}
    ended, ends = calendar_of(before).ends_on, calendar_of(after).ends_on
    if ends and ends != ended:
        yield (_("The plan ends on %(now)s (before: %(was)s).") if ended else _("The plan ends on %(now)s.")) % {
            "now": _day(ends),
            "was": ended and _day(ended),
        }
    elif ended and waits:
        yield _("When the plan ends is known once you resume (before: %(was)s).") % {"was": _day(ended)}
    elif not moves:
        yield _("No phase moves.")


def _waits(stretch: adherence.Stretch, waits: date | None) -> bool:
    """Whether a pause without an end cut it short."""
    return waits is not None and stretch.last is not None and stretch.last < waits


def _named(stretch: adherence.Stretch, outlines: Mapping[Any, Outline]) -> str:
    number = stretch.phase_index + 1
    if title := outlines[stretch.prescription.key].phases[stretch.phase_index].title:
        return _("Phase %(number)d, %(title)s") % {"number": number, "title": title}
    return _("Phase %(number)d") % {"number": number}


def _day(day: date) -> str:
    return date_format(day, "D j M Y")
