"""A patient's own week by email: off until they turn it on, plain, in their language, and stopped in one click."""

import logging
import re
from datetime import UTC, date, datetime, timedelta
from html import unescape
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from playwright.sync_api import Browser

from clinic import outbox, unsubscribing
from clinic.actions.own_week import choose_own_week
from clinic.logs import WithoutLinks
from clinic.models import Clinic, Membership, Message, Role
from clinic.wall.scope import clinic_scope
from patients import adherence
from patients.actions.prescribing import end_course, pause
from patients.models import Patient
from patients.own_week import KIND, queue_due_own_weeks, write_own_week
from patients.own_week.contents import OwnWeek
from tests.clinic.test_dispatch import FAR, Asked, asked
from tests.factories import make_clinic, make_log, make_member, make_sign_in, sign_in
from tests.fixtures import Mailbox
from tests.patients.cases import FRI, HALF, MON, SAT, SUN, THU, WED, WEEK, facts, on
from tests.patients.read_mail import FROM_ELSEWHERE, faults_in_a_browser, figures_of, parts_of
from tests.patients.test_weekly_way import MONDAY, make_case, text_of
from tests.readability import grade, sentences_of

__all__ = ["asked"]
DAY = timedelta(days=1)
AT_TEN = datetime(2026, 11, 23, 10, tzinfo=UTC)
RECOVERY = re.compile(r"recover|heal|better|progress|pain|\d ?%", re.IGNORECASE)


def told(*logs: adherence.Log, planned: int = 3, today: date = MON + WEEK, **course: Any) -> OwnWeek:
    one = facts("P-001", *logs, **course)
    week = adherence.week(one.course, one.logs, MON, today=MON + WEEK)
    return OwnWeek("Nora Hickey", week, adherence.sessions(one.course, one.logs), planned, today)


class TestWords:
    @pytest.mark.parametrize(
        ("week", "first"),
        [
            (told(*on(MON, WED, FRI)), "You did 3 of 3 sessions. That is all that was planned."),
            (told(*on(MON, WED)), "You did 2 of the 3 sessions that were planned."),
            (told(*on(MON, sets=HALF[:1])), "You did 0 of the 3 sessions that were planned."),
            (told(*on(WED, sets=(), skip_reason="pain")), "You did 0 of the 3 sessions that were planned."),
            (told(), "Nothing was written down. 3 sessions were planned."),
            (told(start=SAT), "Nothing was written down. 1 session was planned."),
            (told(start=SUN), "Nothing was planned for this week."),
            (
                told(pause=adherence.Pause(MON, SUN)),
                "Your program was paused. There was nothing that you had to do.",
            ),
        ],
    )
    def test_what_was_done_of_what_was_planned(self, week: OwnWeek, first: str) -> None:
        assert week.sentences[0] == first

    def test_each_day_with_something_written_down(self) -> None:
        week = told(
            *on(MON), *on(WED, sets=HALF[:1]), *on(THU, sets=(), skip_reason="time"), pause=adherence.Pause(SAT)
        )
        assert [(day.symbol, day.name, day.word) for day in week.days] == [
            ("✓", "Monday", "done"),
            ("◐", "Wednesday", "partly done"),
            ("–", "Thursday", "not done, with a reason"),
        ]
        assert told(*on(MON, WED)).squares == "■■□"

    def test_more_than_planned_is_not_praised(self) -> None:
        much = told(*on(*(MON + number * DAY for number in range(6))))
        assert much.sentences[1:] == ["You did 3 more than planned.", "Days of rest are part of the plan, too."]

    def test_a_week_with_less_blames_nobody(self) -> None:
        assert told(*on(MON)).sentences[-1].startswith("Not every week is alike.")
        assert "Not every" not in " ".join(told(*on(MON, WED, FRI)).sentences)

    @pytest.mark.parametrize(
        ("days_after", "said"),
        [(1, "Saturday or Sunday"), (2, "Sunday"), (3, "")],
    )
    def test_what_can_still_be_written_down(self, days_after: int, said: str) -> None:
        week = told(today=SUN + days_after * DAY)
        sentence = f"Is something missing? What you did on {said} you can still write down today."
        assert week.still_open == (sentence if said else "")

    def test_what_comes_next(self) -> None:
        assert told(planned=1).ahead == "This is a new week, with 1 session planned."
        assert told(planned=0).ahead == "For this new week nothing is planned."

    def test_the_subject_says_nothing_of_health_and_names_nobody(self) -> None:
        assert told(*on(MON)).subject == "Your week from 16 November to 22 November"


