"""A session set by set on a phone: few taps, one number at a time, nothing lost in between."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from clinic.wall.scope import clinic_scope
from tests import factories as make
from tests.patients.home import Home
from tests.patients.phone import AS_PLANNED, Phone, kept, start

pytestmark = pytest.mark.django_db(transaction=True)
TAPS_OF_A_SESSION, TAPS_OF_A_QUICK_LOG = 6, 1
EARS = """
    window.tones = [];
    const start = OscillatorNode.prototype.start;
    OscillatorNode.prototype.start = function (at) {
      window.tones.push(at - this.context.currentTime);
      return start.call(this, at);
    };
    window.shakes = [];
    navigator.vibrate = (pattern) => window.shakes.push(pattern);
"""


class Finger:
    """Taps, and counts them."""

    def __init__(self, page: Page) -> None:
        self.page, self.taps = page, 0

    def tap(self, what: Locator | str) -> None:
        target = self.page.get_by_role("button", name=what, exact=True) if isinstance(what, str) else what
        target.tap()
        self.taps += 1


@pytest.fixture
def finger(phone: Phone) -> Finger:
    return Finger(phone())


def session_of(home: Home, day: Any = None) -> str:
    return f"{day or timezone.now().date()}/session"


class TestTaps:
    """The figures stand in docs/phone.md, which is checked too."""

    def test_of_a_session_of_two_exercises_with_two_sets(self, finger: Finger, treated: Home) -> None:
        finger.tap(finger.page.get_by_role("link", name="Start, set by set"))
        for _set in range(4):
            finger.tap("Done as planned")
        finger.tap("Save")
        expect(finger.page.get_by_text("Saved. Well done.")).to_be_visible()
        assert (finger.taps, kept(treated)) == (TAPS_OF_A_SESSION, AS_PLANNED)

    def test_of_a_quick_log(self, finger: Finger, treated: Home) -> None:
        finger.tap("Done as planned")
        expect(finger.page.get_by_text("Saved. Well done.")).to_be_visible()
        assert (finger.taps, kept(treated)) == (TAPS_OF_A_QUICK_LOG, AS_PLANNED)

    def test_the_documentation_says_the_same(self) -> None:
        text = Path("docs/phone.md").read_text()
        assert re.findall(r"\*\*(\d+) taps?\*\*", text) == [str(TAPS_OF_A_SESSION), str(TAPS_OF_A_QUICK_LOG)]


class TestEntering:
    def test_a_number_for_each_direction(self, finger: Finger, treated: Home) -> None:
        page = finger.page
        start(page)
        finger.tap("Enter a number")
        finger.tap("1")
        finger.tap("2")
        finger.tap("Save this set")
        expect(page.get_by_text("Enter a number, 0 if you did none.")).to_be_visible()
        finger.tap("One less")
        finger.tap("Save this set")
        expect(page.get_by_role("heading", name="Set 2 of 2 Lateral band walk")).to_be_focused()
        for _left_out in range(2):
            finger.tap("Leave this set out")
        finger.tap("Enter a number")
        expect(page.get_by_role("textbox", name="Left")).to_be_hidden()
        finger.tap("3")
        finger.tap("0")
        finger.tap("Save this set")
        finger.page.get_by_role("group", name="Pain during").get_by_role("radio", name="3", exact=True).tap()
        finger.tap("Save")
        expect(page.get_by_text("Saved. Well done.")).to_be_visible()
        (log,) = treated.logs()
        assert [(str(each), each.as_planned) for each in log.sets.all()] == [("12 + 9", False), ("30", False)]
        assert (log.pain_before, log.pain_during, log.pain_after, log.effort) == (None, 3, None, None)

    def test_nothing_is_prefilled(self, finger: Finger) -> None:
        start(finger.page)
        finger.tap("Enter a number")
        expect(finger.page.locator("#pad")).to_be_visible()
        assert [field.input_value() for field in finger.page.locator("#pad input").all()] == ["", "", ""]
        finger.tap("Back")
        for _set in range(4):
            finger.tap("Done as planned")
        expect(finger.page.locator("#enter-all")).to_be_visible()
        assert finger.page.locator("#enter-all input:checked").count() == 0

    def test_by_keyboard(self, finger: Finger, treated: Home) -> None:
        start(finger.page)
        finger.page.get_by_role("button", name="Enter a number").focus()
        finger.page.keyboard.press("Enter")
        finger.page.keyboard.type("8")
        finger.page.keyboard.press("Tab")
        finger.page.keyboard.type("7")
        finger.page.keyboard.press("Enter")
        expect(finger.page.get_by_role("heading", name="Set 2 of 2 Lateral band walk")).to_be_focused()

    def test_undo_goes_back_one_set_at_a_time(self, finger: Finger, treated: Home) -> None:
        start(finger.page)
        expect(finger.page.get_by_role("button", name="Undo")).to_be_hidden()
        for _set in range(4):
            finger.tap("Done as planned")
        finger.tap("Back to the last set")
        expect(finger.page.get_by_role("heading", name="Set 2 of 2 Double band hip thrust")).to_be_visible()
        finger.tap("Undo")
        finger.tap("Leave this set out")
        finger.tap("Done as planned")
        finger.tap("Save")
        expect(finger.page.get_by_text("Saved. Well done.")).to_be_visible()
        assert kept(treated) == AS_PLANNED[:3]

    def test_with_every_set_left_out_there_is_nothing_to_save(self, finger: Finger) -> None:
        start(finger.page)
        for _set in range(4):
            finger.tap("Leave this set out")
        expect(finger.page.get_by_role("alert").filter(has_text="There is no set yet.")).to_be_visible()
        expect(finger.page.get_by_role("button", name="Save", exact=True)).to_be_hidden()

    def test_another_band_at_another_place(self, finger: Finger, treated: Home) -> None:
        page = finger.page
        start(page)
        for _set in range(4):
            finger.tap("Done as planned")
        page.get_by_text("I used another band or place").first.tap()
        page.get_by_label("Short band").first.select_option("Strandline: blue")
        page.get_by_label("Where it was").select_option("around your ankles")
        finger.tap("Save")
        expect(page.get_by_text("With: blue band, around your ankles")).to_be_visible()

    def test_a_note_is_saved_and_said_not_to_be_watched(self, finger: Finger, treated: Home) -> None:
        start(finger.page)
        for _set in range(4):
            finger.tap("Done as planned")
        expect(finger.page.get_by_text("Nobody watches notes.")).to_be_visible()
        finger.page.get_by_label("Note").fill("Slept badly 😴 \0 but well")
        finger.tap("Save")
        expect(finger.page.get_by_text("Saved. Well done.")).to_be_visible()
        assert treated.logs()[0].note == "Slept badly 😴  but well"

    def test_a_double_tap_on_save_is_one_log(self, finger: Finger, treated: Home) -> None:
        start(finger.page)
        for _set in range(4):
            finger.tap("Done as planned")
        finger.page.get_by_role("button", name="Save", exact=True).dblclick()
        expect(finger.page.get_by_text("Saved. Well done.")).to_be_visible()
        assert len(treated.logs()) == 1


class TestInterrupted:
    def test_it_goes_on_where_it_was_left(self, finger: Finger, treated: Home) -> None:
        page = finger.page
        start(page)
        finger.tap("Done as planned")
        finger.tap("Done as planned")
        page.get_by_role("link", name="Go on later").click()
        page.get_by_role("link", name="Go on with your session").tap()
        expect(page.get_by_role("heading", name="Set 1 of 2 Double band hip thrust")).to_be_visible()
        page.reload()
        finger.tap("Done as planned")
        finger.tap("Done as planned")
        page.get_by_role("group", name="Pain after").get_by_role("radio", name="2", exact=True).tap()
        page.reload()
        expect(page.get_by_role("group", name="Pain after").get_by_role("radio", name="2", exact=True)).to_be_checked()
        finger.tap("Save")
        expect(page.get_by_text("Saved. Well done.")).to_be_visible()
        assert (kept(treated), treated.logs()[0].pain_after) == (AS_PLANNED, 2)
        expect(page.get_by_role("link", name="Go on with your session")).to_have_count(0)

    def test_one_that_began_before_midnight_stays_on_its_day(self, phone: Phone, treated: Home) -> None:
        evening = datetime.combine(timezone.now().date(), datetime.min.time(), UTC).replace(hour=23, minute=55)
        with time_machine.travel(evening):
            page = phone(ready=False)
            start(page)
            Finger(page).tap("Done as planned")
            expect(page.get_by_role("heading", name="Set 2 of 2 Lateral band walk")).to_be_visible()
        with time_machine.travel(evening + timedelta(minutes=15)):
            page.goto(page.url.split("/my/")[0] + f"/my/{treated.patient.pk}/")
            page.get_by_role("link", name="Go on with the session of").tap()
            for _set in range(3):
                Finger(page).tap("Done as planned")
            Finger(page).tap("Save")
            expect(page.get_by_text("Saved. Well done.")).to_be_visible()
        (log,) = treated.logs()
        assert (log.date, log.provenance, kept(treated)) == (evening.date(), "late", AS_PLANNED)


class TestRest:
    def test_it_is_reckoned_from_the_time_and_heard(self, phone: Phone, treated: Home) -> None:
        page = phone()
        page.add_init_script(EARS)
        page.clock.install(time=timezone.now())
        page.goto(page.url + session_of(treated) + "/")
        page.clock.pause_at(timezone.now() + timedelta(minutes=1))  # how long the test takes must not count
        finger = Finger(page)
        finger.tap("Done as planned")
        expect(page.get_by_role("timer")).to_have_text("1:00")
        tones = page.evaluate("window.tones")
        assert [round(at) for at in tones] == [60, 60]
        page.clock.fast_forward(58_000)  # as a phone that was locked: timers fire once, late
        page.clock.run_for(1000)
        expect(page.get_by_role("timer")).to_have_text("0:01")
        page.clock.fast_forward(5000)
        page.clock.run_for(1000)
        expect(page.get_by_text("Rest is over. Start when you are ready.")).to_be_visible()
        expect(page.get_by_role("timer")).to_be_hidden()
        assert page.evaluate("window.shakes") == [[300, 150, 300]]
        page.reload()
        expect(page.get_by_text("Rest is over.")).to_be_visible()

    def test_nothing_waits_for_it(self, finger: Finger) -> None:
        start(finger.page)
        finger.tap("Done as planned")
        expect(finger.page.get_by_role("timer")).to_be_visible()
        finger.tap("Done as planned")
        expect(finger.page.get_by_role("timer")).to_be_hidden()  # the next exercise has no rest prescribed


STATES = ["first", "rest", "pad", "missing", "end", "empty"]


def bring(page: Page, state: str) -> None:
    finger = Finger(page)
    if state in {"rest", "pad", "missing"}:
        finger.tap("Done as planned")
    if state in {"pad", "missing"}:
        finger.tap("Enter a number")
    if state == "missing":
        finger.tap("Save this set")
    for _set in range(4 if state in {"end", "empty"} else 0):
        finger.tap("Done as planned" if state == "end" else "Leave this set out")
    shown = {
        "first": page.get_by_role("heading", name="Set 1 of 2 Lateral band walk"),
        "rest": page.get_by_role("timer"),
        "pad": page.locator("#pad"),
        "missing": page.get_by_text("Enter a number, 0 if you did none."),
        "end": page.get_by_role("heading", name="That was the last set"),
        "empty": page.get_by_text("There is no set yet."),
    }
    expect(shown[state]).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("state", STATES)
def test_axe_finds_nothing_and_nothing_scrolls_sideways(phone: Phone, treated: Home, state: str, scheme: str) -> None:
    page = phone(session_of(treated), ready=False, color_scheme=scheme, reduced_motion="reduce")
    bring(page, state)
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    for width, height in [(390, 844), (320, 568), (195, 422)]:  # the last is the phone at 200 % zoom
        page.set_viewport_size({"width": width, "height": height})
        assert page.evaluate("document.documentElement.scrollWidth") == width


@pytest.mark.parametrize("state", ["first", "pad"])
def test_targets_are_big(phone: Phone, treated: Home, state: str) -> None:
    page = phone(session_of(treated), ready=False)
    bring(page, state)
    buttons = page.locator("#guide button:visible")
    sizes = buttons.evaluate_all("all => all.map((each) => [each.innerText, each.getBoundingClientRect()])")
    assert len(sizes) >= 3
    assert [text for text, box in sizes if min(box["width"], box["height"]) < 56] == []


def test_with_forced_colours_what_is_chosen_shows(phone: Phone, treated: Home) -> None:
    page = phone(session_of(treated), ready=False, forced_colors="active")
    bring(page, "pad")
    chosen, other = page.locator(".pad-field:visible input").all()
    colours = [each.evaluate("field => getComputedStyle(field).borderTopWidth") for each in (chosen, other)]
    assert colours[0] != colours[1]


def test_without_javascript_all_sets_are_one_form(phone: Phone, treated: Home) -> None:
    page = phone(java_script_enabled=False)
    page.get_by_role("link", name="Start, set by set").click()
    expect(page.locator("#guide")).to_be_hidden()
    page.get_by_label("All as planned").first.check()
    page.get_by_role("group", name="Pain before").get_by_role("radio", name="1", exact=True).check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved. Well done.")).to_be_visible()
    assert kept(treated) == [("10 + 10", True)] * 2


def test_who_logged_this_day_already_is_told(phone: Phone, treated: Home) -> None:
    with clinic_scope(treated.clinic.pk):
        make.make_log(treated.self, treated.patient, timezone.now().date())
    page = phone(session_of(treated), ready=False)
    expect(page.get_by_text("You logged something for this day already.")).to_be_visible()
