"""The test database is made by the migrator and used by the application's role: every test passes the wall."""

import os
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

import hypothesis
import psycopg
import pytest
from django.core.management import call_command
from django.core.management.commands import flush
from django.core.signals import request_finished, request_started
from django.db import connection
from django.test.utils import override_settings, setup_databases, teardown_databases
from django.utils import translation

# How long an example takes says more about the machine than about the code.
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")

APP_ROLE = ("USER", "PASSWORD")
# What the migrations and the catalogue put there.
KEPT = {"django_content_type", "auth_permission", "programs_citation", "programs_claim", "programs_exercise"}


@contextmanager
def as_migrator() -> Iterator[None]:
    """Django's connection, logged in as the migrator, which owns the tables and passes through the wall."""
    app = {key: connection.settings_dict[key] for key in APP_ROLE}
    migrator = urlsplit(os.environ["MIGRATOR_DATABASE_URL"])
    connection.close()
    connection.settings_dict |= {"USER": migrator.username, "PASSWORD": migrator.password}
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict |= app


@pytest.fixture(scope="session", autouse=True)
def quick_passwords(django_test_environment: None) -> Iterator[None]:
    """Argon2 is slow on purpose."""
    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
        yield


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """Whatever language the test before, or a request in it, left behind."""
    translation.activate("en")
    yield
    translation.activate("en")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--without-policies", action="store_true", help="Drop the wall: the leak tests must then fail.")


@pytest.fixture(scope="session")
def django_db_setup(
    request: pytest.FixtureRequest,
    django_test_environment: None,
    django_db_modify_db_settings: None,
    django_db_blocker: Any,
) -> Iterator[None]:
    with django_db_blocker.unblock():
        with as_migrator():
            databases = setup_databases(verbosity=0, interactive=False, serialized_aliases=[])
            call_command("load_catalogue", verbosity=0)
            if request.config.getoption("--without-policies"):
                drop_policies()
        # Of the class: beside Playwright's event loop Django makes another connection.
        type(connection.ops).execute_sql_flush = empty_tables
        flush.emit_post_migrate_signal = lambda *_asked: None  # what it would make anew is kept
    yield
    with django_db_blocker.unblock(), as_migrator():
        end_other_sessions()
        teardown_databases(databases, verbosity=0)


def end_other_sessions() -> None:
    """The threads of a live server keep their connections, and a database in use can't be dropped."""
    ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()"
    with psycopg.connect(os.environ["ADMIN_DATABASE_URL"]) as admin:
        admin.execute(ended, [connection.settings_dict["NAME"]])


def drop_policies() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relrowsecurity")
        for (table,) in cursor.fetchall():
            cursor.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")


class Served:
    """What a live server answers, in threads of its own: the tables can't be emptied while it reads them."""

    def __init__(self) -> None:
        self.asked, self.open = False, 0
        request_started.connect(self.begin)
        request_finished.connect(self.end)

    def begin(self, **_sent: object) -> None:
        if threading.current_thread() is not threading.main_thread():
            self.asked, self.open = True, self.open + 1

    def end(self, **_sent: object) -> None:
        if threading.current_thread() is not threading.main_thread():
            self.open -= 1

    def wait(self) -> None:
        """Until it is silent. What a browser asked just before it was closed may still be on its way."""
        until = time.monotonic() + 20
        time.sleep(0.05 if self.asked else 0)
        while self.open > 0 and time.monotonic() < until:
            time.sleep(0.05)
        self.asked, self.open = False, 0


served = Served()


def empty_tables(operations: object, sql_list: list[str]) -> None:
    """Between transactional tests. Most have few rows or none: to delete them is far quicker than to truncate."""
    served.wait()
    tables = {name for sql in sql_list for name in re.findall(r'"(\w+)"', sql)} - KEPT
    options = "-c session_replication_role=replica -c lock_timeout=60s"  # in any order; and not for ever
    with to_test_database("ADMIN_DATABASE_URL", options=options) as superuser:
        superuser.execute(";".join(f'DELETE FROM "{table}"' for table in sorted(tables)))


def to_test_database(url: str, **options: str) -> psycopg.Connection:
    return psycopg.connect(os.environ[url], dbname=connection.settings_dict["NAME"], **options)


@pytest.fixture
def migrator(db: None) -> Iterator[psycopg.Connection]:
    """A connection of the migrator to the test database: it sees what is committed, of all clinics."""
    with to_test_database("MIGRATOR_DATABASE_URL") as opened:
        yield opened
        opened.rollback()


@pytest.fixture
def superuser(db: None) -> Iterator[psycopg.Connection]:
    """A connection that may do everything; what it did is rolled back."""
    with to_test_database("ADMIN_DATABASE_URL") as opened:
        yield opened
        opened.rollback()


@pytest.fixture
def logged_in_as_migrator(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Name it before `db`: Django's own connection is then the migrator's for the length of a test."""
    with as_migrator():
        yield


@pytest.fixture
def dispatcher_url(settings: Any, db: None) -> str:
    """The dispatcher's URL in the test database."""
    database = f"/{quote(connection.settings_dict['NAME'])}"
    settings.DISPATCHER_DATABASE_URL = urlunsplit(urlsplit(settings.DISPATCHER_DATABASE_URL)._replace(path=database))
    return str(settings.DISPATCHER_DATABASE_URL)
