import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from clinic.local import processes

STARTS_A_SLEEPER = """
import sys, time
from pathlib import Path
from clinic.local import processes
child = processes.start(["sleep", "60"], log=Path(sys.argv[1]), env={"PATH": "/usr/bin:/bin"}, cwd=Path.cwd())
print(child.pid, flush=True)
time.sleep(60)
"""
IGNORES_SIGTERM = ["sh", "-c", "trap '' TERM; sleep 60 & echo $!; wait; sleep 60"]
ENV = {"PATH": "/usr/bin:/bin"}


def gone(pid: int) -> bool:
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


def wait_until_gone(pid: int) -> None:
    deadline = time.monotonic() + 5
    while not gone(pid):
        assert time.monotonic() < deadline, f"process {pid} is still there"
        time.sleep(0.02)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a process that its parent ended")
def test_a_child_ends_with_a_parent_that_is_killed(tmp_path: Path) -> None:
    parent = subprocess.Popen([sys.executable, "-c", STARTS_A_SLEEPER, tmp_path / "log"], stdout=subprocess.PIPE)
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    assert not gone(child)
    parent.kill()
    parent.communicate()
    wait_until_gone(child)


def test_what_does_not_listen_is_killed_with_its_children(tmp_path: Path) -> None:
    log = tmp_path / "log"
    process = processes.start(IGNORES_SIGTERM, log=log, env=ENV, cwd=tmp_path)
    while not log.read_text().endswith("\n"):
        time.sleep(0.02)
    processes.stop(process, within=0.2)
    assert process.returncode == -signal.SIGKILL
    wait_until_gone(int(log.read_text()))


def test_leftovers_are_known_by_their_mark_alone(tmp_path: Path) -> None:
    ours = processes.start(["sleep", "60"], log=tmp_path / "log", env={**ENV, processes.MARK: "mine"}, cwd=tmp_path)
    theirs = processes.start(["sleep", "60"], log=tmp_path / "log", env={**ENV, processes.MARK: "other"}, cwd=tmp_path)
    try:
        assert [process.pid for process in processes.marked("mine")] == [ours.pid]
        processes.end(processes.marked("mine"))
        wait_until_gone(ours.pid)
        assert theirs.poll() is None
    finally:
        processes.stop(theirs)


def test_a_tail_is_the_end_of_a_log(tmp_path: Path) -> None:
    (tmp_path / "log").write_text("one\ntwo\nthree\n")
    assert processes.tail(tmp_path / "log", lines=2) == "    two\n    three"
    assert processes.tail(tmp_path / "none") == ""
