"""The list of patients and the first page: who is found, who needs a look, and that both stay quick."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from clinic.models import Clinic, Membership, Role
from clinic.wall.scope import clinic_scope
from patients.actions.prescribing import end_course, pause
from patients.actions.red_flags import report_red_flags
from patients.models import Attention, Patient
from patients.tasks import find_out_who_needs_a_look, queue_weekly_summaries
from tests.factories import (
    MONDAY,
    NOW,
    TODAY,
    make_clinic,
    make_log,
    make_member,
    make_patient,
    make_prescription,
    make_sign_in,
    sign_in,
)

pytestmark = pytest.mark.django_db

ROOT = "/clinic/north/patients/patient/"
DAY, WEEK = timedelta(days=1), timedelta(weeks=1)
LAST_MONDAY = MONDAY - WEEK
HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def at_noon(time_machine: Any) -> None:
    time_machine.move_to(NOW)


@pytest.fixture
def clinic() -> Clinic:
    return make_clinic()


@pytest.fixture
def clinician(clinic: Clinic, client: Client) -> Membership:
    with clinic_scope(clinic.pk):
        clinician = make_member(clinic)
    sign_in(client, clinician)
    return clinician


def words(answer: HttpResponse) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", answer.text).split())


def names(client: Client, query: str = "") -> list[str]:
    """The names on the list, in their order."""
    answer = client.get(f"{ROOT}?{query}")
    assert answer.status_code == 200, query
    return re.findall(r'<span class="code">[^<]*</span> ([^<]+)</a>', answer.text)


def row_of(client: Client, name: str, query: str = "") -> str:
    body = client.get(f"{ROOT}?{query}").text.partition("<tbody>")[2]
    [row] = [row for row in body.split("<tr>") if name in row]
    return " ".join(re.sub(r"<[^>]*>", " ", row.partition("</tr>")[0]).split())


def test_who_is_found_by_name_and_code(clinic: Clinic, clinician: Membership, client: Client) -> None:
    with clinic_scope(clinic.pk):
        for code, name in [
            ("P-007", "Jürgen Müller-Łoś"),
            ("P-014", "Søren Ångström"),
            ("X-1", "Strauß, Inés"),
            ("P-100", "Mulligan O'Hara"),
        ]:
            make_patient(clinician, code=code, name=name)
    for query, found in {
        "muller": ["Jürgen Müller-Łoś"],
        "Mueller": ["Jürgen Müller-Łoś"],
        "MÜLLER jur": ["Jürgen Müller-Łoś"],
        "los": ["Jürgen Müller-Łoś"],
        "mull": ["Jürgen Müller-Łoś", "Mulligan O&#x27;Hara"],
        "soren angst": ["Søren Ångström"],
        "strauss ines": ["Strauß, Inés"],
        "P-014": ["Søren Ångström"],
        "14": ["Søren Ångström"],
        "p-1": ["Søren Ångström", "Mulligan O&#x27;Hara"],
        "uller": [],
        "%": ["Jürgen Müller-Łoś", "Søren Ångström", "Mulligan O&#x27;Hara", "Strauß, Inés"],
        "_ulli": [],
        "a%00b": [],
    }.items():
        assert names(client, f"q={query}") == found, query


def test_a_changed_name_is_found_by_the_new_one(clinic: Clinic, clinician: Membership, client: Client) -> None:
    with clinic_scope(clinic.pk):
        patient = make_patient(clinician, name="Carla Neumann")
    body = {"code": patient.code, "name": "Carla Özdemir", "affected_knee": "left"}
    assert client.post(f"{ROOT}{patient.pk}/change/", body).status_code == 302
    assert names(client, "q=ozdemir") == ["Carla Özdemir"]
    assert names(client, "q=neumann") == []


def several(clinic: Clinic, clinician: Membership) -> None:
    """One patient for each of the filters, named after it."""
    steady = make_patient(clinician, code="A", name="Steady")
    make_prescription(clinician, steady, starts_on=LAST_MONDAY - 2 * WEEK)
    for day in range(3):
        make_log(clinician, steady, LAST_MONDAY + day * DAY)
    make_log(clinician, steady, TODAY)
    make_prescription(clinician, make_patient(clinician, code="B", name="New"), starts_on=TODAY - 2 * DAY)
    paused = make_patient(clinician, code="C", name="Paused")
    course = make_prescription(clinician, paused, starts_on=LAST_MONDAY - 2 * WEEK).course
    pause(by=clinician, course=course, starts_on=LAST_MONDAY - WEEK, now=NOW)
    make_patient(clinician, code="D", name="Never prescribed")
    ended = make_patient(None, code="E", name="Ended")
    course = make_prescription(clinician, ended, starts_on=LAST_MONDAY - 2 * WEEK).course
    end_course(by=clinician, course=course, last_date=LAST_MONDAY - WEEK)
    make_patient(clinician, code="F", name="Gone", archived_at=timezone.now())
    silent = make_patient(make_member(clinic), code="G", name="Silent")
    make_prescription(clinician, silent, starts_on=LAST_MONDAY - 2 * WEEK)
    make_log(clinician, silent, LAST_MONDAY - WEEK)


def test_the_filters(clinic: Clinic, clinician: Membership, client: Client) -> None:
    with clinic_scope(clinic.pk):
        several(clinic, clinician)
    for query, found in {
        "": ["Steady", "New", "Paused", "Never prescribed", "Ended", "Silent"],
        "show=needs": ["Silent"],
        "show=new": ["New"],
        "show=paused": ["Paused"],
        "show=unprescribed": ["Never prescribed", "Ended"],
        "show=archived": ["Gone"],
        "clinician=me": ["Steady", "New", "Paused", "Never prescribed"],
        "clinician=none": ["Ended"],
        "clinician=me&show=new&q=ne": ["New"],
        "clinician=nonsense&show=nonsense&sort=nonsense&page=nonsense": [
            "Steady",
            "New",
            "Paused",
            "Never prescribed",
            "Ended",
            "Silent",
        ],
        "sort=name": ["Ended", "Never prescribed", "New", "Paused", "Silent", "Steady"],
        "sort=newest": ["Steady", "Silent", "New", "Paused", "Never prescribed", "Ended"],
        "sort=oldest&clinician=me": ["New", "Paused", "Never prescribed", "Steady"],
    }.items():
        assert names(client, query) == found, query
    assert "Need a look 1" in words(client.get(ROOT))


def test_a_row_says_how_the_week_goes_and_why(clinic: Clinic, clinician: Membership, client: Client) -> None:
    with clinic_scope(clinic.pk):
        several(clinic, clinician)
        report_red_flags(patient=Patient.objects.get(code="A").pk, flags=["a pop"], now=NOW)
    assert row_of(client, "Steady") == f"A Steady ⚠ Warning sign on 18 Nov 1 of 3 Wed 18 Nov left {clinician}"
    assert row_of(client, "Paused") == f"C Paused ❚❚ paused – left {clinician}"
    assert row_of(client, "Silent").startswith("G Silent ○ Nothing logged since 2 Nov 0 of 3 Mon 2 Nov left")


def urgent(client: Client) -> list[str]:
    return names(client, "show=needs")


def test_what_is_written_shows_at_once(clinic: Clinic, clinician: Membership, client: Client) -> None:
    """The kept answer follows every way of writing: by the database itself."""
    with clinic_scope(clinic.pk):
        own = make_patient(clinician, name="Ruth")
        prescription = make_prescription(clinician, own, starts_on=LAST_MONDAY)
        for day in range(3):
            make_log(clinician, own, LAST_MONDAY + day * DAY)
    assert urgent(client) == []
    with clinic_scope(clinic.pk):
        log = make_log(make_sign_in(own), own, pain_after=7)
    assert urgent(client) == ["Ruth"]
    assert "△ Pain 7 on 18 Nov" in row_of(client, "Ruth")
    client.post(f"{ROOT}{own.pk}/log/{log.pk}/withdraw/")
    assert urgent(client) == []
    with clinic_scope(clinic.pk):
        make_log(make_sign_in(own), own, pain_after=6)
        Clinic.objects.filter(pk=clinic.pk).update(pain_too_much_from=7)
    assert urgent(client) == []
    with clinic_scope(clinic.pk):
        Clinic.objects.filter(pk=clinic.pk).update(pain_too_much_from=5)
    assert urgent(client) == ["Ruth"]
    with clinic_scope(clinic.pk):
        stop = pause(by=clinician, course=prescription.course, starts_on=TODAY, now=NOW)
    assert urgent(client) == []
    with clinic_scope(clinic.pk):
        stop.delete()
    assert urgent(client) == ["Ruth"]
    with clinic_scope(clinic.pk):
        pause(by=clinician, course=prescription.course, starts_on=TODAY, now=NOW)
        report_red_flags(patient=own.pk, flags=["a pop"], now=NOW)
    assert "⚠ Warning sign on 18 Nov" in row_of(client, "Ruth")


def test_what_time_alone_changes_shows_too(
    clinic: Clinic, clinician: Membership, client: Client, time_machine: Any
) -> None:
    with clinic_scope(clinic.pk):
        make_prescription(clinician, make_patient(clinician, name="Ruth"), starts_on=MONDAY)
    found: list[tuple[date, str]] = []
    for number in range(13):
        time_machine.move_to(NOW + number * DAY)
        sign_in(client, clinician)
        row = row_of(client, "Ruth")
        why = re.search("No session since the start on 16 Nov|Nothing logged[^○]*", row)
        found.append((TODAY + number * DAY, why[0] if why else ""))
    assert [day for day, why in found if not why] == [TODAY + number * DAY for number in range(3)]
    assert {why for _, why in found[3:]} == {"No session since the start on 16 Nov"}


def test_thousands_are_looked_at_step_by_step(clinic: Clinic, clinician: Membership, client: Client) -> None:
    """A page looks at a hundred and says so; a worker does the rest."""
    with clinic_scope(clinic.pk):
        patients = [Patient(code=f"Q-{number:04}", name=f"Q {number}", affected_knee="left") for number in range(250)]
        Patient.objects.bulk_create(patients)
        make_log(clinician, patients[-1], pain_after=9)
    page = words(client.get(f"{ROOT}?show=needs"))
    assert "We are still going through all of them" in page
    rows = client.get(f"{ROOT}?page=5").text
    assert rows.count("still to be found out") > 0
    with clinic_scope(clinic.pk):
        assert Attention.objects.filter(good_until=None).count() == 50
    find_out_who_needs_a_look(clinic.pk)
    with clinic_scope(clinic.pk):
        assert not Attention.objects.filter(good_until=None).exists()
    assert "We are still going through" not in words(client.get(ROOT))
    assert urgent(client) == ["Q 249"]


def test_when_a_week_is_over_everybody_is_looked_at(clinic: Clinic, clinician: Membership) -> None:
    with clinic_scope(clinic.pk):
        Patient.objects.bulk_create(Patient(code=f"Q-{n}", name="Q", affected_knee="left") for n in range(3))
    queue_weekly_summaries(clinic.pk, LAST_MONDAY)
    with clinic_scope(clinic.pk):
        assert not Attention.objects.filter(good_until=None).exists()


def test_fifty_are_on_a_page(clinic: Clinic, clinician: Membership, client: Client) -> None:
    with clinic_scope(clinic.pk):
        for number in range(60):
            make_patient(clinician, code=f"Q-{number:03}", name=f"Nr {number}")
    assert names(client) == [f"Nr {number}" for number in range(50)]
    assert names(client, "page=2") == [f"Nr {number}" for number in range(50, 60)]
    assert names(client, "page=99") == names(client, "page=2")
    page = client.get(f"{ROOT}?q=nr&page=2")
    assert "60 patients for “nr”, 51 to 60 shown." in words(page)
    assert 'href="?q=nr&amp;page=1"' in page.text


def test_htmx_gets_the_part_that_changes(clinic: Clinic, clinician: Membership, client: Client) -> None:
    with clinic_scope(clinic.pk):
        several(clinic, clinician)
    part, whole = client.get(f"{ROOT}?q=st", headers=HTMX).text, client.get(f"{ROOT}?q=st").text
    assert "<html" not in part
    table = part[part.index("<table") : part.index("</table>")]
    assert table in whole
    assert 'hx-swap-oob="true"' in part
    assert "<html" in client.get(ROOT, headers=HTMX | {"HX-History-Restore-Request": "true"}).text


def three_of_everything(clinic: Clinic, clinician: Membership, number: int) -> None:
    for _number in range(number):
        patient = make_patient(make_member(clinic))
        course = make_prescription(clinician, patient, starts_on=LAST_MONDAY).course
        make_log(clinician, patient, pain_after=7)
        make_log(make_sign_in(patient), patient, waited=timedelta(days=20))
        pause(by=clinician, course=course, starts_on=MONDAY + 2 * WEEK, now=NOW)
        report_red_flags(patient=patient.pk, flags=["a pop"], now=NOW)


@pytest.mark.parametrize("path", ["patients/patient/", "patients/patient/?show=needs&q=pa&sort=oldest", "?of=all"])
def test_lists_take_the_same_queries_for_one_and_three(
    path: str, clinic: Clinic, clinician: Membership, client: Client
) -> None:
    counts = []
    for more in [1, 2]:
        with clinic_scope(clinic.pk):
            three_of_everything(clinic, clinician, more)
        for _fresh_and_known in range(2):
            with CaptureQueriesContext(connection) as queries:
                assert client.get(f"/clinic/north/{path}").status_code == 200
            counts.append(sum("SAVEPOINT" not in query["sql"] for query in queries))
    assert counts[0] == counts[2]
    assert counts[1] == counts[3] <= 16


def test_the_first_page_says_who_needs_a_look_and_why(clinic: Clinic, clinician: Membership, client: Client) -> None:
    with clinic_scope(clinic.pk):
        carla = make_patient(clinician, name="Carla")
        make_prescription(clinician, carla, starts_on=LAST_MONDAY)
        steady = make_patient(clinician, name="Steady Sam")
        make_prescription(clinician, steady, starts_on=LAST_MONDAY)
        for day in range(3):
            make_log(clinician, steady, LAST_MONDAY + day * DAY)
        make_log(clinician, carla, TODAY, pain_after=8)
        report_red_flags(patient=carla.pk, flags=["a pop"], now=NOW)
        make_patient(make_member(clinic), name="Somebody Elses")
    page = words(client.get("/clinic/north/"))
    work, everybody = page.split("How they do")
    for reason in ["Carla", "⚠ Warning sign", "▲ Very high pain", "○ Nothing logged last week"]:
        assert work.count(reason) == (2 if reason == "Carla" else 1), reason
    assert "Carla 0 of 3 ○ nothing logged 1 of 3 Wed 18 Nov" in everybody
    assert "Steady Sam 3 of 3 (100 %) ✓ on track" in everybody
    assert "Somebody Elses" not in page
    assert "Somebody Elses" in words(client.get("/clinic/north/?of=all"))
    assert urgent(client) == ["Carla"]


def test_the_first_page_shows_some_and_leads_to_all(clinic: Clinic, clinician: Membership, client: Client) -> None:
    with clinic_scope(clinic.pk):
        for number in range(60):
            patient = make_patient(clinician, code=f"Q-{number:02}", name=f"Nr {number}")
            if number < 27:
                report_red_flags(patient=patient.pk, flags=["a pop"], now=NOW)
    page = client.get("/clinic/north/")
    assert page.text.count('<th scope="row">') == 50
    assert re.findall(r'href="[^"]*(\?[^"]*clinician=me)">([^<]*)', page.text) == [
        ("?sort=urgency&amp;clinician=me", "And 10 more"),
    ]


def test_another_clinics_twin_is_never_there(clinic: Clinic, clinician: Membership, client: Client) -> None:
    """The same code and name on the other side of the wall, in need of a look, new, paused, archived."""
    south = make_clinic("south")
    with clinic_scope(south.pk):
        there = make_member(south)
        several(south, there)
        report_red_flags(patient=Patient.objects.get(code="A").pk, flags=["a pop"], now=NOW)
    queries = ["", "q=steady", "q=A", "sort=urgency", f"clinician={there.pk}"]
    queries += [f"show={show}" for show in ["needs", "new", "paused", "unprescribed", "archived"]]
    for query in queries:
        assert names(client, query) == [], query
    with clinic_scope(clinic.pk):
        make_patient(clinician, code="A", name="Steady")
    for query in ["", "q=steady", "show=unprescribed", "sort=newest"]:
        assert names(client, query) == ["Steady"], query
    assert urgent(client) == []
    assert "Need a look " not in words(client.get(ROOT)).replace("Need a look New", "")
    assert str(there) not in client.get(ROOT).text


def test_the_front_desk_is_told_nothing_by_filters_or_order(
    clinic: Clinic, clinician: Membership, client: Client
) -> None:
    with clinic_scope(clinic.pk):
        several(clinic, clinician)
        Patient.objects.filter(code="A").update(emergency_note="blood", birth_year=1971, phone="0123 456")
        report_red_flags(patient=Patient.objects.get(code="G").pk, flags=["a pop"], now=NOW)
    before = names(client, "show=needs")
    assert before == ["Silent"]
    with clinic_scope(clinic.pk):
        sign_in(client, make_member(clinic, Role.ASSISTANT))
    everybody = names(client)
    assert len(everybody) == 6
    probes = [f"show={show}" for show in ["needs", "new", "paused", "unprescribed"]]
    probes += [f"sort={sort}" for sort in ["urgency", "oldest", "newest"]]
    probes += ["affected_knee=left", "emergency_note__contains=blood", "logs__pain_after__gte=8", "birth_year=1971"]
    for probe in probes:
        assert names(client, probe) == everybody, probe
    assert names(client, "show=archived") == ["Gone"]
    assert names(client, "q=blood") == []
    page = words(client.get(ROOT)).partition("Name or code")[2]
    assert "0123 456" in page
    for text in ["of 3", "Warning", "Knee", "Why", "Last log", "Paused New", "urgent"]:
        assert text not in page, text
