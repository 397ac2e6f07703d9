"""A patient at home, and what their pages say."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from html import unescape
from html.parser import HTMLParser
from typing import Any

from django.test import Client

from clinic.models import Clinic, Membership
from clinic.wall.scope import clinic_scope
from patients.actions.logging import Entry, record_log
from patients.models import Log, Patient
from tests import factories as make


@dataclass
class Home:
    """A patient with a program since Monday, who signs in."""

    clinic: Clinic
    clinician: Membership
    patient: Patient
    self: Membership

    def log(self, entry: Entry, *, by: Membership | None = None, now: datetime = make.NOW) -> tuple[Log, bool]:
        """Inside the open clinic."""
        return record_log(by=by or self.self, patient=self.patient.pk, entry=entry, now=now)

    @property
    def my(self) -> str:
        return f"/clinic/{self.clinic.slug}/my/"

    def url(self, rest: object = "") -> str:
        return f"{self.my}{self.patient.pk}/{rest}{'/' if rest else ''}"

    def logs(self) -> list[Log]:
        """All that was ever logged in the clinic, from outside of it."""
        with clinic_scope(self.clinic.pk):
            return list(
                Log.objects.select_related("entered_by", "replaces", "withdrawn_by")
                .prefetch_related("sets")
                .order_by("received_at", "id")
            )


def a_home(*, prescribed: bool = True, **clinic: Any) -> Home:
    made = make.make_clinic(**clinic)
    with clinic_scope(made.pk):
        clinician = make.make_member(made)
        patient = make.make_patient(clinician)
        if prescribed:
            make.make_prescription(clinician, patient)
        sign_in = make.make_sign_in(patient)
    return Home(made, clinician, patient, sign_in)


class Fields(HTMLParser):
    """The forms of a page: by its kind, for each the names and values that a browser would send."""

    def __init__(self, response: Any) -> None:
        super().__init__()
        self.forms: dict[str, dict[str, str]] = {}
        self.actions: dict[str, str] = {}
        self._form: dict[str, str] = {}
        self._action = self._area = ""
        self.feed(response.content.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        name, value = given.get("name") or "", given.get("value") or ""
        if tag == "form":
            self._form, self._action = {}, given.get("action") or ""
        elif tag == "textarea":
            self._form[name] = ""
            self._area = name
        elif tag == "input" and given.get("type") in {"radio", "checkbox"}:
            if "checked" in given:
                self._form[name] = value
        elif tag == "input":
            self._form[name] = value
        if name == "kind":
            self.forms[value], self.actions[value] = self._form, self._action

    def handle_data(self, data: str) -> None:
        if self._area:
            self._form[self._area] += data.removeprefix("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._area = ""


def send(client: Client, page: Any, kind: str, answers: Mapping[str, Any] = {}, **more: Any) -> Any:
    """Fill in one of the forms of a page, or of the page at an address, and send it."""
    fields = Fields(client.get(page) if isinstance(page, str) else page)
    return client.post(fields.actions[kind], fields.forms[kind] | dict(answers), **more)


def text_of(response: Any) -> str:
    """What a page says, in one line."""
    without_tags = re.sub(r"<script.*?</script>|<[^>]+>", " ", response.content.decode(), flags=re.DOTALL)
    return re.sub(r"\s+", " ", unescape(without_tags))


def steps(number: int, left: object, right: object) -> dict[str, str]:
    """A set of the walk, as its form names it."""
    return {f"{make.WALK}-{number}-left": str(left), f"{make.WALK}-{number}-right": str(right)}


def repeats(number: int, amount: object) -> dict[str, str]:
    return {f"{make.THRUST}-{number}-amount": str(amount)}


FOUR_SETS = steps(1, 10, 10) | steps(2, 10, 9) | repeats(1, 12) | repeats(2, 15)
