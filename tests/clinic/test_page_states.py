"""Pages in the states that opening them does not show: refused forms, messages, menus that are open, the front desk."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from clinic.models import Deputy, Role
from clinic.wall.scope import clinic_scope
from programs.models import BandLadder
from tests.clinic.conftest import Watch
from tests.clinic.watched import Watched
from tests.clinic.world import ClinicWorld
from tests.factories import make_member, make_patient

pytestmark = pytest.mark.django_db(transaction=True)
VIEWS = [(1280, "light"), (820, "dark"), (1280, "dark"), (820, "light")]


def faults(watched: Watched, what: str) -> list[str]:
    return [f"{what} {view}: {wrong}" for view in VIEWS for wrong in watched.look(*view)]


REFUSED = {
    "clinic/membership/add/": "Save",
    "clinic/clinic/{clinic}/change/": "Save",
    "patients/patient/add/": "Save",
    "patients/patient/{patient}/pause/": "Pause",
    "patients/patient/{patient}/end/": "End it",
    "patients/patient/{patient}/log/": "Save",
    "programs/bandladder/{ladder}/change/": "Save",
    "password_change/": "Change password",
}


def empty_and_send(page: Page, button: str) -> None:
    for field in page.locator(
        "main form[method=post] :is(input:not([type=checkbox], [type=radio], [type=color]), textarea)"
    ).all():
        if field.is_visible() and field.is_editable():
            field.fill("")
    page.get_by_role("button", name=button, exact=True).click()
    page.wait_for_load_state()


def test_nothing_is_wrong_where_a_form_is_refused(staff: Watched, world: ClinicWorld) -> None:
    with clinic_scope(world.clinic.pk):
        ids = {"clinic": world.clinic.pk, "patient": world.patient.pk, "ladder": BandLadder.objects.get().pk}
    wrong = []
    for path, button in REFUSED.items():
        page = staff.open(f"/clinic/north/{path.format(**ids)}")
        empty_and_send(page, button)
        expect(page.locator("main :is(.errornote, .errorlist, .text-red-600, .text-red-700)").first).to_be_visible()
        wrong += faults(staff, path)
    assert not wrong, "\n\n".join(wrong)


def test_nothing_is_wrong_with_messages(staff: Watched, world: ClinicWorld) -> None:
    with clinic_scope(world.clinic.pk):
        ladder = BandLadder.objects.get()
        bare = make_patient(code="bare")
    bands = f"/clinic/north/programs/bandladder/{ladder.pk}"

    def success() -> str:
        staff.open(f"{bands}/change/").get_by_role("button", name="Save", exact=True).click()
        return "was changed successfully"

    def warning() -> str:
        staff.open(f"/clinic/north/patients/patient/{bare.pk}/handout/")
        return "There is no program to hand out"

    def info() -> str:
        page = staff.open("/clinic/north/clinic/membership/add/")
        page.get_by_label("Name").fill("Nell")
        page.get_by_label("Email").fill("nell@north.example")
        page.get_by_role("button", name="Save", exact=True).click()
        return "gets an email with a link"

    kinds: list[Callable[[], str]] = [success, warning, info]
    for kind in kinds:
        said = kind()
        expect(staff.page.get_by_text(said).first).to_be_visible()
        assert faults(staff, said) == []


def test_nothing_is_wrong_with_what_opens(staff: Watched) -> None:
    page = staff.open("/clinic/north/clinic/message/")
    page.get_by_role("button", name="owner of North").click()
    for scheme in ("light", "dark"):
        assert staff.look(1280, scheme) == []
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Filters").click()
    assert faults(staff, "filters") == []
    page.keyboard.press("Escape")
    page.set_viewport_size({"width": 820, "height": 900})
    page.get_by_role("button", name="Menu", exact=True).click()
    for scheme in ("light", "dark"):
        assert staff.look(820, scheme) == []


def test_nothing_is_wrong_at_the_front_desk(watch: Watch, world: ClinicWorld) -> None:
    with clinic_scope(world.clinic.pk):
        desk = watch(make_member(world.clinic, Role.ASSISTANT))
    wrong = []
    for path in ("", "search/", "patients/patient/", f"patients/patient/{world.patient.pk}/change/"):
        desk.open(f"/clinic/north/{path}")
        wrong += faults(desk, path)
    assert not wrong, "\n\n".join(wrong)


def test_a_list_without_a_row_says_why(staff: Watched, world: ClinicWorld) -> None:
    with clinic_scope(world.clinic.pk):
        Deputy.objects.all().delete()
    page = staff.open("/clinic/north/clinic/deputy/")
    expect(page.locator("main")).to_contain_text("There is nothing here yet.")
    expect(page.locator("main").get_by_role("link", name="Add deputy", exact=True).last).to_be_visible()
    wrong = faults(staff, "none")
    page = staff.open("/clinic/north/clinic/membership/?q=nobody")
    expect(page.locator("main")).to_contain_text("Nothing here matches.")
    wrong += faults(staff, "none that matches")
    assert not wrong, "\n\n".join(wrong)
    page.get_by_role("link", name="Show all").last.click()
    expect(page.locator("#result_list")).to_contain_text("of North")
