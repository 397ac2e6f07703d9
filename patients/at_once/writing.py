"""Writes what can't wait, as things are when it is sent."""

from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from css_inline import CSSInliner
from django.conf import settings
from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import ngettext

from clinic import links
from clinic.models import Clinic, Message
from clinic.outbox import Batch, Letter, NotWanted
from patients.actions.telling import tell_at_once
from patients.alert_words import Shown, in_words
from patients.models import Alert
from patients.summaries.facts import Person
from patients.summaries.reading import person_of
from patients.telling import clinicians_on

NEWEST = 3
NOTHING_LEFT = "All of it was acknowledged, or told to somebody else."
inliner = CSSInliner(keep_at_rules=True, load_remote_stylesheets=False)


@dataclass(frozen=True, slots=True)
class Told:
    """One alert: the newest of what it is made of, and the page that asks what was done about it."""

    shown: Shown
    url: str

    @property
    def newest(self) -> list[str]:
        return self.shown.made_of[-NEWEST:]

    @property
    def before(self) -> int:
        return len(self.shown.made_of) - len(self.newest)


@dataclass(frozen=True, slots=True)
class Case:
    person: Person
    alerts: list[Told]


def write_alerts(message: Message, *, now: datetime, batch: Batch) -> Letter | None:
    """What is still open. Of patients who are another's by now they are told instead; None where that was all.

    Raises NotWanted where all of it was acknowledged or told to somebody else meanwhile.
    """
    clinic = message.recipient.clinic
    clinicians = clinicians_on(clinic.today(now))
    ours: list[Alert] = []
    others: list[Alert] = []
    for alert in _open_alerts(message):
        told = clinicians.told_about(alert.patient.responsible_id)
        (ours if told and told.member == message.recipient else others).append(alert)
    # All of them at first and in this order, as whoever adds to one holds it before its message.
    handed_on = _open_alerts(message).filter(pk__in=[each.pk for each in others]) if others else Alert.objects.none()
    for alert in handed_on.select_for_update(of=["self"]).order_by("pk"):
        tell_at_once(alert, clinicians, now=now)
    if ours:
        # In one language, whatever the clinic speaks, until all of it is translated.
        with translation.override(settings.LANGUAGE_CODE):
            return _letter(clinic, ours)
    if others:
        return None
    raise NotWanted(NOTHING_LEFT)


def write_alerts_instead(message: Message, *, now: datetime, batch: Batch) -> Letter:
    """To an owner, of what did not reach whom it was for. Raises NotWanted as above."""
    if not (alerts := list(_open_alerts(message))):
        raise NotWanted(NOTHING_LEFT)
    with translation.override(settings.LANGUAGE_CODE):
        return _letter(message.recipient.clinic, alerts, is_instead=True)


def _open_alerts(message: Message) -> QuerySet[Alert]:
    found = Alert.objects.filter(told_in=message, acknowledged_at=None).select_related("patient", "clinic")
    return found.order_by("patient__code", "raised_at", "pk")


def _letter(clinic: Clinic, alerts: list[Alert], *, is_instead: bool = False) -> Letter:
    cases = [
        Case(person_of(clinic, patient), [Told(each, _page(clinic, each.alert)) for each in of_patient])
        for patient, of_patient in groupby(in_words(alerts), lambda each: each.alert.patient)
    ]
    needing = ngettext("%(number)d patient needs you now", "%(number)d patients need you now", len(cases))
    subject = needing % {"number": len(cases)}
    site_url = links.absolute(links.inside(clinic, "admin:index"))
    context = {"clinic": clinic, "subject": subject, "cases": cases, "site_url": site_url, "is_instead": is_instead}
    html = render_to_string("patients/at_once/email.html", context)
    return Letter(
        subject=subject,
        text=render_to_string("patients/at_once/email.txt", context),
        html=inliner.inline("\n".join(filter(None, map(str.strip, html.splitlines())))),
    )


def _page(clinic: Clinic, alert: Alert) -> str:
    return links.absolute(links.inside(clinic, "admin:patients_patient_acknowledge", alert.patient_id, alert.pk))
