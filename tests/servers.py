"""A pytest plugin: PostgreSQL and Valkey of the test run's own, started before Django's settings are read.

Every database made later is ready for the application, because template1 is: the migrator owns the schema, and its
tables are granted to the app role. In tests alone the migrator may create databases.
"""

import os
import secrets
import shutil
import tempfile
from collections.abc import Generator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psutil
import psycopg
import pytest

from clinic.database import roles
from clinic.local import postgres, processes
from clinic.local.trouble import Trouble
from clinic.local.valkey import Valkey

PREFIX = "steady-knee-tests"
RECKLESS = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off", "max_wal_size": "2GB"}
running = pytest.StashKey["Servers"]()


class Servers:
    """The two servers in a temporary folder that is named after this process."""

    def __init__(self, **settings: str) -> None:
        """`settings` of PostgreSQL's, beside those that make it quick."""
        sweep()
        self.folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}-{os.getpid()}-{_born(os.getpid())}-")).resolve()
        postgres.own(self.folder)
        log = self.folder / "servers.log"
        self.postgres = postgres.Postgres(self.folder, secrets.token_hex(), log, RECKLESS | settings)
        self.valkey = Valkey(self.folder / "valkey", secrets.token_hex(), log)

    def start(self) -> None:
        self.postgres.start()
        self.valkey.start()
        passwords = {role: secrets.token_hex() for role in roles.ROLES}
        for database in ["template1", postgres.DATABASE]:
            admin = self.postgres.url(postgres.SUPERUSER, self.postgres.password, database)
            roles.prepare(admin, passwords=passwords)
        with psycopg.connect(self.postgres.admin_url) as connection:
            connection.execute("ALTER ROLE steady_migrator CREATEDB")
        os.environ |= {
            "STEADY_ENV": "development",
            "SECRET_KEY": secrets.token_hex(),
            "ADMIN_DATABASE_URL": self.postgres.admin_url,
            "DATABASE_URL": self.postgres.url(roles.APP, passwords[roles.APP]),
            "MIGRATOR_DATABASE_URL": self.postgres.url(roles.MIGRATOR, passwords[roles.MIGRATOR]),
            "DISPATCHER_DATABASE_URL": self.postgres.url(roles.DISPATCHER, passwords[roles.DISPATCHER]),
            "REDIS_URL": self.valkey.url,
            "BASE_URL": "http://localhost:8000",
            "ALLOWED_HOSTS": "localhost,127.0.0.1,testserver",
            "DEFAULT_FROM_EMAIL": "Steady Knee <knee@steady.example>",
        }

    def stop(self) -> None:
        self.valkey.stop()
        self.postgres.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


def sweep() -> None:
    """Remove the folders of test runs that were killed."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}-*"):
        pid, born = folder.name.removeprefix(f"{PREFIX}-").split("-")[:2]
        if _born(int(pid)) != int(born):
            shutil.rmtree(folder, ignore_errors=True)


def _born(pid: int) -> int | None:
    """When the process started, in seconds since 1970; None when it is gone."""
    return int(psutil.Process(pid).create_time()) if psutil.pid_exists(pid) else None


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None]:
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if worker:
        number = int(worker.removeprefix("gw")) + 1
        os.environ["REDIS_URL"] = urlunsplit(urlsplit(os.environ["REDIS_URL"])._replace(path=f"/{number}"))
    else:
        servers = Servers()
        early_config.stash[running] = servers
        early_config.add_cleanup(servers.stop)
        try:
            servers.start()
        except Trouble as trouble:
            raise pytest.UsageError(str(trouble)) from trouble
    os.environ["EMAIL_URL"] = f"smtp://127.0.0.1:{processes.free_port()}"
    return (yield)


def pytest_configure(config: pytest.Config) -> None:
    # Only now: what is registered after pytest-playwright's own fixtures may replace them.
    config.pluginmanager.import_plugin("tests.fixtures")
