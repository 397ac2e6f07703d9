"""Bringing patients along in a table."""

import csv
import io
import re
import time
from concurrent.futures import ThreadPoolExecutor
from html import unescape
from typing import Any

import psycopg
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, connections
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from clinic.models import Clinic, Membership, Role
from clinic.wall.scope import clinic_scope
from patients.importing.table import read_table, write_table
from patients.models import Patient, RecordEvent
from tests.factories import NOW, make_clinic, make_member, make_patient, sign_in

pytestmark = pytest.mark.django_db

ROOT = "/clinic/north/patients/patient/"
PAGE = f"{ROOT}import/"
WAITING = "SELECT count(*) FROM pg_locks WHERE NOT granted"


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


def upload(client: Client, content: bytes, **fields: Any) -> HttpResponse:
    return client.post(PAGE, {"file": SimpleUploadedFile("patients.csv", content), **fields})


def paste(client: Client, *lines: str, **fields: Any) -> HttpResponse:
    return client.post(PAGE, {"table": "\r\n".join(lines), **fields})


def carried(answer: HttpResponse) -> str:
    """The table that the preview holds, as a browser would send it again."""
    text = re.search(r'<textarea name="table" hidden>\n(.*?)</textarea>', answer.text, re.DOTALL)[1]
    return unescape(text)


def confirm(client: Client, preview: HttpResponse, **fields: Any) -> HttpResponse:
    return client.post(PAGE, {"table": carried(preview), "do": "import", **fields})


def rows(answer: HttpResponse) -> list[str]:
    body = answer.text.partition("<tbody>")[2].partition("</tbody>")[0]
    return [unescape(" ".join(re.sub(r"<[^>]*>", " ", row).split())) for row in body.split("<tr>")[1:]]


def patients(clinic: Clinic) -> list[tuple[Any, ...]]:
    with clinic_scope(clinic.pk):
        return list(Patient.objects.order_by("code").values_list("code", "name", "affected_knee", "birth_year"))


