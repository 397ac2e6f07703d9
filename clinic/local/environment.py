"""What the environment of `make run` says about the servers to use, and what its own processes are told."""

import os
import socket
from collections.abc import Mapping
from urllib.parse import quote, urlsplit, urlunsplit

import psycopg
from psycopg.rows import scalar_row

from clinic.database import roles
from clinic.local.processes import MARK
from clinic.local.trouble import Trouble

SERVERS = ["DATABASE_URL", "MIGRATOR_DATABASE_URL", "DISPATCHER_DATABASE_URL", "ADMIN_DATABASE_URL", "REDIS_URL"]
TOLD = [
    "STEADY_ENV",
    "SECRET_KEY",
    "DATABASE_URL",
    "DISPATCHER_DATABASE_URL",
    "REDIS_URL",
    "BASE_URL",
    "ALLOWED_HOSTS",
    "EMAIL_URL",
    "DEFAULT_FROM_EMAIL",
    "MAIL_FOLDER",
    "VAPID_PRIVATE_KEY",
]
MAY_CREATE_ROLES = "SELECT rolsuper OR (rolcreaterole AND rolbypassrls) FROM pg_roles WHERE rolname = current_user"


def port(environ: Mapping[str, str]) -> int:
    """The port of PORT, or 8000; raises Trouble when it can't be had."""
    given = environ.get("PORT", "8000")
    if not given.isdecimal() or not 0 < int(given) < 65536:
        raise Trouble(f"PORT is {given!r}: give a number from 1 to 65535.")
    for family, address in [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")]:
        try:
            with socket.socket(family) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind((address, int(given)))
        except PermissionError:
            raise Trouble(f"This account may not use port {given}: try PORT=8001 make run.") from None
        except OSError:
            if family == socket.AF_INET or _answers(family, address, int(given)):
                other = int(given) + 1 if int(given) < 65535 else 8001
                raise Trouble(f"Port {given} is taken by another program: try PORT={other} make run.") from None
    return int(given)


def _answers(family: socket.AddressFamily, address: str, number: int) -> bool:
    """Whether somebody listens there. A machine without IPv6 has nobody."""
    with socket.socket(family) as probe:
        return probe.connect_ex((address, number)) == 0


def database_urls(environ: Mapping[str, str], passwords: Mapping[str, str]) -> dict[str, str]:
    """The URLs of the three roles in the database of DATABASE_URL.

    They are made there if its role may do that, otherwise all three must be given. Raises Trouble.
    """
    given = environ["DATABASE_URL"]
    try:
        with psycopg.connect(given, row_factory=scalar_row, connect_timeout=5) as connection:
            may_create = connection.execute(MAY_CREATE_ROLES).fetchone()
        if may_create:
            roles.prepare(given, passwords=passwords)
            return role_urls(given, passwords)
    except psycopg.Error as error:
        raise Trouble(f"The database of DATABASE_URL can't be used: {str(error).strip()}") from None
    names = ["MIGRATOR_DATABASE_URL", "DISPATCHER_DATABASE_URL"]
    if missing := [name for name in names if not environ.get(name)]:
        raise Trouble(
            f"The role of DATABASE_URL may not create roles: set {' and '.join(missing)} too, or give an admin's URL."
        )
    return {name: environ[name] for name in ["DATABASE_URL", *names]}


def role_urls(url: str, passwords: Mapping[str, str]) -> dict[str, str]:
    """The URLs of the three roles in the database that `url` names."""
    return {name: with_user(url, role, passwords[role]) for role, name in roles.URLS.items()}


def with_user(url: str, user: str, password: str) -> str:
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{user}:{quote(password, safe='')}@{host}"))


def for_django(
    *, mark: str, servers: Mapping[str, str], secret_key: str, vapid: str, port: int, mail_port: int, mail: str
) -> dict[str, str]:
    """The environment of every process of the project, without what this one was given for its servers."""
    inherited = {name: value for name, value in os.environ.items() if name not in SERVERS}
    return {
        **inherited,
        **{name: url for name, url in servers.items() if name != "MIGRATOR_DATABASE_URL"},
        MARK: mark,
        "PYTHONUNBUFFERED": "1",
        "DJANGO_SETTINGS_MODULE": "clinic.settings",
        "STEADY_ENV": "development",
        "SECRET_KEY": secret_key,
        "VAPID_PRIVATE_KEY": vapid,
        "BASE_URL": f"http://localhost:{port}",
        "ALLOWED_HOSTS": "localhost,127.0.0.1",
        "EMAIL_URL": f"smtp://127.0.0.1:{mail_port}",
        "DEFAULT_FROM_EMAIL": "Steady Knee <steady@localhost>",
        "MAIL_FOLDER": mail,
    }
