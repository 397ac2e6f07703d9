"""What the mail provider tells of an email later: that it came back, or that its reader calls it spam.

The provider signs what it tells. It is believed of a message that went to the very address it names, and can do no more
than end that message and suppress that address in the clinic that wrote to it.
"""

import logging
from datetime import datetime
from typing import Any

from anymail.signals import AnymailTrackingEvent, EventType, tracking
from anymail.webhooks.mailgun import MailgunTrackingWebhookView
from django.conf import settings
from django.dispatch import receiver
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from clinic.actions.suppressing import suppress
from clinic.models import Message, Suppression
from clinic.refusals import says_no_such_mailbox
from clinic.wall.scope import clinic_scope

logger = logging.getLogger(__name__)

State = Message.State
HANDED_OVER = [State.SENDING, State.SENT, State.UNCERTAIN]
BOUNCED_BEFORE = 605  # Mailgun's own: it did not even try


@csrf_exempt
def mailgun(request: HttpRequest) -> HttpResponse:
    """Closed without a key to check the signatures with; one that is wrong is answered 400."""
    if not settings.MAILGUN_SIGNING_KEY:
        raise Http404
    return MailgunTrackingWebhookView.as_view(webhook_signing_key=settings.MAILGUN_SIGNING_KEY)(request)


@receiver(tracking, sender=MailgunTrackingWebhookView)
def hear(sender: Any, event: AnymailTrackingEvent, **kwargs: Any) -> None:
    take_note(event, now=timezone.now())


def take_note(event: AnymailTrackingEvent, *, now: datetime) -> None:
    """Again is harmless. What is no message of ours, such as an email with a sign-in code, is left alone."""
    ids = Message.ids_in(event.message_id or "")
    if ids is None or event.event_type not in {EventType.BOUNCED, EventType.REJECTED, EventType.COMPLAINED}:
        return
    clinic_id, pk = ids
    with clinic_scope(clinic_id):
        message = Message.objects.select_related("recipient__user").filter(pk=pk).first()
        if message is None or (event.recipient or "").lower() != _address(message):
            return
        if event.event_type == EventType.COMPLAINED:
            suppress(address=event.recipient, reason=Suppression.Reason.COMPLAINED, answer="", now=now)
            return
        code, answer = _answer(event)
        no_mailbox = code == BOUNCED_BEFORE or says_no_such_mailbox(code, answer)
        if no_mailbox:
            suppress(address=event.recipient, reason=Suppression.Reason.BOUNCED, answer=answer, now=now)
        came_back = State.SUPPRESSED if no_mailbox else State.FAILED
        Message.objects.filter(pk=pk, state__in=HANDED_OVER).update(
            state=came_back, sent_at=None, code=str(code or "returned"), error=f"It came back: {answer}"
        )
        logger.warning("Message %s of clinic %s came back: %s", pk, clinic_id, code)


def _address(message: Message) -> str:
    """Where it went, or is just going."""
    return (message.sent_to or message.recipient.user.email or "").lower()


def _answer(event: AnymailTrackingEvent) -> tuple[int, str]:
    """The SMTP code, 0 without one, and what the recipient's mail server or the provider said."""
    status = event.esp_event.get("event-data", {}).get("delivery-status") or {}
    code = status.get("code")
    text = str(event.mta_response or event.description or "").replace("\0", "")
    return code if isinstance(code, int) else 0, text
