"""The week of three demo patients, worked out by hand in docs/adherence.md: the page, the email and the API agree."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from fractions import Fraction
from html import unescape
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db.models import Sum
from django.test import Client

from clinic.models import Clinic, Membership, Message
from clinic.outbox import Batch
from clinic.wall.scope import clinic_scope
from patients import adherence
from patients.models import Log, Patient
from patients.plans import course_on, logs_of
from patients.summaries import write_weekly_summary
from tests.factories import sign_in

pytestmark = pytest.mark.django_db
TODAY, MONDAY = date(2026, 11, 23), date(2026, 11, 16)
NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
SYMBOLS = {"on track": "✓", "partial": "◐"}
Table = list[dict[str, str]]


def tables() -> tuple[Table, Table]:
    """The dates and the weeks, as the document has them."""
    text = (Path(settings.BASE_DIR) / "docs/adherence.md").read_text(encoding="utf-8")
    section = text.partition("## The demo's week by hand\n")[2].partition("\n## ")[0]
    found = []
    for block in re.findall(r"(?:^\|.*\n)+", section, re.MULTILINE):
        head, _line, *rows = ([cell.strip() for cell in row.split("|")[1:-1]] for row in block.splitlines())
        found.append([dict(zip(head, row, strict=True)) for row in rows])
    dates, weeks = found
    return dates, weeks


DATES, WEEKS = tables()


def result(cell: str) -> Fraction:
    """What stands behind the last equals sign."""
    return Fraction(cell.rpartition("=")[2].strip())


@pytest.fixture(scope="module")
def demo(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Committed once for all tests of this module, and gone after them."""
    with django_db_blocker.unblock():
        call_command("load_demo", date=TODAY, stdout=StringIO())
        yield
        call_command("flush", interactive=False, verbosity=0)


@pytest.fixture
def harbour(demo: None, time_machine: Any) -> Clinic:
    time_machine.move_to(NOW, tick=False)
    return Clinic.objects.get(slug="harbour")


@pytest.fixture
def owner(harbour: Clinic) -> Membership:
    with clinic_scope(harbour.pk):
        return Membership.objects.select_related("user", "clinic").get(role="owner")


def patient_of(clinic: Clinic, code: str) -> Patient:
    with clinic_scope(clinic.pk):
        return Patient.objects.select_related("responsible__user").get(code=code)


def test_the_document_has_three_patients_and_each_of_their_dates(harbour: Clinic) -> None:
    assert [row["patient"] for row in WEEKS] == ["P-005", "P-008", "P-009"]
    with clinic_scope(harbour.pk):
        logs = Log.objects.current().filter(date__range=(MONDAY, date(2026, 11, 22)))
        logged = logs.filter(patient__code__in=[row["patient"] for row in WEEKS])
        there = sorted(logged.values_list("patient__code", "date"))
    assert there == [(row["patient"], date.fromisoformat(row["date"])) for row in DATES]


@pytest.mark.parametrize("row", DATES, ids=lambda row: f"{row['patient']} {row['date']}")
def test_a_session_by_hand(harbour: Clinic, row: dict[str, str]) -> None:
    """The sums that it starts from are in the database, and its last number is the dose."""
    patient, day = patient_of(harbour, row["patient"]), date.fromisoformat(row["date"])
    with clinic_scope(harbour.pk):
        sums = Log.objects.current().filter(patient=patient, date=day)
        done = sums.aggregate(left=Sum("sets__left"), right=Sum("sets__right"), thrust=Sum("sets__amount"))
        session = adherence.sessions(course_on(patient.pk, day), logs_of([patient.pk], since=MONDAY)[patient.pk])[day]
    assert {name: str(number or "") for name, number in done.items()} == {name: row[name] for name in done}
    assert session.status.replace("_", " ") == re.split(r":| \(", row[""])[0]
    assert session.dose == (result(row["session dose"]) if row["session dose"] else None)


@pytest.mark.parametrize("row", WEEKS, ids=lambda row: row["patient"])
class TestAWeek:
    def test_by_hand(self, harbour: Clinic, row: dict[str, str]) -> None:
        """The sum that is written out adds up, and its percentages are those of its fractions, cut."""
        terms, _equals, total = row["doses"].partition("=")
        assert sum(Fraction(term.strip()) for term in terms.split("+")) == result(total)
        assert int(row["dose percent"]) == result(total) * 100 // 3
        assert int(row["percent"]) == Fraction(row["sessions"]) * 100 // 1

    def test_the_api(self, harbour: Clinic, owner: Membership, client: Client, row: dict[str, str]) -> None:
        patient = patient_of(harbour, row["patient"])
        url = f"/api/v1/clinic/harbour/patients/{patient.pk}/adherence/?from=2026-W47&to=2026-W47"
        [week] = sign_in(client, owner).get(url).json()["weeks"]
        told = {
            "sessions": f"{week['done']}/{week['due']}",
            "percent": str(week["percent"]),
            "band": week["band"].replace("_", " "),
            "dose percent": str(week["dose_percent"]),
            **{name: str(week[name.replace(" ", "_")]) for name in ("part done", "extra", "skipped")},
        }
        assert told == {name: row[name] for name in told}

    def test_the_page(self, harbour: Clinic, owner: Membership, client: Client, row: dict[str, str]) -> None:
        patient = patient_of(harbour, row["patient"])
        page = sign_in(client, owner).get(f"/clinic/harbour/patients/patient/{patient.pk}/change/").text
        cells = page.partition('<th scope="row" class="short">16 Nov</th>')[2].partition("</tr>")[0]
        shown = " ".join(unescape(re.sub(r"<[^>]+>", " ", cells)).split())
        done, due = row["sessions"].split("/")
        assert shown.startswith(f"{done} of {due} ({row['percent']} %) {SYMBOLS[row['band']]} {row['band']}")
        assert f" {row['dose percent']} %" in shown.partition(row["band"])[2]
        for number, word in [
            (row["extra"], "extra"),
            (row["part done"], "part done"),
            (row["skipped"], "× it hurt too much"),
        ]:
            assert (f"{number} {word}" in shown) is (number != "0"), word

    def test_the_email(self, harbour: Clinic, row: dict[str, str]) -> None:
        patient = patient_of(harbour, row["patient"])
        with clinic_scope(harbour.pk):
            recipient = Membership.objects.select_related("clinic", "user").get(pk=patient.responsible_id)
            message = Message(recipient=recipient, kind="weekly_summary", week=MONDAY)
            text = write_weekly_summary(message, now=NOW, batch=Batch([])).text
        line = f"- {row['patient']}: {row['sessions']} ({row['percent']} %), {row['band']}\n"
        assert line in text
        trend, doing = text.partition(line)[2].splitlines()[:2]
        assert trend.endswith(f"Week 47: {row['sessions']}")
        total = result(row["doses"])
        cut = f"{total * 10 // 1 / 10:g}"
        assert f"dose {cut}/3 ({row['dose percent']} %)" in doing
        for number, word in [(row["extra"], " extra"), (row["part done"], " part done"), (row["skipped"], "× (pain)")]:
            assert (f"{number}{word}" in doing) is (number != "0"), word
