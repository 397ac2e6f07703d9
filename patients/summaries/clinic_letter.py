"""Writes the clinic's week for one of its owners."""

from datetime import datetime

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from clinic import links, unsubscribing
from clinic.models import Message
from clinic.outbox import Batch, Letter, NotWanted
from patients.summaries.clinic_week import KIND, clinic_week, gets_clinic_week
from patients.summaries.styling import html_of
from patients.telling import clinicians_on


def write_clinic_week(message: Message, *, now: datetime, batch: Batch) -> Letter:
    """The letter of a message in the open clinic. Raises NotWanted where its recipient is not to have one any more."""
    recipient = message.recipient
    day, clinic = recipient.clinic.today(now), recipient.clinic
    clinicians = clinicians_on(day)
    # In one language, whatever the clinic speaks, until all of it is translated.
    with translation.override(settings.LANGUAGE_CODE):
        if not gets_clinic_week(recipient, clinicians):
            raise NotWanted(_("It goes to owners who want it, of a clinic in which somebody else treats too."))
        week = batch.once((KIND, message.week, day), lambda: clinic_week(clinic, clinicians, message.week, day=day))
        stop_url = unsubscribing.url_of(recipient, "clinic-week")
        context = {
            "week": week,
            "clinic": clinic,
            "staff_url": links.absolute(links.inside(clinic, "admin:clinic_membership_changelist")),
            "patients_url": links.absolute(links.inside(clinic, "admin:patients_patient_changelist")),
            "settings_url": links.absolute(links.inside(clinic, "admin:patients_patient_clinic_week")),
            "stop_url": stop_url,
        }
        return Letter(
            subject=week.subject,
            text=render_to_string("patients/summary/clinic_week.txt", context),
            html=html_of("patients/summary/clinic_week.html", context),
            headers=unsubscribing.one_click(stop_url),
        )
