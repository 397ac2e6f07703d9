"""The morning after a session: when it may be answered, what stands, and who sees it."""

import re
import threading
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import translation
from uuid_utils.compat import uuid7

from clinic.models import Membership
from clinic.wall.scope import clinic_scope
from patients.actions.mornings import MorningConflict, record_morning, withdraw_morning
from patients.models import NextMorning, Patient
from tests import factories as make
from tests.patients.home import Home, a_home, text_of

DAY = timedelta(days=1)
YESTERDAY = make.TODAY - DAY
pytestmark = pytest.mark.django_db


@pytest.fixture
def home() -> Home:
    made = a_home()
    with clinic_scope(made.clinic.pk):
        make.make_log(made.self, made.patient, YESTERDAY)
    return made


@pytest.fixture
def phone(client: Client, home: Home) -> Any:
    with time_machine.travel(make.NOW, tick=False):
        yield make.sign_in(client, home.self)
    translation.deactivate()


def say(
    home: Home,
    pain: int,
    *,
    day: date = YESTERDAY,
    now: datetime = make.NOW,
    key: UUID | None = None,
    by: Membership | None = None,
    replaces: UUID | None = None,
) -> tuple[NextMorning, bool]:
    with clinic_scope(home.clinic.pk):
        return record_morning(
            by=by or home.self,
            patient=home.patient.pk,
            date=day,
            pain=pain,
            now=now,
            key=key or uuid7(),
            replaces=replaces,
        )


def answers(home: Home) -> list[tuple[int, bool]]:
    """Every answer ever given, with whether it stands."""
    with clinic_scope(home.clinic.pk):
        standing = set(NextMorning.objects.current().values_list("pk", flat=True))
        return [(each.pain, each.pk in standing) for each in NextMorning.objects.order_by("entered_at", "id")]


class TestAnswering:
    def test_it_is_tied_to_the_session_and_says_who_and_when(self, home: Home) -> None:
        answer, created = say(home, 3)
        assert created
        assert (answer.date, answer.pain, answer.provenance, answer.entered_at) == (YESTERDAY, 3, "live", make.NOW)
        assert (answer.patient_id, answer.entered_by) == (home.patient.pk, home.self)

    @pytest.mark.parametrize(("days", "provenance"), [(1, "live"), (2, "late"), (3, "late")])
    def test_on_the_morning_after_and_two_days_later(self, home: Home, days: int, provenance: str) -> None:
        answer, _created = say(home, 0, now=make.NOW - DAY + days * DAY)
        assert answer.provenance == provenance

    def test_never_before_and_not_much_later(self, home: Home) -> None:
        with pytest.raises(ValidationError, match="still to come"):
            say(home, 3, now=make.NOW - DAY)
        with pytest.raises(ValidationError, match="more than two days ago"):
            say(home, 3, now=make.NOW + 3 * DAY)
        assert answers(home) == []

    def test_staff_may_enter_older_ones_and_none_to_come(self, home: Home) -> None:
        with pytest.raises(ValidationError, match="still to come"):
            say(home, 3, by=home.clinician, now=make.NOW - DAY)
        answer, _created = say(home, 3, by=home.clinician, now=make.NOW + 40 * DAY)
        assert answer.provenance == "staff"

    def test_the_morning_is_that_of_the_clinics_zone(self) -> None:
        home = a_home(time_zone="Pacific/Kiritimati")  # UTC+14
        late_evening = datetime(2026, 11, 18, 9, 59, tzinfo=UTC)
        with clinic_scope(home.clinic.pk):
            make.make_log(home.self, home.patient, date(2026, 11, 18))
        with pytest.raises(ValidationError, match="still to come"):
            say(home, 2, day=date(2026, 11, 18), now=late_evening)
        answer, _created = say(home, 2, day=date(2026, 11, 18), now=late_evening + timedelta(minutes=1))
        assert answer.provenance == "live"

    @pytest.mark.parametrize("pain", [-1, 11, 100])
    def test_only_from_0_to_10(self, home: Home, pain: int) -> None:
        with pytest.raises(ValidationError, match="from 0 to 10"):
            say(home, pain)

    @pytest.mark.parametrize("what", ["nothing", "a skip", "withdrawn"])
    def test_only_after_a_session(self, home: Home, what: str) -> None:
        day = YESTERDAY - DAY
        with clinic_scope(home.clinic.pk):
            if what == "a skip":
                make.make_log(home.self, home.patient, day, skip_reason="pain")
            elif what == "withdrawn":
                log = make.make_log(home.self, home.patient, day)
                log.withdrawn_at, log.withdrawn_by = make.NOW, home.self
                log.save(update_fields=["withdrawn_at", "withdrawn_by"])
        with pytest.raises(ValidationError, match="Nothing that you did"):
            say(home, 3, day=day)

    def test_nobody_elses_patient(self, home: Home) -> None:
        with clinic_scope(home.clinic.pk), pytest.raises(Patient.DoesNotExist):
            record_morning(by=home.self, patient=uuid7(), date=YESTERDAY, pain=1, now=make.NOW, key=uuid7())


