"""The three database roles. The application's owns nothing and obeys row level security; see docs/tenancy.md."""

from collections.abc import Mapping
from urllib.parse import unquote, urlsplit

import psycopg
from psycopg import sql
from psycopg.rows import DictRow, dict_row

APP, MIGRATOR, DISPATCHER = "steady_app", "steady_migrator", "steady_dispatcher"
URLS = {APP: "DATABASE_URL", MIGRATOR: "MIGRATOR_DATABASE_URL", DISPATCHER: "DISPATCHER_DATABASE_URL"}
PLAIN = {
    "rolcanlogin": True,
    "rolsuper": False,
    "rolcreaterole": False,
    "rolcreatedb": False,
    "rolreplication": False,
    "rolbypassrls": False,
}
ROLES: Mapping[str, Mapping[str, bool]] = {
    APP: PLAIN,
    MIGRATOR: {**PLAIN, "rolbypassrls": True},
    DISPATCHER: {**PLAIN, "rolbypassrls": True},
}
WORDS = {
    "rolcanlogin": "LOGIN",
    "rolsuper": "SUPERUSER",
    "rolcreaterole": "CREATEROLE",
    "rolcreatedb": "CREATEDB",
    "rolreplication": "REPLICATION",
    "rolbypassrls": "BYPASSRLS",
}
OWNERSHIP = """
GRANT CREATE, CONNECT ON DATABASE {database} TO steady_migrator;
ALTER SCHEMA public OWNER TO steady_migrator;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
REVOKE CONNECT, TEMPORARY ON DATABASE {database} FROM PUBLIC;
GRANT CONNECT ON DATABASE {database} TO steady_app, steady_dispatcher;
GRANT USAGE ON SCHEMA public TO steady_app, steady_dispatcher;
ALTER DEFAULT PRIVILEGES FOR ROLE steady_migrator IN SCHEMA public
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO steady_app;
ALTER DEFAULT PRIVILEGES FOR ROLE steady_migrator IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO steady_app;
"""


def prepare(admin_url: str, *, passwords: Mapping[str, str]) -> None:
    """Make the database of `admin_url` and the three roles what the application expects; again is harmless.

    `passwords` has one for each role. The admin is a superuser, or the database's owner with CREATEROLE and BYPASSRLS.
    """
    with psycopg.connect(admin_url, row_factory=dict_row) as connection:
        # Two starts at once would trip over each other's catalogue rows.
        connection.execute("SELECT pg_advisory_xact_lock(hashtext('steady_knee.roles'))")
        for role, attributes in ROLES.items():
            _make(connection, role, attributes, passwords[role])
        if connection.info.parameter_status("is_superuser") == "off":
            connection.execute("GRANT steady_migrator TO CURRENT_USER WITH INHERIT TRUE, SET TRUE")
        connection.execute(sql.SQL(OWNERSHIP).format(database=sql.Identifier(connection.info.dbname)))


def _make(connection: psycopg.Connection[DictRow], role: str, attributes: Mapping[str, bool], password: str) -> None:
    """Create the role or mend it, naming only what differs: who is no superuser may not even repeat the rest."""
    name = sql.Identifier(role)
    found = connection.execute("SELECT * FROM pg_roles WHERE rolname = %s", [role]).fetchone()
    if found is None:
        connection.execute(sql.SQL("CREATE ROLE {}").format(name))
        found = dict.fromkeys(WORDS, False)
    for attribute, wanted in attributes.items():
        if found[attribute] != wanted:
            word = WORDS[attribute] if wanted else "NO" + WORDS[attribute]
            connection.execute(sql.SQL("ALTER ROLE {} {}").format(name, sql.SQL(word)))
    # Hashed here: the server's log may hold the statement, and must not hold the password.
    verifier = connection.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256").decode()
    connection.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(name, sql.Literal(verifier)))


def password_of(url: str) -> str:
    """The password in a database URL; raises ValueError without one."""
    password = urlsplit(url).password
    if not password:
        raise ValueError("The database URL has no password in it.")
    return unquote(password)
