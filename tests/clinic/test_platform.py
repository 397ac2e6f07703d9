"""The operators' pages, trying again, the canary, and what is removed after a time."""

from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from clinic.actions.forgetting import forget_messages
from clinic.actions.retrying import retry
from clinic.models import Canary, Clinic, Membership, Message, Operator, Role
from clinic.tasks import dispatch
from clinic.wall.scope import clinic_scope
from tests.clinic.conftest import Watch
from tests.factories import MONDAY, NOW, make_clinic, make_member, sign_in
from tests.trouble import NO_REDIS, redis_at

pytestmark = pytest.mark.django_db(transaction=True)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


@pytest.fixture(autouse=True)
def at_noon(time_machine: Any, dispatcher_url: str) -> None:
    time_machine.move_to(NOW, tick=False)


@pytest.fixture
def clinic() -> Clinic:
    return make_clinic("north", name="North Side", summarised_through=MONDAY, alerted_through=MONDAY + 100 * DAY)


@pytest.fixture
def owner(clinic: Clinic) -> Membership:
    with clinic_scope(clinic.pk):
        return make_member(clinic, Role.OWNER)


@pytest.fixture
def operator(owner: Membership, migrator: psycopg.Connection) -> Membership:
    migrator.execute("INSERT INTO clinic_operator (user_id) VALUES (%s)", [owner.user_id])
    migrator.commit()
    return owner


def make_message(clinic: Clinic, **fields: Any) -> Message:
    with clinic_scope(clinic.pk):
        defaults = {"kind": "weekly_summary", "week": MONDAY, "due_at": NOW, "state": "failed", "code": "550"}
        whom = {"sent_to": "secret@home.example", "subject": "secret", "error": "550 secret"}
        recipient = fields.pop("recipient", None) or make_member(clinic)
        return Message.objects.create(recipient=recipient, **defaults | whom | fields)


def stored(message: Message) -> Message:
    with clinic_scope(message.clinic.pk):
        return Message.objects.get(pk=message.pk)


class TestOutboxOfAll:
    def test_counts_and_rows_of_every_clinic_without_a_word_of_anybody(
        self, client: Client, clinic: Clinic, operator: Membership
    ) -> None:
        south = make_clinic("south", name="South Side")
        for of, state in [(clinic, "failed"), (clinic, "sent"), (south, "failed"), (south, "uncertain")]:
            make_message(of, state=state)
        make_message(south, week=MONDAY - 7 * DAY, kind="another_week")
        page = sign_in(client, operator).get("/platform/").text
        assert page.count("North Side</th><td>weekly_summary") == page.count("South Side</th><td>weekly_summary") == 1
        assert page.count('<button class="button button-second" type="submit">Retry') == 2
        assert "<td>550</td>" in page
        assert [word for word in ["secret", "another_week", "@north", "@south", "clinician of"] if word in page] == []
        assert "another_week" in client.get(f"/platform/?week={MONDAY - 7 * DAY}").text
        assert client.get("/platform/?week=x&state=y&page=z").status_code == 200
        for week in ["0001-01-01", "9999-12-31", "1999-12-31", "2100-01-01"]:
            assert client.get(f"/platform/?week={week}").context["week"].weekday() == 0

    def test_pages_of_fifty_and_as_many_queries_for_one_as_for_many(
        self, client: Client, clinic: Clinic, operator: Membership
    ) -> None:
        sign_in(client, operator)
        make_message(clinic)
        for_one = self.queries(client)
        for number in range(51):
            make_message(clinic, recipient=operator, key=str(number), due_at=NOW - MINUTE)
        make_message(make_clinic("south"))
        assert self.queries(client) == for_one
        assert "Page 1 of 2" in client.get("/platform/").text
        second = client.get("/platform/?page=2").text
        assert (second.count(">Retry<span"), "Page 2 of 2" in second) == (3, True)

    def queries(self, client: Client) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get("/platform/").status_code == 200
        return len(captured)

    def test_who_gets_in(self, client: Client, clinic: Clinic, operator: Membership) -> None:
        message = make_message(clinic)
        pages = [(client.get, "/platform/"), (client.post, f"/platform/retry/{clinic.pk}/{message.pk}/")]
        for ask, page in pages:
            assert ask(page)["Location"].startswith("/account/login/")
        with clinic_scope(clinic.pk):
            sign_in(client, make_member(clinic, Role.OWNER))
        for ask, page in pages:
            assert ask(page).status_code == 404
        client.force_login(operator.user, backend="allauth.account.auth_backends.AuthenticationBackend")
        for ask, page in pages:
            assert ask(page)["Location"].startswith("/account/reauthenticate/")
        assert stored(message).state == "failed"

    def test_nothing_is_wrong_with_it_in_a_browser(self, watch: Watch, clinic: Clinic, operator: Membership) -> None:
        for state in ["failed", "sent", "queued", "suppressed", "uncertain"]:
            make_message(clinic, state=state)
        watched = watch(operator)
        for path in ["/platform/", "/platform/?state=sent", "/platform/?week=2020-01-06"]:
            page = watched.open(path)
            for width in [390, 1280]:
                page.set_viewport_size({"width": width, "height": 900})
                for scheme in ["light", "dark"]:
                    page.emulate_media(color_scheme=scheme)
                    assert watched.faults(width) == [], (path, width, scheme)


