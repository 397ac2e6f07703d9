"""From reading to deciding: the pages that a patient's week leads to. Each asks, and only what is sent from it acts."""

from dataclasses import replace
from datetime import date
from uuid import UUID

from django.utils.translation import gettext as _

from clinic import links
from clinic.models import Clinic
from patients.summaries.contents import Summary, Way


def ways_to_decide(clinic: Clinic, patient: UUID, week: date) -> tuple[Way, ...]:
    decide, pause, revise = (
        links.inside(clinic, f"admin:patients_patient_{page}", patient) for page in ("decide", "pause", "revise")
    )
    return (
        Way("pause", _("Pause"), f"{pause}?week={week}"),
        Way("revise", _("Change the program"), f"{revise}?week={week}"),
        Way("call", _("Call back"), f"{decide}?what=call&week={week}"),
        Way("seen", _("Seen"), f"{decide}?what=seen&week={week}"),
    )


def with_ways(summary: Summary, clinic: Clinic) -> Summary:
    """Each patient in need with the ways to decide about their week."""
    needs = [replace(need, ways=ways_to_decide(clinic, need.person.id, summary.monday)) for need in summary.needs]
    return replace(summary, needs=tuple(needs))
