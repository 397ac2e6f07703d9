"""The one way into a clinic, and what the database promises about its tables."""

from pathlib import Path
from types import SimpleNamespace

import psycopg
import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.template.response import TemplateResponse
from django.test import Client, override_settings
from django.urls import path

from clinic.models import Clinic, Membership
from clinic.wall.fields import TenantForeignKey
from clinic.wall.scope import AnotherClinicIsOpen, clinic_scope, open_clinic_id, user_scope
from patients.models import Course, Patient
from tests.clinic.world import ClinicWorld, make_world, walled_models
from tests.factories import make_patient, sign_in

LINT = Path(__file__).with_name("database_lint.sql")


@pytest.fixture
def north(db: None) -> ClinicWorld:
    return make_world("north")


@pytest.fixture
def south(db: None) -> ClinicWorld:
    return make_world("south")


def is_shut() -> bool:
    try:
        with transaction.atomic():
            Patient.objects.exists()
    except DatabaseError as error:
        return "no clinic is open" in str(error)
    return False


class TestScope:
    def test_opens_and_shuts(self, north: ClinicWorld) -> None:
        assert is_shut()
        with clinic_scope(north.clinic.pk):
            assert open_clinic_id() == north.clinic.pk
            assert Patient.objects.count() == 1
        assert open_clinic_id() is None
        assert is_shut()

    def test_the_same_clinic_again_inside_changes_nothing(self, north: ClinicWorld) -> None:
        with clinic_scope(north.clinic.pk):
            with clinic_scope(north.clinic.pk):
                assert Patient.objects.count() == 1
            assert Patient.objects.count() == 1

    def test_another_clinic_inside_is_an_error(self, north: ClinicWorld, south: ClinicWorld) -> None:
        with clinic_scope(north.clinic.pk):
            with pytest.raises(AnotherClinicIsOpen), clinic_scope(south.clinic.pk):
                pytest.fail("it opened")
            assert Patient.objects.get().name == "Secret of north"

    def test_an_exception_shuts_it_and_rolls_back(self, north: ClinicWorld) -> None:
        def fail() -> None:
            with clinic_scope(north.clinic.pk):
                make_patient(code="lost")
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            fail()
        assert is_shut()
        with clinic_scope(north.clinic.pk):
            assert not Patient.objects.filter(code="lost").exists()

    def test_a_released_savepoint_keeps_it_open_and_leaving_shuts_it(self, north: ClinicWorld) -> None:
        """SET LOCAL survives the release of a savepoint, and an outer transaction goes on with it."""
        with transaction.atomic():
            with clinic_scope(north.clinic.pk):
                with transaction.atomic():
                    assert Patient.objects.count() == 1
                assert Patient.objects.count() == 1
            assert is_shut()

    def test_a_savepoint_rolled_back_keeps_it_open(self, north: ClinicWorld) -> None:
        with clinic_scope(north.clinic.pk):
            with pytest.raises(IntegrityError), transaction.atomic():
                make_patient(code=north.patient.code)
            assert Patient.objects.count() == 1

    def test_rolled_back_on_demand_it_is_shut(self, north: ClinicWorld) -> None:
        with clinic_scope(north.clinic.pk):
            make_patient(code="lost")
            transaction.set_rollback(True)
        assert is_shut()
        with clinic_scope(north.clinic.pk):
            assert Patient.objects.count() == 1

    @pytest.mark.django_db(transaction=True)
    def test_a_connection_that_is_used_again_is_shut(self) -> None:
        world = make_world("north")
        for _request in range(2):
            with clinic_scope(world.clinic.pk):
                assert Patient.objects.count() == 1
            assert is_shut()

    def test_an_id_that_is_no_clinic_opens_nothing(self, north: ClinicWorld) -> None:
        with clinic_scope(north.owner.pk):
            assert Patient.objects.count() == 0
            make_patient()
            with pytest.raises(IntegrityError):
                connection.check_constraints()
            transaction.set_rollback(True)

    def test_own_memberships_are_read_without_a_clinic_and_no_others(
        self, north: ClinicWorld, south: ClinicWorld
    ) -> None:
        with user_scope(north.owner.user.pk):
            assert list(Membership.objects.all()) == [north.owner]
        assert not Membership.objects.exists()


