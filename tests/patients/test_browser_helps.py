"""What a browser can do beyond pages, where it can: reading aloud, and keeping its screen lit in a session."""

from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from clinic.wall.scope import clinic_scope
from patients.models import Patient
from tests.patients.home import Home
from tests.patients.phone import Phone, until

pytestmark = pytest.mark.django_db(transaction=True)
# A browser in a test has no voice and no screen to lock. What it is asked to do is written down instead.
VOICE = """
    window.said = [];
    window.SpeechSynthesisUtterance = class { constructor(text) { this.text = text; } };
    const voice = { speak: (each) => said.push(each), cancel: () => said.push("hush") };
    Object.defineProperty(window, "speechSynthesis", { value: voice });
"""
SCREEN = """
    window.locks = [];
    class Lock { released = false; release() { this.released = true; return Promise.resolve(); } }
    const request = async (kind) => { locks.push(Object.assign(new Lock(), { kind })); return locks.at(-1); };
    const wakeLock = { request };
    Object.defineProperty(Navigator.prototype, "wakeLock", { value: wakeLock });
    window.look = (hidden) => {
      Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
      if (hidden) locks.forEach((each) => each.release());
      document.dispatchEvent(new Event("visibilitychange"));
    };
"""


def instructions(page: Page) -> Any:
    fold = page.locator("details", has_text="♪").first
    fold.evaluate("each => { each.open = true; }")
    return fold.locator("[data-read]")


class TestReadingAloud:
    @pytest.mark.parametrize("language", ["en", "de"])
    def test_it_says_the_instructions_in_the_language_of_the_page(
        self, phone: Phone, treated: Home, language: str
    ) -> None:
        with clinic_scope(treated.clinic.pk):
            Patient.objects.update(language=language)
        page = phone(ready=False)
        page.add_init_script(VOICE)
        page.reload()
        button = instructions(page)
        at_rest = button.text_content()
        button.tap()
        expect(button).not_to_have_text(at_rest)
        said = page.evaluate(
            "said.filter((each) => each !== 'hush').map(({ text, lang, rate }) => ({ text, lang, rate }))"
        )
        shown = page.locator("#how-lateral-band-walk").inner_text()
        assert said == [{"text": shown, "lang": language, "rate": 0.9}]
        assert len(shown) > 200
        button.tap()
        expect(button).to_have_text(at_rest)
        assert page.evaluate("said.at(-1)") == "hush"

    def test_one_voice_at_a_time_and_quiet_at_the_end(self, phone: Phone) -> None:
        page = phone(ready=False)
        page.add_init_script(VOICE)
        page.reload()
        page.locator("details").evaluate_all("all => all.forEach(each => { each.open = true; })")
        first, second = page.locator("[data-read]").all()
        at_rest = [each.text_content() for each in (first, second)]
        first.tap()
        expect(first).not_to_have_text(at_rest[0])
        second.tap()
        expect(second).not_to_have_text(at_rest[1])
        expect(first).to_have_text(at_rest[0])
        assert page.evaluate("said.filter((each) => each !== 'hush').length") == 2
        page.evaluate("said.at(-1).onend()")
        expect(second).to_have_text(at_rest[1])

    def test_it_is_there_after_a_swap(self, phone: Phone) -> None:
        page = phone(ready=False)
        page.add_init_script(VOICE)
        page.reload()
        page.get_by_role("button", name="Done as planned").tap()
        expect(page.get_by_text("Saved. Well done.")).to_be_visible()
        expect(instructions(page)).to_be_visible()

    def test_a_browser_without_a_voice_is_not_offered_it(self, phone: Phone) -> None:
        page = phone(ready=False)
        page.add_init_script("delete window.SpeechSynthesisUtterance;")
        page.reload()
        expect(instructions(page)).to_be_hidden()


class TestScreen:
    def test_it_stays_lit_until_the_last_set(self, phone: Phone) -> None:
        page = phone(ready=False)
        page.add_init_script(SCREEN)
        page.goto(f"{page.url}{timezone.now().date()}/session/")
        planned = page.get_by_role("button", name="Done as planned")
        assert page.evaluate("locks.length") == 0  # nobody has begun
        planned.tap()
        until(page, "locks.map((each) => [each.kind, each.released])", [["screen", False]])
        planned.tap()
        expect(page.get_by_role("heading", name="Set 1 of 2 Double band hip thrust")).to_be_visible()
        assert page.evaluate("locks.length") == 1
        page.evaluate("look(true)")
        assert page.evaluate("locks.map((each) => each.released)") == [True]
        page.evaluate("look(false)")
        until(page, "locks.map((each) => each.released)", [True, False])
        planned.tap()
        planned.tap()
        until(page, "locks.map((each) => each.released)", [True, True])

    def test_a_screen_that_may_not_stay_lit_is_no_trouble(self, phone: Phone) -> None:
        page = phone(ready=False)
        page.add_init_script(SCREEN + "wakeLock.request = async () => { throw new Error('no'); };")
        page.goto(f"{page.url}{timezone.now().date()}/session/")
        page.get_by_role("button", name="Done as planned").tap()
        expect(page.get_by_role("timer")).to_be_visible()
