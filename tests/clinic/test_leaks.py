"""What one clinic must never see or change of another. Each test makes the thing that could leak.

With the policies dropped every test of this file must fail: tests/clinic/test_wall_is_needed.py runs it so.
"""

import json
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, models, transaction
from django.test import Client

from clinic.models import Membership, Message, Role, Suppression
from clinic.wall.scope import clinic_scope
from patients.models import (
    Alert,
    Attention,
    Course,
    Decision,
    Log,
    LoggedSet,
    Measurement,
    NextMorning,
    Patient,
    Prescription,
    RecordEvent,
    RedFlagReport,
    Reminder,
)
from patients.tasks import queue_weekly_summaries
from programs.models import ProgramVersion
from tests.clinic.world import ClinicWorld, make_world, walled_models
from tests.factories import MONDAY, TODAY, make_member, sign_in

pytestmark = pytest.mark.django_db
NEVER_CHANGED = {Decision, Log, LoggedSet, Measurement, NextMorning, Prescription, RecordEvent, RedFlagReport}
GOES_WITH_ITS_DRAFT = {ProgramVersion}
NEVER_DELETED = {
    *NEVER_CHANGED,
    Alert,
    Attention,
    Course,
    Membership,
    Message,
    Patient,
    Prescription,
    Reminder,
    Suppression,
}


def models_but(*left_out: type[models.Model]) -> pytest.MarkDecorator:
    """Every model behind the wall but those for which the role may not do it in any clinic."""
    kept = [model for model in walled_models() if model not in left_out]
    return pytest.mark.parametrize("model", kept, ids=lambda model: model._meta.label)


MODELS = models_but()


@pytest.fixture(scope="module")
def worlds(django_db_setup: None, django_db_blocker: Any) -> Iterator[dict[str, ClinicWorld]]:
    """Committed once for all tests of this module, and gone after them."""
    with django_db_blocker.unblock():
        yield {slug: make_world(slug) for slug in ("north", "south")}
        call_command("flush", interactive=False, verbosity=0)


@pytest.fixture
def north(worlds: dict[str, ClinicWorld]) -> ClinicWorld:
    return worlds["north"]


@pytest.fixture
def south(worlds: dict[str, ClinicWorld]) -> ClinicWorld:
    return worlds["south"]


def raw(sql: str, *params: object) -> list[tuple]:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall() if cursor.description else [(cursor.rowcount,)]


def a_row(of: ClinicWorld, model: type[models.Model]) -> models.Model:
    with clinic_scope(of.clinic.pk):
        return model._default_manager.filter(clinic=of.clinic).order_by("pk").last()


@MODELS
def test_sql_reads_nothing_of_another_clinic(model: type[models.Model], north: ClinicWorld, south: ClinicWorld) -> None:
    assert a_row(north, model) is not None
    with clinic_scope(south.clinic.pk):
        assert raw(f"SELECT DISTINCT clinic_id FROM {model._meta.db_table}") == [(south.clinic.pk,)]


@MODELS
def test_sql_reads_nothing_outside_of_a_clinic(model: type[models.Model], north: ClinicWorld) -> None:
    if model is Membership:
        assert raw("SELECT count(*) FROM clinic_membership") == [(0,)]
        return
    with pytest.raises(DatabaseError, match="no clinic is open"):
        raw(f"SELECT count(*) FROM {model._meta.db_table}")


@models_but(*NEVER_CHANGED, *GOES_WITH_ITS_DRAFT)
def test_sql_changes_nothing_of_another_clinic(
    model: type[models.Model], north: ClinicWorld, south: ClinicWorld
) -> None:
    row = a_row(north, model)
    with clinic_scope(south.clinic.pk):
        assert raw(f"UPDATE {model._meta.db_table} SET id = id WHERE id = %s", row.pk) == [(0,)]


@models_but(*NEVER_DELETED)
def test_sql_deletes_nothing_of_another_clinic(
    model: type[models.Model], north: ClinicWorld, south: ClinicWorld
) -> None:
    row = a_row(north, model)
    with clinic_scope(south.clinic.pk):
        assert raw(f"DELETE FROM {model._meta.db_table} WHERE id = %s", row.pk) == [(0,)]


@MODELS
def test_sql_writes_nothing_into_another_clinic(
    model: type[models.Model], north: ClinicWorld, south: ClinicWorld
) -> None:
    row = a_row(north, model)
    row.pk = uuid4()
    with clinic_scope(south.clinic.pk), pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
        models.Model.save_base(row, force_insert=True)


@models_but(*NEVER_CHANGED, *GOES_WITH_ITS_DRAFT)
def test_sql_moves_nothing_into_another_clinic(
    model: type[models.Model], north: ClinicWorld, south: ClinicWorld
) -> None:
    row = a_row(south, model)
    with clinic_scope(south.clinic.pk), pytest.raises(DatabaseError, match="row-level security"):
        raw(f"UPDATE {model._meta.db_table} SET clinic_id = %s WHERE id = %s", north.clinic.pk, row.pk)


@pytest.mark.parametrize(
    "query",
    [
        Patient.objects.count,
        Patient.objects.exists,
        Patient.objects.first,
        lambda: Patient.objects.update(name="x"),
        lambda: Patient.objects.create(code="x", name="x", affected_knee="left"),
        lambda: list(Prescription.objects.select_related("course__patient")),
    ],
    ids=["count", "exists", "first", "update", "create", "join"],
)
def test_the_orm_raises_outside_of_a_clinic(query: object, north: ClinicWorld) -> None:
    with pytest.raises(DatabaseError, match="no clinic is open"), transaction.atomic():
        query()


