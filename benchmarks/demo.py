"""People of the demo, signed in: a patient with a running program, and an owner with the handouts."""

from django.conf import settings
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from benchmarks.target import Target
from clinic.models import Clinic, Membership, Role
from clinic.wall.scope import clinic_scope
from patients.models import Patient
from tests.factories import sign_in


def signed_in(port: int) -> Target:
    call_command("load_demo", verbosity=0)
    clinic = Clinic.objects.get(slug="harbour")
    with clinic_scope(clinic.pk):
        patient = Patient.objects.get(name="Brigid Nolan")
        client = sign_in(Client(), Membership.objects.select_related("user").get(record=patient.pk))
    client.get(f"/clinic/harbour/my/{patient.pk}/", headers={"host": "localhost"})
    return Target(
        port=port,
        path=f"/api/v1/clinic/harbour/patients/{patient.pk}/logs/",
        cookies="; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items()),
        csrf=client.cookies[settings.CSRF_COOKIE_NAME].value,
        date=clinic.today(timezone.now()).isoformat(),
    )


def handouts() -> tuple[Client, list[str]]:
    """The owner of a demo clinic, signed in, and the handouts of its patients whose program has dates to come."""
    call_command("load_demo", verbosity=0)
    clinic = Clinic.objects.get(slug="harbour")
    with clinic_scope(clinic.pk):
        client = sign_in(
            Client(headers={"host": "localhost"}), Membership.objects.select_related("user").get(role=Role.OWNER)
        )
        patients = list(Patient.objects.values_list("pk", flat=True))
    paths = [f"/clinic/harbour/patients/patient/{patient}/handout/" for patient in patients]
    return client, [path for path in paths if client.get(path).status_code == 200]
