"""Who gets whose summary. Asked when the week is queued, and again when each message is sent."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext as _

from clinic.models import Membership, Role, Summaries
from patients.models import Patient


@dataclass(frozen=True, slots=True)
class Share:
    """A patient in somebody's summary; `why_here` where that is the owner instead of a clinician of theirs."""

    patient: Patient
    why_here: str = ""


def share_out(clinicians: Iterable[Membership], patients: Iterable[Patient]) -> dict[Membership, list[Share]]:
    """Each clinician who gets a summary, with their patients; whom nobody gets goes to the clinic's owner.

    `clinicians` are the active owners and clinicians. The owner is the longest-standing one who wants summaries; where
    none does, the longest-standing is told all the same, of these patients alone.
    """
    known = {clinician.pk: clinician for clinician in clinicians}
    shares: dict[Membership, list[Share]] = {each: [] for each in known.values() if each.summaries != Summaries.OFF}
    unattended = []
    for patient in patients:
        responsible = known.get(patient.responsible_id) if patient.responsible_id else None
        if responsible in shares:
            shares[responsible].append(Share(patient))
        else:
            unattended.append(Share(patient, _why(patient, known)))
    if unattended and (owner := _owner(known.values())):
        shares.setdefault(owner, []).extend(unattended)
    return shares


def _owner(clinicians: Iterable[Membership]) -> Membership | None:
    owners = [each for each in clinicians if each.role == Role.OWNER]
    return min(owners, key=lambda each: (each.summaries == Summaries.OFF, each.created_at, each.pk), default=None)


def _why(patient: Patient, known: Mapping[UUID, Membership]) -> str:
    if patient.responsible_id is None:
        return _("has no responsible clinician")
    if patient.responsible_id in known:
        return _("their clinician gets no summaries")
    return _("their clinician no longer works here")
