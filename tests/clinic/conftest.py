from collections.abc import Callable, Iterator

import pytest
from django.test import Client
from playwright.sync_api import Browser
from pytest_django.live_server_helper import LiveServer

from clinic.models import Membership
from tests.clinic.watched import Watched
from tests.factories import sign_in

Watch = Callable[..., Watched]


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
