"""The pictures as files: small pages show them, and they are the same for everybody."""

import gzip
from xml.etree import ElementTree as ET

import pytest
from django.test import Client

from programs.illustrations.poses import plans
from tests.factories import sign_in
from tests.patients.home import a_home

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("key", [plan.key for plan in plans()])
def test_each_frame_is_a_file_with_the_colours_of_its_bands(client: Client, key: str) -> None:
    place = next(plan.places[0] for plan in plans() if plan.key == key)
    drawn = client.get(f"/pictures/{key}.svg", {place: "6A1B9A"})
    assert (drawn.status_code, drawn["Content-Type"]) == (200, "image/svg+xml")
    assert "#6a1b9a" in drawn.text
    assert ET.fromstring(drawn.text).tag.endswith("svg")
    assert "public" in drawn["Cache-Control"]


@pytest.mark.parametrize(
    "query", ["forefeet=<script>", "forefeet=6a1b9", "somewhere=6a1b9a", "hips=6a1b9a", "forefeet=%00%00%00%00%00%00"]
)
def test_what_makes_no_sense_is_left_out(client: Client, query: str) -> None:
    drawn = client.get(f"/pictures/walk-ready.svg?{query}")
    assert drawn.status_code == 200
    assert "script" not in drawn.text
    assert "6a1b9a" not in drawn.text


def test_a_frame_that_nobody_drew_is_not_found(client: Client) -> None:
    assert client.get("/pictures/walk-nowhere.svg").status_code == 404
    assert client.post("/pictures/walk-ready.svg").status_code == 405


def test_the_pictures_of_a_day_weigh_forty_kilobytes_at_most(client: Client) -> None:
    import re
    from html import unescape

    home = a_home()
    page = sign_in(client, home.self).get(home.url()).text
    addresses = set(re.findall(r'<img src="(/pictures/[^"]+)"', page))
    assert len(addresses) == 9
    assert sum(len(gzip.compress(client.get(unescape(each)).content)) for each in addresses) <= 40 * 1024
