"""What a weekly email would be if it were sent now."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from email.header import decode_header, make_header

from django.conf import settings
from django.utils.module_loading import import_string

from clinic.models import Membership, Message
from clinic.outbox import Batch, NotWanted, mail_of
from patients.adherence import monday_of
from patients.summaries.reading import KIND


@dataclass(frozen=True, slots=True)
class Preview:
    """`why_not` says why nothing would be sent; then the rest is empty. `sent_at`: when this week's went, if it did."""

    why_not: str = ""
    sent_at: datetime | None = None
    subject: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    text: str = ""
    html: str = ""

    def html_in_a_page(self, *, nonce: str) -> str:
        """The HTML part for a frame of ours: our policy asks for a nonce, and links are to open beside the page."""
        styled = self.html.replace("<style", f'<style nonce="{nonce}"')
        return styled.replace("<head>", '<head><base target="_blank">', 1)


def preview(recipient: Membership, *, now: datetime, kind: str = KIND) -> Preview:
    """Of the last complete week in the open clinic, made by the very code that sends it. Nothing is kept."""
    week = monday_of(recipient.clinic.today(now)) - timedelta(weeks=1)
    queued = Message.objects.filter(recipient=recipient, kind=kind, week=week).first()
    message = queued or Message(kind=kind, week=week)
    message.recipient = recipient
    write = import_string(settings.MESSAGE_WRITERS[kind])
    try:
        mail = mail_of(message, letter := write(message, now=now, batch=Batch([message.pk])), at=now)
    except NotWanted as reason:
        return Preview(why_not=str(reason), sent_at=message.sent_at)
    headers = tuple((name, _as_read(value)) for name, value in mail.message().items())
    return Preview("", message.sent_at, letter.subject, headers, letter.text, letter.html)


def _as_read(header: str) -> str:
    """On one line, and its letters as people read them."""
    return " ".join(str(make_header(decode_header(header))).split())