def problems(answer: HttpResponse) -> str:
    alert = re.search(r'role="alert">(.*?)</div>', answer.text, re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", alert[1])).split()).removeprefix("⚠ ") if alert else ""


def test_a_table_is_looked_at_and_then_imported(clinic: Clinic, clinician: Membership, client: Client) -> None:
    with clinic_scope(clinic.pk):
        other = make_member(clinic)
        Membership.objects.filter(pk=other.pk).update(name="Dr. Zoë Ängström")
        make_patient(clinician, code="P-007", name="Somebody")
    preview = paste(
        client,
        "code,name,email,phone,birth year,language,knee,clinician,emergency note,shoe size",
        "P-100,Mei Chen,mei@home.example,+49 30 1,1971,de,left,zoe angstrom,Takes blood thinners,38",
        ",Omar Haddad,,,12.03.1954,,R,,,",
        "",
        ',"Li, Ana",ana@home.example,,,Spanish,beide,' + other.user.email + ",,",
    )
    assert patients(clinic) == [("P-007", "Somebody", "left", None)]
    assert rows(preview) == [
        "Row 2 + new P-100 Mei Chen left 1971 mei@home.example +49 30 1 German Dr. Zoë Ängström Takes blood thinners",
        f"Row 3 + new P-101 Omar Haddad right 1954 {clinician} –",
        "Row 5 + new P-102 Li, Ana both – ana@home.example Spanish Dr. Zoë Ängström –",
    ]
    assert "These columns are left out: shoe size." in preview.text
    done = confirm(client, preview)
    assert done["Location"] == ROOT
    with clinic_scope(clinic.pk):
        mei = Patient.objects.get(code="P-100")
        assert (mei.email, mei.phone, mei.language, mei.responsible) == ("mei@home.example", "+49 30 1", "de", other)
        assert mei.emergency_note == "Takes blood thinners"
        assert Patient.objects.get(code="P-101").responsible == clinician
        assert {event.by_id for event in RecordEvent.objects.filter(kind="imported")} == {clinician.pk}
        opened = Membership.objects.filter(role=Role.PATIENT, user__email="mei@home.example")
        assert [membership.record for membership in opened] == [mei.pk]
    assert "3 patients imported." in client.get(ROOT).text
    assert "Omar Haddad" in client.get(f"{ROOT}?q=hadd").text


def test_each_fault_is_told_at_its_row_and_the_rest_imported(
    clinic: Clinic, clinician: Membership, client: Client
) -> None:
    with clinic_scope(clinic.pk):
        make_patient(clinician, code="P-007", name="Somebody")
        twins = [make_member(clinic) for _twin in range(2)]
        Membership.objects.filter(pk__in=[twin.pk for twin in twins]).update(name="Ann Twin")
    preview = paste(
        client,
        "code;name;email;birth year;knee;clinician;language",
        "P-007;Somebody Else;;;left;;",
        "A;Good One;;;right;;",
        "A;Second;;;right;;",
        ";No Knee;;;;;",
        ";;;;left;;",
        ";Bad Email;nobody;;left;;",
        ";Bad Year;;54;left;;",
        ";Future;;2030;left;;",
        ";Bad Knee;;;elbow;;",
        ";Bad Clinician;;;left;Nobody;",
        ";Unclear;;;left;ann twin;",
        ";Bad Language;;;left;;Klingon",
        f"{'X' * 21};Long Code;;;left;;",
        f";{'x' * 121};;;left;;",
        ";Several;nobody;12;;;",
    )
    told = {row.split()[1]: row.partition("to be mended ")[2] for row in rows(preview)}
    for number, said in {
        2: "this code is taken",
        4: "row 3 has this code too",
        5: "the knee is missing: write left, right or both",
        6: "the name is missing",
        7: "email: Enter a valid email address.",
        8: "“54” is no year of birth: write it with four digits",
        9: "“2030” is no year of birth: write it with four digits",
        10: "the knee is “elbow”: write left, right or both",
        11: "no clinician here is called “Nobody”",
        12: "several clinicians are called “ann twin”: write the email address",
        13: "the language is “Klingon”: write en, de or es",
        14: "code: Ensure this value has at most 20 characters (it has 21).",
        15: "name: Ensure this value has at most 120 characters (it has 121).",
        16: "email: Enter a valid email address. the knee is missing: write left, right or both "
        "“12” is no year of birth: write it with four digits",
    }.items():
        assert told[str(number)].startswith(said), number
    assert told["3"] == ""
    again = confirm(client, preview)
    assert "1 patient imported." in again.text
    assert "already there, nothing to do" in rows(again)[1]
    assert [code for code, *_ in patients(clinic)] == ["A", "P-007"]

    mend = client.post(PAGE, {"table": carried(again), "do": "mend"})
    assert mend["Content-Disposition"] == 'attachment; filename="to-mend.csv"'
    handed_back = list(csv.reader(io.StringIO(mend.content.decode("utf-8-sig")), delimiter=";"))
    assert handed_back[0][-1] == "what to mend"
    assert handed_back[1] == ["P-007", "Somebody Else", "", "", "left", "", "", "this code is taken"]
    assert len(handed_back) == 1 + 14
    mended = mend.content.replace(b"P-007;Somebody Else", b"P-008;Somebody Else")
    assert "+ new P-008 Somebody Else" in rows(upload(client, mended))[0]


def test_the_same_table_twice_makes_no_doubles(clinic: Clinic, clinician: Membership, client: Client) -> None:
    table = ["code,name,birth year,email,knee", "A,Ann,1960,,left", ",Ben,1970,b@home.example,right", ",Cy,,,both"]
    confirm(client, paste(client, *table))
    before = patients(clinic)
    assert len(before) == 3
    again = paste(client, *table)
    assert [row.partition(" P-")[0].partition(" A ")[0] for row in rows(again)] == [
        "Row 2 = already there already there, nothing to do",
        "Row 3 ? perhaps already there perhaps already there as",
        "Row 4 ? perhaps already there perhaps already there as",
    ]
    confirm(client, again)
    assert patients(clinic) == before
    confirm(client, again, anyway=["3"])
    assert [name for _code, name, *_ in patients(clinic)].count("Ben") == 2
    assert len(patients(clinic)) == 4


def test_the_same_person_twice_in_one_table_is_asked_about(
    clinic: Clinic, clinician: Membership, client: Client
) -> None:
    preview = paste(client, "name,knee", "Jürgen Müller,left", "jurgen MULLER,left", "Jürgen Müller,left")
    assert "perhaps the same person as in row 2" in rows(preview)[1]
    confirm(client, preview)
    assert len(patients(clinic)) == 1


GERMAN = "Kürzel;Vorname;Nachname;E-Mail;Geburtsdatum;Betroffenes Knie;Zuständig\r\nK-1;Jörg;Groß;;1.2.1950;links;\r\n"
SPANISH = "Código\tNombre\tAño de nacimiento\tRodilla\nC-1\tInés Núñez\t1950\tizquierda\n"
ENGLISH = "Code,Full name,Knee\nE-1,Zoë Fox,both\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize(
    ("text", "made"),
    [
        (GERMAN, ("K-1", "Jörg Groß", "left", 1950)),
        (SPANISH, ("C-1", "Inés Núñez", "left", 1950)),
        (ENGLISH, ("E-1", "Zoë Fox", "both", None)),
        ("sep=|\r\nCode|Name|Knee\r\nE-1|Zoë, Fox|both", ("E-1", "Zoë, Fox", "both", None)),
        ("Code,Name,Knee\rE-1,Zoë Fox,both\r", ("E-1", "Zoë Fox", "both", None)),
    ],
    ids=["german", "spanish", "english", "sep=", "old Mac"],
)
def test_tables_as_spreadsheets_save_them(
    text: str, encoding: str, made: tuple[Any, ...], clinic: Clinic, clinician: Membership, client: Client
) -> None:
    confirm(client, upload(client, text.encode(encoding)))
    assert patients(clinic) == [made]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "There is nothing in it."),
        (b"\xef\xbb\xbf \n ", "There is nothing in it."),
        (b"name,knee\n", "There are headings, but no row below them."),
        (b"name,age\nAnn,3\n", "There is no column for the knee. The first row says: name, age"),
        (b"who,knee\nAnn,left\n", "There is no column for the name. The first row says: who, knee"),
        (
            b"name,mail,E-Mail,knee\n1,2,3,4",
            "Two columns say the same: “mail” and “E-Mail”. Leave out one of them.",
        ),
        (b"name,knee\nA\0nn,left\n", "This can't be read as a table. Save it as “CSV UTF-8”, and choose that file."),
        (b"name,knee\n\x81\x8d,left\n", "This can't be read as a table. Save it as “CSV UTF-8”, and choose that file."),
        (b"name," + b"x" * 200_000 + b"\n1,2\n", "Row 1 can't be read: perhaps a quotation mark is missing there."),
        (b"PK\x03\x04 a workbook", "This is a workbook. Save it as CSV in your spreadsheet, and choose that file."),
        (b'name,knee\nBen,left\n"Ann,left\n', "Row 3 can't be read: perhaps a quotation mark is missing there."),
        (
            b"name,knee\n" + b"Ann,left\n" * 50_000,
            "These are 50000 rows. At most 2000 can be imported at once: split the table.",
        ),
        (
            b"name,knee\n" + b"Ann" * 310_000,
            "This is too large: at most 900 kB, which is far more than 2,000 rows need.",
        ),
        (b"x" * 10_000_000, "This is too large: at most 900 kB, which is far more than 2,000 rows need."),
    ],
    ids=[
        "empty",
        "blank",
        "no row",
        "no knee",
        "no name",
        "a column twice",
        "NUL",
        "no letters",
        "a very long heading",
        "a workbook",
        "a quotation mark",
        "50,000 rows",
        "just too large",
        "10 MB",
    ],
)
def test_what_is_no_table_is_told_in_a_sentence(
    content: bytes, said: str, clinic: Clinic, clinician: Membership, client: Client
) -> None:
    assert problems(upload(client, content)) == said
    assert patients(clinic) == []


