"""The pages of progress, mornings and reminders in a real browser, at the width of a phone."""

import json
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from clinic.wall.scope import clinic_scope
from patients.actions.measuring import measure
from patients.actions.prescribing import prescribe
from patients.actions.reminding import add_device
from patients.models import Course, NextMorning, PushDevice, Reminder
from patients.reminders.stopping import stop_of
from tests import factories as make
from tests.fixtures import settled
from tests.patients.home import Home, a_home
from tests.push_service import Phone

WIDTH, DAY = 390, timedelta(days=1)
pytestmark = pytest.mark.django_db(transaction=True)
Open = Callable[..., Page]


@pytest.fixture
def home(transactional_db: None) -> Home:
    made, now = a_home(prescribed=False), timezone.now()
    with clinic_scope(made.clinic.pk):
        program, starts_on = make.make_program(frequency=7), now.date() - 9 * DAY
        prescribe(
            by=made.clinician,
            patient=made.patient,
            program=program,
            starts_on=starts_on,
            affected_knee="left",
            now=now,
        )
        make.make_log(made.self, made.patient, now.date() - DAY, pain_before=3, pain_during=5)
    return made


@pytest.fixture
def open_phone(browser: Browser, live_server: LiveServer, client: Client, home: Home) -> Iterator[Open]:
    """Opens a page, signed in as the patient. Nothing may be refused by the content security policy."""
    cookie = make.sign_in(client, home.self).cookies["sessionid"].value
    refused: list[str] = []
    contexts = []

    def open_page(url: str = "", *, width: int = WIDTH, **options: object) -> Page:
        context = browser.new_context(viewport={"width": width, "height": 844}, has_touch=True, **options)
        contexts.append(context)
        context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
        page = context.new_page()
        page.on("console", lambda message: refused.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: refused.append(str(error)))
        page.goto(live_server.url + (url or home.url()))
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert refused == []


def check(page: Page, *, width: int = WIDTH) -> None:
    """Axe finds nothing, nothing scrolls sideways, and what is tapped is large enough."""
    page.locator("details").evaluate_all("all => all.forEach(each => { each.open = true; })")
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    for wide in [width, 320, 195]:
        page.set_viewport_size({"width": wide, "height": 844})
        assert page.evaluate("document.documentElement.scrollWidth") == wide
    page.set_viewport_size({"width": width, "height": 844})
    small = page.locator("main :is(button, input:not([type=hidden]), select, summary, a.button)").evaluate_all(
        "all => all.map(each => (each.closest('label') || each)).filter(each => each.checkVisibility()"
        " && each.getBoundingClientRect().height < 44).map(each => each.outerHTML)"
    )
    assert small == []


def pains(home: Home) -> list[int]:
    with clinic_scope(home.clinic.pk):
        return list(NextMorning.objects.current().values_list("pain", flat=True))


@pytest.mark.parametrize("scripts", [True, False])
def test_the_morning_after_is_one_tap(open_phone: Open, home: Home, scripts: bool) -> None:
    page = open_phone(java_script_enabled=scripts)
    page.get_by_role("group", name="How is your knee this morning").get_by_role("button", name="4", exact=True).tap()
    expect(page.get_by_text("Saved. Thank you.")).to_be_visible()
    assert pains(home) == [4]
    if scripts:
        settled(page)
        assert "Saved. Thank you." in page.evaluate("document.activeElement.innerText")
        swapped = page.locator("main").inner_text()
        page.reload()
        assert page.locator("main").inner_text() == swapped
    page.get_by_role("link", name="Change", exact=True).tap()
    page.get_by_role("button", name="10, the worst pain").tap()
    expect(page.get_by_text("Your knee hurts a lot?")).to_be_visible()
    assert pains(home) == [10]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_morning_after_for_everybody(open_phone: Open, home: Home, scheme: str) -> None:
    check(open_phone(color_scheme=scheme))
    check(open_phone(home.url(f"morning/{timezone.now().date() - DAY}"), color_scheme=scheme))