@pytest.fixture
def north(db: None) -> Clinic:
    return make_clinic("north", own_weeks_through=MONDAY - WEEK, phone="+44 20 7946 0000")


def wanting(clinic: Clinic, *days: int, **fields: Any) -> Membership:
    """The sign-in of a patient of the open clinic who turned it on."""
    patient = make_case(make_member(clinic), *days)
    Patient.objects.filter(pk=patient.pk).update(**fields)
    by = Membership.objects.get(record=patient.pk)
    choose_own_week(by=by, wanted=True)
    return by


def send(clinic: Clinic, week: date = MONDAY, now: datetime = AT_TEN) -> None:
    with clinic_scope(clinic.pk):
        queued = queue_due_own_weeks(clinic_id=clinic.pk, week=week, now=now)
    for message in queued:
        outbox.deliver(clinic_id=clinic.pk, message_ids=[message.pk], now=now)


def letter_to(by: Membership, now: datetime = AT_TEN) -> outbox.Letter:
    with clinic_scope(by.clinic_id):
        recipient = Membership.objects.select_related("clinic", "user").get(pk=by.pk)
        return write_own_week(Message(recipient=recipient, kind=KIND, week=MONDAY), now=now, batch=outbox.Batch([]))


class TestTheLetter:
    @pytest.mark.parametrize(
        ("language", "said", "subject"),
        [
            ("en", "You did 2 of the 3 sessions that were planned.", "Your week from 16 November to 22 November"),
            (
                "de",
                "Sie haben 2 von 3 geplanten Übungseinheiten gemacht.",
                "Ihre Woche vom 16. November bis 22. November",
            ),
            ("es", "Hizo 2 de las 3 sesiones previstas.", "Su semana del 16 de noviembre al 22 de noviembre"),
        ],
    )
    def test_it_is_in_their_language_and_both_parts_say_the_same(
        self, north: Clinic, language: str, said: str, subject: str
    ) -> None:
        with clinic_scope(north.pk):
            by = wanting(north, 0, 2, language=language, name="Nora Hickey")
        letter = letter_to(by)
        assert letter.subject == subject
        text, html = parts_of(letter).values()
        for part in (text, html):
            assert [
                each for each in (said, "Nora Hickey", north.phone, north.emergency_number) if each not in part
            ] == []
        assert figures_of(text) == figures_of(html)
        assert f'<html lang="{language}"' in letter.html
        assert FROM_ELSEWHERE.findall(letter.html) == []

    def test_it_tells_nothing_of_recovery_pain_or_percentages(self, north: Clinic) -> None:
        with clinic_scope(north.pk):
            by = wanting(north, 0, 2)
            make_log(by, Patient.objects.get(), MONDAY + 4 * DAY, pain_during=9, note="It hurt")
        text, html = parts_of(letter_to(by)).values()
        assert RECOVERY.findall(text + html) == []
        assert "This tells what you wrote down. It does not tell how your knee is." in text

    def test_it_leads_to_their_page_and_to_the_warning_signs(self, north: Clinic) -> None:
        with clinic_scope(north.pk):
            by = wanting(north, 0)
        for page in ("", "red-flags/"):
            url = f"http://localhost:8000/clinic/north/my/{by.record}/{page}"
            assert f"\n{url}\n" in letter_to(by).text
            assert f'href="{url}"' in letter_to(by).html

    def test_a_child_of_eleven_can_read_it(self, north: Clinic) -> None:
        with clinic_scope(north.pk):
            by = wanting(north, 0, 2)
        assert grade(sentences_of(letter_to(by).html)) <= 6

    def test_it_fits_a_phone_and_axe_finds_nothing(self, north: Clinic, browser: Browser) -> None:
        with clinic_scope(north.pk):
            by = wanting(north, 0, 2, name="Maximiliane Schneider-Oberhuber-Weingartner")
        assert faults_in_a_browser(letter_to(by).html, browser) == []


