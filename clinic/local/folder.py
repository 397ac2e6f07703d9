"""The folder `.local`: data, logs and secrets of `make run`, for one account and one run at a time."""

import fcntl
import json
import os
import secrets
import shutil
import stat
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from clinic.database import roles
from clinic.local import postgres
from clinic.local.trouble import Trouble

ROOT = Path(__file__).resolve().parents[2]
SECRETS = ["secret_key", "vapid", "postgres", "valkey", *roles.ROLES]
ENOUGH_SPACE = 200_000_000


class Folder:
    """`.local` of a project, made on first use. Raises Trouble when it is another account's or the disk is full."""

    def __init__(self, root: Path = ROOT) -> None:
        self.root = root
        self.path = root / ".local"
        make_private(self.path, owner=os.geteuid())
        if shutil.disk_usage(self.path).free < ENOUGH_SPACE:
            raise Trouble(f"The disk of {self.path} is full: free {ENOUGH_SPACE // 1_000_000} MB and start again.")
        (self.path / "log").mkdir(exist_ok=True)

    def log(self, name: str) -> Path:
        return self.path / "log" / f"{name}.log"

    def rotate_logs(self) -> None:
        """Keep the logs of this run and of the one before."""
        for log in (self.path / "log").glob("*.log"):
            log.replace(log.with_suffix(".log.1"))

    def secrets(self) -> Mapping[str, str]:
        """The key and the passwords, made up once."""
        known = json.loads(self.read("secrets.json") or "{}")
        if missing := [name for name in SECRETS if name not in known]:
            known |= {name: secrets.token_hex(32) for name in missing}
            self.write("secrets.json", json.dumps(known, indent=2))
        return known

    def write(self, name: str, text: str) -> Path:
        """Write a file that nobody else can read; whole or not at all."""
        handle, temporary = tempfile.mkstemp(dir=self.path)
        with os.fdopen(handle, "w") as file:
            file.write(text)
        return Path(temporary).rename(self.path / name)

    def read(self, name: str) -> str:
        """What `write` wrote; empty before."""
        file = self.path / name
        return file.read_text() if file.exists() else ""

    @contextmanager
    def lock(self, **about: Any) -> Iterator[None]:
        """Hold the folder for this process; raises Trouble with what another says `about` itself that holds it."""
        with (self.path / "lock").open("a+") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                file.seek(0)
                other = json.loads(file.read() or "{}")
                where = f"at {other.get('url', 'some address')} (process {other.get('pid', 'unknown')})"
                raise Trouble(f"Steady Knee runs already {where}: stop it there with Ctrl-C first.") from None
            file.truncate(0)
            file.write(json.dumps({"pid": os.getpid(), **about}))
            file.flush()
            yield

    def postgres(self) -> Path:
        """Where PostgreSQL keeps its data: in here, or, for root, where the account that runs it gets to."""
        nobody = postgres.account()
        folder = self._elsewhere() if nobody else self.path / "postgres"
        make_private(folder, owner=nobody.pw_uid if nobody else os.geteuid())
        return folder

    def _elsewhere(self) -> Path:
        """A folder of /var/tmp, chosen once and written down: a moved project keeps it, a copy gets its own."""
        record = "elsewhere.json"
        known = json.loads(self.read(record) or "{}")
        original = Path(known.get("project", self.root))
        copied = original != self.root and (original / ".local" / record).exists()
        if not known or copied:
            known = {"folder": tempfile.mkdtemp(prefix="steady-knee-", dir="/var/tmp")}
        self.write(record, json.dumps({**known, "project": str(self.root)}))
        return Path(known["folder"])

    def remove(self) -> None:
        """Wipe everything, PostgreSQL's folder elsewhere included."""
        shutil.rmtree(self.postgres())
        shutil.rmtree(self.path)


def make_private(folder: Path, *, owner: int) -> None:
    """Make a folder of mode 0700 for `owner`, or refuse what is there already if it is anything else."""
    if not os.path.lexists(folder):
        try:
            folder.mkdir(mode=0o700)
        except OSError as error:
            raise Trouble(
                f"{folder} can't be made ({error.strerror}): make {folder.parent} writable for this account."
            ) from None
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in {owner, os.geteuid()}:
        raise Trouble(f"{folder} belongs to another account: go on as that account, or remove the folder.")
    if found.st_uid != owner:
        os.chown(folder, owner, -1)
    folder.chmod(0o700)
