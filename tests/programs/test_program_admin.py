"""Programs, bands and the catalogue on the staff's site, as a clinician uses them."""

from typing import Any

import pytest
from django.test import Client

from clinic.models import Clinic, Membership
from clinic.wall.scope import clinic_scope
from programs.models import Band, BandLadder, Dose
from tests.factories import (
    WALK,
    make_program,
)

pytestmark = pytest.mark.django_db

ROOT = "/clinic/north/programs/program"


def rows(prefix: str, rows: list[dict[str, Any]]) -> dict[str, Any]:
    """A formset as a browser sends it; a row's own rows are under the name of their formset."""
    known = sum("id" in row for row in rows)
    data: dict[str, Any] = {f"{prefix}-TOTAL_FORMS": len(rows), f"{prefix}-INITIAL_FORMS": known}
    for number, row in enumerate(rows):
        for name, value in row.items():
            data |= rows_or_value(f"{prefix}-{number}-{name}", value)
    return data


def rows_or_value(name: str, value: Any) -> dict[str, Any]:
    is_formset = isinstance(value, list) and all(isinstance(row, dict) for row in value)
    return rows(name, value) if is_formset and not name.endswith("weekdays") else {name: value}


def test_bands_are_kept_in_their_order(clinic: Clinic, clinician: Membership, client: Client) -> None:
    page = "/clinic/north/programs/bandladder/add/"
    ladder = {"maker": "Elastic", "length": "short"}
    bands = [{"label": name, "colour": "#c0392b", "position": 0} for name in ["light", "middle", "heavy"]]
    wrong = client.post(page, ladder | rows("bands", [bands[0] | {"colour": "red"}]))
    assert "A colour is written like #c0392b." in wrong.text
    twice = client.post(page, ladder | rows("bands", [bands[0], bands[0]]))
    assert "This ladder has a band of this name already." in twice.text
    assert client.post(page, ladder | rows("bands", bands)).status_code == 302
    with clinic_scope(clinic.pk):
        assert [band.label for band in BandLadder.objects.get().bands.all()] == ["light", "middle", "heavy"]
    assert "light → middle → heavy" in client.get("/clinic/north/programs/bandladder/").text
    assert "already exists" in client.post(page, ladder | rows("bands", [])).text


def test_a_band_in_a_program_is_not_deleted(clinic: Clinic, clinician: Membership, client: Client) -> None:
    with clinic_scope(clinic.pk):
        ladder = BandLadder.objects.create(maker="Elastic", length="short")
        band = Band.objects.create(ladder=ladder, label="red")
        make_program()
        Dose.objects.filter(exercise=WALK).update(short_band=band)
    page = f"/clinic/north/programs/bandladder/{ladder.pk}"
    row = {"id": band.pk, "ladder": ladder.pk, "label": "red", "colour": "#c0392b", "position": 0, "DELETE": "on"}
    refused = client.post(f"{page}/change/", {"maker": "Elastic", "length": "short"} | rows("bands", [row]))
    assert "would require deleting the following protected related objects" in refused.text
    assert client.post(f"{page}/delete/", {"post": "yes"}).status_code == 200
    with clinic_scope(clinic.pk):
        assert Band.objects.filter(pk=band.pk).exists()


def test_the_catalogue_shows_its_facts_and_how_sure_they_are(
    clinic: Clinic, clinician: Membership, client: Client
) -> None:
    page = client.get(f"/clinic/north/programs/exercise/{WALK}/change/").text
    for fact in ["Toes straight ahead.", "(our reading)", "How many days a week", "Cambridge EDJ", "Trial in patients"]:
        assert fact in page, fact