def test_the_orm_sees_one_clinic(north: ClinicWorld, south: ClinicWorld) -> None:
    with clinic_scope(south.clinic.pk):
        assert list(Patient.objects.values_list("name", flat=True)) == ["Secret of south"]
        assert not Patient.objects.filter(pk=north.patient.pk).exists()
        assert Patient.objects.filter(pk=north.patient.pk).update(name="x") == 0
        assert Log.objects.filter(patient__name="Secret of north").count() == 0


def test_the_same_code_and_id_are_free_in_another_clinic(north: ClinicWorld, south: ClinicWorld) -> None:
    """A unique over all clinics would tell what another one holds, and drop a patient's log without a word."""
    with clinic_scope(south.clinic.pk):
        twin = Patient(pk=north.patient.pk, code=north.patient.code, name="Twin", affected_knee="left")
        twin.save(force_insert=True)
        assert Patient.objects.get(pk=north.patient.pk).name == "Twin"
    with clinic_scope(north.clinic.pk):
        assert Patient.objects.get(pk=north.patient.pk).name == "Secret of north"


def staff_pages(of: ClinicWorld) -> list[str]:
    return [
        f"/clinic/{of.clinic.slug}/",
        f"/clinic/{of.clinic.slug}/patients/patient/",
        f"/clinic/{of.clinic.slug}/patients/patient/{of.patient.pk}/change/",
        f"/clinic/{of.clinic.slug}/programs/program/{of.prescription.program_id}/change/",
    ]


def api_pages(of: ClinicWorld) -> list[str]:
    root = f"/api/v1/clinic/{of.clinic.slug}/patients/{of.patient.pk}"
    return [f"{root}/prescriptions/", f"{root}/logs/", f"{root}/adherence/"]


def test_the_site_opens_nothing_of_another_clinic(north: ClinicWorld, south: ClinicWorld, client: Client) -> None:
    sign_in(client, south.owner)
    for page in staff_pages(south):
        assert client.get(page).status_code == 200, page
    root = f"/clinic/{south.clinic.slug}"
    assert client.get(f"{root}/patients/patient/{north.patient.pk}/change/").status_code == 404
    assert client.get(f"{root}/programs/program/{north.prescription.program_id}/change/").status_code == 404
    assert client.get(f"{root}/patients/patient/{south.patient.pk}/alerts/{north.alert.pk}/").status_code == 404
    assert client.get(f"{root}/patients/patient/{north.patient.pk}/alerts/{north.alert.pk}/").status_code == 404
    assert "Secret of south" in client.get(f"{root}/?of=all").text
    assert "Secret of north" not in client.get(f"{root}/?of=all").text
    assert "Secret of north" not in client.get(f"{root}/patients/patient/").text
    assert "Secret of north" not in client.get(f"{root}/patients/patient/?q=north").text


def test_the_site_changes_nothing_of_another_clinic(north: ClinicWorld, south: ClinicWorld, client: Client) -> None:
    sign_in(client, south.owner)
    url = f"/clinic/{south.clinic.slug}/patients/patient/{north.patient.pk}/change/"
    body = {"code": "taken", "name": "Taken", "affected_knee": "left", "language": "en", "email": "", "phone": ""}
    assert client.post(url, body).status_code == 404
    with clinic_scope(north.clinic.pk):
        assert Patient.objects.get(pk=north.patient.pk).name == "Secret of north"


def test_the_api_opens_nothing_of_another_clinic(north: ClinicWorld, south: ClinicWorld, client: Client) -> None:
    sign_in(client, south.owner)
    for page in api_pages(south):
        assert client.get(page).status_code == 200, page
    for page in api_pages(north):
        here = page.replace("/clinic/north/", "/clinic/south/")
        assert client.get(here).status_code == 404, here


def test_the_api_writes_nothing_into_another_clinic(north: ClinicWorld, south: ClinicWorld, client: Client) -> None:
    sign_in(client, south.owner)
    body = json.dumps({"id": str(uuid4()), "date": str(TODAY), "skip_reason": "pain"})
    for slug in ("north", "south"):
        url = f"/api/v1/clinic/{slug}/patients/{north.patient.pk}/logs/"
        assert client.post(url, body, content_type="application/json").status_code == 404
    with clinic_scope(north.clinic.pk):
        assert Log.objects.count() == 1


def test_a_task_works_in_its_own_clinic_alone(north: ClinicWorld, south: ClinicWorld) -> None:
    queue_weekly_summaries(south.clinic.pk, MONDAY)
    with clinic_scope(north.clinic.pk):
        assert north.owner.messages.filter(kind="weekly_summary").count() == 1


def test_two_tabs_in_two_clinics(north: ClinicWorld, south: ClinicWorld, client: Client) -> None:
    """Somebody who works in both has a page of each open; what each shows and saves is its own clinic's."""
    with clinic_scope(south.clinic.pk):
        make_member(south.clinic, Role.OWNER, user=north.owner.user)
    sign_in(client, north.owner)
    form = {"code": "same", "name": "Saved", "affected_knee": "left", "language": "en", "email": "", "phone": ""}
    for of in (north, south, north):
        page = client.get(f"/clinic/{of.clinic.slug}/patients/patient/{of.patient.pk}/change/")
        assert f"Secret of {of.clinic.slug}" in page.text
    crossed = client.post(f"/clinic/north/patients/patient/{south.patient.pk}/change/", form)
    assert crossed.status_code == 404
    with clinic_scope(south.clinic.pk):
        assert Patient.objects.get(pk=south.patient.pk).name == "Secret of south"


def test_an_invitation_opens_its_own_clinic_alone(north: ClinicWorld, south: ClinicWorld, client: Client) -> None:
    elsewhere = north.invitation_url.replace("/invitation/north/", "/invitation/south/")
    assert client.post(elsewhere).status_code == 410
    assert client.post(north.invitation_url).status_code == 302
