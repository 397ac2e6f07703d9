from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

import pytest
from django.db import connection
from django.test import Client
from playwright.sync_api import Browser
from pytest_django.live_server_helper import LiveServer

from clinic.models import Membership
from tests.clinic.watched import Watched
from tests.clinic.world import ClinicWorld, make_world
from tests.factories import NOW, sign_in

Watch = Callable[..., Watched]


@pytest.fixture
def world(transactional_db: None, time_machine: Any) -> ClinicWorld:
    """One of everything, committed, for pages that are opened in a browser."""
    time_machine.move_to(NOW)
    return make_world("north")


@pytest.fixture
def staff(watch: Watch, world: ClinicWorld) -> Watched:
    return watch(world.owner, viewport={"width": 1280, "height": 900})


@pytest.fixture
def watch(browser: Browser, live_server: LiveServer, client: Client) -> Iterator[Watch]:
    """A browser in which this member of the staff is signed in. In the end nothing may have gone wrong in it."""
    opened: list[Watched] = []

    def signed_in(member: Membership, **options: object) -> Watched:
        cookie = sign_in(client, member).cookies["sessionid"].value
        context = browser.new_context(reduced_motion="reduce", **options)
        context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
        opened.append(Watched(context.new_page(), live_server.url))
        return opened[-1]

    yield signed_in
    for watched in opened:
        watched.page.context.close()
    assert [wrong for watched in opened for wrong in watched.wrong] == []


@pytest.fixture
def dispatcher_url(settings: Any, db: None) -> str:
    """The dispatcher's URL in the test database."""
    database = f"/{quote(connection.settings_dict['NAME'])}"
    settings.DISPATCHER_DATABASE_URL = urlunsplit(urlsplit(settings.DISPATCHER_DATABASE_URL)._replace(path=database))
    return str(settings.DISPATCHER_DATABASE_URL)
