"""A copy of the project in a folder of its own, to run as a newcomer would."""

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil

from clinic.local import processes

ROOT = Path(__file__).parents[1]
PARTS = ["clinic", "programs", "patients", "templates", "static", "locale", "manage.py", "Makefile", "requirements.txt"]
SERVERS = ["ADMIN_DATABASE_URL", "MIGRATOR_DATABASE_URL", "DATABASE_URL", "DISPATCHER_DATABASE_URL", "REDIS_URL"]


def lives(process: psutil.Process, *words: str) -> bool:
    """Whether it still runs, with these words in its command line; it may end while it is asked."""
    try:
        return process.status() != psutil.STATUS_ZOMBIE and set(words) <= set(process.cmdline())
    except psutil.NoSuchProcess:
        return False


class Project:
    """A copy of the project that can be run."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder, self.local, self.port = folder, folder / ".local", port
        self.url = f"http://localhost:{port}"
        self.output = folder / "output"

    @classmethod
    def copy(cls, folder: Path) -> "Project":
        """A copy in `folder`, which is made and private."""
        folder.mkdir(mode=0o700)
        for name in PARTS:
            source = ROOT / name
            (shutil.copytree if source.is_dir() else shutil.copy)(source, folder / name)
        return cls(folder.resolve(), processes.free_port())

    def remove(self) -> None:
        """End what runs and wipe its data."""
        processes.end(self.processes())
        assert self.command("clinic.local.reset", "--yes").wait() == 0, self.output.read_text()

    def command(self, module: str, *words: str, **env: str) -> subprocess.Popen[bytes]:
        inherited = {name: value for name, value in os.environ.items() if name not in SERVERS}
        with self.output.open("wb") as output:
            return subprocess.Popen(
                [sys.executable, "-m", module, *words],
                cwd=self.folder,
                env={**inherited, "PORT": str(self.port), **env},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def start(self, **env: str) -> subprocess.Popen[bytes]:
        """Start it, and wait until it says where it is."""
        run = self.command("clinic.local", **env)
        deadline = time.monotonic() + 120
        while f"Steady Knee is at {self.url} " not in self.output.read_text():
            assert run.poll() is None, self.output.read_text()
            assert time.monotonic() < deadline, self.output.read_text()
            time.sleep(0.1)
        return run

    def processes(self) -> list[psutil.Process]:
        """All that belongs to it, the supervisor and the servers included."""
        servers = [*processes.inside(self.database), *processes.inside(self.local / "valkey")]
        everything = [*processes.marked(str(self.local)), *servers, *self.supervisors()]
        return [process for process in everything if lives(process)]

    def supervisors(self) -> list[psutil.Process]:
        return [process for process in processes.inside(self.folder) if lives(process, "clinic.local")]

    @property
    def database(self) -> Path:
        elsewhere = self.local / "elsewhere.json"
        home = json.loads(elsewhere.read_text())["folder"] if elsewhere.exists() else self.local / "postgres"
        return Path(home) / "data"

    def people(self) -> list[dict[str, Any]]:
        demo = json.loads((self.local / "demo.json").read_text())
        assert demo["url"] == self.url
        return list(demo["people"])

    def env(self, name: str) -> str:
        lines = (self.local / "env").read_text().splitlines()
        return next(line for line in lines if line.startswith(f"export {name}=")).partition("=")[2]
