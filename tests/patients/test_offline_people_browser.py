"""What waits on a phone is sent under the right sign-in alone; what the phone keeps, and what signing out leaves."""

from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import expect
from pytest_django.live_server_helper import LiveServer

from clinic.models import User
from clinic.wall.scope import clinic_scope
from tests import factories as make
from tests.patients.home import Home
from tests.patients.phone import LOGS, Phone, keep, kept, offline, queue, start, today, until, until_kept, waits

pytestmark = pytest.mark.django_db(transaction=True)


class TestTwoPeople:
    @pytest.fixture
    def other(self, treated: Home) -> Home:
        with clinic_scope(treated.clinic.pk):
            patient = make.make_patient(name="Somebody Else")
            return Home(treated.clinic, treated.clinician, patient, make.make_sign_in(patient))

    def test_nothing_is_sent_or_shown_under_the_others_sign_in(
        self, phone: Phone, treated: Home, other: Home, cookie: Callable, live_server: LiveServer
    ) -> None:
        page = phone()
        offline(page)
        page.get_by_role("button", name="Done as planned").tap()
        waits(page, 1)
        page.context.clear_cookies(name="sessionid")
        page.context.add_cookies([cookie(other.self)])
        page.context.set_offline(False)
        page.goto(live_server.url + other.url())
        expect(queue(page)).to_be_hidden()
        page.evaluate("steady.flush('all')")
        assert treated.logs() == []
        assert page.evaluate("steady.waiting('all').then((all) => all.map((entry) => entry.state))") == ["waiting"]
        page.context.clear_cookies(name="sessionid")
        page.context.add_cookies([cookie(treated.self)])
        page.goto(live_server.url + treated.url())
        expect(page.get_by_text("Saved. Well done.")).to_be_visible()
        assert [log.patient_id for log in treated.logs()] == [treated.patient.pk]

    def test_staff_who_share_the_device_send_nothing(self, phone: Phone, treated: Home, cookie: Callable) -> None:
        page = phone()
        offline(page)
        page.context.clear_cookies(name="sessionid")
        page.context.add_cookies([cookie(treated.clinician)])
        page.get_by_role("button", name="Done as planned").tap()
        waits(page, 1)
        page.context.set_offline(False)
        expect(queue(page).get_by_text("It can only go out when you are signed in as yourself.")).to_be_visible()
        assert treated.logs() == []

    def test_a_couple_has_a_queue_each(
        self, phone: Phone, treated: Home, cookie: Callable, live_server: LiveServer
    ) -> None:
        with clinic_scope(treated.clinic.pk):
            user = User.objects.get(pk=treated.self.user_id)
            patient = make.make_patient(name="Her Husband")
            his = Home(treated.clinic, treated.clinician, patient, make.make_sign_in(patient, user=user))
            program = make.make_program(frequency=7)
            make.prescribe(
                by=his.clinician,
                patient=patient,
                program=program,
                starts_on=today() - timedelta(days=9),
                affected_knee="left",
                now=timezone.now(),
            )
        page = phone()
        page.goto(live_server.url + his.url())
        until_kept(page, records=2)
        offline(page, live_server.url + treated.url())
        page.get_by_role("button", name="Done as planned").tap()
        waits(page, 1)
        page.goto(live_server.url + his.url())
        expect(page.get_by_role("heading", name="Today", exact=True)).to_be_visible()
        expect(queue(page)).to_be_hidden()
        page.context.set_offline(False)
        page.reload()
        expect(queue(page)).to_be_hidden()
        assert treated.logs() == []
        page.goto(live_server.url + treated.url())
        expect(page.get_by_text("Saved. Well done.")).to_be_visible()
        assert [log.patient_id for log in treated.logs()] == [treated.patient.pk]


