"""The three roles as PostgreSQL itself knows them, after the very code that makes them everywhere."""

from collections.abc import Iterator
from io import StringIO

import psycopg
import pytest
from django.core.management import CommandError, call_command

from clinic.database import roles
from clinic.local.environment import role_urls
from clinic.local.postgres import Postgres

PASSWORDS = {role: f"{role}'s own" for role in roles.ROLES}
ATTRIBUTES = "rolname, rolcanlogin, rolsuper, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls"
MADE = ["TABLE public.mine (id int)", "SCHEMA mine", "TEMP TABLE mine (id int)"]


@pytest.fixture(scope="module")
def urls(own_postgres: Postgres) -> dict[str, str]:
    roles.prepare(own_postgres.admin_url, passwords=PASSWORDS)
    return {"ADMIN_DATABASE_URL": own_postgres.admin_url, **role_urls(own_postgres.admin_url, PASSWORDS)}


@pytest.fixture
def environment(urls: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    for name, url in urls.items():
        monkeypatch.setenv(name, url)


@pytest.fixture
def admin(urls: dict[str, str]) -> Iterator[psycopg.Connection]:
    with psycopg.connect(urls["ADMIN_DATABASE_URL"], autocommit=True) as connection:
        yield connection


def attributes(admin: psycopg.Connection) -> dict[str, tuple[bool, ...]]:
    rows = admin.execute(f"SELECT {ATTRIBUTES} FROM pg_roles WHERE rolname = ANY(%s)", [list(roles.ROLES)])
    return {name: tuple(flags) for name, *flags in rows}


def test_only_migrator_and_dispatcher_pass_the_wall(admin: psycopg.Connection) -> None:
    assert attributes(admin) == {
        roles.APP: (True, False, False, False, False, False),
        roles.MIGRATOR: (True, False, False, False, False, True),
        roles.DISPATCHER: (True, False, False, False, False, True),
    }


@pytest.mark.usefixtures("environment")
def test_the_command_mends_a_role_that_got_too_much(admin: psycopg.Connection) -> None:
    before = attributes(admin)
    admin.execute("ALTER ROLE steady_app SUPERUSER BYPASSRLS CREATEROLE CREATEDB REPLICATION")
    call_command("database_roles", stdout=StringIO())
    assert attributes(admin) == before


@pytest.mark.parametrize("role", [roles.APP, roles.DISPATCHER])
@pytest.mark.parametrize("made", MADE)
def test_only_the_migrator_makes_things(urls: dict[str, str], role: str, made: str) -> None:
    with psycopg.connect(urls[roles.URLS[role]]) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(f"CREATE {made}")
    with psycopg.connect(urls["MIGRATOR_DATABASE_URL"]) as connection:
        if not made.startswith("TEMP"):
            connection.execute(f"CREATE {made}")
        connection.rollback()


def test_what_the_migrator_makes_the_app_may_use_and_no_more(urls: dict[str, str]) -> None:
    with psycopg.connect(urls["MIGRATOR_DATABASE_URL"], autocommit=True) as migrator:
        migrator.execute("CREATE TABLE made (id serial, word text)")
    with psycopg.connect(urls["DATABASE_URL"], autocommit=True) as app:
        app.execute("INSERT INTO made (word) VALUES ('a')")
        app.execute("UPDATE made SET word = 'b'")
        app.execute("DELETE FROM made")
        for statement in ["TRUNCATE made", "ALTER TABLE made ADD more int", "DROP TABLE made"]:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                app.execute(statement)
    dispatcher_url = urls["DISPATCHER_DATABASE_URL"]
    with psycopg.connect(dispatcher_url) as dispatcher, pytest.raises(psycopg.errors.InsufficientPrivilege):
        dispatcher.execute("SELECT FROM made")


def test_strangers_may_not_connect(urls: dict[str, str], admin: psycopg.Connection) -> None:
    admin.execute("CREATE ROLE stranger LOGIN PASSWORD 'stranger'")
    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        psycopg.connect(urls["ADMIN_DATABASE_URL"], user="stranger", password="stranger")


def test_no_password_is_kept_readable(admin: psycopg.Connection) -> None:
    rows = admin.execute("SELECT rolpassword FROM pg_authid WHERE rolname = ANY(%s)", [list(roles.ROLES)]).fetchall()
    assert [password.split("$")[0] for (password,) in rows] == ["SCRAM-SHA-256"] * 3


@pytest.mark.usefixtures("environment")
@pytest.mark.parametrize("name", ["ADMIN_DATABASE_URL", "MIGRATOR_DATABASE_URL"])
def test_the_command_says_what_is_not_set(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(name)
    with pytest.raises(CommandError, match=f"^Set {name}: "):
        call_command("database_roles")


@pytest.mark.usefixtures("environment")
def test_the_command_wants_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISPATCHER_DATABASE_URL", "postgres://steady_dispatcher@127.0.0.1/steady")
    with pytest.raises(CommandError, match="no password"):
        call_command("database_roles")