def test_what_was_pasted_is_not_lost(clinic: Clinic, clinician: Membership, client: Client) -> None:
    answer = paste(client, "name,age", "Ann <b>,3")
    assert "Ann &lt;b&gt;,3</textarea>" in answer.text
    huge = client.post(PAGE, {"table": "x" * 10_000_000})
    assert (huge.status_code, problems(huge)[:22]) == (413, "This is too large: at ")


def test_no_cell_is_run_by_a_spreadsheet(clinic: Clinic, clinician: Membership, client: Client) -> None:
    """Such cells are data: kept as they are, and marked as text where they are handed back."""
    evil = ["=cmd|' /C calc'!A0", "+1", "-2", "@SUM(1)"]
    preview = paste(client, "name;phone;knee", *(f"{name};+49 30;left" for name in evil), "=Bad;=1;elbow")
    confirm(client, preview)
    assert sorted(name for _code, name, *_ in patients(clinic)) == sorted(evil)
    mend = client.post(PAGE, {"table": carried(preview), "do": "mend"}).content.decode("utf-8-sig")
    assert list(csv.reader(io.StringIO(mend), delimiter=";"))[1][:2] == ["'=Bad", "'=1"]
    assert read_table(mend.encode()).rows[0][1][:2] == ["=Bad", "=1"]
    assert write_table([["\t=1", "plain", "'quoted"]]).decode("utf-8-sig") == "'\t=1,plain,'quoted\r\n"


