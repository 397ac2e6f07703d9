"""The list of patients and the import in a real browser: with scripts and without."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from clinic.wall.scope import clinic_scope
from patients.models import Patient
from tests.clinic.conftest import Watch
from tests.clinic.watched import Watched
from tests.clinic.world import ClinicWorld
from tests.factories import NOW, make_patient

pytestmark = pytest.mark.django_db(transaction=True)
LIST = "/clinic/north/patients/patient/"
TABLE = "code,name,birth year,knee\nA-1,Mei Chen,1971,left\n,Bad Row,54,elbow\n,Secret of north,,left\n"


@pytest.fixture
def people(world: ClinicWorld) -> ClinicWorld:
    with clinic_scope(world.clinic.pk):
        for code, name in [("P-001", "Jürgen Müller"), ("P-002", "Ann Fox")]:
            make_patient(world.owner, code=code, name=name, created_at=NOW - timedelta(weeks=4))
    return world


def expect_names(page: Page, *names: str) -> None:
    """Those of the list, in its order."""
    expect(page.locator(".people tbody th")).to_have_text([re.compile(name) for name in names])


def test_the_list_narrows_while_one_types(people: ClinicWorld, staff: Watched) -> None:
    page = staff.open(LIST)
    page.get_by_label("Name or code").press_sequentially("mul")
    expect(page.get_by_role("status")).to_contain_text("1 patient for “mul”")
    expect_names(page, "Jürgen Müller")
    expect(page.get_by_label("Name or code")).to_be_focused()
    page.get_by_role("link", name="No program").click()
    page.wait_for_url("**show=unprescribed**")
    expect(page.get_by_label("Name or code")).to_have_value("mul")
    expect_names(page, "Jürgen Müller")
    page.get_by_label("Name or code").fill("")
    expect(page.get_by_role("status")).to_contain_text("2 patients")
    page.get_by_label("Sorted by").select_option("name")
    page.wait_for_url("**sort=name**")
    expect_names(page, "Ann Fox", "Jürgen Müller")
    page.reload()
    expect_names(page, "Ann Fox", "Jürgen Müller")
    expect(page.get_by_label("Sorted by")).to_have_value("name")


def test_the_list_works_without_scripts(people: ClinicWorld, watch: Watch) -> None:
    page = watch(people.owner, java_script_enabled=False).open(LIST)
    page.get_by_role("link", name="No program").click()
    expect(page).to_have_url(re.compile("show=unprescribed"))
    page.get_by_label("Name or code").fill("Fox")
    page.get_by_role("button", name="Find").click()
    expect(page).to_have_url(re.compile("q=Fox"))
    expect_names(page, "Ann Fox")


def test_a_table_is_imported_and_its_faults_are_handed_back(people: ClinicWorld, staff: Watched) -> None:
    page = staff.open(f"{LIST}import/")
    page.get_by_label("File").set_input_files(
        {"name": "patients.csv", "mimeType": "text/csv", "buffer": TABLE.encode("cp1252")}
    )
    page.get_by_role("button", name="Look at it").click()
    expect(page.get_by_role("row", name="Row 3")).to_contain_text("the knee is “elbow”: write left, right or both")
    for width in (1280, 820, 390):
        for scheme in ("light", "dark"):
            assert staff.look(width, scheme) == [], (width, scheme)
    with page.expect_download() as download:
        page.get_by_role("button", name="Rows to mend, as CSV").click()
    assert "Bad Row" in download.value.path().read_text()
    staff.wrong.clear()  # what becomes a download is no page, which the browser calls a failure
    page.get_by_label("Import all the same").check()
    page.get_by_role("button", name="Import what is new").click()
    expect(page.get_by_text("2 patients imported.")).to_be_visible()
    with clinic_scope(people.clinic.pk):
        assert Patient.objects.filter(name__in=["Mei Chen", "Secret of north"]).count() == 3


def test_a_file_that_is_far_too_large_is_told_so(people: ClinicWorld, staff: Watched) -> None:
    page = staff.open(f"{LIST}import/")
    page.get_by_label("File").set_input_files(
        {"name": "patients.csv", "mimeType": "text/csv", "buffer": b"x" * 10_000_000}
    )
    page.get_by_role("button", name="Look at it").click()
    expect(page.get_by_role("alert")).to_contain_text("This is too large: at most 900 kB")
    assert [wrong for wrong in staff.wrong if "413" not in wrong] == []
    staff.wrong.clear()