def fails(request: HttpRequest) -> HttpResponse:
    make_patient(code="half done")
    return HttpResponse(status=int(request.GET["status"]))


def raises(request: HttpRequest) -> HttpResponse:
    make_patient(code="half done")
    raise ZeroDivisionError


def streams(request: HttpRequest) -> StreamingHttpResponse:
    return StreamingHttpResponse(patient.name for patient in Patient.objects.all())


def lazy(request: HttpRequest) -> TemplateResponse:
    return TemplateResponse(request, "lazy.html", {"patients": Patient.objects.all()})


def generated(request: HttpRequest) -> HttpResponse:
    return HttpResponse(patient.name for patient in Patient.objects.all())


urlpatterns = [
    path("fails/", fails),
    path("raises/", raises),
    path("streams/", streams),
    path("lazy/", lazy),
    path("generated/", generated),
]


class TestRequests:
    @pytest.fixture(autouse=True)
    def pages(self, north: ClinicWorld, client: Client, settings: SimpleNamespace) -> None:
        sign_in(client, north.owner)
        client.raise_request_exception = False
        settings.INSIDE_URLCONF = __name__
        settings.TEMPLATES = [
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "OPTIONS": {
                    "loaders": [
                        (
                            "django.template.loaders.locmem.Loader",
                            {"lazy.html": "{% for patient in patients %}{{ patient.name }}{% endfor %}"},
                        )
                    ]
                },
            }
        ]

    @pytest.mark.parametrize("status", [500, 503])
    def test_an_answer_of_500_or_more_rolls_back(self, status: int, north: ClinicWorld, client: Client) -> None:
        assert client.get(f"/clinic/north/fails/?status={status}").status_code == status
        with clinic_scope(north.clinic.pk):
            assert not Patient.objects.filter(code="half done").exists()

    @pytest.mark.parametrize("status", [200, 404])
    def test_any_other_answer_keeps_what_was_written(self, status: int, north: ClinicWorld, client: Client) -> None:
        assert client.get(f"/clinic/north/fails/?status={status}").status_code == status
        with clinic_scope(north.clinic.pk):
            assert Patient.objects.filter(code="half done").exists()

    @override_settings(TEMPLATES=[])
    def test_an_exception_rolls_back(self, north: ClinicWorld, client: Client) -> None:
        assert client.get("/clinic/north/raises/").status_code == 500
        with clinic_scope(north.clinic.pk):
            assert not Patient.objects.filter(code="half done").exists()

    @pytest.mark.parametrize("address", ["lazy", "generated"])
    def test_a_lazy_answer_is_not_empty(self, address: str, client: Client) -> None:
        assert client.get(f"/clinic/north/{address}/").text == "Secret of north"

    def test_a_streaming_answer_is_refused(self, client: Client) -> None:
        client.raise_request_exception = True
        with pytest.raises(ImproperlyConfigured, match="can't stream"):
            client.get("/clinic/north/streams/")

    def test_the_clinic_is_shut_after_the_answer(self, client: Client) -> None:
        client.get("/clinic/north/lazy/")
        assert is_shut()


class TestKeys:
    def test_a_foreign_key_across_clinics_is_refused_at_once(self, north: ClinicWorld, south: ClinicWorld) -> None:
        with (
            clinic_scope(south.clinic.pk),
            pytest.raises(IntegrityError, match="patients_course_patient_id_clinic"),
            transaction.atomic(),
        ):
            Course.objects.create(patient_id=north.patient.pk)

    def test_every_tenant_foreign_key_is_in_the_database(self, db: None) -> None:
        """The one fault that the lint can't see: a foreign key that is missing altogether."""
        expected = {
            (model._meta.db_table, field.column, field.remote_field.model._meta.db_table)
            for model in walled_models()
            for field in model._meta.local_fields
            if isinstance(field, TenantForeignKey)
        }
        with connection.cursor() as cursor:
            cursor.execute(
                """
                SELECT conrelid::regclass::text, attname, confrelid::regclass::text
                FROM pg_constraint JOIN pg_attribute ON attrelid = conrelid AND attnum = conkey[2]
                WHERE contype = 'f' AND array_length(conkey, 1) = 2
                """
            )
            found = set(cursor.fetchall())
        assert found == expected
        assert len(expected) > 15

    def test_every_relation_between_walled_models_is_a_tenant_foreign_key(self) -> None:
        walled = walled_models()
        assert [
            f"{model._meta.label}.{field.name}"
            for model in walled
            for field in model._meta.local_fields
            if field.remote_field and field.remote_field.model in walled and not isinstance(field, TenantForeignKey)
        ] == []

    def test_only_the_open_clinics_own_row_is_changed(self, north: ClinicWorld, south: ClinicWorld) -> None:
        with clinic_scope(south.clinic.pk):
            assert Clinic.objects.update(phone="0") == 1
        assert Clinic.objects.get(slug="north").phone != "0"
        with pytest.raises(DatabaseError, match="no clinic is open"), transaction.atomic():
            Clinic.objects.update(phone="0")


