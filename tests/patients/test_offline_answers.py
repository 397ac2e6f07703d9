"""The morning after and a yes to a warning sign without a signal: kept, sent once, and alerted when they arrive."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import BrowserType, Page, Route, expect
from pytest_django.live_server_helper import LiveServer

from clinic.wall.scope import clinic_scope
from patients.models import Alert, NextMorning, RedFlagReport
from patients.red_flags import DEFAULT_SIGNS
from tests import factories as make
from tests.patients.home import Home
from tests.patients.phone import PHONE, Phone, offline, queue, today, until, until_kept, waits

pytestmark = pytest.mark.django_db(transaction=True)
DAY = timedelta(days=1)


@pytest.fixture
def yesterday(treated: Home) -> Any:
    """The date of a session."""
    day = today() - DAY
    with clinic_scope(treated.clinic.pk):
        make.make_log(treated.self, treated.patient, day)
    return day


def mornings(home: Home) -> list[tuple[int, str, bool]]:
    with clinic_scope(home.clinic.pk):
        return [(each.pain, each.provenance, each.accepted) for each in NextMorning.objects.order_by("received_at")]


def reports(home: Home) -> list[list[str]]:
    with clinic_scope(home.clinic.pk):
        return list(RedFlagReport.objects.values_list("flags", flat=True))


def say_yes(page: Page) -> str:
    """Ticks the first of the signs, and sees what to do."""
    page.get_by_role("checkbox").first.check()
    page.get_by_role("button", name="Show me what to do").tap()
    expect(page.get_by_role("heading", name="Stop your exercises. Call now.")).to_be_visible()
    return str(DEFAULT_SIGNS[0])


class TestTheMorningAfter:
    def test_waits_and_the_last_number_counts(self, phone: Phone, treated: Home, yesterday: Any) -> None:
        page = phone()
        offline(page)
        page.get_by_text("The morning after", exact=True).tap()
        page.get_by_role("button", name="3", exact=True).tap()
        waits(page, 1)
        page.get_by_text("The morning after", exact=True).tap()
        expect(page.get_by_text("You said: pain 3 of 10.")).to_be_visible()
        assert Axe().run(page).violations_count == 0
        page.get_by_role("button", name="4", exact=True).tap()
        expect(page.get_by_text("You said: pain 4 of 10.")).to_be_attached()
        waits(page, 1)
        assert mornings(treated) == []
        page.context.set_offline(False)
        expect(page.get_by_text("Saved. Thank you.")).to_be_visible()
        assert mornings(treated) == [(4, "live", True)]

    def test_its_own_page_asks_about_its_own_day(self, phone: Phone, treated: Home) -> None:
        day = today() - 3 * DAY
        with clinic_scope(treated.clinic.pk):
            make.make_log(treated.self, treated.patient, day)
        page = phone()
        offline(page, page.url + f"morning/{day}/")
        expect(page.get_by_text(f"Did you do a session on {day:%A} {day.day} {day:%B}?")).to_be_visible()
        page.get_by_role("button", name="10, the worst pain").tap()
        expect(page.get_by_text("Your knee hurts a lot?")).to_be_visible()
        page.context.set_offline(False)
        expect(page.get_by_text("Saved. Thank you.")).to_be_visible()
        assert mornings(treated) == [(10, "late", True)]

    def test_a_network_that_drops_in_the_middle_does_no_harm(self, phone: Phone, treated: Home, yesterday: Any) -> None:
        page = phone()

        def lose(route: Route) -> None:
            assert route.fetch(max_redirects=0).status == 303
            route.abort()

        page.context.route("**/morning/*/", lambda route: lose(route) if route.request.method == "POST" else None)
        page.get_by_role("button", name="5", exact=True).tap()
        expect(page.get_by_text("Saved. Thank you.")).to_be_visible()
        assert mornings(treated) == [(5, "live", True)]

    def test_another_answer_that_stands_asks_first(self, phone: Phone, treated: Home, yesterday: Any) -> None:
        page = phone()
        offline(page)
        with clinic_scope(treated.clinic.pk):
            make.make_morning(treated.clinician, treated.patient, yesterday, pain=1)
        page.get_by_text("The morning after", exact=True).tap()
        page.get_by_role("button", name="6", exact=True).tap()
        waits(page, 1)
        page.context.set_offline(False)
        question = page.get_by_role("alert").filter(has_text="You saved this before, with other answers.")
        expect(question).to_contain_text(f"{yesterday:%A} {yesterday.day} {yesterday:%B}: 6")
        assert [pain for pain, *_how in mornings(treated)] == [1]
        question.get_by_role("button", name="Save as a correction").tap()
        expect(page.get_by_text("Saved. Thank you.")).to_be_visible()
        with clinic_scope(treated.clinic.pk):
            assert NextMorning.objects.current().get().pain == 6


class TestAWarningSign:
    def test_is_sent_and_alerted_when_the_network_is_back(self, phone: Phone, treated: Home) -> None:
        page = phone()
        offline(page)
        page.get_by_role("link", name="Something feels wrong? Check here").tap()
        sign = say_yes(page)
        expect(page.get_by_text("Your answer is not sent yet. Your clinic does not know of it. Call.")).to_be_visible()
        waits(page, 1)
        assert page.locator('main a[href^="tel:"]').count() == 2
        assert Axe().run(page).violations_count == 0
        assert reports(treated) == []
        page.context.set_offline(False)
        expect(page.get_by_text("Your answer is saved, but don't wait for somebody to read it.")).to_be_visible()
        expect(page.get_by_text("Your answer is not sent yet.")).to_be_hidden()
        page.reload()
        expect(queue(page)).to_be_hidden()
        assert reports(treated) == [[sign]]
        with clinic_scope(treated.clinic.pk):
            assert [alert.kind for alert in Alert.objects.all()] == ["red_flag"]

    def test_leads_to_its_answer_although_the_sign_in_has_ended(
        self, phone: Phone, treated: Home, cookie: Callable[..., Any]
    ) -> None:
        page = phone()
        page.get_by_role("link", name="Something feels wrong? Check here").tap()
        expect(page.get_by_role("checkbox").first).to_be_visible()
        page.context.clear_cookies(name="sessionid")
        sign = say_yes(page)
        expect(page.get_by_text("Your answer is not sent yet. Your clinic does not know of it. Call.")).to_be_visible()
        expect(page.get_by_text("It can only go out when you are signed in as yourself.")).to_be_visible()
        page.context.add_cookies([cookie(treated.self)])
        page.reload()
        expect(page.get_by_text("Your answer is saved, but don't wait for somebody to read it.")).to_be_visible()
        assert reports(treated) == [[sign]]

    def test_an_answer_that_was_lost_is_one_report(self, phone: Phone, treated: Home) -> None:
        page = phone()
        page.get_by_role("link", name="Something feels wrong? Check here").tap()
        page.get_by_role("checkbox").first.check()
        lost: list[int] = []

        def lose(route: Route) -> None:
            lost.append(route.fetch(max_redirects=0).status)
            route.abort()

        page.context.route("**/red-flags/", lambda route: lose(route) if route.request.method == "POST" else None)
        page.get_by_role("button", name="Show me what to do").tap()
        expect(page.get_by_role("heading", name="Stop your exercises. Call now.")).to_be_visible()
        expect(page.get_by_text("Your answer is saved")).to_be_visible()
        until(page, "async () => (await steady.waiting()).length", 0)
        assert (lost, len(reports(treated))) == ([303], 1)

    def test_survives_a_restart_of_the_browser(
        self,
        browser_type: BrowserType,
        browser_type_launch_args: dict[str, Any],
        tmp_path: Path,
        treated: Home,
        live_server: LiveServer,
        cookie: Callable,
    ) -> None:
        address = live_server.url + treated.url()
        context = browser_type.launch_persistent_context(tmp_path, **browser_type_launch_args, **PHONE)
        context.add_cookies([cookie(treated.self) | {"expires": (timezone.now() + 9 * DAY).timestamp()}])
        page = context.pages[0]
        page.goto(address)
        until_kept(page)
        context.set_offline(True)
        page.goto(address + "red-flags/")
        sign = say_yes(page)
        waits(page, 1)
        context.close()

        context = browser_type.launch_persistent_context(tmp_path, **browser_type_launch_args, **PHONE)
        page = context.pages[0]
        offline(page, address)
        waits(page, 1)
        context.set_offline(False)
        expect(page.get_by_text("Sent. Nothing waits any more.")).to_be_visible()
        assert reports(treated) == [[sign]]
        context.close()

    def test_never_under_the_others_sign_in(
        self, phone: Phone, treated: Home, cookie: Callable, live_server: LiveServer
    ) -> None:
        with clinic_scope(treated.clinic.pk):
            other = make.make_sign_in(make.make_patient(name="Somebody Else"))
        page = phone()
        page.context.set_offline(True)
        page.goto(page.url + "red-flags/")
        say_yes(page)
        waits(page, 1)
        page.context.clear_cookies(name="sessionid")
        page.context.add_cookies([cookie(other)])
        page.context.set_offline(False)
        expect(queue(page)).to_contain_text("It can only go out when you are signed in as yourself.")
        expect(page.get_by_text("Your answer is not sent yet.")).to_be_visible()
        assert reports(treated) == []
        page.context.clear_cookies(name="sessionid")
        page.context.add_cookies([cookie(treated.self)])
        page.goto(live_server.url + treated.url())
        until(page, "async () => (await steady.waiting()).length", 0)
        assert len(reports(treated)) == 1


class TestBegunAndForgotten:
    def begin(self, page: Page, day: Any) -> None:
        draft = {"day": str(day), "log": str(uuid4()), "ratings": {"pain_before": 2}}
        draft["sets"] = [
            {"exercise": make.THRUST, "number": 1, "amount": 12},
            {"exercise": make.THRUST, "number": 2, "left_out": True},
        ]
        script = (
            "(draft) => steady.put('drafts', { ...draft, record: steady.record, id: `${steady.record}/${draft.day}` })"
        )
        page.evaluate(script, draft)
        page.reload()

    def test_on_a_day_that_can_be_logged_it_goes_on(self, phone: Phone) -> None:
        page, day = phone(), today() - 2 * DAY
        self.begin(page, day)
        page.get_by_role("link", name=f"Go on with the session of {day:%A} {day.day} {day:%B}").tap()
        expect(page.get_by_role("heading", name="Set 1 of 2 Lateral band walk")).to_be_visible()

    def test_too_late_it_can_be_sent_to_the_clinic(self, phone: Phone, treated: Home) -> None:
        page, day = phone(), today() - 5 * DAY
        self.begin(page, day)
        told = page.get_by_role("alert").filter(has_text="You began a session and did not save it:")
        expect(told).to_contain_text(f"{day:%A} {day.day} {day:%B}: 12")
        assert Axe().run(page).violations_count == 0
        told.get_by_role("button", name="Send it to your clinic").tap()
        expect(page.get_by_text("Your clinic will look at it.")).to_be_visible()
        page.reload()
        expect(queue(page)).to_be_hidden()
        (log,) = treated.logs()
        assert (log.date, log.accepted, log.pain_before, [str(each) for each in log.sets.all()]) == (
            day,
            False,
            2,
            ["12"],
        )

    def test_or_thrown_away(self, phone: Phone, treated: Home) -> None:
        page = phone()
        self.begin(page, today() - 5 * DAY)
        page.get_by_role("button", name="Throw it away").tap()
        expect(queue(page)).to_be_hidden()
        page.reload()
        expect(page.get_by_role("heading", name="Today", exact=True)).to_be_visible()
        until(page, "async () => (await steady.all('drafts')).length", 0)
        assert treated.logs() == []
