"""The API's own documentation page: everything from here, under the policy of all pages."""

import json
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import Client
from playwright.sync_api import Page, expect

from clinic.wall.scope import clinic_scope
from patients.models import Log
from tests.clinic.world import make_world
from tests.factories import NOW, TODAY, sign_in

pytestmark = pytest.mark.django_db

OPERATIONS = [
    "prescriptions",
    "logs",
    "log_session",
    "withdraw_log",
    "answer_morning",
    "report_red_flags",
    "adherence",
]
VIOLATIONS = """
    document.addEventListener("securitypolicyviolation", (event) => console.error(event.violatedDirective))
"""


def test_everybody_may_read_it_under_the_strict_policy(client: Client) -> None:
    answer = client.get("/api/v1/docs/")
    assert answer.status_code == 200
    assert "unsafe" not in answer.headers["Content-Security-Policy"]


def test_every_operation_is_shown_and_can_be_tried(live_server: Any, page: Page, time_machine: Any) -> None:
    time_machine.move_to(NOW)
    north = make_world("north")
    signed_in = sign_in(Client(), north.sign_in)
    session = signed_in.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}])
    complaints: list[str] = []
    addresses: set[str] = set()
    page.on("console", lambda said: complaints.append(said.text) if said.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: addresses.add(request.url))
    page.add_init_script(VIOLATIONS)
    page.emulate_media(color_scheme="dark")

    page.goto(f"{live_server.url}/api/v1/docs/")
    expect(page.locator(".opblock")).to_have_count(len(OPERATIONS))
    for operation in OPERATIONS:
        expect(page.locator(f".opblock[id$='-{operation}']")).to_be_visible()

    logging = page.locator(".opblock[id$='-log_session']")
    logging.locator(".opblock-summary").click()
    logging.get_by_role("button", name="Try it out").click()
    logging.get_by_placeholder("clinic").fill("north")
    logging.get_by_placeholder("patient").fill(str(north.patient.pk))
    entry = {"id": str(uuid4()), "date": str(TODAY), "as_planned": True}
    logging.locator("textarea.body-param__text").fill(json.dumps(entry))
    logging.get_by_role("button", name="Execute").click()
    expect(logging.locator(".live-responses-table .response-col_status").last).to_contain_text("201")

    with clinic_scope(north.clinic.pk):
        assert Log.objects.get(pk=entry["id"]).provenance == Log.Provenance.LIVE
    assert complaints == []
    assert {url for url in addresses if not url.startswith((f"{live_server.url}/", "data:"))} == set()


def test_the_schema_is_valid_without_a_warning(tmp_path: Any) -> None:
    call_command("spectacular", validate=True, fail_on_warn=True, file=str(tmp_path / "schema.yaml"))
    assert "/patients/{patient}/logs/{log}/withdraw/" in (tmp_path / "schema.yaml").read_text()


def test_the_schema_is_served_to_everybody(client: Client) -> None:
    answer = client.get("/api/v1/schema/?format=json")
    assert (answer.status_code, answer.json()["openapi"]) == (200, "3.1.1")
