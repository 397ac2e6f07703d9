import json
import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from clinic.local import folder as folders
from clinic.local import reset
from clinic.local.folder import Folder
from clinic.local.trouble import Trouble

AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root has data elsewhere")


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Folder]:
    project = tmp_path / "a project"
    project.mkdir()
    made = Folder(project)
    yield made
    if made.path.exists():
        made.remove()


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_nobody_else_reads_it(folder: Folder) -> None:
    folder.path.chmod(0o755)
    Folder(folder.root).secrets()
    assert mode(folder.path) == 0o700
    assert mode(folder.path / "secrets.json") == 0o600


def test_secrets_are_made_up_once_and_differ(folder: Folder) -> None:
    first = folder.secrets()
    assert Folder(folder.root).secrets() == first
    assert len(set(first.values())) == len(folders.SECRETS)


def test_one_run_at_a_time(folder: Folder) -> None:
    with folder.lock(url="http://localhost:8123"):
        expected = rf"^Steady Knee runs already at http://localhost:8123 \(process {os.getpid()}\): stop it"
        with pytest.raises(Trouble, match=expected), folder.lock(url="another"):
            pass
    with folder.lock():
        pass


def test_logs_of_the_last_run_are_kept(folder: Folder) -> None:
    folder.log("web").write_text("first")
    folder.rotate_logs()
    folder.log("web").write_text("second")
    folder.rotate_logs()
    assert [log.read_text() for log in (folder.path / "log").iterdir()] == ["second"]


def test_a_link_in_its_place_is_refused(tmp_path: Path) -> None:
    (tmp_path / "target").mkdir()
    (tmp_path / ".local").symlink_to(tmp_path / "target")
    with pytest.raises(Trouble, match="belongs to another account"):
        Folder(tmp_path)


@AS_ROOT
def test_another_accounts_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / ".local").mkdir()
    os.chown(tmp_path / ".local", 12345, -1)
    with pytest.raises(Trouble, match="belongs to another account"):
        Folder(tmp_path)


def test_a_full_disk_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folders, "ENOUGH_SPACE", 10**18)
    with pytest.raises(Trouble, match="is full: free"):
        Folder(tmp_path)


def test_the_database_is_private(folder: Folder) -> None:
    assert mode(folder.postgres()) == 0o700


@AS_ROOT
def test_a_moved_project_keeps_its_database_and_a_copy_gets_its_own(folder: Folder, tmp_path: Path) -> None:
    original = folder.postgres()
    assert folder.postgres() == original
    shutil.copytree(folder.root, tmp_path / "copy")
    copy = Folder(tmp_path / "copy")
    assert copy.postgres() != original
    copy.remove()
    moved = Folder(folder.root.rename(tmp_path / "moved"))
    assert moved.postgres() == original
    moved.remove()


def test_reset_removes_everything_once_asked(
    folder: Folder, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(reset, "Folder", lambda: folder)
    database = folder.postgres()
    assert reset.main([]) == 1
    assert "Nothing was removed" in capsys.readouterr().out
    assert database.exists()
    with folder.lock(url="somewhere"):
        assert reset.main(["--yes"]) == 1
    assert "runs already at somewhere" in capsys.readouterr().err
    assert reset.main(["--yes"]) == 0
    assert not database.exists()
    assert not folder.path.exists()


def test_what_is_written_is_whole_and_private(folder: Folder) -> None:
    folder.write("demo.json", json.dumps([1]))
    folder.write("demo.json", json.dumps([2]))
    assert folder.read("demo.json") == "[2]"
    assert folder.read("none") == ""
    assert mode(folder.path / "demo.json") == 0o600
    assert {path.name for path in folder.path.iterdir()} == {"demo.json", "log"}
