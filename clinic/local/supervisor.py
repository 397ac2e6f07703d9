"""`make run`: starts everything in order, watches it, stops it in reverse order."""

import hashlib
import json
import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing, suppress
from datetime import UTC, datetime
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from clinic.database import roles
from clinic.local import clock, commands, environment, processes, sign_ins
from clinic.local.folder import Folder
from clinic.local.postgres import Postgres
from clinic.local.trouble import Trouble
from clinic.local.valkey import Valkey

STARTED = time.monotonic()
STEPS = ["migrator: migrate --no-input", "migrator: load_catalogue", "app: load_demo", "app: demo_people"]


class Supervisor:
    """Holds what runs. `stack` stops it again, last started first."""

    def __init__(self, folder: Folder, *, port: int, stack: ExitStack) -> None:
        self.folder, self.port, self.stack = folder, port, stack
        self.url = f"http://localhost:{port}"
        self.secrets = folder.secrets()
        self.children: dict[str, subprocess.Popen[bytes]] = {}
        self.ahead = clock.ahead(os.environ, now=datetime.now(UTC))
        self.env: dict[str, str] = {}

    def start(self) -> None:
        servers = {**self._database(), **self._redis()}
        mail, mail_port = self.folder.path / "mail", processes.free_port()
        self.env = environment.for_django(
            mark=str(self.folder.path),
            servers=servers,
            secret_key=self.secrets["secret_key"],
            vapid=self.secrets["vapid"],
            port=self.port,
            mail_port=mail_port,
            mail=str(mail),
        )
        self.env[clock.AHEAD] = str(self.ahead)
        self.folder.write("env", "".join(f"export {name}={shlex.quote(self.env[name])}\n" for name in environment.TOLD))
        self._child("mail", ["python", "-I", "clinic/local/catcher.py", str(mail_port), str(mail)])
        # Where the code is that of the last start, the database waits for nothing: the site may start meanwhile.
        code = fingerprint(self.folder.root)
        as_last_time = self.folder.read("prepared") == code
        if as_last_time:
            self._serve()
        say("migrations, exercise catalogue and demo clinics")
        people = json.loads(self._steps(migrator_url=servers["MIGRATOR_DATABASE_URL"]))
        self.folder.write("prepared", code)
        self.folder.write("demo.json", json.dumps({"url": self.url, "people": people}, indent=2))
        if not as_last_time:
            self._serve()
        self._wait_for_web(60)
        say("worker and beat")
        self._child("worker", commands.worker())
        self._child("beat", commands.beat())
        sign_ins.show(self.url, people)

    def watch(self) -> None:
        """Wait until a process ends that should not; raises Trouble with the end of its log."""
        while all(child.poll() is None for child in self.children.values()):
            time.sleep(0.5)
        name = next(name for name, child in self.children.items() if child.poll() is not None)
        log = self.folder.log(name)
        raise Trouble(f"{name} ended by itself, so everything stops; the end of {log} says why:\n{processes.tail(log)}")

    def _database(self) -> dict[str, str]:
        if os.environ.get("DATABASE_URL"):
            say("the PostgreSQL of DATABASE_URL")
            return environment.database_urls(os.environ, self.secrets)
        say("PostgreSQL")
        server = Postgres(self.folder.postgres(), self.secrets["postgres"], self.folder.log("postgres"))
        self.stack.callback(server.stop)
        self.children["postgres"] = server.start()
        roles.prepare(server.admin_url, passwords=self.secrets)
        return environment.role_urls(server.admin_url, self.secrets)

    def _redis(self) -> dict[str, str]:
        if url := os.environ.get("REDIS_URL"):
            say("the Redis of REDIS_URL")
            return {"REDIS_URL": url}
        say("Valkey")
        server = Valkey(self.folder.path / "valkey", self.secrets["valkey"], self.folder.log("valkey"))
        self.stack.callback(server.stop)
        self.children["valkey"] = server.start()
        return {"REDIS_URL": server.url}

    def _steps(self, *, migrator_url: str) -> str:
        """Bring the database up to date; returns what the last step printed. Raises Trouble with the end of the log."""
        process = processes.start(
            self._python(["python", "-m", "clinic.local.steps", *STEPS]),
            log=self.folder.log("steps"),
            env={**self.env, "MIGRATOR_DATABASE_URL": migrator_url},
            cwd=self.folder.root,
            capture=True,
        )
        try:
            output, _ = process.communicate()
        finally:
            processes.stop(process)
        if process.returncode:
            log = self.folder.log("steps")
            raise Trouble(f"The database could not be made ready; the end of {log} says why:\n{processes.tail(log)}")
        return output.decode()

    def _serve(self) -> None:
        say("the site")
        self._child("web", commands.web(bind=f"127.0.0.1:{self.port}"))

    def _python(self, command: Sequence[str]) -> list[str]:
        """The command with this interpreter, and where it runs a module, at the time that was asked for."""
        words = clock.moved(command) if self.ahead and command[1] == "-m" else command
        return [sys.executable, *words[1:]]

    def _child(self, name: str, command: Sequence[str]) -> None:
        process = processes.start(self._python(command), log=self.folder.log(name), env=self.env, cwd=self.folder.root)
        self.stack.callback(processes.stop, process, within=15)
        self.children[name] = process

    def _wait_for_web(self, seconds: float) -> None:
        """Wait until the site answers, whatever it says."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if any(child.poll() is not None for child in self.children.values()):
                self.watch()
            with suppress(OSError), closing(HTTPConnection("127.0.0.1", self.port, timeout=10)) as connection:
                connection.request("GET", "/health/")
                connection.getresponse()
                return
            time.sleep(0.1)
        raise Trouble(f"The site does not answer at {self.url}; {self.folder.log('web')} may say why.")


def main() -> int:
    """Run until Ctrl-C; returns the exit status."""
    processes.die_with_parent()
    answer_signals(interrupt)
    try:
        folder = Folder()
        with folder.lock(url=f"http://localhost:{os.environ.get('PORT', '8000')}"), ExitStack() as stack:
            try:
                run(folder, stack)
            finally:
                answer_signals(signal.SIG_IGN)
                say("stopping")
    except KeyboardInterrupt:
        say("Everything has stopped. Your data are kept; `make run` goes on with them.")
    except Trouble as trouble:
        print(f"\n{trouble}", file=sys.stderr, flush=True)
        return 1
    return 0


def run(folder: Folder, stack: ExitStack) -> None:
    processes.end(processes.marked(str(folder.path)))
    folder.rotate_logs()
    supervisor = Supervisor(folder, port=environment.port(os.environ), stack=stack)
    supervisor.start()
    supervisor.watch()


def answer_signals(answer: Callable[..., None] | signal.Handlers) -> None:
    """Ctrl-C, `kill` and a terminal that closes, unless nohup asked to ignore that."""
    for by in [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]:
        if by != signal.SIGHUP or signal.getsignal(by) is not signal.SIG_IGN:
            signal.signal(by, answer)


def interrupt(*_: Any) -> None:
    raise KeyboardInterrupt


def fingerprint(root: Path) -> str:
    """Changes with the code, with its data files and with the database it is meant for."""
    files = [file for app in ["clinic", "programs", "patients"] for file in (root / app).rglob("*.*")]
    found = sorted((str(file), file.stat().st_mtime_ns) for file in files if file.suffix in {".py", ".toml", ".json"})
    return hashlib.sha256(repr((found, os.environ.get("DATABASE_URL"))).encode()).hexdigest()


def say(what: str) -> None:
    """One line on the terminal, which may be gone by now, with the seconds since the start."""
    with suppress(OSError):
        print(f"{time.monotonic() - STARTED:6.1f} s  {what}", flush=True)