class TestSending:
    def test_nobody_gets_it_until_they_ask(self, north: Clinic, smtp: Mailbox) -> None:
        with clinic_scope(north.pk):
            make_case(make_member(north), 0, 2)
        send(north)
        assert smtp.messages == []

    def test_who_asked_gets_it_once(self, north: Clinic, smtp: Mailbox) -> None:
        with clinic_scope(north.pk):
            by = wanting(north, 0, 2)
        send(north)
        send(north)
        [mail] = smtp.messages
        assert mail["To"] == by.user.email
        assert "You did 2 of the 3 sessions that were planned." in text_of(mail)

    def test_a_couple_with_one_address_gets_one_each_with_their_names(self, north: Clinic, smtp: Mailbox) -> None:
        with clinic_scope(north.pk):
            nora = wanting(north, 0, name="Nora Hickey")
            liam = make_case(make_member(north), 0, 2, 4)
            Patient.objects.filter(pk=liam.pk).update(name="Liam Hickey")
            choose_own_week(by=make_sign_in(liam, user=nora.user), wanted=True)
        send(north)
        assert [mail["To"] for mail in smtp.messages] == [nora.user.email] * 2
        starts = sorted(text_of(mail).partition("\n")[0] for mail in smtp.messages)
        assert starts == ["Hello Liam Hickey,", "Hello Nora Hickey,"]
        assert all("Hickey" not in mail["Subject"] for mail in smtp.messages)

    @pytest.mark.parametrize("change", ["off", "archived", "signed out", "ended"])
    def test_it_is_looked_at_again_when_it_is_sent(self, north: Clinic, smtp: Mailbox, change: str) -> None:
        with clinic_scope(north.pk):
            by = wanting(north)
            [message] = queue_due_own_weeks(clinic_id=north.pk, week=MONDAY, now=AT_TEN)
            match change:
                case "off":
                    choose_own_week(by=by, wanted=False)
                case "archived":
                    Patient.objects.filter(pk=by.record).update(archived_at=AT_TEN)
                case "signed out":
                    Membership.objects.filter(pk=by.pk).update(is_active=False)
                case "ended":
                    course = Patient.objects.get(pk=by.record).courses.get()
                    end_course(by=by, course=course, last_date=MONDAY - DAY, outcome="own")
        outbox.deliver(clinic_id=north.pk, message_ids=[message.pk], now=AT_TEN)
        with clinic_scope(north.pk):
            assert Message.objects.get().state == "skipped"
        assert smtp.messages == []

    def test_a_paused_week_is_told_as_one(self, north: Clinic, smtp: Mailbox) -> None:
        with clinic_scope(north.pk):
            by = wanting(north)
            pause(by=by, course=Patient.objects.get().courses.get(), starts_on=MONDAY, now=AT_TEN)
        send(north)
        assert "Your program was paused." in text_of(smtp.messages[0])

    def test_it_is_stopped_in_one_click_and_brought_back(self, north: Clinic, smtp: Mailbox) -> None:
        with clinic_scope(north.pk):
            by = wanting(north, 0, language="de")
        send(north)
        [mail] = smtp.messages
        url = mail["List-Unsubscribe"].strip().removeprefix("<").removesuffix(">")
        assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert url in text_of(mail)
        mail_program, path = Client(enforce_csrf_checks=True), urlsplit(url).path
        assert "Ihre Woche per E-Mail beenden?" in mail_program.get(path).text
        assert wants(by)
        assert "Sie bekommen keine E-Mails mehr" in mail_program.post(path, {"List-Unsubscribe": "One-Click"}).text
        assert not wants(by)
        send(north, MONDAY + WEEK, AT_TEN + WEEK)
        assert len(smtp.messages) == 1
        mail_program.post(path, {"choice": "on"})
        assert wants(by)
        assert mail_program.post(path.replace("my-week/stop", "weekly-email")).status_code == 404
        assert mail_program.post("/my-week/stop/x.y/").status_code == 404

    def test_the_same_queries_for_one_and_for_three(self, north: Clinic) -> None:
        with clinic_scope(north.pk):
            wanting(north, 0)
        counts = []
        for week in range(2):
            with clinic_scope(north.pk), CaptureQueriesContext(connection) as captured:
                queue_due_own_weeks(clinic_id=north.pk, week=MONDAY + week * WEEK, now=AT_TEN + week * WEEK)
            counts.append(len(captured))
            with clinic_scope(north.pk):
                wanting(north, 0)
                wanting(north, 0)
        assert counts[0] == counts[1]


def written_in(mail: Any) -> str:
    """The rows of an email, without its head and its links."""
    html = unescape(mail.get_body(("html",)).get_content().replace("\r\n", "\n"))
    return str(html.partition('<td class="head"')[2].partition('<td class="foot"')[0])


def wants(by: Membership) -> bool:
    with clinic_scope(by.clinic_id):
        return Membership.objects.get(pk=by.pk).own_week


