"""Telling of alerts that can't wait: what comes for one recipient within five minutes goes into one message."""

from datetime import datetime, timedelta

from django.db.models import Q

from clinic.models import Membership, Message
from clinic.models.message import MessageQuerySet
from patients.adherence import monday_of
from patients.models import Alert
from patients.telling import Clinicians, clinicians_on

KIND = "alerts_at_once"
INSTEAD = "alerts_instead"  # to an owner, where whoever is told about the patient can't be reached
GATHERED = timedelta(minutes=5)
State = Message.State
ON_ITS_WAY = {State.QUEUED, State.SENDING, State.SENT, State.UNCERTAIN}
TRIED_FOR_LONG = 3  # attempts, the last of them 12 minutes after the first
# Open, and the message that was to tell of it was not sent after all, or not yet, for its mail server puts it off.
NOT_TOLD = Q(acknowledged_at=None, told_in__isnull=False) & (
    ~Q(told_in__state__in=ON_ITS_WAY) | Q(told_in__state=State.QUEUED, told_in__attempts__gte=TRIED_FOR_LONG)
)


def tell_at_once(alert: Alert, clinicians: Clinicians, *, now: datetime) -> None:
    """Whoever is told about the patient, whether they want the weekly email or not."""
    told = clinicians.told_about(alert.patient.responsible_id)
    _tell(alert, told.member if told else None, KIND, now=now)


def tell_somebody_else(*, now: datetime) -> None:
    """Of what did not reach whom it was for: who is told by now, or an owner, or who stands in for one.

    Each is tried once. After them what a mail server puts off is left, and in the end the site, which shows it.
    """
    untold = Alert.objects.filter(NOT_TOLD).select_related("patient__clinic", "told_in")
    clinicians: Clinicians | None = None
    for alert in untold.select_for_update(of=["self"], skip_locked=True).order_by("pk"):
        clinicians = clinicians or clinicians_on(alert.patient.clinic.today(now))
        told, tried = clinicians.told_about(alert.patient.responsible_id), _tried(alert)
        not_again = clinicians.unreached.union(tried.values_list("recipient", flat=True))
        if told and told.member.pk not in not_again:
            _tell(alert, told.member, KIND, now=now)
        elif left := [each for each in clinicians.otherwise() if each.pk not in not_again]:
            _tell(alert, left[0], INSTEAD, now=now)
        else:
            _leave(alert, tried.filter(state=State.QUEUED).exclude(recipient__in=clinicians.unreached))


def _tried(alert: Alert) -> MessageQuerySet:
    """What failed or is put off since the alert was last added to. What it joined is a little older than that."""
    since = Q(created_at__gt=alert.changed_at - GATHERED, kind__in=[KIND, INSTEAD])
    failed = Q(state__in=Message.GIVEN_UP) | Q(state=State.QUEUED, attempts__gte=TRIED_FOR_LONG)
    return Message.objects.filter(since & failed | Q(pk=alert.told_in_id))


def _leave(alert: Alert, put_off: MessageQuerySet) -> None:
    """With what is attempted next, if anything still is. Its row is held: it is not sent without the alert."""
    alert.told_in = put_off.select_for_update().order_by("due_at").first()
    alert.save(update_fields=["told_in"])


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
