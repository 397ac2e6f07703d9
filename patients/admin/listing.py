"""The list of patients: what is asked of it, and one page of the answer in the same few queries for any number."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.db.models import Exists, F, OuterRef, Q, TextChoices
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from clinic.models import Membership
from patients.admin.figures import find_out_some, standings, with_attention
from patients.handout.holders import holders_of
from patients.models import Course, Patient, Pause, Prescription
from patients.models.patient import PatientQuerySet

PAGE_OF = 50
NEW_FOR = timedelta(days=14)
LONGEST_QUERY = 100
MINE, NOBODYS = "me", "none"


class Show(TextChoices):
    ALL = "", _("All")
    NEEDS_A_LOOK = "needs", _("Need a look")
    NEW = "new", _("New")
    PAUSED = "paused", _("Paused")
    NOT_PRESCRIBED = "unprescribed", _("No program")
    ARCHIVED = "archived", _("Archived")


class Sort(TextChoices):
    CODE = "code", _("Code")
    NAME = "name", _("Name")
    URGENCY = "urgency", _("Most urgent")
    OLDEST_LOG = "oldest", _("Last log, longest ago")
    NEWEST_LOG = "newest", _("Last log, newest")


# What tells nothing of how somebody does: all that the front desk is offered.
PLAIN_SHOWS, PLAIN_SORTS = [Show.ALL, Show.ARCHIVED], [Sort.CODE, Sort.NAME]
ORDERS: Mapping[Sort, list[Any]] = {
    Sort.CODE: ["code"],
    Sort.NAME: ["search_words", "code"],
    Sort.URGENCY: ["-urgency", "code"],
    Sort.OLDEST_LOG: [F("last_log").asc(nulls_first=True), "code"],
    Sort.NEWEST_LOG: [F("last_log").desc(nulls_last=True), "code"],
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for; what makes no sense in it, or is not for this person, is left out."""

    show: Show
    sort: Sort
    text: str
    clinician: str
    page: str

    @classmethod
    def of(cls, query: Mapping[str, str], *, is_clinician: bool) -> "Asked":
        shows = list(Show) if is_clinician else PLAIN_SHOWS
        sorts = list(Sort) if is_clinician else PLAIN_SORTS
        show = next((each for each in shows if each == query.get("show")), Show.ALL)
        usual = Sort.URGENCY if show == Show.NEEDS_A_LOOK else Sort.CODE
        return cls(
            show=show,
            sort=next((each for each in sorts if each == query.get("sort")), usual),
            text=query.get("q", "").replace("\0", "").strip()[:LONGEST_QUERY],
            clinician=query.get("clinician", ""),
            page=query.get("page", ""),
        )


def chosen(asked: Asked, *, by: Membership, today: date) -> PatientQuerySet:
    """The patients asked for."""
    archived = Q(archived_at__isnull=asked.show != Show.ARCHIVED)
    found = Patient.objects.filter(archived, _in_care_of(asked.clinician, by, today), _shown(asked.show, today))
    holders = holders_of(asked.text) if by.is_clinician else None
    return found.found_by(asked.text) if holders is None else found.filter(pk__in=holders)


class Pages(Paginator):
    """Counts without what is only shown of each."""

    def __init__(self, patients: PatientQuerySet, order: list[Any]) -> None:
        super().__init__(with_attention(patients).order_by(*order), PAGE_OF)
        self.patients = patients

    @cached_property
    def count(self) -> int:
        return self.patients.count()


def page_of_patients(asked: Asked, *, by: Membership, today: date) -> dict[str, Any]:
    """For the template: one page of patients, with their weeks and reasons for those who may see them."""
    still_looking = by.is_clinician and find_out_some(by.clinic, today=today)
    page = Pages(chosen(asked, by=by, today=today), ORDERS[asked.sort]).get_page(asked.page)
    return {
        "asked": asked,
        "page": page,
        "pages": page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1),
        "still_looking": still_looking,
        "standings": standings(page.object_list, today=today) if by.is_clinician else None,
    }


def choices_for(asked: Asked, *, by: Membership) -> dict[str, Any]:
    """For the template: what else can be asked for."""
    clinicians = Membership.objects.clinicians().select_related("user").order_by("name")
    needing = Patient.objects.active().filter(attention__urgency__gt=0)
    return {
        "shows": list(Show) if by.is_clinician else PLAIN_SHOWS,
        "sorts": list(Sort) if by.is_clinician else PLAIN_SORTS,
        "needing": needing.count() if by.is_clinician else 0,
        "clinicians": [
            ("", _("Everybody's patients")),
            *([(MINE, _("My patients"))] if by.is_clinician else []),
            *((str(each.pk), str(each)) for each in clinicians),
            (NOBODYS, _("Without a clinician")),
        ],
    }


def _in_care_of(clinician: str, by: Membership, today: date) -> Q:
    if clinician == MINE:
        return Q(pk__in=Patient.objects.in_care_of(by, today))
    if clinician == NOBODYS:
        return Q(responsible=None)
    try:
        return Q(responsible=UUID(clinician))
    except ValueError:
        return Q()


def _shown(show: Show, today: date) -> Q:
    since = today - NEW_FOR
    prescriptions = Prescription.objects.filter(course__patient=OuterRef("pk"))
    running = Course.objects.filter(patient=OuterRef("pk"), ended_on=None)
    pauses = Pause.objects.filter(course__patient=OuterRef("pk"), course__ended_on=None, starts_on__lte=today)
    return {
        Show.NEEDS_A_LOOK: Q(attention__urgency__gt=0),
        Show.NEW: Q(Exists(prescriptions.filter(starts_on__gt=since)))
        & ~Q(Exists(prescriptions.filter(starts_on__lte=since))),
        Show.PAUSED: Q(Exists(pauses.exclude(ends_on__lt=today))),
        Show.NOT_PRESCRIBED: ~Q(Exists(running)),
    }.get(show, Q())
