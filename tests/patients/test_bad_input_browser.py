"""What goes wrong on a phone: each time a clear sentence, nothing lost and nothing double."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Route, expect
from pytest_django.live_server_helper import LiveServer

from clinic.wall.scope import clinic_scope
from patients.actions.logging import SetEntry
from patients.actions.prescribing import end_course
from patients.models import Course, NextMorning, RedFlagReport
from tests import factories as make
from tests.patients.home import Home
from tests.patients.phone import Phone, offline, queue, shift_clock, today, until, waits

pytestmark = pytest.mark.django_db(transaction=True)
DAY = timedelta(days=1)
SAVED = "Saved. Well done."


def form(page: Page) -> Any:
    if not page.locator("form[data-sets]").is_visible():
        page.get_by_text("Type in your numbers").tap()
    return page.locator("form[data-sets]")


def enter(page: Page, left: str, right: str) -> None:
    form(page).get_by_label("Left").first.fill(left)
    form(page).get_by_label("Right").first.fill(right)


def save(page: Page) -> None:
    form(page).get_by_role("button", name="Save").tap()


def logged(home: Home) -> list[tuple[list[str], str, bool]]:
    """The sets and the note of each log, and whether it stands."""
    return [([str(each) for each in log.sets.all()], log.note, log.replaced_at is None) for log in home.logs()]


class TestANoteOfTenMegabytes:
    NOTE = "document.querySelector('form[data-sets] textarea').value = 'It hurt. ' + 'x'.repeat(1e7)"

    def test_is_stopped_with_a_sentence_and_nothing_is_lost(self, phone: Phone, treated: Home) -> None:
        page = phone()
        enter(page, "7", "8")
        page.evaluate(self.NOTE)
        save(page)
        expect(page.get_by_text("Your note is far too long. It may have 2,000 characters.")).to_be_visible()
        expect(page.get_by_text("Check that you are online")).to_be_hidden()
        assert Axe().run(page).violations_count == 0
        assert form(page).get_by_label("Note").evaluate("area => area.value.length") == 10_000_009
        form(page).get_by_label("Note").fill("It hurt. 🦵")
        save(page)
        expect(page.get_by_text(SAVED)).to_be_visible()
        assert logged(treated) == [(["7 + 8"], "It hurt. 🦵", True)]

    def test_without_javascript_it_comes_back_cut_with_the_numbers(self, phone: Phone, treated: Home) -> None:
        page = phone(java_script_enabled=False)
        enter(page, "7", "8")
        form(page).get_by_label("Note").fill("It hurt. " + "x" * 2_000_000)
        save(page)
        expect(page.get_by_role("alert")).to_contain_text("Only its beginning is below.")
        expect(form(page).get_by_label("Left").first).to_have_value("7")
        assert len(form(page).get_by_label("Note").input_value()) == 2000
        form(page).get_by_label("Note").fill("It hurt.")
        save(page)
        expect(page.get_by_text(SAVED)).to_be_visible()
        assert logged(treated) == [(["7 + 8"], "It hurt.", True)]

    def test_a_little_too_long_comes_back_whole(self, phone: Phone, treated: Home) -> None:
        page = phone()
        enter(page, "7", "8")
        form(page).get_by_label("Note").fill("x" * 2500)
        save(page)
        expect(page.get_by_role("alert")).to_contain_text("This note is too long: 2500 characters. It may have 2000.")
        assert len(form(page).get_by_label("Note").input_value()) == 2500
        assert logged(treated) == []


class TestOnce:
    def test_a_double_tap(self, phone: Phone, treated: Home) -> None:
        page = phone()
        button = page.get_by_role("button", name="Done as planned")
        button.evaluate("button => { button.click(); button.click(); }")
        expect(page.get_by_text(SAVED)).to_be_visible()
        assert len(treated.logs()) == 1

    def test_a_double_tap_without_javascript(self, phone: Phone, treated: Home) -> None:
        page = phone(java_script_enabled=False)
        button = page.get_by_role("button", name="Done as planned")
        button.scroll_into_view_if_needed()
        box = button.bounding_box()
        assert box
        for _tap in range(2):
            page.touchscreen.tap(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        expect(page.get_by_text(SAVED)).to_be_visible()
        assert len(treated.logs()) == 1

    def test_a_double_tap_on_a_warning_sign_without_a_signal(self, phone: Phone, treated: Home) -> None:
        page = phone()
        page.context.set_offline(True)
        page.goto(page.url + "red-flags/")
        page.get_by_role("checkbox").first.check()
        button = page.get_by_role("button", name="Show me what to do")
        button.evaluate("button => { button.click(); button.click(); }")
        expect(page.get_by_role("heading", name="Stop your exercises. Call now.")).to_be_visible()
        waits(page, 1)
        page.context.set_offline(False)
        expect(page.get_by_text("Your answer is saved")).to_be_visible()
        with clinic_scope(treated.clinic.pk):
            assert RedFlagReport.objects.count() == 1

    @pytest.mark.parametrize("scripts", [True, False])
    def test_the_back_button_shows_what_was_saved(self, phone: Phone, treated: Home, scripts: bool) -> None:
        page = phone(java_script_enabled=scripts)
        enter(page, "7", "8")
        save(page)
        expect(page.get_by_text(SAVED)).to_be_visible()
        page.go_back()
        expect(page.get_by_text("left 7, right 8").first).to_be_visible()
        page.reload()
        page.go_forward()
        expect(page.get_by_text("left 7, right 8").first).to_be_visible()
        assert logged(treated) == [(["7 + 8"], "", True)]

    def test_two_phones_and_a_log_that_the_other_corrected(
        self, phone: Phone, treated: Home, browser: Browser, cookie: Callable, live_server: LiveServer
    ) -> None:
        with clinic_scope(treated.clinic.pk):
            first = make.make_log(
                treated.self, treated.patient, today(), sets=(SetEntry(exercise=make.THRUST, amount=12),)
            )
        one, other = phone(f"correct/{first.pk}", ready=False), phone(f"correct/{first.pk}", ready=False)
        for page, amount in [(one, "13"), (other, "14")]:
            page.get_by_label("How many").first.fill(amount)
            save(page)
        expect(one.get_by_text(SAVED)).to_be_visible()
        expect(other.get_by_role("alert")).to_contain_text("This was corrected in the meantime.")
        assert other.get_by_label("How many").first.input_value() == "14"
        assert sorted(logged(treated)) == [(["12"], "", False), (["13"], "", True)]

    def test_two_phones_without_a_signal_send_a_log_each(self, phone: Phone, treated: Home) -> None:
        phones = [phone(), phone()]
        for page in phones:
            offline(page)
            page.get_by_role("button", name="Done as planned").tap()
            waits(page, 1)
        for page in phones:
            page.context.set_offline(False)
            expect(page.get_by_text(SAVED)).to_be_visible()
        assert len(treated.logs()) == 2


class TestDroppedInTheMiddle:
    def test_a_correction_keeps_what_was_confirmed(self, phone: Phone, treated: Home) -> None:
        done = [SetEntry(exercise=make.WALK, left=8, right=7)]
        done += [SetEntry(exercise=make.WALK, left=10, right=10, as_planned=True)]
        done += [SetEntry(exercise=make.THRUST, amount=14, as_planned=True)] * 2
        with clinic_scope(treated.clinic.pk):
            first = make.make_log(treated.self, treated.patient, today(), sets=tuple(done))
        page = phone(f"correct/{first.pk}", ready=False)
        expect(page.get_by_text("(as planned)")).to_have_count(1)
        page.context.route("**/correct/*/", lambda route: route.abort())
        form(page).get_by_label("Left").first.fill("9")
        save(page)
        expect(page.get_by_text(SAVED)).to_be_visible()
        (second,) = [log for log in treated.logs() if log.replaces == first]
        sets = [(str(each), each.as_planned) for each in second.sets.all()]
        assert sets == [("9 + 7", False), ("10 + 10", True), ("14", True), ("14", True)]

    def test_a_server_that_fails_says_so_and_loses_nothing(self, phone: Phone, treated: Home) -> None:
        page = phone()

        def fail(route: Route) -> None:
            route.fulfill(status=500, body="<!doctype html><p>Something broke.</p>", content_type="text/html")

        page.context.route("**/log/", fail)
        enter(page, "7", "8")
        save(page)
        expect(page.get_by_text("Try again in a minute. If it does not help, call your clinic.")).to_be_visible()
        expect(page.get_by_text("Check that you are online")).to_be_hidden()
        page.context.unroute("**/log/")
        save(page)
        expect(page.get_by_text(SAVED)).to_be_visible()
        assert logged(treated) == [(["7 + 8"], "", True)]


class TestAPrescriptionThatEnded:
    @pytest.mark.parametrize("scripts", [True, False])
    def test_an_hour_ago_refuses_no_numbers(self, phone: Phone, treated: Home, scripts: bool) -> None:
        page = phone(java_script_enabled=scripts)
        enter(page, "7", "8")
        with clinic_scope(treated.clinic.pk):
            end_course(by=treated.clinician, course=Course.objects.get(), last_date=today() - DAY)
        save(page)
        expect(page.get_by_text(SAVED)).to_be_visible()
        assert logged(treated) == [(["7 + 8"], "", True)]

    def test_as_planned_says_what_to_do_instead(self, phone: Phone, treated: Home) -> None:
        page = phone()
        with clinic_scope(treated.clinic.pk):
            end_course(by=treated.clinician, course=Course.objects.get(), last_date=today() - DAY)
        page.get_by_role("button", name="Done as planned").tap()
        expect(page.get_by_role("alert")).to_contain_text("Enter at least one set, or say that you did not do it.")
        assert logged(treated) == []


class TestAClockTwoYearsOff:
    @pytest.mark.parametrize("days", [-730, 730])
    def test_a_morning_and_a_warning_sign_are_of_today(self, phone: Phone, treated: Home, days: int) -> None:
        with clinic_scope(treated.clinic.pk):
            make.make_log(treated.self, treated.patient, today() - DAY)
        page = phone()
        shift_clock(page, days)
        offline(page)
        page.get_by_text("The morning after", exact=True).tap()
        page.get_by_role("button", name="3", exact=True).tap()
        waits(page, 1)
        page.goto(page.url.partition("?")[0] + "red-flags/")
        page.get_by_role("checkbox").first.check()
        page.get_by_role("button", name="Show me what to do").tap()
        waits(page, 2)
        page.context.set_offline(False)
        expect(page.get_by_text("Your answer is saved")).to_be_visible()
        until(page, "async () => JSON.stringify(await steady.waiting())", "[]")
        with clinic_scope(treated.clinic.pk):
            morning, report = NextMorning.objects.get(), RedFlagReport.objects.get()
        assert (morning.date, morning.pain, morning.accepted) == (today() - DAY, 3, True)
        assert report.received_at.date() == today()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_without_a_signal_forced_colours_leave_all_that_can_be_seen(phone: Phone, treated: Home, scheme: str) -> None:
    """What is a button, what is chosen and what waits is told by borders and words, not by a background."""
    page = phone(forced_colors="active", color_scheme=scheme)
    offline(page)
    page.get_by_text("The morning after", exact=True).tap()
    for button in page.locator("main :is(button, a.button):visible").all():
        border = button.evaluate("button => getComputedStyle(button).borderTopStyle")
        outline = button.evaluate("button => getComputedStyle(button).borderTopWidth")
        assert (border, outline != "0px") == ("solid", True), button.inner_text()
    page.get_by_role("button", name="3", exact=True).tap()
    waits(page, 1)
    assert queue(page).evaluate("box => getComputedStyle(box).borderInlineStartWidth") != "0px"
    their_own = {"rules": {"color-contrast": {"enabled": False}}}  # the colours are those that they chose
    assert Axe().run(page, options=their_own).violations_count == 0
    page.get_by_role("link", name="Something feels wrong? Check here").tap()
    page.get_by_role("checkbox").first.check()
    page.get_by_role("button", name="Show me what to do").tap()
    expect(page.get_by_role("heading", name="Stop your exercises. Call now.")).to_be_visible()
    assert Axe().run(page, options=their_own).violations_count == 0