class TestOnce:
    def test_sent_again_it_is_the_same(self, home: Home) -> None:
        key = uuid7()
        first, _created = say(home, 3, key=key)
        assert say(home, 3, key=key, now=make.NOW + 9 * DAY) == (first, False)
        assert say(home, 3) == (first, False)
        assert answers(home) == [(3, True)]

    def test_another_number_does_not_slip_in(self, home: Home) -> None:
        key = uuid7()
        first, _created = say(home, 3, key=key)
        for each in [key, uuid7()]:
            with pytest.raises(MorningConflict) as conflict:
                say(home, 5, key=each)
            assert conflict.value.standing == first
        assert answers(home) == [(3, True)]

    def test_a_correction_keeps_what_it_replaced(self, home: Home) -> None:
        first, _created = say(home, 3)
        second, _created = say(home, 5, replaces=first.pk, now=make.NOW + timedelta(hours=1))
        assert answers(home) == [(3, False), (5, True)]
        assert second.replaces_id == first.pk
        with pytest.raises(MorningConflict):
            say(home, 7, replaces=first.pk)

    def test_an_id_of_another_patient_tells_nothing(self, home: Home) -> None:
        first, _created = say(home, 3)
        with clinic_scope(home.clinic.pk):
            other = make.make_patient()
            sign_in = make.make_sign_in(other)
            make.make_log(sign_in, other, YESTERDAY)
            with pytest.raises(MorningConflict) as conflict:
                record_morning(by=sign_in, patient=other.pk, date=YESTERDAY, pain=3, now=make.NOW, key=first.pk)
        assert conflict.value.standing is None

    def test_taken_back_it_can_be_given_again(self, home: Home) -> None:
        say(home, 3)
        with clinic_scope(home.clinic.pk):
            for _again in range(2):
                withdraw_morning(by=home.self, patient=home.patient.pk, date=YESTERDAY, now=make.NOW)
        assert answers(home) == [(3, False)]
        say(home, 4)
        assert answers(home) == [(3, False), (4, True)]

    def test_not_taken_back_later_than_it_could_be_given(self, home: Home) -> None:
        say(home, 3)
        with clinic_scope(home.clinic.pk), pytest.raises(ValidationError):
            withdraw_morning(by=home.self, patient=home.patient.pk, date=YESTERDAY, now=make.NOW + 3 * DAY)
        assert answers(home) == [(3, True)]


