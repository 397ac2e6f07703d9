"""docker-compose.yml and the Dockerfile say what the code can do: without Docker, as far as that can be known."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import yaml
from django.core.management import get_commands

from clinic.database import roles
from clinic.local import commands

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "docker-compose.yml").read_text()
COMPOSE: dict[str, Any] = yaml.safe_load(TEXT)
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if "build" in service}
IMAGES = {
    "db": {"POSTGRES_USER", "POSTGRES_PASSWORD", "POSTGRES_DB", "POSTGRES_INITDB_ARGS"},
    "valkey": {"REDISCLI_AUTH"},
    "mailpit": set(),
}


def settings_variables(reader: str) -> set[str]:
    """The variables that settings reads by `env...` or `required`."""
    return set(re.findall(rf'\b{reader}\(\s*"([A-Z_]+)"', (ROOT / "clinic/settings.py").read_text()))


def test_the_same_commands_as_make_run() -> None:
    assert SERVICES["web"]["command"] == commands.web(bind="0.0.0.0:8000")
    assert SERVICES["worker"]["command"] == commands.worker()
    assert SERVICES["beat"]["command"] == commands.beat()


def test_the_image_serves_by_itself() -> None:
    (line,) = re.findall(r"(?m)^CMD (.*)$", (ROOT / "Dockerfile").read_text())
    assert json.loads(line) == commands.web(bind="0.0.0.0:8000")


@pytest.mark.parametrize("name", OURS)
def test_every_command_exists(name: str) -> None:
    python, *words = OURS[name]["command"]
    assert python == "python"
    if words[0] == "manage.py":
        assert words[1] in get_commands()
    else:
        assert words[:2] in (["-m", "gunicorn"], ["-m", "celery"])


@pytest.mark.parametrize("name", OURS)
def test_every_variable_is_known_and_none_is_missing(name: str) -> None:
    given = set(OURS[name]["environment"])
    admin = {"ADMIN_DATABASE_URL", *roles.URLS.values()} if name == "roles" else set()
    assert given - admin <= settings_variables(r"(?:env(?:\.\w+)?|required)")
    assert given >= settings_variables("required") | admin


@pytest.mark.parametrize("name", IMAGES)
def test_other_images_get_only_what_they_know(name: str) -> None:
    assert set(SERVICES[name].get("environment", {})) == IMAGES[name]


def test_all_services_are_covered() -> None:
    assert set(SERVICES) == set(OURS) | set(IMAGES)


def interpolated() -> Iterator[tuple[str, str]]:
    yield from re.findall(r"\$\{(\w+)(.*?)\}", TEXT)


def test_no_secret_has_a_default() -> None:
    optional = {name for name, rest in interpolated() if not rest.startswith(":?")}
    assert ("VAPID_PRIVATE_KEY", ":-") in interpolated()
    assert optional == {"EMAIL_URL", "MAILGUN_SIGNING_KEY", "PORT", "TRUSTED_PROXIES", "VAPID_PRIVATE_KEY"}


@pytest.mark.parametrize("name", SERVICES)
def test_nothing_writes_into_its_image(name: str) -> None:
    assert SERVICES[name]["read_only"] is True
    assert "/tmp" in SERVICES[name]["tmpfs"]


@pytest.mark.parametrize("name", OURS)
def test_our_containers_are_not_root_and_may_not_become_it(name: str) -> None:
    assert "\nUSER 10001\n" in (ROOT / "Dockerfile").read_text()
    assert OURS[name]["cap_drop"] == ["ALL"]
    assert "user" not in OURS[name]


def test_only_loopback_is_published() -> None:
    ports = [port for service in SERVICES.values() for port in service.get("ports", [])]
    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)


class OnlyClinicExample(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if self.headers["Host"] == "clinic.example" else 400)
        self.end_headers()


@pytest.fixture
def site() -> Iterator[int]:
    with HTTPServer(("127.0.0.1", 0), OnlyClinicExample) as server:
        Thread(target=server.serve_forever).start()
        yield server.server_port
        server.shutdown()


@pytest.mark.parametrize(("name", "status"), [("clinic.example,other", 0), ("other", 1)])
def test_the_health_check_asks_under_the_sites_name(site: int, name: str, status: int) -> None:
    (line,) = re.findall(r"(?m)^HEALTHCHECK .* CMD (.*)$", (ROOT / "Dockerfile").read_text())
    python, *words, port = json.loads(line)
    assert (python, port) == ("python", "8000")
    done = subprocess.run([sys.executable, *words, str(site)], cwd=ROOT, env={"ALLOWED_HOSTS": name}, check=False)
    assert done.returncode == status