@pytest.mark.usefixtures("dispatcher_url")
class TestDue:
    @pytest.mark.parametrize(
        ("zone", "due_at"),
        [
            ("UTC", "2026-11-23T10:00Z"),
            ("Pacific/Kiritimati", "2026-11-22T20:00Z"),
            ("Etc/GMT+12", "2026-11-23T22:00Z"),
            ("Asia/Kathmandu", "2026-11-23T04:15Z"),
            ("Australia/Lord_Howe", "2026-11-22T23:00Z"),
        ],
    )
    @pytest.mark.django_db(transaction=True)
    def test_on_monday_at_ten_of_the_clinics_own_time(self, asked: Asked, zone: str, due_at: str) -> None:
        """Read by the dispatcher's own role."""
        through = {"summarised_through": FAR, "alerted_through": FAR, "own_weeks_through": MONDAY - WEEK}
        clinic, moment = make_clinic("north", time_zone=zone, **through), datetime.fromisoformat(due_at)
        assert asked(moment - timedelta(seconds=1)) == []
        assert asked(moment) == [("patients.tasks.queue_own_weeks", [clinic.pk, MONDAY])]

    def test_after_a_long_silence_only_the_last_week_is_told(self) -> None:
        clinic = Clinic(time_zone="UTC", own_weeks_through=MONDAY - 5 * WEEK)
        assert clinic.own_week_to_tell(AT_TEN + 2 * DAY) == MONDAY
        clinic.own_weeks_through = MONDAY
        assert clinic.own_week_to_tell(AT_TEN + 2 * DAY) is None


class TestThePage:
    @pytest.fixture(autouse=True)
    def monday(self, time_machine: Any) -> None:
        time_machine.move_to(AT_TEN, tick=False)

    def page_of(self, by: Membership) -> str:
        return f"/clinic/north/my/{by.record}/my-week/"

    def test_it_is_turned_on_and_off_and_shows_what_comes(self, north: Clinic, client: Client, smtp: Mailbox) -> None:
        with clinic_scope(north.pk):
            patient = make_case(make_member(north), 0, 2)
            by = Membership.objects.get(record=patient.pk)
        sign_in(client, by)
        before = client.get(self.page_of(by)).text
        assert "It does not come unless you want it." in before
        assert "You did 2 of the 3 sessions that were planned." in before
        assert not wants(by)
        assert client.post(self.page_of(by), {"choice": "on"}).status_code == 303
        assert wants(by)
        send(north)
        assert "You did 2 of the 3 sessions that were planned." in text_of(smtp.messages[0])
        assert unescape(unescape(before)).count(written_in(smtp.messages[0])) == 1
        client.post(self.page_of(by), {"choice": "off"})
        assert not wants(by)

    def test_owners_do_not_see_who_turned_it_on(self, north: Clinic, client: Client) -> None:
        with clinic_scope(north.pk):
            wanting(north, 0)
            owner = make_member(north, Role.OWNER)
            [message] = queue_due_own_weeks(clinic_id=north.pk, week=MONDAY, now=AT_TEN)
        sign_in(client, owner)
        assert client.get(f"/clinic/north/clinic/message/{message.pk}/change/").status_code == 404
        assert "own_week" not in client.get("/clinic/north/clinic/message/").text

    def test_without_an_address_there_is_none(self, north: Clinic, client: Client) -> None:
        with clinic_scope(north.pk):
            by = Membership.objects.get(record=make_case(make_member(north), 0).pk)
            by.user.email = None
            by.user.save()
        sign_in(client, by)
        assert "your clinic has to know your email address" in client.get(self.page_of(by)).text
        refused = client.post(self.page_of(by), {"choice": "on"})
        assert refused.status_code == 422
        assert "There is no email address to write to." in refused.text
        assert not wants(by)

    def test_nobody_elses(self, north: Clinic, client: Client) -> None:
        with clinic_scope(north.pk):
            one, other = (Membership.objects.get(record=make_case(make_member(north), 0).pk) for _ in range(2))
        sign_in(client, one)
        assert client.get(self.page_of(other)).status_code == 404
        assert client.post(self.page_of(other), {"choice": "on"}).status_code == 404
        assert not wants(other)


def test_staff_have_no_own_week_not_even_in_the_database(north: Clinic) -> None:
    with clinic_scope(north.pk):
        member = make_member(north)
        with pytest.raises(IntegrityError, match="own_week_of_patients"), transaction.atomic():
            Membership.objects.filter(pk=member.pk).update(own_week=True)


def test_its_link_stays_out_of_the_logs(north: Clinic) -> None:
    with clinic_scope(north.pk):
        by = wanting(north)
    record = logging.makeLogRecord({"msg": urlsplit(unsubscribing.url_of(by, "own-week-stop")).path})
    WithoutLinks().filter(record)
    assert record.getMessage() == "/my-week/stop/…/"