def test_the_empty_table_can_be_filled_in(clinic: Clinic, clinician: Membership, client: Client) -> None:
    template = client.get(f"{PAGE}template.csv")
    assert template["Content-Disposition"] == 'attachment; filename="patients.csv"'
    row = "T-1,Ann Fox,ann@home.example,1,1960,en,left,,note\r\n"
    preview = upload(client, template.content + row.encode())
    assert rows(preview) == [f"Row 2 + new T-1 Ann Fox left 1960 ann@home.example 1 English {clinician} note"]
    assert "left out" not in preview.text


@pytest.mark.django_db(transaction=True)
def test_all_or_nothing(
    clinic: Clinic,
    clinician: Membership,
    client: Client,
    migrator: psycopg.Connection,
    superuser: psycopg.Connection,
) -> None:
    """Somebody is taking a code while the import that checked it is being written: it waits, and is told."""
    preview = paste(client, "code,name,knee", "A,Ann,left", "B,Ben,left")
    migrator.execute(
        "INSERT INTO patients_patient (id, clinic_id, code, name, email, phone, language, affected_knee, "
        "emergency_note, created_at, search_words) "
        "VALUES (uuidv7(), %s, 'B', 'Quick', '', '', '', 'left', '', now(), '')",
        [clinic.pk],
    )
    with ThreadPoolExecutor(1) as browser:
        answer = browser.submit(confirm, client, preview)
        while not answer.done() and not superuser.execute(WAITING).fetchone()[0]:
            time.sleep(0.05)
        migrator.commit()
        page = answer.result()
        browser.submit(connections.close_all).result()
    assert "Somebody used one of these codes in the meantime. Nothing was imported: look again." in page.text
    assert [code for code, *_ in patients(clinic)] == ["B"]


def test_two_thousand_rows_take_a_few_queries(clinic: Clinic, clinician: Membership, client: Client) -> None:
    counts = []
    for number in [1, 2000]:
        lines = [f"{number}-{row},Nr {row},p{number}-{row}@home.example,left" for row in range(number)]
        preview = paste(client, "code,name,email,knee", *lines)
        with CaptureQueriesContext(connection) as queries:
            assert confirm(client, preview).status_code == 302
        counts.append(len(queries))
    assert counts[1] - counts[0] < 60  # in batches
    assert len(patients(clinic)) == 2001


def test_couples_share_an_address_and_who_is_known_is_known(
    clinic: Clinic, clinician: Membership, client: Client
) -> None:
    table = ["name,email,knee", "Ann,US@home.example,left", "Ben,us@home.example,left"]
    confirm(client, paste(client, *table))
    with clinic_scope(clinic.pk):
        opened = Membership.objects.filter(role=Role.PATIENT)
        assert {membership.user.email for membership in opened} == {"us@home.example"}
        assert len(opened) == 2


def test_another_clinics_records_are_not_already_there(clinic: Clinic, clinician: Membership, client: Client) -> None:
    south = make_clinic("south")
    with clinic_scope(south.pk):
        there = make_member(south)
        make_patient(there, code="A", name="Somebody Else")
        make_patient(there, code="P-500", name="Ben", birth_year=1970, email="b@home.example")
    preview = paste(
        client,
        "code,name,birth year,email,knee,clinician",
        "A,Ann,,,left,",
        ",Ben,1970,b@home.example,left,",
        f"C,Cy,,,left,{there.user.email}",
    )
    assert rows(preview)[:2] == [
        f"Row 2 + new A Ann left – {clinician} –",
        f"Row 3 + new P-001 Ben left 1970 b@home.example {clinician} –",
    ]
    assert "no clinician here is called" in rows(preview)[2]
    confirm(client, preview)
    assert len(patients(south)) == 2
    assert len(patients(clinic)) == 2


def test_the_front_desk_imports_nothing(clinic: Clinic, clinician: Membership, client: Client) -> None:
    """Which knee it is, is clinical."""
    with clinic_scope(clinic.pk):
        sign_in(client, make_member(clinic, Role.ASSISTANT))
    assert paste(client, "name,knee", "Ann,left", do="import").status_code == 403
    assert client.get(f"{PAGE}template.csv").status_code == 403
    assert patients(clinic) == []
    assert "Import a table" not in client.get(ROOT).text


def test_an_import_needs_its_token(clinic: Clinic, clinician: Membership) -> None:
    strict = Client(enforce_csrf_checks=True)
    sign_in(strict, clinician)
    assert paste(strict, "name,knee", "Ann,left", do="import").status_code == 403
    page = strict.get(PAGE)
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)[1]
    assert paste(strict, "name,knee", "Ann,left", do="import", csrfmiddlewaretoken=token).status_code == 302
    assert len(patients(clinic)) == 1
