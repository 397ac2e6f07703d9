"""The web and the workers, started for real on roles that they must refuse."""

import os
import subprocess
import sys
from collections.abc import Sequence
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from clinic.local import commands, processes
from tests.fixtures import until

WEB = commands.web(bind="127.0.0.1:0")
WITHOUT_PRELOAD = [word for word in WEB if word != "--preload"]


def start(command: Sequence[str], **env: str) -> subprocess.CompletedProcess[str]:
    """Run until it ends by itself."""
    return subprocess.run(
        [sys.executable, *command[1:]], env=os.environ | env, capture_output=True, text=True, timeout=60, check=False
    )


@pytest.mark.parametrize(
    ("command", "url"),
    [
        (WEB, "MIGRATOR_DATABASE_URL"),
        (commands.worker(), "MIGRATOR_DATABASE_URL"),
        pytest.param(WITHOUT_PRELOAD, "MIGRATOR_DATABASE_URL", marks=pytest.mark.slow),
        pytest.param(WEB, "ADMIN_DATABASE_URL", marks=pytest.mark.slow),
        pytest.param(commands.worker(), "ADMIN_DATABASE_URL", marks=pytest.mark.slow),
    ],
)
def test_a_role_that_bypasses_the_wall_is_refused(command: list[str], url: str) -> None:
    ended = start(command, DATABASE_URL=os.environ[url])
    assert ended.returncode != 0
    sentence = (
        f"The database role {urlsplit(os.environ[url]).username} bypasses row level security, and clinics would see"
        " each other: set DATABASE_URL to the application's role, steady_app."
    )
    assert sentence in ended.stderr


def test_a_worker_without_the_dispatchers_url_is_refused() -> None:
    ended = start(commands.worker(), DISPATCHER_DATABASE_URL="")
    assert ended.returncode != 0
    assert "DISPATCHER_DATABASE_URL is not set" in ended.stderr


def test_a_database_that_is_not_there_is_said_so() -> None:
    ended = start(WEB, DATABASE_URL="postgres://steady_app:x@127.0.0.1:1/steady")
    assert ended.returncode != 0
    assert "The database of DATABASE_URL can't be reached" in ended.stderr


def test_the_applications_role_serves(tmp_path_factory: pytest.TempPathFactory) -> None:
    port, log = processes.free_port(), tmp_path_factory.mktemp("web") / "web.log"
    command = [sys.executable, *commands.web(bind=f"127.0.0.1:{port}")[1:]]
    process = processes.start(command, log=log, env=os.environ, cwd=Path.cwd())
    try:
        until(lambda: "Booting worker" in log.read_text() or process.poll() is not None, "the web", seconds=30)
        http = HTTPConnection("127.0.0.1", port, timeout=20)
        http.request("GET", "/account/login/", headers={"Host": "localhost"})
        assert http.getresponse().status == 200, log.read_text()
    finally:
        processes.stop(process)
