"""What moves on the staff's pages, in a real browser under the strict policy: the fixture refuses every violation."""

import re

import pytest
from playwright.sync_api import Dialog, Locator, Page, expect

from clinic.wall.scope import clinic_scope
from programs.models import Band, BandLadder
from tests.clinic.conftest import Watch
from tests.clinic.watched import Watched
from tests.clinic.world import ClinicWorld

pytestmark = pytest.mark.django_db(transaction=True)
DARK = re.compile(r"\bdark\b")


def choose_theme(page: Page, name: str) -> None:
    page.get_by_role("button", name="owner of North").click()
    page.get_by_role("button", name=name, exact=True).click()
    page.keyboard.press("Escape")


def test_the_theme_is_chosen_kept_and_follows_the_system(staff: Watched) -> None:
    page = staff.open("/clinic/north/")
    html = page.locator("html")
    choose_theme(page, "Dark")
    expect(html).to_have_class(DARK)
    page.reload()
    expect(html).to_have_class(DARK)
    choose_theme(page, "Light")
    expect(html).not_to_have_class(DARK)
    choose_theme(page, "System")
    page.emulate_media(color_scheme="dark")
    expect(html).to_have_class(DARK)
    page.emulate_media(color_scheme="light")
    expect(html).not_to_have_class(DARK)


def test_the_menu_is_hidden_and_shown_and_stays_so(staff: Watched) -> None:
    page = staff.open("/clinic/north/")
    patients = page.get_by_role("navigation", name="Menu").get_by_role("link", name="Patients")
    toggle = page.get_by_role("button", name="Show or hide the menu")
    expect(patients).to_be_visible()
    toggle.click()
    expect(patients).to_be_hidden()
    page.reload()
    expect(patients).to_be_hidden()
    toggle.click()
    expect(patients).to_be_visible()


def test_on_a_small_screen_the_menu_opens_over_the_page(staff: Watched) -> None:
    staff.page.set_viewport_size({"width": 390, "height": 844})
    page = staff.open("/clinic/north/")
    patients = page.get_by_role("navigation", name="Menu").get_by_role("link", name="Patients")
    expect(patients).to_be_hidden()
    page.get_by_role("button", name="Menu", exact=True).click()
    expect(patients).to_be_visible()
    expect(page.get_by_role("button", name="Close the menu")).to_be_focused()
    page.get_by_role("button", name="Close the menu").click()
    expect(patients).to_be_hidden()
    expect(page.get_by_role("button", name="Menu", exact=True)).to_be_focused()
    page.keyboard.press("Enter")
    expect(patients).to_be_visible()
    page.keyboard.press("Escape")
    expect(patients).to_be_hidden()


def test_the_clinic_stays_in_sight(staff: Watched, world: ClinicWorld) -> None:
    for width in (1280, 820, 390):
        staff.page.set_viewport_size({"width": width, "height": 700})
        page = staff.open(f"/clinic/north/clinic/clinic/{world.clinic.pk}/change/")
        page.evaluate("window.scrollTo(0, document.body.scrollHeight)")
        expect(page.get_by_role("banner").get_by_role("link", name="North")).to_be_in_viewport()


def test_without_javascript_the_menu_is_in_the_page(watch: Watch, world: ClinicWorld) -> None:
    bare = watch(world.owner, java_script_enabled=False, viewport={"width": 390, "height": 844})
    page = bare.open("/clinic/north/clinic/message/")
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    expect(page.get_by_role("button", name="Menu", exact=True)).to_be_hidden()
    page.get_by_role("link", name="queued", exact=True).click()
    page.wait_for_url("**?state**")
    page.get_by_role("navigation", name="Menu").get_by_role("link", name="Patients").click()
    page.wait_for_url("**/patients/patient/")


def test_filters_open_and_close(staff: Watched) -> None:
    page = staff.open("/clinic/north/clinic/message/")
    queued = page.get_by_role("link", name="queued", exact=True)
    expect(queued).to_be_hidden()
    page.get_by_role("button", name="Filters").click()
    expect(queued).to_be_visible()
    page.keyboard.press("Escape")
    expect(queued).to_be_hidden()
    page.get_by_role("button", name="Filters").click()
    page.get_by_role("button", name="Close the filters").click()
    expect(queued).to_be_hidden()
    page.get_by_role("button", name="Filters").click()
    queued.click()
    page.wait_for_url("**?state**")


def test_a_slash_goes_to_the_search(staff: Watched) -> None:
    page = staff.open("/clinic/north/clinic/membership/")
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox")).to_be_focused()


def test_what_is_not_saved_is_not_lost_in_silence(staff: Watched, world: ClinicWorld) -> None:
    page = staff.open(f"/clinic/north/clinic/clinic/{world.clinic.pk}/change/")
    warning_signs = page.get_by_label("Warning signs")
    warning_signs.press_sequentially("A hot knee")
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", stay)
    page.get_by_role("navigation", name="Menu").get_by_role("link", name="Patients").click()
    expect(warning_signs).to_have_value("A hot knee")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text("was changed successfully").wait_for()
    assert asked == ["beforeunload"]


def rows(page: Page) -> Locator:
    return page.locator("#bands-data tbody.form-group:not(.empty-form)")


def labels(world: ClinicWorld) -> list[str]:
    with clinic_scope(world.clinic.pk):
        return list(Band.objects.order_by("position").values_list("label", flat=True))


def test_bands_are_moved_by_keyboard(staff: Watched, world: ClinicWorld) -> None:
    with clinic_scope(world.clinic.pk):
        ladder = BandLadder.objects.get()
        Band.objects.create(ladder=ladder, label="green", position=2)
        Band.objects.create(ladder=ladder, label="blue", position=3)
    page = staff.open(f"/clinic/north/programs/bandladder/{ladder.pk}/change/")
    up = page.get_by_role("button", name="Move blue up")
    up.press("Enter")
    expect(up).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")  # it is the first already
    page.get_by_role("button", name="Move red down").press("Enter")
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url("**/bandladder/")
    assert labels(world) == ["blue", "green", "red"]


def test_bands_are_added_dragged_and_deleted(staff: Watched, world: ClinicWorld) -> None:
    with clinic_scope(world.clinic.pk):
        ladder = BandLadder.objects.get()
        Band.objects.create(ladder=ladder, label="green", position=2)
        Band.objects.create(ladder=ladder, label="blue", position=3)
    address = f"/clinic/north/programs/bandladder/{ladder.pk}/change/"
    page = staff.open(address)
    add = page.get_by_role("button", name=re.compile("Add another"))
    add.click()
    add.click()
    rows(page).nth(3).get_by_label("label").fill("black")
    rows(page).nth(4).get_by_role("button", name="Remove").click()
    expect(rows(page)).to_have_count(4)
    handle = "[x-sort\\:handle]"
    rows(page).nth(2).locator(handle).drag_to(rows(page).nth(0).locator(handle), target_position={"x": 5, "y": 2})
    rows(page).nth(2).get_by_role("checkbox", name="Remove").press("Space")
    expect(rows(page).nth(2).get_by_text("This item will be deleted.")).to_be_visible()
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url("**/bandladder/")
    assert labels(world) == ["blue", "red", "black"]
