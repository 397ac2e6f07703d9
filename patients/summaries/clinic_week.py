"""The clinic's week, for its owners: how everybody's patients did, and of whom nobody but an owner is told."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from clinic.models import Clinic, Membership, Role, Summaries
from patients.adherence import Band, Week
from patients.caseload import each_week
from patients.models import Patient
from patients.summaries import words
from patients.summaries.contents import Bands, Member
from patients.summaries.making import JUDGED, bands_of
from patients.summaries.reading import person_of
from patients.telling import Clinicians

KIND = "clinic_week"


@dataclass(frozen=True, slots=True)
class Caseload:
    """The patients that somebody is responsible for; `notes` say who is told in their place."""

    name: str
    weeks: tuple[Week, ...]
    notes: tuple[str, ...] = ()

    @property
    def sessions(self) -> str:
        patients = words.patients(len(self.weeks))
        done, due = sum(week.done for week in self.weeks), sum(week.due for week in self.weeks)
        return f"{patients}, {words.sessions_done(done, due)}" if due else patients

    @property
    def bands(self) -> tuple[Bands, ...]:
        return tuple(bands_of(self.weeks))


@dataclass(frozen=True, slots=True)
class ClinicWeek:
    monday: date
    caseloads: tuple[Caseload, ...]
    untold: tuple[Member, ...]

    @property
    def weeks(self) -> list[Week]:
        return [week for each in self.caseloads for week in each.weeks]

    @property
    def bands(self) -> tuple[Bands, ...]:
        return tuple(bands_of(self.weeks))

    @property
    def title(self) -> str:
        return _("%(week)s at the clinic") % {"week": words.week_name(self.monday)}

    @property
    def dates(self) -> str:
        return words.week_dates(self.monday, self.monday + timedelta(days=6))

    @property
    def subject(self) -> str:
        """Counts only."""
        return f"{self.title}: {', '.join(self._counts())}"

    @property
    def headline(self) -> str:
        done, due = sum(week.done for week in self.weeks), sum(week.due for week in self.weeks)
        return f"{capfirst(', '.join([*self._counts(), *([words.sessions_done(done, due)] if due else [])]))}."

    def _counts(self) -> list[str]:
        judged = sum(week.band in JUDGED for week in self.weeks)
        counts = [words.on_track(sum(week.band == Band.ON_TRACK for week in self.weeks), judged)] if judged else []
        if not counts:
            counts.append(words.patients(len(self.weeks)))
        if self.untold:
            counts.append(_("%(number)d told to nobody else") % {"number": len(self.untold)})
        return counts


def gets_clinic_week(member: Membership, clinicians: Clinicians) -> bool:
    """Owners who want it; not who treats alone, for then their own weekly email says all of it."""
    is_owner = member.pk in clinicians.active and member.role == Role.OWNER
    return is_owner and member.clinic_week and len(clinicians.active) > 1


def clinic_week(clinic: Clinic, clinicians: Clinicians, monday: date, *, day: date) -> ClinicWeek:
    """The week that starts on `monday`, as things are on a day. Three queries, whatever the number of patients."""
    patients = {each.pk: each for each in Patient.objects.active()}
    weeks = dict(each_week(Patient.objects.active(), monday, today=day))
    untold = (
        Member(person_of(clinic, each), told.why)
        for each in sorted(patients.values(), key=lambda each: each.code)
        if (told := clinicians.told_about(each.responsible_id, wants=clinicians.gets_summaries)) and told.why
    )
    return ClinicWeek(monday, tuple(_caseloads(patients, weeks, clinicians)), tuple(untold))


def _caseloads(
    patients: Mapping[UUID, Patient], weeks: Mapping[UUID, Week], clinicians: Clinicians
) -> Iterator[Caseload]:
    """By name; last the patients of nobody who works here."""
    of: defaultdict[UUID | None, list[Week]] = defaultdict(list)
    for key, patient in patients.items():
        of[patient.responsible_id if patient.responsible_id in clinicians.active else None].append(weeks[key])
    for member in sorted(clinicians.active.values(), key=lambda each: (str(each), each.pk)):
        yield Caseload(str(member), tuple(of[member.pk]), tuple(_notes(member, clinicians)))
    if of[None]:
        yield Caseload(_("Without a clinician"), tuple(of[None]))


def _notes(member: Membership, clinicians: Clinicians) -> Iterator[str]:
    if deputy := clinicians.deputy_of(member.pk):
        until = words.day(clinicians.away[member.pk].ends_on)
        yield _("away until %(until)s, %(deputy)s stands in") % {"until": until, "deputy": deputy}
    if not clinicians.gets_summaries(member):
        yield _("gets no weekly email") if member.summaries == Summaries.OFF else _("emails to them don't arrive")