def three_weeks(home: Home) -> None:
    """Some sessions with answers, one that was confirmed only, a skip and a measure."""
    today = timezone.now().date()
    with clinic_scope(home.clinic.pk):
        for back, pain, morning in [(8, 6, 4), (6, 5, 5), (5, 4, 2), (3, 3, 3)]:
            day = today - back * DAY
            make.make_log(home.self, home.patient, day, pain_before=2, pain_during=pain)
            make.make_morning(home.clinician, home.patient, day, pain=morning)
        make.make_log(home.self, home.patient, today - 4 * DAY, skip_reason="time")
        make.make_log(home.self, home.patient, today - 2 * DAY, as_planned=True)
        answers = {"given_on": today, "activity": "Stairs", "activity_score": 4, "pain": 5, "change": None}
        course = Course.objects.get()
        measure(by=home.clinician, course=course, occasion="start", answers=answers, now=timezone.now())


@pytest.mark.parametrize("options", [{"color_scheme": "light"}, {"color_scheme": "dark"}, {"forced_colors": "active"}])
def test_progress_for_everybody(open_phone: Open, home: Home, options: dict[str, str]) -> None:
    three_weeks(home)
    check(open_phone(home.url("progress"), **options))


def test_progress_without_javascript(open_phone: Open, home: Home) -> None:
    three_weeks(home)
    page = open_phone(java_script_enabled=False)
    page.get_by_role("navigation", name="Your pages").get_by_role("link", name="Progress").tap()
    expect(page.get_by_role("heading", level=1)).to_have_text("Progress")
    page.get_by_text("Pain as a table").tap()
    expect(page.get_by_role("columnheader", name="Next morning")).to_be_visible()


class TestReminders:
    @pytest.fixture(autouse=True)
    def vapid(self, settings: Any) -> None:
        settings.VAPID_PRIVATE_KEY = "1" * 64

    @pytest.mark.parametrize("scheme", ["light", "dark"])
    def test_for_everybody(self, open_phone: Open, home: Home, live_server: LiveServer, scheme: str) -> None:
        with clinic_scope(home.clinic.pk):
            add_device(by=home.self, browser=Phone("https://push.example/").browser, now=timezone.now())
        check(open_phone(home.url("reminders"), color_scheme=scheme))
        page = open_phone(stop_of(home.self).path, color_scheme=scheme)
        check(page)
        page.get_by_role("button", name="Yes, stop them").tap()
        expect(page.get_by_role("heading", level=1)).to_have_text("Stopped")
        check(page)

    def test_chosen_without_javascript(self, open_phone: Open, home: Home) -> None:
        page = open_phone(home.url("reminders"), java_script_enabled=False)
        page.get_by_label("Monday").check()
        page.get_by_label("At what time?").select_option("18:00")
        page.get_by_role("checkbox", name="By email").check()
        page.get_by_role("button", name="Save", exact=True).tap()
        expect(page.get_by_role("status")).to_contain_text("Saved.")
        expect(page.get_by_label("Monday")).to_be_checked()
        expect(page.get_by_role("button", name="Remind me on this device")).to_be_hidden()
        with clinic_scope(home.clinic.pk):
            kept = Reminder.objects.get()
        assert (kept.weekdays, kept.hour, kept.by_email) == ([0], 18, True)

    def test_a_browser_says_where_it_is_reached_and_shows_what_comes(
        self, open_phone: Open, home: Home, live_server: LiveServer
    ) -> None:
        """The push service of Chromium's maker is not reachable here: where it would answer with an address, the
        test does. Permission, service worker, notification and its taps are the browser's own."""
        phone = Phone("https://push.example/one")
        page = open_phone(home.url("reminders"))
        page.context.grant_permissions(["notifications"], origin=live_server.url)
        keys = {"p256dh": phone.browser.p256dh, "auth": phone.browser.auth}
        page.evaluate(
            """(given) => { PushManager.prototype.subscribe = async (options) => {
                 window.asked = options;
                 return { toJSON: () => given };
               }; }""",
            {"endpoint": phone.endpoint, "keys": keys},
        )
        page.get_by_role("button", name="Remind me on this device").tap()
        expect(page.get_by_text("A device since")).to_be_visible()
        with clinic_scope(home.clinic.pk):
            device = PushDevice.objects.get()
        assert (device.endpoint, device.auth) == (phone.endpoint, phone.browser.auth)
        said = {"title": "Time for your exercises?", "open": home.url(), "stop": stop_of(home.self, device.pk).path}
        said |= {"stop_label": "Stop reminders", "stopped": "No more.", "not_stopped": "No.", "language": "en"}
        deliver(page, live_server.url, json.dumps(said))
        assert shown(page) == [("Time for your exercises?", ["stop"])]
        tap_stop(page)
        assert shown(page) == [("No more.", [])]
        with clinic_scope(home.clinic.pk):
            assert not PushDevice.objects.exists()

    def test_another_address_of_the_browser_takes_the_place_of_the_old(
        self, open_phone: Open, home: Home, live_server: LiveServer
    ) -> None:
        first, second = Phone("https://push.example/one"), Phone("https://push.example/two")
        page = open_phone(home.url("reminders"))
        page.context.grant_permissions(["notifications"], origin=live_server.url)
        keys = {"p256dh": first.browser.p256dh, "auth": first.browser.auth}
        page.evaluate(
            "(given) => { PushManager.prototype.subscribe = async () => ({ toJSON: () => given }); }",
            {"endpoint": first.endpoint, "keys": keys},
        )
        page.get_by_role("button", name="Remind me on this device").tap()
        expect(page.get_by_text("A device since")).to_be_visible()
        [worker] = [each for each in page.context.service_workers if each.url.endswith("/reminders/worker.js")]
        worker.evaluate(
            """async (given) => {
              const change = new ExtendableEvent("pushsubscriptionchange");
              const waitedFor = [];
              change.newSubscription = { toJSON: () => given };
              change.waitUntil = (promise) => waitedFor.push(promise);
              self.dispatchEvent(change);
              if (!waitedFor.length) throw new Error("The worker may be stopped before it is done.");
              await Promise.all(waitedFor);
            }""",
            {"endpoint": second.endpoint, "keys": {"p256dh": second.browser.p256dh, "auth": second.browser.auth}},
        )
        with clinic_scope(home.clinic.pk):
            device = PushDevice.objects.get()
        assert (device.endpoint, device.auth) == (second.endpoint, second.browser.auth)

    def test_refused_by_the_browser_it_says_so(self, open_phone: Open, home: Home) -> None:
        page = open_phone(home.url("reminders"))
        page.evaluate("() => { Notification.requestPermission = async () => 'denied'; }")
        page.get_by_role("button", name="Remind me on this device").tap()
        expect(page.get_by_text("Your browser does not allow it.")).to_be_visible()


