"""The search that opens over the page: by keyboard, by mouse, and by what a screen reader is told."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from clinic.wall.scope import clinic_scope
from tests.clinic.conftest import Watch
from tests.clinic.watched import Watched
from tests.clinic.world import ClinicWorld
from tests.factories import make_patient
from tests.fixtures import settled

pytestmark = pytest.mark.django_db(transaction=True)


def palette(page: Page) -> Locator:
    return page.get_by_role("dialog", name="Find")


def text(page: Page) -> Locator:
    return page.get_by_role("combobox", name="Patients, programs")


def active(page: Page) -> str:
    """What a screen reader says is chosen."""
    chosen = text(page).get_attribute("aria-activedescendant")
    option = page.locator(f"#{chosen}")
    expect(option).to_have_attribute("aria-selected", "true")
    expect(page.locator("[role=option][aria-selected=true]")).to_have_count(1)
    return option.inner_text()


def options(page: Page) -> Locator:
    return palette(page).get_by_role("option")


def found(page: Page, text: str) -> None:
    """Until what is there was found for the whole text: on a slow machine it is asked for earlier, too."""
    expect(page.locator("#palette-found > *").first).to_have_attribute("data-text", text)
    settled(page)


def test_a_patient_in_a_few_keys(staff: Watched, world: ClinicWorld) -> None:
    page = staff.open("/clinic/north/")
    page.keyboard.press("Control+k")
    expect(text(page)).to_be_focused()
    page.keyboard.type("secr")
    page.keyboard.press("Enter")  # before the answer to the last letter is there
    page.wait_for_url(f"**/patient/{world.patient.pk}/change/")


def test_the_arrows_choose_and_what_is_chosen_is_told(staff: Watched) -> None:
    page = staff.open("/clinic/north/")
    page.keyboard.press("Meta+k")
    expect(text(page)).to_have_attribute("aria-expanded", "true")
    assert "New patient" in active(page)
    page.keyboard.press("ArrowDown")
    assert "Import patients" in active(page)
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    assert "Settings" in active(page)
    page.keyboard.press("ArrowDown")
    assert "New patient" in active(page)
    expect(text(page)).to_be_focused()
    page.keyboard.type("north")
    found(page, "north")
    expect(page.get_by_role("status").filter(has_text="3 found")).to_be_visible()
    expect(options(page)).to_have_count(3)
    assert "Secret of north" in active(page)
    groups = palette(page).get_by_role("group")
    expect(groups).to_have_count(2)
    expect(palette(page).get_by_role("group", name="Programs").get_by_role("option")).to_have_count(2)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/programs/program/*/change/")


def test_with_control_it_opens_beside(staff: Watched) -> None:
    page = staff.open("/clinic/north/")
    page.keyboard.press("Control+k")
    page.keyboard.type("bands")
    found(page, "bands")
    expect(options(page)).to_have_count(1)
    with page.context.expect_page() as beside:
        page.keyboard.press("Control+Enter")
    beside.value.wait_for_url("**/programs/bandladder/")
    assert page.url.endswith("/clinic/north/")


def test_nothing_found_is_said_and_enter_stays(staff: Watched) -> None:
    page = staff.open("/clinic/north/")
    page.keyboard.press("Control+k")
    page.keyboard.type("nobody")
    found(page, "nobody")
    expect(page.get_by_role("status").filter(has_text="Nothing found.")).to_be_visible()
    expect(text(page)).to_have_attribute("aria-expanded", "false")
    assert text(page).get_attribute("aria-activedescendant") is None
    page.keyboard.press("Enter")
    expect(palette(page)).to_be_visible()


def test_the_focus_stays_inside_and_goes_back(staff: Watched) -> None:
    page = staff.open("/clinic/north/patients/patient/")
    button = page.get_by_role("link", name="Find", exact=True)
    button.focus()
    page.keyboard.press("Enter")
    expect(text(page)).to_be_focused()
    stops = []
    for _tab in range(4):
        page.keyboard.press("Tab")
        assert page.evaluate("document.getElementById('palette').contains(document.activeElement)")
        stops.append(page.evaluate("document.activeElement.tagName"))
    assert stops == ["BUTTON", "INPUT", "BUTTON", "INPUT"]
    page.keyboard.press("Escape")
    expect(palette(page)).to_be_hidden()
    expect(button).to_be_focused()


def test_by_mouse(staff: Watched, world: ClinicWorld) -> None:
    page = staff.open("/clinic/north/")
    page.get_by_role("link", name="Find", exact=True).click()
    options(page).filter(has_text="Bands").click()
    page.wait_for_url("**/programs/bandladder/")
    page.get_by_role("link", name="Find", exact=True).click()
    expect(options(page).first).to_be_visible()
    page.mouse.click(20, 880)
    expect(palette(page)).to_be_hidden()
    page.get_by_role("link", name="Find", exact=True).click()
    expect(page.get_by_role("status").filter(has_text="found")).to_be_visible()
    settled(page)
    palette(page).get_by_role("button", name="Close").click()
    expect(palette(page)).to_be_hidden()


def test_it_keeps_nothing_in_the_browser(staff: Watched) -> None:
    page = staff.open("/clinic/north/")
    page.keyboard.press("Control+k")
    page.keyboard.type("secret")
    expect(options(page)).to_have_count(1)
    kept = page.evaluate("JSON.stringify({...localStorage, ...sessionStorage})")
    assert "ecret" not in kept
    page.reload()
    page.keyboard.press("Control+k")
    expect(text(page)).to_have_value("")


def test_who_was_signed_out_meanwhile_is_asked_to_sign_in(staff: Watched) -> None:
    page = staff.open("/clinic/north/")
    page.keyboard.press("Control+k")
    page.context.clear_cookies(name="sessionid")
    page.keyboard.type("secret")
    page.wait_for_url(re.compile(r"/account/login/\?next=/clinic/north/search/"))
    staff.wrong = [wrong for wrong in staff.wrong if "401" not in wrong]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_it(staff: Watched, world: ClinicWorld, scheme: str) -> None:
    with clinic_scope(world.clinic.pk):
        for number in range(9):
            make_patient(code=f"north-{number + 2}", name="A rather long name that does not end at once " * 2)
    page = staff.open("/clinic/north/")
    page.keyboard.press("Control+k")
    expect(options(page).first).to_be_visible()
    for width in (1280, 820, 390):
        assert staff.look(width, scheme) == []
    text(page).fill("north")
    expect(options(page).filter(has_text="All patients")).to_be_attached()
    for width in (1280, 390):
        assert staff.look(width, scheme) == []
        sizes = options(page).evaluate_all("all => all.map(each => each.getBoundingClientRect().height)")
        assert min(sizes) >= 44


def test_without_javascript_it_is_a_page(watch: Watch, world: ClinicWorld) -> None:
    page = watch(world.owner, java_script_enabled=False, viewport={"width": 390, "height": 844}).open("/clinic/north/")
    page.get_by_role("link", name="Find", exact=True).click()
    page.get_by_role("searchbox").fill("secret")
    page.get_by_role("button", name="Find").click()
    page.get_by_role("link", name="Secret of north").click()
    page.wait_for_url(f"**/patient/{world.patient.pk}/change/")
