"""Fills a handout from the open clinic. It only reads: the same few queries, however long the program is."""

from collections.abc import Iterable, Iterator
from datetime import date
from itertools import groupby

from django.db.models import F
from django.utils import translation
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import pgettext

from clinic.models import Clinic
from clinic.models.clinic import Weekday
from patients import adherence
from patients.calendar import CalendarWeek, calendar_of, waits_from
from patients.handout import facts
from patients.handout.density import MOST_PICTURES, MOST_WEEKS
from patients.handout.spoken import spoken
from patients.languages import language_of
from patients.models import Patient, Prescription
from patients.paper import letter_of
from patients.plans import course_on
from patients.red_flags import signs_for
from programs.catalogue_words import in_words
from programs.illustrations import Frame, frames
from programs.models import BandUse, Dose, Exercise, Phase, bands_used
from programs.words import amounts_in_words, details_in_words, rhythm_in_words

FAR = date(2099, 12, 31)
Doses = dict[tuple[object, int], list[Dose]]


class NothingToHandOut(Exception):
    """No plan is in force, and none is to come. `paused`: it waits in a pause that has no end."""

    def __init__(self, *, paused: bool):
        super().__init__("No date has a plan.")
        self.paused = paused


def read_handout(clinic: Clinic, patient: Patient, *, link: facts.Link, today: date) -> facts.Handout:
    """The phase in force on a date, or the first to come. Five queries, two more where a course is to come.

    Raises NothingToHandOut.
    """
    course, shown = _plan(patient, today)
    since = max(today, shown.first)
    calendar = calendar_of(course, since=since, most_weeks=MOST_WEEKS)
    prescription = Prescription.objects.select_related("program", "prescribed_by__user").get(pk=shown.prescription.key)
    doses = _doses(calendar.phases)
    own = doses[shown.prescription.key, shown.phase_index]
    with translation.override(language_of(patient, clinic)):
        return facts.Handout(
            language=language_of(patient, clinic),
            clinic=facts.Clinic(
                name=clinic.name,
                phone=clinic.phone,
                emergency_number=clinic.emergency_number,
                colour=clinic.colour,
                warning_signs=tuple(signs_for(clinic)),
            ),
            code=patient.code,
            name=patient.name,
            title=prescription.program.title,
            phase=_step(own[0].phase, shown),
            knee=_knee(prescription.affected_knee),
            rhythm=rhythm(own[0].phase),
            first=shown.first,
            last=shown.last,
            spoken=spoken(prescription.pk, prescription.program_id),
            prescribed_by=str(prescription.prescribed_by),
            link=link,
            exercises=tuple(map(as_exercise, own)),
            weeks=tuple(_weeks(calendar.weeks, calendar.phases, shown, doses)),
            goal=prescription.program.goal,
            notes=prescription.program.notes_for_patient,
        )


def _plan(patient: Patient, today: date) -> tuple[adherence.Course, adherence.Stretch]:
    for day in (today, FAR):
        course = course_on(patient.pk, day)
        for stretch in course.stretches():
            if stretch.last is None or stretch.last >= today:
                return course, stretch
    raise NothingToHandOut(paused=waits_from(course) is not None)


def _doses(stretches: Iterable[adherence.Stretch]) -> Doses:
    """The doses of each phase that comes into force, by prescription and the number of the phase."""
    keys = {stretch.prescription.key for stretch in stretches}
    rows = (
        Dose.objects.filter(phase__program__prescriptions__in=keys)
        .select_related("exercise", "phase", "short_band", "long_band")
        .annotate(prescription=F("phase__program__prescriptions"))
        .order_by("prescription", "phase__position", "phase", "position", "id")
    )
    found: Doses = {}
    for key, of_prescription in groupby(rows, lambda dose: dose.prescription):
        for number, (_phase, of_phase) in enumerate(groupby(of_prescription, lambda dose: dose.phase_id)):
            found[key, number] = list(of_phase)
    return found


def _step(phase: Phase, shown: adherence.Stretch) -> str:
    """`step 1 of 3, Settle`; only its title where there is but one."""
    if (number := len(shown.prescription.phases)) == 1:
        return phase.title
    step = pgettext("handout", "step %(step)d of %(number)d") % {"step": shown.phase_index + 1, "number": number}
    return f"{step}, {phase.title}" if phase.title else step


