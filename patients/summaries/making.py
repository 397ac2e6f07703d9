"""Makes a weekly summary out of facts: pure, with the numbers of patients.adherence and nothing else's."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from django.utils.translation import gettext as _

from patients import adherence
from patients.adherence import Band, Week
from patients.alerts import Known, Thresholds, ready
from patients.summaries import words
from patients.summaries.contents import Bands, Group, Member, Need, Revision, Row, Summary, TrendWeek
from patients.summaries.decisions import calls, outcomes
from patients.summaries.facts import Facts
from patients.summaries.reasons import Reason, reasons

TREND = 4
MOST_NEEDS = 5
WEEK = timedelta(weeks=1)
JUDGED = {Band.ON_TRACK, Band.PARTIAL, Band.LOW, Band.NO_DATA}


@dataclass(frozen=True, slots=True)
class Case:
    """One patient's weeks, from as far back as they are told about to the one that is reported, which is the last."""

    facts: Facts
    weeks: tuple[Week, ...]
    reasons: tuple[Reason, ...]
    ready: str

    @property
    def week(self) -> Week:
        return self.weeks[-1]

    @property
    def of_course(self) -> tuple[Week, ...]:
        """Only the weeks of the course in force: those before it were another's, and were told as such."""
        started = self.facts.course.starts_on
        return tuple(week for week in self.weeks if started and week.sunday >= started)


def summarise(everybody: Iterable[Facts], *, monday: date, weeks_back: int, limits: Thresholds) -> Summary:
    """The summary of the week that starts on `monday`; `weeks_back` weeks before it may be revised."""
    cases = [_case(facts, monday, weeks_back, limits) for facts in everybody]
    needs = sorted((case for case in cases if case.reasons), key=_worst_first)
    urgent = sum(case.reasons[0].is_urgent for case in needs)
    shown = max(MOST_NEEDS, urgent)
    weeks = [case.week for case in cases]
    return Summary(
        monday=monday,
        patients=len(cases),
        on_track=sum(week.band == Band.ON_TRACK for week in weeks),
        judged=sum(week.band in JUDGED for week in weeks),
        done=sum(week.done for week in weeks),
        due=sum(week.due for week in weeks),
        bands=tuple(bands_of(weeks)),
        needs=tuple(Need(case.facts.person, case.reasons) for case in needs[:shown]),
        more=len(needs[shown:]),
        rows=tuple(_row(case) for case in sorted(cases, key=_lowest_first) if case.week.has_figures),
        groups=tuple(_groups(cases)),
        revised=tuple(revision for case in cases for revision in _revisions(case)),
        reported={str(case.facts.person.id): told for case in cases if (told := _told(case))},
        calls=tuple((case.facts.person, text) for case in cases for text in calls(case.facts, monday)),
        decided=tuple((case.facts.person, text) for case in cases for text in outcomes(case.facts, monday)),
        unattended=sum(bool(case.facts.why_here) for case in cases),
    )


def _case(facts: Facts, monday: date, weeks_back: int, limits: Thresholds) -> Case:
    shown, told = monday - (TREND - 1) * WEEK, min(facts.reported, default=monday)
    first = max(min(shown, told), monday - weeks_back * WEEK)
    logs = (log for log in facts.logs if log.date >= first)
    weeks = adherence.weeks(facts.course, logs, first, monday, today=monday + WEEK)
    before, week = weeks[-2:]
    found = reasons(facts, before=before, week=week, limits=limits)
    return Case(facts, tuple(weeks), tuple(found), _ready(facts, week, limits))


def _ready(facts: Facts, week: Week, limits: Thresholds) -> str:
    """What speaks for a step on, which a clinician decides; empty where nothing does."""
    known = Known(course=facts.course, sessions=facts.sessions)
    if not facts.course.plan_on(week.sunday):
        return ""
    return next(
        (words.ready(due.evidence, facts.exercises) for due in ready(known, limits) if due.on >= week.monday), ""
    )


def _worst_first(case: Case) -> tuple[int, int, int, str]:
    worst = case.reasons[0]
    return worst.kind, -worst.weight, -len(case.reasons), case.facts.person.label


def _lowest_first(case: Case) -> tuple[Fraction, Fraction, str]:
    return case.week.adherence or Fraction(0), case.week.dose or Fraction(0), case.facts.person.label


def _row(case: Case) -> Row:
    symbol, band_words = words.band(case.week.band)
    return Row(
        person=case.facts.person,
        sessions=words.with_percent(words.sessions(case.week), case.week.percent),
        band=case.week.band,
        band_symbol=symbol,
        band_words=band_words,
        trend=_trend(case),
        lines=tuple(tuple(line) for each in (_doing, _feeling, _keeping) if (line := list(each(case)))),
    )


def _trend(case: Case) -> tuple[TrendWeek, ...]:
    return tuple(_trend_week(case, week) for week in case.weeks[-TREND:])


def _trend_week(case: Case, week: Week) -> TrendWeek:
    if week not in case.of_course or week.band == Band.NOT_APPLICABLE:
        return TrendWeek(words.NO_FIGURE, week.band, week.monday)
    return TrendWeek(words.sessions(week), week.band, week.monday, words.squares(week))