class TestTryingAgain:
    def test_by_an_operator(self, client: Client, clinic: Clinic, operator: Membership) -> None:
        message = make_message(clinic, attempts=8, due_at=NOW - DAY)
        sign_in(client, operator)
        page = f"/platform/retry/{clinic.pk}/{message.pk}/"
        assert client.get(page).status_code == 405
        assert client.post(page)["Location"] == "/platform/"
        assert (stored(message).state, stored(message).attempts, stored(message).due_at) == ("queued", 0, NOW)
        assert client.post(page + "?state=failed")["Location"] == "/platform/?state=failed"

    def test_by_the_owner(self, client: Client, clinic: Clinic, owner: Membership) -> None:
        message = make_message(clinic, state="suppressed")
        sign_in(client, owner)
        page = f"/clinic/north/clinic/message/{message.pk}/"
        assert "This email was not sent" in client.get(f"{page}change/").text
        answer = client.post(f"{page}retry/", follow=True)
        assert "It is sent in a moment." in answer.text
        assert "This email was not sent" not in answer.text
        assert stored(message).state == "queued"

    def test_by_nobody_else(self, client: Client, clinic: Clinic) -> None:
        message = make_message(clinic)
        with clinic_scope(clinic.pk):
            sign_in(client, make_member(clinic))
        assert client.post(f"/clinic/north/clinic/message/{message.pk}/retry/").status_code == 403
        assert stored(message).state == "failed"

    @pytest.mark.parametrize("state", ["queued", "sending", "sent", "uncertain", "skipped"])
    def test_only_what_was_given_up(self, clinic: Clinic, state: str) -> None:
        message = make_message(clinic, state=state)
        with clinic_scope(clinic.pk):
            assert not retry(message=message.pk, now=NOW)
        assert stored(message).state == state


class TestOperators:
    def test_the_application_can_not_make_one(self, owner: Membership) -> None:
        with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
            Operator.objects.create(user=owner.user)
        with pytest.raises(CommandError, match="MIGRATOR_DATABASE_URL"):
            call_command("operators", "--add", owner.user.email)

    def test_nobody_is_made_up(self) -> None:
        with pytest.raises(CommandError, match="Nobody signs in as a@b"):
            call_command("operators", "--add", "a@b.example")

    def test_they_are_listed(self, operator: Membership) -> None:
        call_command("operators", stdout=(output := StringIO()))
        assert output.getvalue() == f"{operator.user.email}\n"


class TestCanary:
    def test_a_minute_that_goes_all_the_way_is_seen(self, client: Client, clinic: Clinic, time_machine: Any) -> None:
        assert client.get("/health/work/").status_code == 503
        dispatch()
        assert client.get("/health/work/").json() == {"at": NOW.isoformat(), "overdue": 0}
        time_machine.move_to(NOW + 4 * MINUTE, tick=False)
        assert client.get("/health/work/").status_code == 200
        time_machine.move_to(NOW + 5 * MINUTE, tick=False)
        assert client.get("/health/work/").status_code == 503
        assert client.get("/health/").status_code == 200
        dispatch()
        assert client.get("/health/work/").status_code == 200
        assert Canary.objects.count() == 1

    def test_so_is_mail_that_piles_up(self, client: Client, clinic: Clinic, operator: Membership) -> None:
        for minutes in [14, 16, 17]:
            make_message(clinic, state="queued", due_at=NOW - minutes * MINUTE)
        with redis_at(NO_REDIS):
            dispatch()
        assert (client.get("/health/work/").status_code, Canary.objects.get().overdue) == (503, 2)
        assert "2 messages had waited too long" in sign_in(client, operator).get("/platform/").text

    def test_there_is_one(self) -> None:
        with pytest.raises(DatabaseError), transaction.atomic():
            Canary.objects.create(id=2, at=NOW, overdue=0)


class TestForgetting:
    REAL_NOW = datetime.now(UTC)

    def of_age(self, clinic: Clinic, days: int, **fields: Any) -> Message:
        """Its id begins with the time at which it was made."""
        due_at = self.REAL_NOW - days * DAY
        pk = UUID(int=(int(due_at.timestamp() * 1000) << 80) | 0x7000 << 64 | 1 << 63 | uuid4().int >> 66)
        return make_message(clinic, pk=pk, due_at=due_at, **{"kind": "reminder_email", "state": "sent"} | fields)

    def test_reminders_of_long_ago_and_nothing_else(self, clinic: Clinic, owner: Membership) -> None:
        gone = [self.of_age(clinic, 91), self.of_age(clinic, 400, kind="reminder_push", state="failed")]
        kept = [
            self.of_age(clinic, 89),
            self.of_age(clinic, 400, kind="weekly_summary"),
            self.of_age(clinic, 400, state="queued"),
        ]
        south = make_clinic("south")
        kept_there = self.of_age(south, 400)
        with clinic_scope(clinic.pk):
            assert forget_messages(now=self.REAL_NOW) == len(gone)
            assert {*Message.objects.all()} == {*kept}
            assert forget_messages(now=self.REAL_NOW) == 0
        assert stored(kept_there) == kept_there

    def test_the_database_lets_no_other_go(self, clinic: Clinic) -> None:
        for fields in [{"days": 89}, {"days": 400, "kind": "weekly_summary"}, {"days": 400, "state": "queued"}]:
            message = self.of_age(clinic, **fields)
            with clinic_scope(clinic.pk):
                assert Message.objects.filter(pk=message.pk).delete()[0] == 0
