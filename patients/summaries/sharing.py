"""Who gets whose summary. Asked when the week is queued, and again when each message is sent."""

from collections.abc import Iterable
from dataclasses import dataclass

from clinic.models import Membership
from patients.models import Patient
from patients.telling import Clinicians


@dataclass(frozen=True, slots=True)
class Share:
    """A patient in somebody's summary. `instead_of` is the name of a clinician who is away and for whom the recipient
    stands in; `why_here` is why the owner gets it instead of a clinician of theirs."""

    patient: Patient
    instead_of: str = ""
    why_here: str = ""


def share_out(clinicians: Clinicians, patients: Iterable[Patient]) -> dict[Membership, list[Share]]:
    """Each clinician who gets a summary, with their patients, and of an owner who gets none those whom nobody else is
    told about."""
    shares: dict[Membership, list[Share]] = {
        each: [] for each in clinicians.active.values() if clinicians.gets_summaries(each)
    }
    for patient in patients:
        if told := clinicians.told_about(patient.responsible_id, wants=clinicians.gets_summaries):
            share = Share(patient, str(told.instead_of or ""), told.why)
            shares.setdefault(told.member, []).append(share)
    return shares
