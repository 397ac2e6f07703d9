"""Without a signal: what works, what waits, and that it arrives once."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import BrowserContext, BrowserType, Page, Route, expect
from pytest_django.live_server_helper import LiveServer

from clinic.wall.scope import clinic_scope
from patients.actions.prescribing import end_course
from patients.models import Course
from tests import factories as make
from tests import fixtures
from tests.patients.home import Home
from tests.patients.phone import (
    AS_PLANNED,
    LOGS,
    PHONE,
    Phone,
    keep,
    kept,
    offline,
    queue,
    shift_clock,
    start,
    today,
    until,
    until_kept,
    waits,
)

pytestmark = pytest.mark.django_db(transaction=True)


SLOW_TO_LEAVE = """
    const { getRegistration } = ServiceWorkerContainer.prototype;
    ServiceWorkerContainer.prototype.getRegistration = async function () {
      await new Promise((later) => setTimeout(later, 1000));
      return getRegistration.call(this);
    };
"""


def in_words(day: date) -> str:
    return f"{day:%A} {day.day} {day:%B}"


def go_through(page: Page, *, pain_after: int | None = None) -> None:
    start(page)
    for _set in range(4):
        page.get_by_role("button", name="Done as planned").tap()
    if pain_after is not None:
        page.get_by_role("group", name="Pain after").get_by_role("radio", name=str(pain_after), exact=True).tap()
    page.get_by_role("button", name="Save", exact=True).tap()


def back_online(page: Page) -> None:
    page.context.set_offline(False)
    expect(page.get_by_text(re.compile(r"Saved\. (Well|Thank)"))).to_be_visible()


class TestAWholeSession:
    def test_waits_through_a_reload_and_is_sent_once(self, phone: Phone, treated: Home) -> None:
        page = phone()
        offline(page)
        go_through(page, pain_after=2)
        waits(page, 1)
        page.reload()
        waits(page, 1)
        assert treated.logs() == []
        back_online(page)
        expect(queue(page)).to_be_hidden()
        page.reload()
        (log,) = treated.logs()
        assert (kept(treated), log.pain_after, log.provenance, log.date) == (AS_PLANNED, 2, "live", today())

    def test_survives_a_restart_of_the_browser(
        self,
        browser_type: BrowserType,
        browser_type_launch_args: dict[str, Any],
        tmp_path: Path,
        treated: Home,
        live_server: LiveServer,
        cookie: Callable,
    ) -> None:
        def launch() -> tuple[BrowserContext, Page]:
            context = browser_type.launch_persistent_context(tmp_path, **browser_type_launch_args, **PHONE)
            return context, context.pages[0]

        address = live_server.url + treated.url()
        context, page = launch()
        context.add_cookies([cookie(treated.self) | {"expires": (timezone.now() + timedelta(days=9)).timestamp()}])
        page.goto(address)
        until_kept(page)
        offline(page)
        start(page)
        page.get_by_role("button", name="Done as planned").tap()
        until(page, "async () => (await steady.all('drafts')).map((draft) => draft.sets.length)", [1])
        context.close()

        context, page = launch()
        offline(page, address)
        page.get_by_role("link", name="Go on with your session").tap()
        expect(page.get_by_role("heading", name="Set 2 of 2 Lateral band walk")).to_be_visible()
        for _set in range(3):
            page.get_by_role("button", name="Done as planned").tap()
        page.get_by_role("button", name="Save", exact=True).tap()
        waits(page, 1)
        context.close()

        context, page = launch()
        page.goto(address)
        expect(page.get_by_text("Saved. Well done.")).to_be_visible()
        assert kept(treated) == AS_PLANNED
        context.close()

    def test_much_pain_offers_the_warning_signs(self, phone: Phone) -> None:
        page = phone()
        offline(page)
        go_through(page, pain_after=8)
        page.get_by_role("main").get_by_role("link", name="Check the warning signs").tap()
        expect(page.get_by_role("heading", name="Does something feel wrong?")).to_be_visible()


class TestTheDay:
    def test_quick_log_and_a_reason(self, phone: Phone, treated: Home) -> None:
        page = phone()
        offline(page)
        page.get_by_role("button", name="Done as planned").tap()
        waits(page, 1)
        page.get_by_text("I didn't do it", exact=True).tap()
        page.get_by_label("No time").check()
        page.get_by_role("button", name="Save that I didn't do it").tap()
        waits(page, 2)
        back_online(page)
        assert sorted((log.skip_reason, log.sets.count()) for log in treated.logs()) == [("", 4), ("time", 0)]

    def test_what_waits_is_said_by_the_page_that_stays(self, phone: Phone) -> None:
        """Not by the one that is left, where a tap would be lost."""
        page = phone()
        page.add_init_script(SLOW_TO_LEAVE)
        offline(page)
        page.get_by_role("button", name="Done as planned").tap()
        waits(page, 1)
        assert "?kept=" in page.url

    def test_another_page_says_that_it_needs_a_signal(self, phone: Phone, treated: Home) -> None:
        page = phone()
        offline(page, page.url + f"correct/{uuid4()}/")
        expect(page.get_by_text("The page you asked for needs a signal.")).to_be_visible()

    def test_a_plan_of_another_day_says_so(self, phone: Phone) -> None:
        page = phone()
        expect(page.get_by_role("heading", name="Today", exact=True)).to_be_visible()
        page.add_init_script("const now = Date.now; Date.now = () => now() + 86400000;")
        offline(page)
        expect(page.get_by_text("as your phone learned it on")).to_be_visible()

    def test_where_nothing_is_kept_it_is_said_too(self, phone: Phone, treated: Home) -> None:
        page = phone()
        page.evaluate("caches.delete('steady-pages')")
        page.context.set_offline(True)
        page.reload()
        expect(page.get_by_role("heading", name="There is no signal")).to_be_visible()


class TestRedFlags:
    def test_a_yes_leads_to_the_answer_which_says_that_it_was_not_sent(self, phone: Phone) -> None:
        page = phone()
        offline(page)
        page.get_by_role("link", name="Something feels wrong? Check here").tap()
        page.get_by_role("checkbox").first.check()
        page.get_by_role("button", name="Show me what to do").tap()
        expect(page.get_by_role("heading", name="Stop your exercises. Call now.")).to_be_visible()
        expect(page.get_by_text("Your answer is not sent yet.")).to_be_visible()
        assert page.locator('main a[href^="tel:"]').count() == 2
        assert Axe().run(page).violations_count == 0

    def test_none_leads_back(self, phone: Phone) -> None:
        page = phone()
        page.context.set_offline(True)
        page.goto(page.url + "red-flags/")
        page.get_by_role("button", name="Show me what to do").tap()
        expect(page.get_by_text("Good that you checked, and good that you have none of these signs.")).to_be_visible()

    def test_the_page_that_was_kept_sends_when_there_is_a_signal_again(self, phone: Phone, treated: Home) -> None:
        page = phone()
        page.context.set_offline(True)
        page.goto(page.url + "red-flags/")
        page.get_by_role("checkbox").first.check()
        page.context.set_offline(False)
        page.get_by_role("button", name="Show me what to do").tap()
        expect(page.get_by_text("Your answer is saved")).to_be_visible()


class TestOnce:
    def test_an_answer_that_was_lost_does_no_harm(self, phone: Phone, treated: Home) -> None:
        page = phone()
        answers = []

        def lose_the_first(route: Route) -> None:
            answer = route.fetch()
            answers.append(answer.status)
            route.abort() if len(answers) == 1 else route.fulfill(response=answer)

        page.context.route(LOGS, lose_the_first)
        go_through(page)
        expect(page.get_by_text("Saved. Well done.")).to_be_visible()
        assert (answers, kept(treated)) == ([201, 200], AS_PLANNED)

    def test_nor_does_one_to_a_form_with_a_note(self, phone: Phone, treated: Home) -> None:
        """The server has the note, the phone does not: the numbers are the same, so it is the same."""
        page = phone()

        def lose(route: Route) -> None:
            assert route.fetch(max_redirects=0).status == 303
            route.abort()

        page.context.route("**/log/", lose)
        page.get_by_text("Type in your numbers").tap()
        form = page.locator("form[data-sets]")
        form.get_by_label("Left").first.fill("7")
        form.get_by_label("Right").first.fill("8")
        form.get_by_label("Note").fill("Only here")
        form.get_by_role("button", name="Save").tap()
        expect(page.get_by_text("Saved. Well done.")).to_be_visible()
        (log,) = treated.logs()
        assert (kept(treated), log.note) == ([("7 + 8", False)], "Only here")

    def test_two_tabs_send_it_once(self, phone: Phone, treated: Home) -> None:
        page = phone()
        other = page.context.new_page()
        other.goto(page.url)
        offline(page)
        page.get_by_role("button", name="Done as planned").tap()
        waits(page, 1)
        page.context.set_offline(False)
        tabs = [each.get_by_text("Saved. Well done.") for each in (page, other)]
        # Whichever is first sends it, and opens the page that says so: by itself, a reload would run into it.
        fixtures.until(lambda: any(each.is_visible() for each in tabs), "a tab to say that it is saved")
        expect(queue(page)).to_be_hidden()
        other.reload()
        expect(queue(other)).to_be_hidden()
        assert len(treated.logs()) == 1

    def test_other_answers_under_the_same_id_can_be_saved_as_a_correction(self, phone: Phone, treated: Home) -> None:
        page, first = phone(), uuid4()
        with clinic_scope(treated.clinic.pk):
            make.make_log(treated.self, treated.patient, today(), key=first, note="first")
        keep(page, id=str(first), date=str(today()), sets=[{"exercise": make.THRUST, "amount": 20}])
        question = page.get_by_role("alert").filter(has_text="You saved this before, with other answers.")
        expect(question).to_contain_text(f"{in_words(today())}: 20")
        assert Axe().run(page).violations_count == 0
        assert len(treated.logs()) == 1
        question.get_by_role("button", name="Save as a correction").tap()
        expect(page.get_by_text("Saved. Well done.")).to_be_visible()
        assert {(log.replaces_id, log.note) for log in treated.logs()} == {(None, "first"), (first, "")}

    def test_what_is_refused_stays_with_its_sentence(self, phone: Phone, treated: Home) -> None:
        page = phone()
        long_ago = today() - timedelta(days=9)
        keep(page, id=str(uuid4()), date=str(long_ago), sets=[{"exercise": make.THRUST, "amount": 20}])
        question = page.get_by_role("alert").filter(has_text="This is more than two days ago.")
        expect(question).to_contain_text(f"{in_words(long_ago)}: 20")
        page.reload()
        expect(question).to_be_visible()
        question.get_by_role("button", name="Throw it away").tap()
        expect(queue(page)).to_be_hidden()


class TestChangedMeanwhile:
    def test_a_prescription_that_ended_refuses_nothing(self, phone: Phone, treated: Home) -> None:
        page = phone()
        start(page)
        page.get_by_role("button", name="Done as planned").tap()
        with clinic_scope(treated.clinic.pk):
            end_course(by=treated.clinician, course=Course.objects.get(), last_date=today() - timedelta(days=1))
        for _set in range(3):
            page.get_by_role("button", name="Done as planned").tap()
        page.get_by_role("button", name="Save", exact=True).tap()
        expect(page.get_by_text("Saved. Well done.")).to_be_visible()
        assert kept(treated) == AS_PLANNED

    def test_an_older_page_signs_in_anew_by_itself(self, phone: Phone, treated: Home, cookie: Callable) -> None:
        """The token of a page that was opened before another sign-in is not the one that is sent."""
        page = phone()
        page.context.clear_cookies()
        page.context.add_cookies([cookie(treated.self)])
        go_through(page)
        expect(page.get_by_text("Saved. Well done.")).to_be_visible()


class TestClock:
    def test_two_years_off_is_still_today(self, phone: Phone, treated: Home) -> None:
        page = phone()
        shift_clock(page, -730)
        offline(page)
        page.get_by_role("button", name="Done as planned").tap()
        waits(page, 1)
        back_online(page)
        (log,) = treated.logs()
        assert (log.date, log.provenance, log.accepted) == (today(), "live", True)

    @pytest.mark.parametrize("days", [-730, 730])
    def test_set_in_between_it_is_still_known_how_long_it_waited(self, phone: Phone, treated: Home, days: int) -> None:
        page = phone()
        page.context.route(LOGS, lambda route: route.abort())
        keep(page, id=str(uuid4()), date=str(today()), sets=[{"exercise": make.THRUST, "amount": 20}])
        page.evaluate("days => { const now = Date.now; Date.now = () => now() + days * 86400000; }", days)
        page.context.unroute(LOGS)
        queue(page).get_by_role("button", name="Send now").tap()
        expect(page.get_by_text("Saved. Well done.")).to_be_visible()
        assert [(log.provenance, log.accepted) for log in treated.logs()] == [("live", True)]

    def test_after_a_restart_it_waits_for_the_clinic(self, phone: Phone, treated: Home) -> None:
        page = phone()
        page.context.route(LOGS, lambda route: route.abort())
        keep(page, id=str(uuid4()), date=str(today()), sets=[{"exercise": make.THRUST, "amount": 20}])
        page.add_init_script("const now = Date.now; Date.now = () => now() - 730 * 86400000;")
        page.context.unroute(LOGS)
        page.reload()
        expect(page.get_by_text("waits for your clinic")).to_be_visible()
        assert [(log.provenance, log.accepted) for log in treated.logs()] == [("held", False)]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_what_is_shown_without_a_signal(phone: Phone, treated: Home, scheme: str) -> None:
    page = phone(color_scheme=scheme)
    offline(page)
    page.get_by_role("button", name="Done as planned").tap()
    waits(page, 1)
    for rest in ["", f"{today()}/session/"]:
        page.goto(page.url.split("?")[0] + rest)
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
        for width in [390, 320, 195]:
            page.set_viewport_size({"width": width, "height": 800})
            assert page.evaluate("document.documentElement.scrollWidth") == width
