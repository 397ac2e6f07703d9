"""What the phone is given to keep, and the manifest: nothing that tells whose it is."""

import json
import re

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from clinic.wall.scope import clinic_scope
from tests import factories as make
from tests.patients.home import Home, a_home

pytestmark = pytest.mark.django_db


@pytest.fixture
def home() -> Home:
    return a_home()


@pytest.fixture
def own(client: Client, home: Home) -> Client:
    return make.sign_in(client, home.self)


def test_the_manifest_names_nobody(own: Client, home: Home) -> None:
    answer = own.get(home.url() + "manifest.webmanifest")
    manifest = json.loads(answer.content)
    assert answer["Content-Type"] == "application/manifest+json"
    assert (manifest["name"], manifest["start_url"], manifest["scope"]) == ("Steady Knee", home.url(), home.my)
    assert home.patient.name not in answer.text
    assert home.clinic.name not in answer.text
    sizes = {(icon["sizes"], icon["purpose"]) for icon in manifest["icons"]}
    assert sizes == {("192x192", "any"), ("512x512", "any"), ("512x512", "maskable")}
    for icon in manifest["icons"]:
        assert (settings.BASE_DIR / icon["src"].lstrip("/")).read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("rest", ["offline/", "red-flags/?offline", "red-flags/stop/?offline"])
def test_what_is_kept_has_no_name_no_history_and_no_token(own: Client, home: Home, rest: str) -> None:
    with clinic_scope(home.clinic.pk):
        make.make_log(home.self, home.patient, timezone.now().date(), note="secret", pain_after=7)
    page = own.get(home.url() + rest)
    assert page.status_code == 200
    assert "no-store" in page["Cache-Control"]
    for secret in [home.patient.name, home.patient.code, home.self.user.email, "secret", "Logged at"]:
        assert secret not in page.text
    assert not re.search(r'csrfmiddlewaretoken" value="\w', page.text)


@pytest.mark.parametrize("rest", ["offline/", "manifest.webmanifest"])
@pytest.mark.parametrize("who", ["staff", "another patient"])
def test_nobody_else_gets_it(client: Client, home: Home, rest: str, who: str) -> None:
    with clinic_scope(home.clinic.pk):
        other = home.clinician if who == "staff" else make.make_sign_in(make.make_patient())
    assert make.sign_in(client, other).get(home.url() + rest).status_code == 404


def test_the_worker_keeps_files_that_are_there(client: Client) -> None:
    worker = client.get("/worker.js")
    assert worker["Content-Type"] == "text/javascript"
    assert "worker-src 'self'" in worker["Content-Security-Policy"]
    names = re.findall(r'"/static/([^"]+)"', worker.text)
    assert "js/session.js" in names
    for name in names:
        assert (settings.BASE_DIR / "static" / name).is_file()
    assert client.get("/without-signal/").status_code == 200


def test_staff_send_nothing_from_a_patients_phone(client: Client, home: Home) -> None:
    body = {"id": str(make.uuid7()), "date": str(timezone.now().date()), "as_planned": True}
    address = f"/api/v1/clinic/north/patients/{home.patient.pk}/logs/?own"
    staff = make.sign_in(client, home.clinician)
    assert staff.post(address, body, content_type="application/json").status_code == 404
    assert home.logs() == []
    own = make.sign_in(Client(), home.self)
    assert own.post(address, body, content_type="application/json").status_code == 201