EVERYTHING = """async () => {
  const found = [];
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    for (const request of await cache.keys()) {
      const type = (await cache.match(request)).headers.get("Content-Type");
      if (/html/.test(type)) found.push(request.url, await (await cache.match(request)).text());
    }
  }
  for (const store of ["entries", "drafts", "clock"]) found.push(JSON.stringify(await steady.all(store)));
  found.push(JSON.stringify({ ...localStorage, ...sessionStorage }));
  return found.join("\\n");
}"""


class TestKept:
    def test_no_name_no_history_no_words_of_ones_own(self, phone: Phone, treated: Home) -> None:
        with clinic_scope(treated.clinic.pk):
            treated.patient.name = "Ruth Okafor"
            treated.patient.save()
            make.make_log(treated.self, treated.patient, today() - timedelta(days=1), note="my secret", pain_after=7)
        page = phone()
        page.context.route(LOGS, lambda route: route.abort())
        start(page)
        for _set in range(4):
            page.get_by_role("button", name="Done as planned").tap()
        page.get_by_label("Note").fill("another secret")
        page.get_by_role("button", name="Save", exact=True).tap()
        expect(queue(page)).to_contain_text("Your note can't be kept on the phone.")
        found = page.evaluate(EVERYTHING)
        assert str(treated.patient.pk) in found
        assert "Lateral band walk" in found
        for secret in ["Ruth", "Okafor", treated.patient.code, treated.self.user.email, "secret", "Logged at", "of 7"]:
            assert secret not in found
        assert 'name="csrfmiddlewaretoken" value=""' in found
        assert 'name="csrfmiddlewaretoken" value="' not in found.replace('value=""', "")
        page.context.unroute(LOGS)
        queue(page).get_by_role("button", name="Send now").tap()
        expect(page.get_by_text("Saved. Well done.")).to_be_visible()
        assert treated.logs()[-1].note == "another secret"


class TestSigningOut:
    def test_sends_what_waits_and_takes_the_pages_away(self, phone: Phone, treated: Home) -> None:
        page = phone()
        page.context.route(LOGS, lambda route: route.abort())
        keep(page, id=str(uuid4()), date=str(today()), sets=[{"exercise": make.THRUST, "amount": 20}])
        waits(page, 1)
        page.context.unroute(LOGS)
        page.get_by_role("link", name="Sign out").tap()
        expect(page.get_by_role("heading", name="Sign out?")).to_be_visible()
        until(page, "async () => (await steady.waiting('all')).length", 0)
        expect(page.get_by_text("Not sent yet")).to_be_hidden()
        page.get_by_role("button", name="Sign out").tap()
        expect(page.get_by_role("button", name="Sign out")).to_have_count(0)
        assert kept(treated) == [("20", False)]
        until(page, "caches.has('steady-pages')", value=False)

    @pytest.mark.parametrize("discard", [False, True])
    def test_asks_before_it_throws_away(self, phone: Phone, treated: Home, discard: bool) -> None:
        page = phone()
        page.context.route(LOGS, lambda route: route.abort())
        keep(page, id=str(uuid4()), date=str(today()), sets=[{"exercise": make.THRUST, "amount": 20}])
        page.get_by_role("link", name="Sign out").tap()
        expect(page.get_by_text("Not sent yet: 1")).to_be_visible()
        assert Axe().run(page).violations_count == 0
        if discard:
            page.get_by_label("Throw them away instead").check()
        page.get_by_role("button", name="Sign out").tap()
        expect(page.get_by_role("button", name="Sign out")).to_have_count(0)
        names = page.evaluate("async () => (await caches.keys()).map((name) => name.replace(/-[0-9a-f]{12}$/, ''))")
        assert sorted(names) == ["steady-files", "steady-pictures"]
        left = """() => new Promise((done) => {
            const opened = indexedDB.open("steady");
            opened.onsuccess = () => {
              const count = opened.result.transaction("entries").objectStore("entries").count();
              count.onsuccess = () => done(count.result);
            };
        })"""
        assert page.evaluate(left) == (0 if discard else 1)