def _doing(case: Case) -> Iterator[str]:
    """What was done, each with what it is made of."""
    facts, week = case.facts, case.week
    yield _("dose %(dose)s") % {"dose": words.dose(week)}
    if week.part_done:
        yield _("%(number)d part done") % {"number": week.part_done}
    if week.extra:
        yield _("%(number)d extra") % {"number": week.extra}
    if week.skips:
        yield words.skips(week)
    if week.paused_dates:
        yield _("paused %(days)s") % {"days": words.days(week.paused_dates)}
    if facts.last_log:
        yield _("last log %(day)s") % {"day": words.day(facts.last_log)}


def _feeling(case: Case) -> Iterator[str]:
    facts, week = case.facts, case.week
    dates, dates_before = (week.monday, week.sunday), (week.monday - WEEK, week.sunday - WEEK)
    yield words.worst_pain(facts.pain_between(*dates), facts.pain_between(*dates_before))
    if facts.sessions_between(*dates):
        yield words.worst_morning(facts.mornings_between(*dates), facts.mornings_between(*dates_before))


def _keeping(case: Case) -> Iterator[str]:
    """How it was written down."""
    week = case.week
    logs = [entry for entry in case.facts.entries if entry.sets and week.monday <= entry.day <= week.sunday]
    if late := sum(entry.late for entry in logs):
        yield _("%(late)d of %(logs)d logged late") % {"late": late, "logs": len(logs)}
    if as_planned := sum(entry.as_planned for entry in logs):
        sets = sum(entry.sets for entry in logs)
        yield _("%(planned)d of %(sets)d sets as planned") % {"planned": as_planned, "sets": sets}


def bands_of(weeks: Sequence[Week]) -> Iterator[Bands]:
    """All patients, by how their week went: their numbers add up."""
    for band in Band:
        if number := sum(week.band == band for week in weeks):
            yield Bands(band, number, words.band(band)[1])


def _groups(cases: Sequence[Case]) -> Iterator[Group]:
    """Who is ready, new or another's is named besides; everybody without figures is in one of the three between."""
    without = [case for case in cases if not case.week.has_figures]
    nothing_due = [case for case in without if not case.week.due]
    groups = {
        _("Ready to progress? You decide"): [(case, case.ready) for case in cases if case.ready],
        _("New this week"): [(case, _since(case)) for case in cases if _is_new(case)],
        _("Paused all week"): [(case, _extra(case)) for case in nothing_due if case.week.whole_week_paused],
        _("Nothing due"): [(case, _why_nothing_due(case)) for case in nothing_due if not case.week.whole_week_paused],
        _("Nothing logged"): [(case, _nothing_logged(case)) for case in without if case.week.due],
        _("You stand in for their clinician"): [
            (case, case.facts.instead_of) for case in cases if case.facts.instead_of
        ],
        _("Sent to you as the owner"): [(case, case.facts.why_here) for case in cases if case.facts.why_here],
    }
    for title, members in groups.items():
        if members:
            yield Group(title, tuple(_member(case, text) for case, text in members))


def _member(case: Case, text: str) -> Member:
    shows_trend = not case.week.has_figures and any(week.due for week in case.of_course[-TREND:])
    return Member(case.facts.person, text, _trend(case) if shows_trend else ())


def _is_new(case: Case) -> bool:
    started = case.facts.course.starts_on
    return started is not None and case.week.monday <= started <= case.week.sunday


def _since(case: Case) -> str:
    started = case.facts.course.starts_on or case.week.monday
    return _("since %(day)s, %(sessions)s") % {"day": words.day(started), "sessions": words.sessions(case.week)}


def _nothing_logged(case: Case) -> str:
    """Not a percentage: nobody knows what was done."""
    done = words.sessions(case.week)
    if case.facts.last_log is None:
        return _("%(done)s, nothing so far") % {"done": done}
    return _("%(done)s, last log %(day)s") % {"done": done, "day": words.day(case.facts.last_log)}


def _extra(case: Case) -> str:
    return _("%(number)d extra logged") % {"number": case.week.extra} if case.week.extra else ""


def _why_nothing_due(case: Case) -> str:
    course, week = case.facts.course, case.week
    started = course.starts_on
    if not course.prescriptions:
        why = _("no program yet")
    elif started is None or started > week.sunday:
        first = started or min(each.starts_on for each in course.prescriptions)
        why = _("starts on %(day)s") % {"day": words.day(first)}
    elif course.plan_on(week.sunday) is None and not course.paused_between(week.sunday, week.sunday):
        why = _("program ended")
    else:
        why = _("too few days for a session")
    return ", ".join(filter(None, [why, _extra(case)]))


def _told(case: Case) -> dict[str, str]:
    """What the recipient reads about each week here: the trend's, and earlier ones where they were revised."""
    revised = {revision.monday for revision in _revisions(case)}
    shown = {week.monday for week in case.weeks[-TREND:]} | revised
    return {week.monday.isoformat(): words.told(week) for week in case.of_course if week.monday in shown}


def _revisions(case: Case) -> list[Revision]:
    """Weeks of which the recipient was last told something else than what is so now."""
    return [
        Revision(case.facts.person, week.monday, before, words.told(week))
        for week in case.of_course[:-1]
        if (before := case.facts.reported.get(week.monday)) and before != words.told(week)
    ]
