"""Writes the weekly summary of one recipient, as text and as HTML."""

from collections.abc import Sequence
from datetime import date, datetime

from css_inline import CSSInliner
from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation

from clinic import links
from clinic.models import Membership, Message
from clinic.outbox import Letter
from patients.summaries.making import summarise
from patients.summaries.reading import WEEKS_BACK, read_facts, shares_of_clinic
from patients.summaries.sharing import Share

# What can't be inlined, the dark colours, stays in a style element.
inliner = CSSInliner(keep_at_rules=True, load_remote_stylesheets=False)


def write_weekly_summary(message: Message, *, now: datetime) -> Letter | None:
    """The letter of a message in the open clinic; None where its recipient is not to have one any more."""
    # In one language, whatever the clinic speaks, until all of it is translated.
    with translation.override(settings.LANGUAGE_CODE):
        shares = shares_of_clinic().get(message.recipient)
        return None if shares is None else write(message.recipient, shares, message.week)


def write(recipient: Membership, shares: Sequence[Share], week: date) -> Letter:
    """The summary of the week that starts on `week`, of these patients, in the language that is active."""
    summary = summarise(
        read_facts(recipient, shares, week),
        monday=week,
        weeks_back=WEEKS_BACK,
        too_much_pain_from=recipient.clinic.pain_too_much_from,
    )
    patients_url = links.absolute(links.inside(recipient.clinic, "admin:patients_patient_changelist"))
    context = {"summary": summary, "clinic": recipient.clinic, "patients_url": patients_url}
    return Letter(
        subject=summary.subject,
        text=render_to_string("patients/summary/email.txt", context),
        html=_html(context),
        reported=summary.reported,
    )


def _html(context: dict[str, object]) -> str:
    """Without the indentation, which is a third of it: mail programs cut a message at 100 kB."""
    lines = render_to_string("patients/summary/email.html", context).splitlines()
    return inliner.inline("\n".join(filter(None, map(str.strip, lines))))
