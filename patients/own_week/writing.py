"""Writes a patient's own week, as things are when it is sent."""

from datetime import datetime

from django.template.loader import render_to_string
from django.utils import translation

from clinic import links, unsubscribing
from clinic.models import Message
from clinic.outbox import Batch, Letter, NotWanted
from patients.languages import language_of
from patients.models import Patient
from patients.own_week.reading import own_week
from patients.summaries.styling import html_of

STOP = "own-week-stop"


def write_own_week(message: Message, *, now: datetime, batch: Batch) -> Letter:
    """The letter of a message in the open clinic. Raises NotWanted with the reason."""
    recipient, clinic = message.recipient, message.recipient.clinic
    if not recipient.own_week:
        raise NotWanted("They turned it off.")
    patient = Patient.objects.active().filter(pk=recipient.record).first() if recipient.record else None
    if patient is None:
        raise NotWanted("The record is closed.")
    with translation.override(language_of(patient, clinic)):
        week = own_week(patient, message.week, today=clinic.today(now))
        if week is None:
            raise NotWanted("No program was in force in the week.")
        stop_url = unsubscribing.url_of(recipient, STOP)
        context = {
            "week": week,
            "clinic": clinic,
            **{
                f"{name}_url": links.absolute(links.inside(clinic, page, patient.pk))
                for name, page in [("today", "today"), ("signs", "red-flags"), ("settings", "own-week")]
            },
            "stop_url": stop_url,
        }
        return Letter(
            subject=week.subject,
            text=render_to_string("patients/own_week/email.txt", context),
            html=html_of("patients/own_week/email.html", context),
            headers=unsubscribing.one_click(stop_url),
        )
