"""Who is told about a patient on a date: asked by the weekly emails and by alerts."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _

from clinic.models import Deputy, Membership, Role, Summaries, Suppression


@dataclass(frozen=True, slots=True)
class Told:
    """`instead_of` is the clinician who is away; `why` says why it is the owner."""

    member: Membership
    instead_of: Membership | None = None
    why: str = ""


def everybody(_member: Membership) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Clinicians:
    """The active owners and clinicians of a clinic, and who of them stands in for whom on one date.

    `away` has also those who don't work there any more and were stood in for. `unreached`: who has no address, or one
    that the clinic writes to no more.
    """

    active: Mapping[UUID, Membership]
    away: Mapping[UUID, Deputy]
    unreached: frozenset[UUID]

    @classmethod
    def of(
        cls, active: Iterable[Membership], deputies: Iterable[Deputy] = (), unreached: Iterable[UUID] = ()
    ) -> "Clinicians":
        away = {each.clinician_id: each for each in deputies}
        return cls({each.pk: each for each in active}, away, frozenset(unreached))

    def told_about(self, responsible: UUID | None, *, wants: Callable[[Membership], bool] = everybody) -> Told | None:
        """Of a patient with this responsible clinician: the deputy, else the clinician, else the owner; whoever of
        them works here and `wants` it. An owner is told whatever they want; None where there is none.
        """
        own, deputy = self.active.get(responsible) if responsible else None, self.deputy_of(responsible)
        if deputy and wants(deputy):
            return Told(deputy, instead_of=self.away[responsible].clinician if responsible else None)
        if own and wants(own):
            return Told(own)
        if owner := self._owner(wants):
            return Told(owner, why=self._why(responsible))
        return None

    def gets_summaries(self, member: Membership) -> bool:
        """Wants the weekly email, and it reaches them."""
        return member.summaries != Summaries.OFF and member.pk not in self.unreached

    def of_whom(self, members: Collection[Membership], *, wants: Callable[[Membership], bool] = everybody) -> Q:
        """The patients that one of these members is told about, as a condition."""
        known = {*self.active, *self.away}
        whose = {each: self.told_about(each, wants=wants) for each in known}
        theirs = Q(responsible__in=[each for each, told in whose.items() if told and told.member in members])
        nobodys = self.told_about(None, wants=wants)
        if nobodys and nobodys.member in members:
            return theirs | Q(responsible=None) | ~Q(responsible__in=known)
        return theirs

    def otherwise(self) -> Iterator[Membership]:
        """Whom to turn to where whoever is told can't be reached: each owner by way of their deputy, the
        longest-standing one first, and then those who are away."""
        owners = sorted(self._owners(), key=_standing)
        yield from (self.deputy_of(each.pk) or each for each in owners)
        yield from (each for each in owners if self.deputy_of(each.pk))

    def deputy_of(self, clinician: UUID | None) -> Membership | None:
        standing_in = self.away.get(clinician) if clinician else None
        return self.active.get(standing_in.deputy_id) if standing_in else None

    def _owner(self, wants: Callable[[Membership], bool]) -> Membership | None:
        """The longest-standing one, of those who want it if there are any."""
        return min(self._owners(), key=lambda each: (not wants(each), *_standing(each)), default=None)

    def _owners(self) -> list[Membership]:
        return [each for each in self.active.values() if each.role == Role.OWNER]

    def _why(self, responsible: UUID | None) -> str:
        if responsible is None:
            return _("has no responsible clinician")
        if own := self.active.get(responsible):
            opted_out = own.summaries == Summaries.OFF
            return _("their clinician gets no summaries") if opted_out else _("emails to their clinician don't arrive")
        return _("their clinician no longer works here")


def _standing(member: Membership) -> tuple[datetime, UUID]:
    return member.created_at, member.pk


def clinicians_on(day: date) -> Clinicians:
    """Of the open clinic, in three queries."""
    clinicians, suppressed = Membership.objects.clinicians(), Suppression.objects.standing().values("address")
    has_no_address = Q(user__email=None) | Q(user__email="")
    unreached = clinicians.filter(has_no_address | Q(user__email__in=suppressed)).values_list("pk", flat=True)
    deputies = Deputy.objects.on(day).select_related("clinician__user")
    return Clinicians.of(clinicians.select_related("clinic", "user"), deputies, unreached)
