"""The builder in a browser: by keyboard alone, by mouse, and with a hand that drags."""

import re
from collections.abc import Iterator

import pytest
from django.test import Client
from playwright.sync_api import Locator, Page, expect

from clinic.models import Clinic, Membership
from clinic.wall.scope import clinic_scope
from patients.models import Prescription
from programs.models import Band, BandLadder, Phase, Program
from tests.clinic.conftest import Watch
from tests.factories import (
    THRUST,
    WALK,
    make_clinic,
    make_member,
    make_patient,
    make_prescription,
    make_program,
    sign_in,
)

pytestmark = pytest.mark.django_db(transaction=True)
ADD = "/clinic/north/programs/program/add/"
# Leaving a page gives up a preview that is on its way; some tests take away the sign-in or the connection.
GIVEN_UP = ("failed: ", "htmx:", "Failed to load resource", "Response Status Error Code 401")
SIX_WEEKS = [("Settle", 2, "red"), ("Build", 2, "green"), ("Strengthen", 2, "blue")]


@pytest.fixture
def clinician(transactional_db: None) -> Membership:
    clinic = make_clinic()
    with clinic_scope(clinic.pk):
        for length, labels in {"short": ["red", "green", "blue"], "long": ["light"]}.items():
            ladder = BandLadder.objects.create(maker="Strandline", length=length)
            for position, label in enumerate(labels, start=1):
                Band.objects.create(ladder=ladder, label=label, position=position)
        clinician = make_member(clinic)
        make_patient(clinician, code="P-001", name="Ruth Okafor")
    return clinician


@pytest.fixture
def page(watch: Watch, clinician: Membership) -> Iterator[Page]:
    watched = watch(clinician)
    yield watched.page
    watched.wrong = [wrong for wrong in watched.wrong if not wrong.startswith(GIVEN_UP)]


class Keys:
    """Presses keys and counts them; what is typed counts a letter each."""

    def __init__(self, page: Page) -> None:
        self.page, self.pressed = page, 0

    def press(self, key: str) -> None:
        self.page.keyboard.press(key)
        self.pressed += 1

    def type(self, text: str) -> None:
        self.page.keyboard.type(text)
        self.pressed += len(text)

    def to(self, target: Locator) -> None:
        """Tab until it has the focus."""
        for _ in range(60):
            if target.evaluate("element => element === document.activeElement"):
                return
            self.press("Tab")
        raise AssertionError(f"sixty tabs did not reach {target}")

    def replace(self, target: Locator, text: str) -> None:
        """A field that is tabbed into is selected whole, so typing replaces it."""
        self.to(target)
        self.type(text)


class Clicks:
    """Clicks and counts; what is typed or chosen counts as one."""

    def __init__(self) -> None:
        self.made = 0

    def on(self, target: Locator) -> None:
        target.click()
        self.made += 1

    def choose(self, target: Locator, label: str) -> None:
        target.select_option(label)
        self.made += 1

    def fill(self, target: Locator, text: str) -> None:
        target.fill(text)
        self.made += 1


def phase_of(page: Page, number: int) -> Locator:
    return page.locator(".phase").nth(number - 1)


def dose_of(page: Page, number: int, exercise: str) -> Locator:
    return phase_of(page, number).locator(".dose", has=page.locator(f"input[value={exercise}]"))


def built(clinic: Clinic) -> list[tuple[str, int | None, list[tuple[str, int, str]]]]:
    with clinic_scope(clinic.pk):
        return [
            (
                phase.title,
                phase.weeks,
                [(dose.exercise_id, dose.sets_min, str(dose.short_band or "")) for dose in phase.doses.all()],
            )
            for phase in Phase.objects.filter(program__title="Six weeks").prefetch_related("doses__short_band")
        ]


def prescribed(clinic: Clinic) -> list[str]:
    with clinic_scope(clinic.pk):
        return [str(each.course.patient) for each in Prescription.objects.select_related("course__patient")]


