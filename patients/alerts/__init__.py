"""Which alerts are due: the rules of docs/alerts.md, pure. The pages and the weekly email use the same ones."""

from patients.alerts.digest import due_in_digest
from patients.alerts.facts import CountedSet, Known, Session, Target, Thresholds
from patients.alerts.kinds import AT_ONCE, Due, Kind
from patients.alerts.pain import due_across, due_at_once, pairs_too_much, rising
from patients.alerts.ready import ready, were_easy
from patients.alerts.silence import below_in_both, silence

__all__ = [
    "AT_ONCE",
    "CountedSet",
    "Due",
    "Kind",
    "Known",
    "Session",
    "Target",
    "Thresholds",
    "below_in_both",
    "due_across",
    "due_at_once",
    "due_in_digest",
    "pairs_too_much",
    "ready",
    "rising",
    "silence",
    "were_easy",
]
