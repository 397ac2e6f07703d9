"""What a phone has to fetch, and what the server has to ask: budgets that no machine changes."""

import gzip
import re
from pathlib import Path
from typing import Any

import brotli
import pytest
from django.contrib.staticfiles import finders
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from playwright.sync_api import expect

from clinic.wall.scope import clinic_scope
from tests import factories as make
from tests.fixtures import settled
from tests.patients.home import Home, send
from tests.patients.phone import Phone

pytestmark = pytest.mark.django_db(transaction=True)
KB = 1024
FRAME = re.compile(r"^(BEGIN|COMMIT|SELECT set_config)|FROM \"(django_session|clinic_user|clinic_membership)\"")


@pytest.fixture
def signed_in(client: Client, treated: Home) -> Client:
    return make.sign_in(client, treated.self)


def weight(content: bytes) -> int:
    return len(gzip.compress(content))


def weight_of_file(content: bytes) -> int:
    """Files are compressed once, when they are collected, with what is best: WhiteNoise serves brotli."""
    return len(brotli.compress(content))


def files_of(page: str) -> dict[str, bytes]:
    """What the page links: style sheets, scripts, icons."""
    names = re.findall(r'(?:href|src)="/static/([^"]+)"', page)
    return {name: Path(finders.find(name)).read_bytes() for name in set(names)}


def test_a_first_visit_of_today(signed_in: Client, treated: Home) -> None:
    page = signed_in.get(treated.url())
    files = {name: weight(content) for name, content in files_of(page.text).items() if not name.endswith(".png")}
    assert {"js/queue.js", "css/steady.css", "css/parts.css", "css/session.css", "vendor/htmx.min.js"} <= files.keys()
    assert sum(size for name, size in files.items() if name.endswith(".js")) <= 30 * KB
    assert weight(page.content) + sum(files.values()) <= 60 * KB


def test_with_the_session_and_what_is_kept_for_later_too(signed_in: Client, treated: Home) -> None:
    """All HTML and files of the first visit, what is fetched for later included, as they are served."""
    pages = [signed_in.get(treated.url(rest)) for rest in ["", "offline"]]
    pages += [signed_in.get(treated.url(rest) + "?offline") for rest in ["red-flags", "red-flags/stop"]]
    files = {name: content for page in pages for name, content in files_of(page.text).items()}
    scripts = sum(weight_of_file(content) for name, content in files.items() if name.endswith(".js"))
    texts = sum(weight_of_file(content) for name, content in files.items() if not name.endswith(".png"))
    assert "js/session.js" in files
    assert scripts <= 30 * KB
    assert texts + sum(weight(page.content) for page in pages) <= 60 * KB


def test_a_swap(signed_in: Client, treated: Home) -> None:
    saved = send(signed_in, treated.url(), "planned")
    swapped = signed_in.get(saved.url, headers={"HX-Request": "true"})
    assert "<html" not in swapped.text
    assert weight(swapped.content) <= 6 * KB


@pytest.mark.parametrize("logs", [1, 3])
def test_today_asks_ten_times_at_most(signed_in: Client, treated: Home, logs: int) -> None:
    """Beside signing in and opening the clinic: two for the session and the user, six for the wall."""
    with clinic_scope(treated.clinic.pk):
        for back in range(logs):
            make.make_log(treated.self, treated.patient, timezone.now().date() - back * make.timedelta(days=1))
    signed_in.get(treated.url())
    with CaptureQueriesContext(connection) as captured:
        signed_in.get(treated.url())
    own = [query["sql"] for query in captured if not FRAME.search(query["sql"])]
    assert len(own) <= 10, "\n".join(own)


def test_a_swap_shifts_nothing(phone: Phone, treated: Home) -> None:
    page = phone()
    page.evaluate(
        """() => {
          window.shifted = [];
          window.observer = new PerformanceObserver((list) => shifted.push(...list.getEntries()));
          observer.observe({ type: "layout-shift", buffered: false });
        }"""
    )
    page.get_by_role("button", name="Done as planned").tap()
    expect(page.get_by_text("Saved. Well done.")).to_be_visible()
    settled(page)
    shifts: list[Any] = page.evaluate(
        """async () => {
          for (let frame = 0; frame < 3; frame++) await new Promise(requestAnimationFrame);
          return [...shifted, ...observer.takeRecords()].map((each) => each.value);
        }"""
    )
    assert sum(shifts) < 0.01, shifts
