"""Child processes that are never left behind: each leads a group of its own and ends with whoever started it."""

import ctypes
import os
import pwd
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TypedDict

import psutil

MARK = "STEADY_KNEE_LOCAL"
PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


def start(
    command: Sequence[str | Path],
    *,
    log: Path,
    env: Mapping[str, str],
    cwd: Path,
    account: pwd.struct_passwd | None = None,
    dies_by: signal.Signals = signal.SIGTERM,
    capture: bool = False,
) -> subprocess.Popen[bytes]:
    """Start `command` in a session of its own, writing to the end of `log`, or with `capture` its stdout to a pipe.

    On Linux the kernel sends it `dies_by` when the thread that calls this ends, in any way: call from the main one.
    """
    with log.open("ab") as output:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE if capture else output,
            stderr=output,
            env=env,
            cwd=cwd,
            start_new_session=True,
            preexec_fn=_die_with(os.getpid(), dies_by),
            **as_account(account),
        )


class Account(TypedDict, total=False):
    """The arguments of subprocess that say who runs a command."""

    user: int
    group: int
    extra_groups: list[int]


def as_account(account: pwd.struct_passwd | None) -> Account:
    """The arguments of subprocess that run a command as `account`, or as oneself for None."""
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []} if account else {}


def die_with_parent(by: signal.Signals = signal.SIGTERM) -> None:
    """Have the kernel send this process `by` when its parent ends (on Linux; elsewhere nothing happens)."""
    _die_with(os.getppid(), by)()


def _die_with(parent: int, by: signal.Signals) -> Callable[[], None]:
    def ask() -> None:
        if _libc:
            _libc.prctl(PR_SET_PDEATHSIG, by)
            if os.getppid() != parent:
                os.kill(os.getpid(), by)

    return ask


def stop(process: subprocess.Popen[bytes], *, by: signal.Signals = signal.SIGTERM, within: float = 10) -> None:
    """Send `by` to the process, wait `within` seconds, then kill what is left of its group."""
    if process.poll() is None:
        process.send_signal(by)
        with suppress(subprocess.TimeoutExpired):
            process.wait(within)
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def marked(mark: str) -> list[psutil.Process]:
    """Every process that carries `mark` in its environment, this one left out."""
    return [p for p in psutil.process_iter() if p.pid != os.getpid() and _environment(p).get(MARK) == mark]


def inside(folder: Path) -> list[psutil.Process]:
    """Every process whose working folder is `folder`, as a server's is that lives in its data."""
    return [p for p in psutil.process_iter(["cwd"]) if p.info["cwd"] == str(folder)]


def end(leftovers: Iterable[psutil.Process], *, by: signal.Signals = signal.SIGTERM, within: float = 5) -> None:
    """End processes that an earlier run left, gently first."""
    found = list(leftovers)
    for process in found:
        with suppress(psutil.NoSuchProcess):
            process.send_signal(by)
    _, stubborn = psutil.wait_procs(found, timeout=within)
    for process in stubborn:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(stubborn, timeout=within)


def _environment(process: psutil.Process) -> dict[str, str]:
    try:
        return process.environ()
    except (psutil.Error, OSError):
        return {}


def free_port() -> int:
    """A TCP port of the loopback address that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def tail(log: Path, lines: int = 15) -> str:
    """The last lines of a log, indented for the terminal."""
    text = log.read_text(errors="replace") if log.exists() else ""
    return "\n".join("    " + line for line in text.splitlines()[-lines:])
