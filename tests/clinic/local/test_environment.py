import os
import socket

import psycopg
import pytest

from clinic.database import roles
from clinic.local import environment, postgres
from clinic.local.postgres import Postgres
from clinic.local.trouble import Trouble

PASSWORDS = {role: f"{role}'s own" for role in roles.ROLES}


@pytest.mark.parametrize("given", ["", "http", "0", "65536", "-1", "80 80"])
def test_a_port_that_is_none(given: str) -> None:
    with pytest.raises(Trouble, match=r"^PORT is .*: give a number from 1 to 65535"):
        environment.port({"PORT": given})


@pytest.mark.parametrize(("family", "address"), [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")])
def test_a_port_that_is_taken(family: socket.AddressFamily, address: str) -> None:
    with socket.socket(family) as other:
        try:
            other.bind((address, 0))
        except OSError:
            pytest.skip(f"this machine has no {address}")
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(Trouble, match=rf"^Port {port} is taken by another program: try PORT=\d+ make run"):
            environment.port({"PORT": str(port)})
    assert environment.port({"PORT": str(port)}) == port


@pytest.fixture
def hosted(own_postgres: Postgres) -> str:
    """A database as hosting companies give it: its owner makes roles and is no superuser."""
    with psycopg.connect(own_postgres.admin_url, autocommit=True) as admin:
        admin.execute("CREATE ROLE hosted LOGIN CREATEROLE BYPASSRLS PASSWORD 'hosted'")
        admin.execute("CREATE DATABASE hosted OWNER hosted")
    return own_postgres.url("hosted", "hosted", "hosted")


def who(url: str) -> tuple[str, bool, bool]:
    query = "SELECT rolname, rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user"
    with psycopg.connect(url) as connection:
        row = connection.execute(query).fetchone()
    assert row is not None
    return row


def test_an_owner_who_is_no_superuser_gets_the_three_roles(hosted: str) -> None:
    for _ in range(2):
        urls = environment.database_urls({"DATABASE_URL": hosted}, PASSWORDS)
    assert who(urls["DATABASE_URL"]) == (roles.APP, False, False)
    assert who(urls["MIGRATOR_DATABASE_URL"]) == (roles.MIGRATOR, False, True)
    assert who(urls["DISPATCHER_DATABASE_URL"]) == (roles.DISPATCHER, False, True)
    with psycopg.connect(urls["MIGRATOR_DATABASE_URL"]) as migrator:
        migrator.execute("CREATE TABLE kept (answer int)")
    with psycopg.connect(urls["DATABASE_URL"]) as app:
        app.execute("INSERT INTO kept VALUES (1)")


def test_a_role_that_makes_no_roles_needs_the_other_urls() -> None:
    given = {"DATABASE_URL": os.environ["DATABASE_URL"], "MIGRATOR_DATABASE_URL": "postgres://given"}
    with pytest.raises(Trouble, match="may not create roles: set DISPATCHER_DATABASE_URL too"):
        environment.database_urls(given, PASSWORDS)
    all_three = {**given, "DISPATCHER_DATABASE_URL": "postgres://given too"}
    assert environment.database_urls(all_three, PASSWORDS) == all_three


@pytest.mark.parametrize("url", ["postgres://nobody@127.0.0.1:1/none", "nonsense"])
def test_a_database_out_of_reach_is_one_sentence(url: str) -> None:
    with pytest.raises(Trouble, match=r"^The database of DATABASE_URL can't be used: "):
        environment.database_urls({"DATABASE_URL": url}, PASSWORDS)


def test_passwords_of_any_kind_pass_through_urls() -> None:
    url = environment.with_user("postgres://old:older@db.example:5433/steady?sslmode=require", "app", "p@ss/wörd:1")
    assert url == "postgres://app:p%40ss%2Fw%C3%B6rd%3A1@db.example:5433/steady?sslmode=require"
    assert roles.password_of(url) == "p@ss/wörd:1"
    assert postgres.SUPERUSER not in url


def test_the_processes_are_not_told_the_migrators_password(monkeypatch: pytest.MonkeyPatch) -> None:
    servers = {name: f"postgres://{name}" for name in roles.URLS.values()} | {"REDIS_URL": "redis://"}
    env = environment.for_django(
        mark="here", servers=servers, secret_key="k", vapid="v", port=8001, mail_port=2525, mail="/mail"
    )
    assert "MIGRATOR_DATABASE_URL" not in env
    assert "ADMIN_DATABASE_URL" not in env
    assert (env["DATABASE_URL"], env["BASE_URL"]) == ("postgres://DATABASE_URL", "http://localhost:8001")
    assert set(environment.TOLD) <= set(env)
