"""Telling of alerts that can't wait: what comes for one recipient within five minutes goes into one message."""

from datetime import datetime, timedelta

from django.db.models import Q

from clinic.models import Membership, Message
from patients.adherence import monday_of
from patients.models import Alert
from patients.telling import Clinicians, clinicians_on

KIND = "alerts_at_once"
INSTEAD = "alerts_instead"  # to the owner, where whoever is told about the patient can't be reached
GATHERED = timedelta(minutes=5)
State = Message.State
ON_ITS_WAY = {State.QUEUED, State.SENDING, State.SENT, State.UNCERTAIN}
# Open, and the message that was to tell of it was not sent after all.
NOT_TOLD = Q(acknowledged_at=None, told_in__isnull=False) & ~Q(told_in__state__in=ON_ITS_WAY)


def tell_at_once(alert: Alert, clinicians: Clinicians, *, now: datetime) -> None:
    """Whoever is told about the patient, whether they want the weekly email or not."""
    told = clinicians.told_about(alert.patient.responsible_id)
    _tell(alert, told.member if told else None, KIND, now=now)


def tell_somebody_else(*, now: datetime) -> None:
    """Of what did not reach whom it was for: who is told by now, or the owner. Where that is the same, nobody is left
    but the site, which shows it."""
    untold = Alert.objects.filter(NOT_TOLD).select_related("patient__clinic", "told_in")
    clinicians: Clinicians | None = None
    for alert in untold.select_for_update(of=["self"], skip_locked=True).order_by("pk"):
        clinicians = clinicians or clinicians_on(alert.patient.clinic.today(now))
        missed = alert.told_in.recipient_id if alert.told_in else None
        told, owner = clinicians.told_about(alert.patient.responsible_id), clinicians.told_about(None)
        if owner is None or owner.member.pk == missed:
            _tell(alert, None, KIND, now=now)
        elif told is None or told.member.pk == missed:
            _tell(alert, owner.member, INSTEAD, now=now)
        else:
            _tell(alert, told.member, KIND, now=now)


def _tell(alert: Alert, member: Membership | None, kind: str, *, now: datetime) -> None:
    alert.told_in = _message_to(member, kind, now=now) if member else None
    alert.save(update_fields=["told_in"])


def _message_to(recipient: Membership, kind: str, *, now: datetime) -> Message:
    """The one that waits to be sent to them, otherwise a new one.

    Its row is held until this transaction ends: it is not sent before all that it is to tell is there.
    """
    waiting = Message.objects.filter(recipient=recipient, kind=kind, state=State.QUEUED, attempts=0)
    window = now.replace(minute=now.minute - now.minute % 5, second=0, microsecond=0)
    while not (message := waiting.select_for_update().order_by("due_at").first()):
        new = Message(
            recipient=recipient,
            kind=kind,
            week=monday_of(recipient.clinic.today(now)),
            key=f"{window:%Y-%m-%d %H:%M}",
            due_at=now + GATHERED,
            created_at=now,
        )
        Message.objects.bulk_create([new], ignore_conflicts=True)
        window += GATHERED
    return message
