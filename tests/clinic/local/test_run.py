"""`make run` as a whole, on a copy of the project in a private folder with a space in its name."""

import signal
import smtplib
import sys
import time
import urllib.request
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from clinic.local import processes
from tests.project import Project

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    made = Project.copy(tmp_path_factory.mktemp("home") / "a clone")
    yield made
    made.remove()
    assert not made.local.exists()


def page(url: str) -> str:
    with urllib.request.urlopen(url) as response:
        return str(response.read().decode())


def wait_until_empty(project: Project) -> None:
    deadline = time.monotonic() + 20
    while left := project.processes():
        assert time.monotonic() < deadline, left
        time.sleep(0.1)


def test_the_whole_life_of_a_run(project: Project) -> None:
    run = project.start()
    first = project.people()
    assert {"owner", "clinician", "patient"} <= {person["role"] for person in first}
    assert (project.local / "demo.json").stat().st_mode & 0o777 == 0o600
    assert "Sign in" in page(project.url)
    with smtplib.SMTP("127.0.0.1", urlsplit(project.env("EMAIL_URL")).port or 0) as server:
        server.sendmail("a@b.example", ["c@d.example"], "Subject: kept over a kill\n\nHello")
    assert "kept over a kill" in page(f"{project.url}/mail/")

    second = project.command("clinic.local")
    assert second.wait(30) == 1
    assert f"Steady Knee runs already at {project.url} (process {run.pid}): stop it" in project.output.read_text()
    reset = project.command("clinic.local.reset", "--yes")
    assert reset.wait(30) == 1

    processes.end(project.processes(), by=signal.SIGKILL)
    run.wait()
    run = project.start()
    assert [person["email"] for person in project.people()] == [person["email"] for person in first]
    assert "kept over a kill" in page(f"{project.url}/mail/")

    run.send_signal(signal.SIGINT)
    assert run.wait(30) == 0
    assert project.processes() == []


def test_children_end_with_a_supervisor_that_is_killed(project: Project) -> None:
    run = project.start()
    run.kill()
    run.wait()
    if sys.platform == "linux":
        wait_until_empty(project)
    run = project.start()
    run.terminate()
    assert run.wait(30) == 0
    assert project.processes() == []


def test_a_part_that_ends_by_itself_stops_all_and_is_named(project: Project) -> None:
    run = project.start()
    (beat,) = [process for process in processes.marked(str(project.local)) if "beat" in process.cmdline()]
    beat.kill()
    assert run.wait(30) == 1
    assert "beat ended by itself, so everything stops; the end of " in project.output.read_text()
    assert project.processes() == []