def _knee(knee: str) -> str:
    return {
        "left": pgettext("handout", "Left knee"),
        "right": pgettext("handout", "Right knee"),
        "both": pgettext("handout", "Both knees"),
    }[knee]


def rhythm(phase: Phase) -> str:
    """`3 times a week`, or the names of the weekdays."""
    return ", ".join(str(Weekday(day).label) for day in sorted(phase.weekdays)) or rhythm_in_words(phase)


def as_exercise(dose: Dose) -> facts.Exercise:
    exercise = dose.exercise
    instead = pgettext("handout", "At home, instead: %(words)s")
    own = [instead % {"words": dose.substitute}] if dose.substitute else []
    cues = dose.cues or [cue["text"] for cue in exercise.cues]
    return facts.Exercise(
        letter=letter_of(exercise),
        name=in_words(exercise.name),
        dose=amounts_in_words(dose),
        required=dose.required,
        bands=tuple(map(_band, bands_used(exercise, dose))),
        remarks=(*own, *details_in_words(dose), *filter(None, [dose.own_cues])),
        cues=tuple(map(in_words, cues)),
        pictures=tuple(_pictures(frames(exercise, dose))),
        steps=tuple(in_words(step["text"]) for step in [*exercise.set_up, *exercise.movement]),
    )


def _pictures(drawn: list[Frame]) -> Iterator[facts.Picture]:
    """How it is done, and of the faults one: there is room for no more."""
    right, wrong = ([frame for frame in drawn if frame.is_fault is fault] for fault in (False, True))
    for frame in [*right[: MOST_PICTURES - 1], *wrong[-1:]]:
        yield facts.Picture(
            svg=frame.svg(for_print=True),
            caption=frame.caption,
            ratio=frame.height / frame.width,
            is_fault=frame.is_fault,
        )


def _band(use: BandUse) -> facts.Band:
    kind = pgettext("handout", "Short band") if use.kind == Exercise.Band.SHORT else pgettext("handout", "Long band")
    named = f"{kind} ({use.band.label})" if use.band else kind
    return facts.Band(text=f"{named}: {in_words(use.place)}", colour=use.band.colour if use.band else "")


def _weeks(
    weeks: Iterable[CalendarWeek], phases: Iterable[adherence.Stretch], shown: adherence.Stretch, doses: Doses
) -> Iterable[facts.Week]:
    """The calendar's weeks, each with the phase that begins in it, but for the one that the page is about."""
    others = [phase for phase in phases if phase != shown]
    letters = {dose.exercise_id: letter_of(dose.exercise) for dose in doses[_key(shown)]}
    for week in weeks:
        first, last = week.days[0].date, week.days[-1].date
        in_force = [phase for phase in phases if phase.first <= last and (phase.last is None or phase.last >= first)]
        news = [_news(phase, doses[_key(phase)], letters) for phase in others if first <= phase.first <= last]
        yield facts.Week(
            days=tuple(
                facts.Day(on=day.date, active=day.phase is not None, due=day.is_due, paused=day.is_paused)
                for day in week.days
            ),
            aim=week.due if any(phase.phase.frequency for phase in in_force) else None,
            news="  ".join(news),
        )


def _key(stretch: adherence.Stretch) -> tuple[object, int]:
    return stretch.prescription.key, stretch.phase_index


def _news(stretch: adherence.Stretch, doses: list[Dose], letters: dict[str, str]) -> str:
    """`From Monday 7 December: Build. 3 times a week. A: 3 sets, 12 steps each way, green.`"""
    long = pgettext("handout date format", "l j F")
    since = pgettext("handout", "From %(date)s:") % {"date": date_format(stretch.first, long)}
    phase = doses[0].phase
    days = pgettext("handout", "Days: %(days)s") % {"days": rhythm(phase)}
    parts = [phase.title, days if phase.weekdays else capfirst(rhythm(phase))]
    for dose in doses:
        name = letters.get(dose.exercise_id) or in_words(dose.exercise.name)
        bands = [use.band.label for use in bands_used(dose.exercise, dose) if use.band]
        parts.append(", ".join([f"{name}: {amounts_in_words(dose)}", *bands]))
    return f"{since} " + " ".join(f"{part}." for part in parts if part)