class TestTheDatabase:
    def row(self, home: Home, **fields: Any) -> NextMorning:
        defaults = {"patient": home.patient, "date": YESTERDAY, "pain": 3}
        defaults |= {"entered_at": make.NOW, "received_at": make.NOW}
        return NextMorning.objects.create(entered_by=home.self, provenance="live", **defaults | fields)

    def test_one_stands(self, home: Home) -> None:
        with clinic_scope(home.clinic.pk):
            self.row(home)
            self.row(home, date=YESTERDAY - DAY)
            with pytest.raises(DatabaseError, match="one_stands"), transaction.atomic():
                self.row(home)

    @pytest.mark.parametrize(("fields", "why"), [({"pain": 11}, "pain"), ({"pain": -1}, "pain")])
    def test_numbers(self, home: Home, fields: dict[str, Any], why: str) -> None:
        with clinic_scope(home.clinic.pk), pytest.raises(DatabaseError, match=why), transaction.atomic():
            self.row(home, **fields)

    @pytest.mark.parametrize("sql", ["DELETE FROM patients_nextmorning", "UPDATE patients_nextmorning SET pain = 0"])
    def test_nothing_is_deleted_or_changed(self, home: Home, sql: str) -> None:
        say(home, 3)
        with (
            clinic_scope(home.clinic.pk),
            pytest.raises(DatabaseError, match="permission denied"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(sql)


@pytest.mark.django_db(transaction=True)
def test_twenty_taps_at_once_are_one_answer() -> None:
    home, key = a_home(), uuid7()
    with clinic_scope(home.clinic.pk):
        make.make_log(home.self, home.patient, YESTERDAY)
    created: list[bool] = []

    def tap() -> None:
        created.append(say(home, 3, key=key)[1])
        connection.close()

    threads = [threading.Thread(target=tap) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (sum(created), len(created), answers(home)) == (1, 20, [(3, True)])


class TestPages:
    def fields(self, html: str) -> dict[str, str]:
        return dict(
            re.findall(r'<input type="hidden" name="(id|replaces)" value="([^"]+)"', html.split('id="morning"')[1])
        )

    def test_one_tap_on_todays_page(self, phone: Client, home: Home) -> None:
        page = phone.get(home.url())
        assert "How is your knee this morning, after Tuesday's session?" in text_of(page)
        html = page.content.decode()
        assert [f'value="{number}"' in html for number in range(11)] == [True] * 11
        sent = phone.post(home.url(f"morning/{YESTERDAY}"), self.fields(html) | {"pain": "4"})
        assert (sent.status_code, sent["Location"]) == (303, home.url() + "?answered=1")
        page = phone.get(sent["Location"])
        assert "Saved. Thank you." in text_of(page)
        assert "You said: pain 4 of 10." in text_of(page)
        assert 'name="pain"' not in page.content.decode().split('id="morning"')[1].split("</section>")[0]
        assert answers(home) == [(4, True)]

    def test_not_asked_without_a_session_and_not_after_a_skip(self, phone: Client, home: Home) -> None:
        with clinic_scope(home.clinic.pk):
            other = make.make_patient()
            sign_in = make.make_sign_in(other)
            make.make_log(sign_in, other, YESTERDAY, skip_reason="time")
        client = make.sign_in(Client(), sign_in)
        page = client.get(f"{home.my}{other.pk}/")
        assert "after Tuesday's session" not in text_of(page)
        assert client.get(f"{home.my}{other.pk}/morning/{YESTERDAY}/")["Location"] == f"{home.my}{other.pk}/"

    def test_yesterdays_page_asks_about_its_own_session(self, phone: Client, home: Home) -> None:
        assert "on the morning after Tuesday's session" not in text_of(phone.get(home.url(YESTERDAY)))
        assert "this morning, after Tuesday's session" in text_of(phone.get(home.url(YESTERDAY)))
        with clinic_scope(home.clinic.pk):
            make.make_log(home.self, home.patient, YESTERDAY - DAY)
        shown = text_of(phone.get(home.url(YESTERDAY - DAY)))
        assert "How was your knee on the morning after Monday's session?" in shown

    def test_the_link_of_a_reminder_asks_and_only_its_post_acts(self, phone: Client, home: Home) -> None:
        address = home.url(f"morning/{YESTERDAY}")
        stranger = Client().get(address)
        assert (stranger.status_code, stranger["Location"].split("?")[0]) == (302, "/account/login/")
        for method in [phone.get, phone.head]:
            assert method(address + "?pain=3").status_code == 200
        assert answers(home) == []

    def test_a_late_answer_says_saved_where_it_was_given(self, phone: Client, home: Home) -> None:
        with clinic_scope(home.clinic.pk):
            make.make_log(home.self, home.patient, YESTERDAY - DAY)
        address = home.url(f"morning/{YESTERDAY - DAY}")
        sent = phone.post(address, self.fields(phone.get(address).content.decode()) | {"pain": "1"})
        assert "Saved. Thank you." in text_of(phone.get(sent["Location"]))

    def test_changing_it_keeps_the_first(self, phone: Client, home: Home) -> None:
        say(home, 4)
        address = home.url(f"morning/{YESTERDAY}")
        fields = self.fields(phone.get(address).content.decode())
        assert set(fields) == {"id", "replaces"}
        assert phone.post(address, fields | {"pain": "6"}).status_code == 303
        assert [pain for pain, stands in answers(home) if stands] == [6]
        assert len(answers(home)) == 2

    def test_a_step_back_and_another_tap_asks_first(self, phone: Client, home: Home) -> None:
        fields = self.fields(phone.get(home.url()).content.decode())
        address = home.url(f"morning/{YESTERDAY}")
        phone.post(address, fields | {"pain": "2"})
        again = phone.post(address, fields | {"pain": "7"})
        assert again.status_code == 409
        assert "You said 2. Now you chose 7." in text_of(again)
        assert answers(home) == [(2, True)]
        assert phone.post(address, self.fields(again.content.decode()) | {"pain": "7"}).status_code == 303
        assert sorted(answers(home)) == [(2, False), (7, True)]

    @pytest.mark.parametrize("pain", ["", "11", "-1", "three", "3.5", "\0", "９９"])
    def test_what_is_no_number_is_said(self, phone: Client, home: Home, pain: str) -> None:
        fields = self.fields(phone.get(home.url()).content.decode())
        answered = phone.post(home.url(f"morning/{YESTERDAY}"), fields | {"pain": pain})
        assert answered.status_code == 422
        assert "Choose a number from 0 to 10." in text_of(answered)
        assert answers(home) == []

    @pytest.mark.parametrize("key", ["", "x"])
    def test_an_id_that_is_none(self, phone: Client, home: Home, key: str) -> None:
        assert phone.post(home.url(f"morning/{YESTERDAY}"), {"id": key, "pain": "1"}).status_code == 400

    @pytest.mark.parametrize("day", [make.TODAY, make.TODAY + DAY, YESTERDAY - 3 * DAY])
    def test_a_day_that_can_not_be_answered(self, phone: Client, home: Home, day: date) -> None:
        if day <= make.TODAY:
            with clinic_scope(home.clinic.pk):
                make.make_log(home.self, home.patient, day)
        address = home.url(f"morning/{day}")
        assert phone.get(address)["Location"] == home.url()
        assert phone.post(address, {"id": uuid7(), "pain": "1"}).status_code == 409
        assert answers(home) == []

    def test_taking_it_back(self, phone: Client, home: Home) -> None:
        say(home, 4)
        assert phone.get(home.url(f"morning/{YESTERDAY}/withdraw")).status_code == 405
        assert phone.post(home.url(f"morning/{YESTERDAY}/withdraw")).status_code == 303
        assert answers(home) == [(4, False)]

    @pytest.mark.parametrize(("pain", "asks"), [("8", True), ("7", False)])
    def test_a_lot_of_pain_leads_to_the_warning_signs(self, phone: Client, home: Home, pain: str, asks: bool) -> None:
        fields = self.fields(phone.get(home.url()).content.decode())
        sent = phone.post(home.url(f"morning/{YESTERDAY}"), fields | {"pain": pain})
        assert ("Your knee hurts a lot?" in text_of(phone.get(sent["Location"]))) is asks

    @pytest.mark.parametrize("who", ["another patient", "staff", "another clinic's patient"])
    def test_it_is_nobody_elses(self, client: Client, phone: Client, home: Home, who: str) -> None:
        other = a_home(slug="south") if who == "another clinic's patient" else home
        with clinic_scope(other.clinic.pk):
            somebody = other.clinician if who == "staff" else make.make_sign_in(make.make_patient())
        make.sign_in(client, somebody)
        for url in [f"morning/{YESTERDAY}", f"morning/{YESTERDAY}/withdraw"]:
            assert client.get(home.url(url)).status_code in {404, 405}
            assert client.post(home.url(url), {"id": uuid7(), "pain": "1"}).status_code == 404
        assert answers(home) == []

    def test_the_page_of_a_day_takes_as_many_queries_for_three_as_for_one(self, phone: Client, home: Home) -> None:
        def queries() -> int:
            with CaptureQueriesContext(connection) as captured:
                assert phone.get(home.url()).status_code == 200
            return len(captured)

        one = queries()
        with clinic_scope(home.clinic.pk):
            for _more in range(2):
                make.make_log(home.self, home.patient, YESTERDAY)
            make.make_log(home.self, home.patient, YESTERDAY - DAY)
        say(home, 3)
        say(home, 4, day=YESTERDAY - DAY)
        assert queries() == one


class TestWhoReadsIt:
    def test_staff_beside_the_sessions_pain(self, client: Client, home: Home) -> None:
        say(home, 4)
        with time_machine.travel(make.NOW, tick=False):
            page = make.sign_in(client, home.clinician).get(
                f"/clinic/{home.clinic.slug}/patients/patient/{home.patient.pk}/change/"
            )
        assert "next morning 4" in text_of(page)

    def test_not_what_was_taken_back_or_replaced(self, client: Client, home: Home) -> None:
        first, _created = say(home, 4)
        say(home, 9, replaces=first.pk)
        with time_machine.travel(make.NOW, tick=False):
            make.sign_in(client, home.clinician)
            page = client.get(f"/clinic/{home.clinic.slug}/patients/patient/{home.patient.pk}/change/")
        assert ("next morning 9" in text_of(page), "next morning 4" in text_of(page)) == (True, False)

    def test_the_api(self, client: Client, home: Home) -> None:
        address = f"/api/v1/clinic/{home.clinic.slug}/patients/{home.patient.pk}/logs/"
        make.sign_in(client, home.self)
        assert [log["pain_next_morning"] for log in client.get(address).json()["results"]] == [None]
        say(home, 4)
        assert [log["pain_next_morning"] for log in client.get(address).json()["results"]] == [4]