# Memberships are also read by their own user before a clinic is open, so their policies differ, one for each command.
KNOWN = {
    ("a policy that widens: clinic_membership_wall_insert", "clinic_membership"),
    ("a policy that widens: clinic_membership_wall_select", "clinic_membership"),
    ("no clinic policy for all commands", "clinic_membership"),
}

FORGOTTEN = {
    "CREATE TABLE forgotten (clinic_id uuid, id uuid PRIMARY KEY)": {
        ("rls is off", "forgotten"),
        ("no clinic policy for all commands", "forgotten"),
        ("clinic_id may be null", "forgotten"),
        ("no primary key led by clinic_id", "forgotten"),
    },
    "ALTER TABLE patients_patient NO FORCE ROW LEVEL SECURITY": {("rls is not forced", "patients_patient")},
    "CREATE POLICY all_of_it ON patients_patient USING (true)": {
        ("a policy that widens: all_of_it", "patients_patient")
    },
    "ALTER TABLE patients_patient ADD UNIQUE (email)": {
        ("unique index not led by clinic_id: patients_patient_email_key", "patients_patient")
    },
    "CREATE VIEW everybody AS SELECT * FROM patients_patient": {("view without security_invoker", "everybody")},
    "CREATE FUNCTION way_round() RETURNS int LANGUAGE sql SECURITY DEFINER RETURN 1": {
        ("security definer function", "way_round()")
    },
    "GRANT TRUNCATE ON patients_log TO steady_app": {("app role may not: TRUNCATE", "patients_log")},
    "ALTER ROLE steady_app BYPASSRLS": {("app role is superuser, bypasses rls or may create", "steady_app")},
}


def lint(connection: psycopg.Connection) -> set[tuple[str, str]]:
    rows = connection.execute(LINT.read_text(), {"app": "steady_app"})
    return set(rows.fetchall())


class TestLint:
    def test_the_database_has_no_fault(self, migrator: psycopg.Connection) -> None:
        assert lint(migrator) == KNOWN

    @pytest.mark.parametrize("sql", FORGOTTEN)
    def test_a_fault_is_found(self, sql: str, superuser: psycopg.Connection) -> None:
        superuser.execute(sql)
        assert FORGOTTEN[sql] <= lint(superuser) - KNOWN


@pytest.mark.parametrize(
    "sql",
    [
        "TRUNCATE patients_patient CASCADE",
        "DELETE FROM patients_log",
        "UPDATE patients_log SET note = ''",
        "UPDATE patients_log SET date = date - 1",
        "DELETE FROM patients_prescription",
        "DELETE FROM clinic_membership",
        "DELETE FROM clinic_user",
        "UPDATE patients_loggedset SET amount = 1",
        "UPDATE patients_redflagreport SET flags = '[]'",
        "INSERT INTO django_admin_log (object_repr) VALUES ('Ruth')",
        "DELETE FROM django_migrations",
        "DELETE FROM programs_claim",
    ],
)
def test_what_the_application_may_not_do_in_any_clinic(sql: str, north: ClinicWorld) -> None:
    with (
        clinic_scope(north.clinic.pk),
        pytest.raises(DatabaseError, match="permission denied"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(sql)