def deliver(page: Page, origin: str, text: str) -> None:
    """Give the browser's service worker a push message, as its push service would. Until a notification is shown."""
    devtools = page.context.new_cdp_session(page)
    found: list[str] = []
    displayed: list[dict[str, Any]] = []
    devtools.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda event: found.extend(
            each["registrationId"] for each in event["registrations"] if each["scopeURL"].endswith("/reminders/")
        ),
    )
    devtools.on("BackgroundService.backgroundServiceEventReceived", lambda event: displayed.extend([event]))
    devtools.send("BackgroundService.startObserving", {"service": "notifications"})
    devtools.send("BackgroundService.setRecording", {"service": "notifications", "shouldRecord": True})
    devtools.send("ServiceWorker.enable")
    wait_for(page, found)
    message = {"origin": origin, "registrationId": found[0], "data": text}
    devtools.send("ServiceWorker.deliverPushMessage", message)
    wait_for(page, displayed)


def wait_for(page: Page, happened: Sequence[object]) -> None:
    for _try in range(300):
        if happened:
            return
        page.wait_for_timeout(100)
    raise AssertionError("The browser was silent.")


def shown(page: Page) -> list[tuple[str, list[str]]]:
    """The notifications on the screen: title and actions. Not while one is about to be shown: Chromium forgets a
    notification of which it is asked after it wrote it down and before it displays it."""
    return [
        (each["title"], each["actions"])
        for each in page.evaluate(
            """async () => {
              const registration = await navigator.serviceWorker.getRegistration("/reminders/");
              const there = await registration.getNotifications();
              return there.map((each) => ({ title: each.title, actions: each.actions.map((one) => one.action) }));
            }"""
        )
    ]


def tap_stop(page: Page) -> None:
    """The action of the notification, until the worker has done all that it asked to wait for. A tap can't be made from
    outside; the event that it makes can, but only one of the browser's own has a `waitUntil` that can be called."""
    [worker] = [each for each in page.context.service_workers if each.url.endswith("/reminders/worker.js")]
    worker.evaluate(
        """async () => {
          const [notification] = await self.registration.getNotifications();
          const tap = new NotificationEvent("notificationclick", { notification, action: "stop" });
          const waitedFor = [];
          tap.waitUntil = (promise) => waitedFor.push(promise);
          self.dispatchEvent(tap);
          if (!waitedFor.length) throw new Error("The worker may be stopped before it is done.");
          await Promise.all(waitedFor);
        }"""
    )