def test_six_weeks_by_keyboard_alone(page: Page, watch: Watch, clinician: Membership, live_server: object) -> None:
    """From nothing: three phases of two weeks, a harder band in each, prescribed to a patient."""
    keys = Keys(page)
    page.goto(f"{live_server}{ADD}?from=empty")
    expect(page.get_by_label("Title")).to_be_focused()
    keys.type("Six weeks")
    first, *others = enumerate(SIX_WEEKS, start=1)
    for number, (title, weeks, band) in [first, *others]:
        if number > 1:
            keys.press("Alt+n")
            expect(page.locator(".phase")).to_have_count(number)
        phase = phase_of(page, number)
        if number > 1:
            expect(phase.get_by_label("Name")).to_be_focused()
        keys.replace(phase.get_by_label("Name"), title)
        if number == 1:
            keys.replace(phase.get_by_label("Weeks"), str(weeks))
            keys.to(phase.get_by_label("Sessions"))
            keys.type("3")
        keys.to(dose_of(page, number, WALK).get_by_label("Short band"))
        keys.type(band[0])
    keys.press("Alt+p")
    page.wait_for_url(re.compile("/prescribe/"))
    keys.to(page.get_by_role("checkbox", name="Ruth Okafor"))
    keys.press("Space")
    keys.to(page.get_by_role("button", name="Prescribe", exact=True))
    keys.press("Enter")
    expect(page.get_by_text("Ruth Okafor").first).to_be_visible()
    page.wait_for_url(lambda url: "/prescribe/" not in url)
    assert built(clinician.clinic) == [
        (title, weeks, [(WALK, 2, band), (THRUST, 2, "")]) for title, weeks, band in SIX_WEEKS
    ]
    assert prescribed(clinician.clinic) == ["P-001 Ruth Okafor"]
    print(f"keys: {keys.pressed}")
    assert keys.pressed <= 95


def test_six_weeks_by_mouse(page: Page, clinician: Membership, live_server: object) -> None:
    """The course that ships, with a harder last phase, prescribed to a patient."""
    clicks = Clicks()
    page.goto(f"{live_server}{ADD}")
    clicks.on(page.get_by_role("link", name="Settle, build, strengthen"))
    clicks.fill(page.get_by_label("Title"), "Six weeks")
    harder = dose_of(page, 3, WALK).get_by_role("button", name="A harder band")
    clicks.on(harder)
    expect(dose_of(page, 3, WALK).get_by_label("Short band")).to_have_value(band_called(clinician, "blue"))
    clicks.on(page.get_by_role("button", name="Save and prescribe"))
    page.wait_for_url(re.compile("/prescribe/"))
    clicks.on(page.get_by_role("checkbox", name="Ruth Okafor"))
    clicks.on(page.get_by_role("button", name="Prescribe", exact=True))
    page.wait_for_url(lambda url: "/prescribe/" not in url)
    assert [(title, weeks) for title, weeks, _ in built(clinician.clinic)] == [
        ("Settle", 2),
        ("Build", 2),
        ("Strengthen", 2),
    ]
    assert built(clinician.clinic)[2][2][0] == (WALK, 3, "blue")
    assert prescribed(clinician.clinic) == ["P-001 Ruth Okafor"]
    print(f"clicks: {clicks.made}")
    assert clicks.made <= 6


def band_called(clinician: Membership, label: str) -> str:
    with clinic_scope(clinician.clinic_id):
        return str(Band.objects.get(label=label, ladder__length="short").pk)


def test_a_drag_moves_an_exercise_and_a_phase(page: Page, clinician: Membership, live_server: object) -> None:
    page.goto(f"{live_server}{ADD}?from=ships-settle-build-strengthen")
    page.wait_for_load_state("networkidle")
    page.get_by_label("Title").fill("Six weeks")
    walk, thrust = (dose_of(page, 1, exercise) for exercise in [WALK, THRUST])
    thrust.locator(".handle").drag_to(walk.locator(".dose-head"), target_position={"x": 40, "y": 2})
    first_of_first = page.locator(".phase").first.locator("input[name$=-dose]").first
    expect(first_of_first).to_have_value(THRUST)
    expect(page.frame_locator("iframe.phone").get_by_role("heading", level=3).first).to_have_text(
        "Double band hip thrust"
    )
    page.get_by_role("button", name="Move down: Phase 1").click()
    expect(phase_of(page, 1).get_by_label("Name")).to_have_value("Build")
    page.get_by_role("button", name="Save", exact=True).last.click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    phases = built(clinician.clinic)
    assert [title for title, *_ in phases] == ["Build", "Settle", "Strengthen"]
    assert [exercise for exercise, *_ in phases[1][2]] == [THRUST, WALK]


def test_the_preview_follows_what_is_typed(page: Page, clinician: Membership, live_server: object) -> None:
    page.goto(f"{live_server}{ADD}?from=ships-settle-build-strengthen")
    phone = page.frame_locator("iframe.phone")
    expect(phone.get_by_text("2 sets, 10 steps each way")).to_be_visible()
    assert page.locator("iframe.phone").evaluate("frame => frame.clientWidth") == 390
    walk = dose_of(page, 1, WALK)
    expect(walk.get_by_label("Your reason")).to_be_hidden()
    walk.get_by_label("Sets").fill("6")
    expect(phone.get_by_text("6 sets, 10 steps each way")).to_be_visible()
    expect(walk.get_by_text("The source of Lateral band walk gives 2–3 sets of 10 steps")).to_be_visible()
    walk.get_by_label("Your reason").fill("Runs marathons")
    expect(walk.get_by_label("Your reason")).to_be_focused()
    dose_of(page, 3, WALK).get_by_label("Sets").focus()
    expect(phone.get_by_text("3 sets, 10 steps each way")).to_be_visible()
    expect(walk.get_by_label("Your reason")).to_have_value("Runs marathons")
    with clinic_scope(clinician.clinic_id):
        assert not Program.objects.exists()


