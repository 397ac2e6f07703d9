"""Real things for tests: a mail server, a Celery worker, Chromium."""

import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from playwright.sync_api import Page, expect

from clinic.local import postgres, processes
from clinic.local.postgres import Postgres

# Playwright leaves its event loop running in the thread of the tests.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
expect.set_options(timeout=20_000)  # for a machine that has much else to do
CHROMIUMS = [
    "chromium",
    "chromium-browser",
    "google-chrome",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
]
FLAGS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
NO_CHROMIUM = "Chromium is not here: `sudo apt-get install chromium` (or `brew install --cask google-chrome`) brings it"


class Mailbox:
    """A mail server on the port of EMAIL_URL. `messages` is what it took; `answer`, where set, is what it replies."""

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []
        self.answer = ""

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.answer:
            return self.answer
        message = message_from_bytes(bytes(envelope.original_content or b""), policy=policy.default)
        assert isinstance(message, EmailMessage)
        self.messages.append(message)
        return "250 taken"

    def wait_for(self, count: int, *, seconds: float = 20) -> list[EmailMessage]:
        """The messages, once there are `count` of them."""
        until(lambda: len(self.messages) >= count, f"{count} messages, have {len(self.messages)}", seconds=seconds)
        return self.messages


def until(true: Any, what: str, *, seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, f"waited {seconds:.0f} s for {what}"
        time.sleep(0.05)


def settled(page: Page) -> None:
    """Until htmx has done with what it was asked: the answer is in the page, and the focus where it belongs."""
    expect(page.locator(".htmx-request, .htmx-swapping, .htmx-settling")).to_have_count(0)


@pytest.fixture(scope="module")
def own_postgres() -> Iterator[Postgres]:
    """A PostgreSQL of the module's own, for what would disturb other tests in the run's."""
    folder = Path(tempfile.mkdtemp(prefix="steady-knee-own-")).resolve()
    postgres.own(folder)
    server = Postgres(folder, "admin", folder / "log", {"fsync": "off"})
    try:
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder)


@pytest.fixture
def smtp(settings: Any) -> Iterator[Mailbox]:
    """A real mail server, and the real backend in place of pytest-django's."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    mailbox = Mailbox()
    controller = Controller(mailbox, hostname="127.0.0.1", port=urlsplit(os.environ["EMAIL_URL"]).port or 0)
    controller.start()
    yield mailbox
    controller.stop()


@pytest.fixture(scope="module")
def worker(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A real Celery worker on the test database and this test process's own Redis database; gives its log.

    What it is to see must be committed: use it with `transactional_db`.
    """
    from django.db import connection

    database = f"/{quote(connection.settings_dict['NAME'])}"
    urls = {name: os.environ[name] for name in ["DATABASE_URL", "DISPATCHER_DATABASE_URL"]}
    env = os.environ | {name: urlunsplit(urlsplit(url)._replace(path=database)) for name, url in urls.items()}
    log = tmp_path_factory.mktemp("worker") / "worker.log"
    command = [sys.executable, "-m", "celery", "-A", "clinic", "worker", "-c", "2", "-l", "INFO"]
    quick = ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    process = processes.start([*command, *quick], log=log, env=env, cwd=Path.cwd())
    try:
        until(lambda: " ready." in log.read_text() or process.poll() is not None, "the worker", seconds=30)
        assert process.poll() is None, log.read_text()
        yield log
    finally:
        processes.stop(process, by=signal.SIGTERM)


def chromium() -> str | None:
    """The path of a Chromium or Chrome of this machine: CHROMIUM where that is set, otherwise the first one found."""
    candidates = [os.environ["CHROMIUM"]] if os.environ.get("CHROMIUM") else CHROMIUMS
    return next((path for name in candidates if (path := shutil.which(name))), None)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    as_root = ["--no-sandbox"] if os.geteuid() == 0 else []
    return {**browser_type_launch_args, "executable_path": chromium(), "args": [*FLAGS, *as_root]}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if not chromium():
        for item in items:
            if "browser" in getattr(item, "fixturenames", []):
                item.add_marker(pytest.mark.skip(reason=NO_CHROMIUM))


def pytest_terminal_summary(terminalreporter: Any) -> None:
    skipped = terminalreporter.stats.get("skipped", [])
    if missed := sum(NO_CHROMIUM in str(report.longrepr) for report in skipped):
        terminalreporter.write_line(f"{missed} browser tests did not run. {NO_CHROMIUM}.", yellow=True, bold=True)
