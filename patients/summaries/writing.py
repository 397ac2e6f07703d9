"""Writes the weekly summary of one recipient, as text and as HTML."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Self

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from clinic import links, unsubscribing
from clinic.models import Clinic, Membership, Message, Summaries
from clinic.outbox import Batch, Letter, NotWanted
from patients.limits import limits_of
from patients.models import Patient
from patients.summaries import words
from patients.summaries.contents import Summary
from patients.summaries.facts import Facts
from patients.summaries.making import summarise
from patients.summaries.reading import KIND, WEEKS_BACK, read_facts, shares_of
from patients.summaries.sharing import Share
from patients.summaries.styling import html_of
from patients.summaries.ways import with_ways
from patients.telling import Clinicians, clinicians_on


@dataclass(frozen=True, slots=True)
class Reading:
    """A week of the patients of some recipients who get a summary, as things are on a day."""

    clinicians: Clinicians
    facts: Mapping[Membership, Sequence[Facts]]

    @classmethod
    def of(cls, clinic: Clinic, recipients: Collection[Membership], week: date, *, day: date) -> Self:
        clinicians = clinicians_on(day)
        return cls(clinicians, read_facts(clinic, shares_of(recipients, clinicians), week))

    def still_holds_for(self, recipient: Membership) -> bool:
        """They are what they were, and want what they wanted, when it was read."""
        read = self.clinicians.active.get(recipient.pk)
        return read is not None and (read.role, read.summaries) == (recipient.role, recipient.summaries)


def write_weekly_summary(message: Message, *, now: datetime, batch: Batch) -> Letter:
    """The letter of a message in the open clinic. Raises NotWanted where its recipient is not to have one any more."""
    recipient, week = message.recipient, message.week
    clinic, day = recipient.clinic, recipient.clinic.today(now)
    # In one language, whatever the clinic speaks, until all of it is translated.
    with translation.override(settings.LANGUAGE_CODE):
        reading = batch.once(
            (KIND, week, day), lambda: Reading.of(clinic, batch.recipients_like(message), week, day=day)
        )
        if not reading.still_holds_for(recipient):
            reading = Reading.of(clinic, [recipient], week, day=day)
        if recipient not in reading.facts:
            raise NotWanted(_("No weekly summary goes to them."))
        summary = _summarised(recipient, reading.facts[recipient], week, reading.clinicians)
        if recipient.summaries == Summaries.NEEDED and not summary.is_needed:
            raise NotWanted(_("No patient needs them, and they want it only then."))
        return letter_of(recipient, summary)


def write(recipient: Membership, shares: Sequence[Share], week: date, *, day: date) -> Letter:
    """The summary of the week that starts on `week`, of these patients, as it is sent on a day, in the language that is
    active."""
    [facts] = read_facts(recipient.clinic, {recipient: shares}, week).values()
    return letter_of(recipient, _summarised(recipient, facts, week, clinicians_on(day)))


def _away(recipient: Membership, clinicians: Clinicians) -> str:
    """Who stands in for them, that they may not wonder where their patients are."""
    deputy = clinicians.deputy_of(recipient.pk)
    if deputy is None or not clinicians.gets_summaries(deputy):
        return ""
    sentence = _("%(deputy)s stands in for you until %(until)s and is told about your patients.")
    return sentence % {"deputy": deputy, "until": words.day(clinicians.away[recipient.pk].ends_on)}


def week_of_one(reader: Membership, patient: Patient, week: date) -> Summary:
    """What a summary would say of one patient, whoever else is told about them."""
    [facts] = read_facts(reader.clinic, {reader: [Share(patient)]}, week).values()
    return summarise(facts, monday=week, weeks_back=WEEKS_BACK, limits=limits_of(reader.clinic))


def _summarised(recipient: Membership, facts: Sequence[Facts], week: date, clinicians: Clinicians) -> Summary:
    summary = summarise(facts, monday=week, weeks_back=WEEKS_BACK, limits=limits_of(recipient.clinic))
    return replace(summary, away=_away(recipient, clinicians))


def letter_of(recipient: Membership, summary: Summary) -> Letter:
    """Without a link to stop it where it comes all the same: to an owner, of patients of whom nobody else is told."""
    stop_url = unsubscribing.url_of(recipient) if recipient.summaries != Summaries.OFF else ""
    patients = links.absolute(links.inside(recipient.clinic, "admin:patients_patient_changelist"))
    context = {
        "summary": with_ways(summary, recipient.clinic),
        "clinic": recipient.clinic,
        "patients_url": patients,
        "needing_url": f"{patients}?show=needs&clinician=me",
        "settings_url": links.absolute(links.inside(recipient.clinic, "admin:patients_patient_summary")),
        "stop_url": stop_url,
    }
    return Letter(
        subject=summary.subject,
        text=render_to_string("patients/summary/email.txt", context),
        html=html_of("patients/summary/email.html", context),
        reported=summary.reported,
        headers=unsubscribing.one_click(stop_url) if stop_url else {},
    )
