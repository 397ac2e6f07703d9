"""The email about alerts that can't wait, by the dispatcher and a real worker."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from clinic.celery import app
from clinic.models import Clinic, Membership, Message, Role
from clinic.wall.scope import clinic_scope
from patients.actions.red_flags import report_red_flags
from tests.factories import make_clinic, make_member, make_patient
from tests.fixtures import Mailbox, until

pytestmark = pytest.mark.django_db(transaction=True)
FAR = date(2099, 1, 1)


def test_from_a_warning_sign_to_the_mail_of_whoever_is_left(smtp: Mailbox, worker: Path) -> None:
    """The clinician has left since: the first tick finds nobody there, the next one the owner."""
    clinic = make_clinic(summarised_through=FAR, alerted_through=FAR)
    with clinic_scope(clinic.pk):
        owner, clinician = make_member(clinic, Role.OWNER), make_member(clinic)
        patient = make_patient(clinician)
        report_red_flags(patient=patient.pk, flags=["a pop"], now=timezone.now() - timedelta(minutes=6))
        Membership.objects.filter(pk=clinician.pk).update(is_active=False)

    app.send_task("clinic.tasks.dispatch")
    until(lambda: states(clinic) == {"skipped"}, "the message to who left", seconds=60)
    app.send_task("clinic.tasks.dispatch")
    until(lambda: states(clinic) == {"skipped", "queued"}, "the one to the owner", seconds=60)
    with clinic_scope(clinic.pk):
        Message.objects.filter(state="queued").update(due_at=timezone.now())
    app.send_task("clinic.tasks.dispatch")

    [mail] = smtp.wait_for(1, seconds=60)
    assert (mail["To"], mail["Subject"]) == (owner.user.email, "1 patient needs you now")
    assert patient.code in mail.get_body(("plain",)).get_content()


def states(clinic: Clinic) -> set[str]:
    with clinic_scope(clinic.pk):
        return set(Message.objects.values_list("state", flat=True))
