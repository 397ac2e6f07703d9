"""The workers and beat, forked from a process that has imported everything: a new one is there in a blink."""

import contextlib
import os
import signal
import sys
from pathlib import Path

import celery.apps.beat
import celery.apps.worker
import celery.concurrency.prefork
import celery.worker.consumer  # noqa: F401
import kombu.transport.redis  # noqa: F401
import psutil
from celery.signals import worker_ready
from django.conf import settings
from django.utils.module_loading import import_string

from clinic.celery import app

WORKER = ["worker", "-l", "WARNING", "--without-gossip", "--without-mingle", "--without-heartbeat"]
BEATS = ("beat", "beat 2")
BEAT = ["beat", "-l", "WARNING", "--scheduler=celery.beat.Scheduler", "--pidfile="]


class Crew:
    """`members` are process ids by name. Who is dead is replaced by `keep`."""

    def __init__(self, log: Path, *, beats: int, children: int) -> None:
        app.loader.import_default_modules()
        for writer in settings.MESSAGE_WRITERS.values():
            import_string(writer)
        self.log, self.worker = log, [*WORKER, "-c", str(children)]
        self.members = dict.fromkeys(["worker 1", "worker 2", "beat", "beat 2"][: 2 + beats], 0)

    def keep(self) -> None:
        for name, pid in self.members.items():
            if not pid or not _lives(pid):
                self.members[name] = self._fork(BEAT if name in BEATS else [*self.worker, "-n", f"{name[-1]}@chaos"])

    def kill(self, name: str) -> int:
        """The process and all it started; gives how many that were."""
        pid = self.members[name]
        if not pid:
            return 0
        ended = [*_children(pid), pid]
        return sum(_kill(each) for each in ended)

    def kill_child(self, choice: float) -> int:
        children = self.children()
        return _kill(children[int(choice * len(children))]) if children else 0

    def kill_children(self) -> int:
        return sum(_kill(each) for each in self.children())

    def children(self) -> list[int]:
        """Of workers that are up: one that loses a child before that gives up, and starts anew."""
        return [
            child
            for name, pid in self.members.items()
            if name not in BEATS and pid and self._sign(pid).exists()
            for child in _children(pid)
        ]

    def end(self) -> None:
        for name in self.members:
            self.kill(name)

    def _sign(self, pid: int) -> Path:
        return self.log.with_suffix(f".{pid}")

    def _fork(self, command: list[str]) -> int:
        if pid := os.fork():
            return pid
        status = 1
        try:
            os.setsid()
            os.nice(5)  # who takes the mail and who looks on come first: they are what all wait for
            output = os.open(self.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
            os.dup2(output, 1)
            os.dup2(output, 2)
            worker_ready.connect(lambda **_: self._sign(os.getpid()).touch(), weak=False)
            sys.argv = ["celery", *command]
            app.worker_main(command) if command[0] == "worker" else app.start(command)
        except SystemExit as end:
            status = end.code if isinstance(end.code, int) else 1
        finally:
            os._exit(status)


def _children(pid: int) -> list[int]:
    with contextlib.suppress(psutil.NoSuchProcess):
        return [child.pid for child in psutil.Process(pid).children()]
    return []


def _kill(pid: int) -> int:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return 0
    return 1


def _lives(pid: int) -> bool:
    ended, _status = os.waitpid(pid, os.WNOHANG)
    return not ended
