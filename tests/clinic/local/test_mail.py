"""The mail of `make run`: caught by the real catcher, read in the browser."""

import smtplib
import sys
import time
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from clinic.local import maildir, processes

ROOT = Path(__file__).parents[3]
HTML = "<h1>Your week</h1><script>alert(1)</script><a href='http://localhost/go'>Open</a>"
Send = Callable[..., None]


@pytest.fixture
def send(tmp_path: Path, settings: Any) -> Iterator[Send]:
    """Sends to a running catcher, whose maildir the site reads."""
    settings.MAIL_FOLDER = str(tmp_path / "mail")
    port = processes.free_port()
    command = [sys.executable, "-I", "clinic/local/catcher.py", str(port), settings.MAIL_FOLDER]
    catcher = processes.start(command, log=tmp_path / "log", env={}, cwd=ROOT)

    def send(subject: str, *, to: str = "tom@clinic.example", html: str = "") -> None:
        message = EmailMessage()
        message["Subject"], message["From"], message["To"] = subject, "Steady Knee <knee@clinic.example>", to
        message.set_content(f"Text of {subject}: http://localhost/go?a=1&b=2")
        if html:
            message.add_alternative(html, subtype="html")
        with connected(port) as server:
            server.send_message(message)

    yield send
    processes.stop(catcher)


def connected(port: int) -> smtplib.SMTP:
    deadline = time.monotonic() + 20
    while True:
        try:
            return smtplib.SMTP("127.0.0.1", port)
        except ConnectionRefusedError:
            assert time.monotonic() < deadline, "the catcher does not listen"
            time.sleep(0.05)


def test_mail_is_listed_newest_first(send: Send, client: Client) -> None:
    send("First", to="anna@home.example")
    send("Zwölf & <b>mehr</b>")
    page = client.get("/mail/").content.decode()
    assert page.index("Zwölf &amp; &lt;b&gt;mehr&lt;/b&gt;") < page.index("First")
    assert "To anna@home.example" in page


def test_a_mail_shows_its_text_its_headers_and_a_frame_for_its_html(send: Send, client: Client, settings: Any) -> None:
    send("Your week", html=HTML)
    (mail,) = maildir.newest(Path(settings.MAIL_FOLDER))
    page = client.get(f"/mail/{mail.key}/").content.decode()
    assert '<a href="http://localhost/go?a=1&amp;b=2"' in page
    assert "<b>X-Envelope-To:</b> tom@clinic.example" in page
    assert f'src="/mail/{mail.key}/html/" sandbox="allow-popups allow-popups-to-escape-sandbox"' in page
    assert "alert(1)" not in page


def test_the_html_part_runs_no_script_and_is_of_no_origin(send: Send, client: Client, settings: Any) -> None:
    send("Your week", html=HTML)
    (mail,) = maildir.newest(Path(settings.MAIL_FOLDER))
    response = client.get(f"/mail/{mail.key}/html/")
    assert response.content.decode().strip() == f'<base target="_blank">{HTML}'
    policy = response["Content-Security-Policy"].split("; ")
    assert policy[0].split()[0] == "sandbox"
    assert "allow-scripts" not in policy[0]
    assert "allow-same-origin" not in policy[0]
    assert policy[1] == "default-src 'none'"
    assert response["X-Frame-Options"] == "SAMEORIGIN"


def test_a_mail_without_html_has_no_frame(send: Send, client: Client, settings: Any) -> None:
    send("Plain")
    (mail,) = maildir.newest(Path(settings.MAIL_FOLDER))
    assert "<iframe" not in client.get(f"/mail/{mail.key}/").content.decode()


@pytest.mark.parametrize("path", ["none/", "none/html/", "../secrets.json/"])
def test_a_mail_that_is_not_there(send: Send, client: Client, path: str) -> None:
    assert client.get(f"/mail/{path}").status_code == 404


def test_no_mail_yet(client: Client, settings: Any, tmp_path: Path) -> None:
    settings.MAIL_FOLDER = str(tmp_path)
    assert "No mail yet" in client.get("/mail/").content.decode()
