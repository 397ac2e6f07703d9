"""A program in words: what the patient reads, and what clinicians compare."""

from collections.abc import Iterable

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from clinic.models.clinic import Weekday
from programs.catalogue_words import in_words
from programs.models import BandUse, Dose, Exercise, Phase, bands_used

KINDS = {Exercise.Band.SHORT: gettext_lazy("short band"), Exercise.Band.LONG: gettext_lazy("long band")}


def dose_in_words(dose: Dose) -> str:
    """All of a dose in one line: `2 sets, 10 steps each way, red band around the balls of your feet`."""
    return ", ".join([amounts_in_words(dose), *(band_in_words(use) for use in bands_used(dose.exercise, dose))])


def amounts_in_words(dose: Dose) -> str:
    """`2–3 sets, 10 steps each way` or `1 set, 10–30 repeats`."""
    sets = ngettext("%(sets)s set", "%(sets)s sets", dose.sets_max or dose.sets_min) % {"sets": dose.sets_text}
    return f"{sets}, {one_set_in_words(dose)}"


def one_set_in_words(dose: Dose) -> str:
    """`10 steps each way` or `10–30 repeats`."""
    most = dose.amount_max or dose.amount_min
    return (
        ngettext("%(amount)s step each way", "%(amount)s steps each way", most)
        if dose.exercise.per_direction
        else ngettext("%(amount)s repeat", "%(amount)s repeats", most)
    ) % {"amount": dose.amount_text}


def band_in_words(use: BandUse) -> str:
    """`red band around the balls of your feet`; the kind of band where no rung was chosen."""
    if use.band is None:
        return f"{KINDS[use.kind]} {in_words(use.place)}"
    return _("%(rung)s band %(place)s") % {"rung": use.band.label, "place": in_words(use.place)}


def details_in_words(dose: Dose) -> list[str]:
    """Hold, rest and tempo, a sentence each; those that were stated."""
    sentences = []
    if seconds := dose.hold_seconds:
        sentences.append(ngettext("Hold for %(n)d second.", "Hold for %(n)d seconds.", seconds) % {"n": seconds})
    if seconds := dose.rest_seconds:
        sentences.append(
            ngettext("Rest for %(n)d second between sets.", "Rest for %(n)d seconds between sets.", seconds)
            % {"n": seconds}
        )
    if dose.tempo:
        down, pause, up = dose.tempo.split("-")
        sentences.append(
            _("Count the seconds: %(down)s down, %(pause)s still, %(up)s up.")
            % {"down": down, "pause": pause, "up": up}
        )
    return sentences


def rhythm_in_words(phase: Phase) -> str:
    """`3 times a week` or `Mon, Wed, Fri`; empty while neither is chosen."""
    if phase.weekdays:
        return weekdays_in_words(phase.weekdays)
    if not phase.frequency:
        return ""
    return ngettext("%(n)d time a week", "%(n)d times a week", phase.frequency) % {"n": phase.frequency}


def weekdays_in_words(weekdays: Iterable[int]) -> str:
    return ", ".join(str(Weekday(day).label)[:3] for day in sorted(weekdays))


def length_in_words(weeks: int | None) -> str:
    return _("open-ended") if weeks is None else ngettext("%(n)d week", "%(n)d weeks", weeks) % {"n": weeks}


def phase_in_words(phase: Phase) -> str:
    """`2 weeks, 3 times a week`."""
    return ", ".join(filter(None, [length_in_words(phase.weeks), rhythm_in_words(phase)]))


def program_in_short(phases: Iterable[Phase]) -> str:
    """`Settle: 2 weeks, 3 times a week; Build: open-ended, Mon, Wed`."""
    return "; ".join(f"{phase}: {phase_in_words(phase)}" for phase in phases)


def usual_dose(exercise: Exercise) -> str:
    """What the source gives: `2–3 sets of 10 steps in each direction, to start with`."""
    text = _("%(sets)s sets of %(amount)s %(unit)s") % exercise.range_in_words
    return _("%(dose)s, to start with") % {"dose": text} if exercise.start_only else text