def test_what_is_typed_is_not_left_by_mistake(page: Page, clinician: Membership, live_server: object) -> None:
    page.goto(f"{live_server}{ADD}?from=empty")
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.get_by_label("Title").fill("Mine")
    page.get_by_role("link", name="Patients").click()
    page.wait_for_url(re.compile("/patients/patient/"))
    assert asked == ["beforeunload"]


def test_a_sign_in_that_ends_loses_nothing(
    page: Page, watch: Watch, clinician: Membership, live_server: object, client: Client
) -> None:
    page.goto(f"{live_server}{ADD}?from=ships-settle-build-strengthen")
    page.get_by_label("Title").fill("Mine")
    page.get_by_label("Goal").fill("Stairs")
    page.context.clear_cookies()
    why = page.get_by_role("alert").filter(has_text="your sign-in has ended")
    page.get_by_label("Goal").press("Control+s")
    expect(why).to_be_visible()
    page.get_by_role("button", name="Add a phase like the last").click()
    expect(page.locator(".phase")).to_have_count(3)
    expect(why).to_be_visible()
    with page.expect_popup() as opened:
        why.get_by_role("link", name="Sign in again in another tab").click()
    expect(opened.value.get_by_role("heading", level=1)).to_have_text("Sign in")
    cookie = sign_in(client, clinician).cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": cookie, "url": str(live_server)}])
    opened.value.reload()
    page.get_by_role("button", name="Add a phase like the last").click()
    expect(page.locator(".phase")).to_have_count(4)
    expect(why).to_be_hidden()
    page.get_by_role("button", name="Save", exact=True).last.click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    with clinic_scope(clinician.clinic_id):
        assert [(each.title, each.goal) for each in Program.objects.all()] == [("Mine", "Stairs")]


def test_without_a_connection_nothing_is_lost(page: Page, clinician: Membership, live_server: object) -> None:
    page.goto(f"{live_server}{ADD}?from=ships-settle-build-strengthen")
    page.get_by_label("Title").fill("Mine")
    page.context.set_offline(True)
    page.get_by_role("button", name="Save", exact=True).last.click()
    expect(page.get_by_role("alert").filter(has_text="there is no connection")).to_be_visible()
    page.context.set_offline(False)
    page.get_by_role("button", name="Save", exact=True).last.click()
    expect(page.get_by_text("Saved.")).to_be_visible()


def test_without_javascript_it_is_all_there(watch: Watch, clinician: Membership, live_server: object) -> None:
    page = watch(clinician, java_script_enabled=False).page
    page.goto(f"{live_server}{ADD}?from=empty")
    page.get_by_label("Title").fill("Six weeks")
    phase_of(page, 1).get_by_label("Sessions").select_option("on fixed days")
    phase_of(page, 1).get_by_label("Mon").check()
    phase_of(page, 1).get_by_label("Weeks").fill("2")
    page.get_by_role("button", name="Add a phase like the last").click()
    expect(page.locator(".phase")).to_have_count(2)
    dose_of(page, 2, WALK).get_by_label("Sets").fill("6")
    page.get_by_role("button", name="Save", exact=True).last.click()
    expect(page.get_by_role("alert")).to_contain_text("Nothing is saved yet")
    dose_of(page, 2, WALK).get_by_label("Your reason").fill("Runs marathons")
    page.get_by_role("button", name="Save", exact=True).last.click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    assert [(weeks, doses[0][1]) for _, weeks, doses in built(clinician.clinic)] == [(2, 2), (2, 6)]


def test_a_copy_for_a_patient_leads_back_to_their_revision(
    page: Page, clinician: Membership, live_server: object
) -> None:
    with clinic_scope(clinician.clinic_id):
        prescription = make_prescription(clinician, make_patient(code="P-014"))
        copy = make_program(title="Next", copy_of=prescription.program)
    root = f"{live_server}/clinic/north/programs/program/{copy.pk}"
    page.goto(f"{root}/change/?for={prescription.pk}&starts_on=2026-12-01")
    page.get_by_label("Goal").fill("Stairs")
    page.get_by_role("button", name="Save, and start it for P-014").click()
    page.wait_for_url(re.compile(rf"/{prescription.course.patient_id}/revise/\?program={copy.pk}&starts_on=2026-12-01"))


def test_what_is_not_a_prescription_is_nobody_to_start_it_for(client: Client, clinician: Membership) -> None:
    with clinic_scope(clinician.clinic_id):
        program = make_program()
    sign_in(client, clinician)
    for key in [program.pk, "x"]:
        assert client.get(f"/clinic/north/programs/program/{program.pk}/change/?for={key}").status_code == 404
