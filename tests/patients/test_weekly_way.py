"""The weekly summary from the database to the mail server: the whole way with a real worker, and its parts by hand."""

import re
import signal
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psutil
import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from uuid_utils.compat import uuid7

from clinic import outbox
from clinic.celery import app
from clinic.models import Clinic, Membership, Message, Role, Summaries
from clinic.wall.scope import clinic_scope
from patients.actions.logging import Entry, record_log, withdraw_log
from patients.actions.prescribing import pause
from patients.actions.red_flags import report_red_flags
from patients.adherence import monday_of
from patients.models import Decision, Patient
from patients.summaries import queue_due_summaries, queue_summaries, shares_of_clinic, write, write_weekly_summary
from tests.factories import (
    WHOLE_SESSION,
    make_clinic,
    make_deputy,
    make_log,
    make_member,
    make_morning,
    make_patient,
    make_prescription,
    make_sign_in,
)
from tests.fixtures import Mailbox, until
from tests.trouble import NO_REDIS, HoldsTheFirst, mail_server, redis_at

WEEK, DAY = timedelta(weeks=1), timedelta(days=1)
MONDAY = date(2026, 11, 16)
NOW = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)


@pytest.fixture
def north(db: None) -> Clinic:
    return make_clinic("north", summarised_through=MONDAY - WEEK)


def make_case(clinicians: Membership | None, *days: int, starts_on: date = MONDAY - 4 * WEEK, **entry: Any) -> Patient:
    """A patient of the open clinic with whole sessions on these days, counted from the reported Monday."""
    patient = make_patient(clinicians)
    by = make_sign_in(patient)
    make_prescription(clinicians or by, patient, starts_on=starts_on)
    for day in days:
        make_log(by, patient, MONDAY + day * DAY, **entry)
    return patient


def letters(clinic: Clinic, week: date = MONDAY) -> dict[Membership, outbox.Letter]:
    with clinic_scope(clinic.pk):
        day = week + WEEK
        return {each: write(each, shares, week, day=day) for each, shares in shares_of_clinic(day).items()}


def letter(clinic: Clinic, week: date = MONDAY) -> outbox.Letter:
    [only] = letters(clinic, week).values()
    return only


def states(clinic: Clinic) -> list[str]:
    with clinic_scope(clinic.pk):
        return sorted(Message.objects.values_list("state", flat=True))


class TestContents:
    """Read from the database; what follows from the facts is tested without one."""

    def test_a_patient_of_ones_own(self, north: Clinic) -> None:
        with clinic_scope(north.pk):
            patient = make_case(make_member(north), -7, -5, -3, 0, 2, 6, as_planned=True, pain_during=4, pain_after=2)
        written = letter(north)
        assert written.subject == "Week 47: nobody needs you, 1 of 1 on track"
        assert f"- {patient.code}: 3/3 (100 %), on track" in written.text
        assert "Week 44: 0/3 | Week 45: 0/3 | Week 46: 3/3 | Week 47: 3/3" in written.text
        assert (
            "  dose 3/3 (100 %); last log Sun 22 Nov\n"
            "  worst pain 4 of 10 (3 answers; as the week before); next morning not answered\n"
            "  12 of 12 sets as planned\n" in written.text
        )
        assert written.reported == {
            str(patient.pk): {"2026-10-26": "0/3", "2026-11-02": "0/3", "2026-11-09": "3/3", "2026-11-16": "3/3"}
        }

    def test_the_mornings_after_the_sessions_that_stand(self, north: Clinic) -> None:
        with clinic_scope(north.pk):
            patient = make_case(make_member(north), -10, -7, 0, 2, 6)
            by = Membership.objects.get(record=patient.pk)
            for day, pain in [(-10, 9), (-7, 3), (0, 2), (2, 8), (6, 5)]:
                make_morning(by, patient, MONDAY + day * DAY, pain=pain)
            log = patient.logs.get(date=MONDAY + 2 * DAY)
            withdraw_log(by=by, patient=patient.pk, log=log.pk, now=log.received_at)
        assert "next morning at worst 5 of 10 (2 answers; up from 3)" in letter(north).text
        assert "next morning at worst 5 of 10 (2 answers; up from 3)" in letter(north).html

    def test_both_parts_lead_to_the_patient_behind_the_sign_in(self, north: Clinic) -> None:
        with clinic_scope(north.pk):
            patient = make_case(make_member(north), 0, pain_during=9)
        written = letter(north)
        url = f"http://localhost:8000/clinic/north/patients/patient/{patient.pk}/change/"
        assert url in written.text
        assert f'href="{url}"' in written.html

    def test_codes_or_initials_but_never_names(self, north: Clinic) -> None:
        with clinic_scope(north.pk):
            patient = make_case(make_member(north), 0)
            Patient.objects.update(name="Ada Mary Quince")
            assert patient.code in letter(north).text
            Clinic.objects.filter(pk=north.pk).update(names_in_email="initials")
        assert f"- A.M.Q. ({patient.code}): 1/3" in letter(north).text
        assert "Quince" not in letter(north).text + letter(north).html + letter(north).subject

    def test_what_people_type_is_text(self, north: Clinic) -> None:
        with clinic_scope(north.pk):
            make_case(make_member(north), 0)
            Patient.objects.update(code="<b>&\"'")
        written = letter(north)
        assert "- <b>&\"': 1/3" in written.text
        assert "<b>&amp;" not in written.html
        assert "&lt;b&gt;&amp;" in written.html

    def test_the_html_asks_for_nothing_from_elsewhere(self, north: Clinic) -> None:
        with clinic_scope(north.pk):
            make_case(make_member(north), 0, pain_during=9)
        html = letter(north).html
        assert [word for word in ["<script", "<svg", "<img", "url(", "@import", "<link"] if word in html] == []
        assert "@media (prefers-color-scheme: dark)" in html

    @pytest.mark.parametrize("language", ["", "de"])
    def test_it_says_the_language_that_it_is_in(self, north: Clinic, language: str) -> None:
        with clinic_scope(north.pk):
            make_member(north)
            Clinic.objects.filter(pk=north.pk).update(language=language)
        assert '<html lang="en" dir="ltr">' in letter(north).html

    def test_red_flags_of_the_clinics_own_week(self, north: Clinic) -> None:
        with clinic_scope(north.pk):
            Clinic.objects.filter(pk=north.pk).update(time_zone="America/Los_Angeles")
            patient = make_case(make_member(north), -7, -5, -3, 0, 2, 4)
            for moment in [
                "2026-11-16T07:59:00Z",
                "2026-11-16T08:00:00Z",
                "2026-11-23T07:59:00Z",
                "2026-11-23T08:00:00Z",
            ]:
                report_red_flags(patient=patient.pk, flags=["hot knee"], now=datetime.fromisoformat(moment))
        text = letter(north).text
        assert text.count("red flag reported") == 2
        assert "⚠ red flag reported on Mon 16 Nov; ⚠ red flag reported on Sun 22 Nov" in text

    def test_alarming_pain_that_came_after_its_week_was_told(self, north: Clinic) -> None:
        with clinic_scope(north.pk):
            patient = make_case(make_member(north), -7, -5, 0, 2, 4)
            by = Membership.objects.get(record=patient.pk)
            entry = Entry(id=uuid7(), date=MONDAY - DAY, sets=WHOLE_SESSION, pain_after=8)
            record_log(by=by, patient=patient.pk, entry=entry, now=datetime(2026, 11, 16, 9, tzinfo=UTC))
        assert "pain 8 of 10 on Sun 15 Nov" in letter(north).text

    def test_what_was_withdrawn_or_came_after_sunday_is_not_in_it(self, north: Clinic) -> None:
        with clinic_scope(north.pk):
            patient = make_case(make_member(north), -7, -5, -3, 0, 2)
            by = Membership.objects.get(record=patient.pk)
            log = make_log(by, patient, MONDAY + 4 * DAY, pain_during=9)
            withdraw_log(by=by, patient=patient.pk, log=log.pk, now=log.received_at)
            make_log(by, patient, MONDAY + WEEK, pain_during=10)
        written = letter(north)
        assert written.subject == "Week 47: nobody needs you, 0 of 1 on track"
        assert "2/3 (66 %), partial" in written.text
        assert "last log Wed 18 Nov" in written.text

    def test_a_paused_patient_and_one_without_a_program(self, north: Clinic) -> None:
        with clinic_scope(north.pk):
            by = make_member(north)
            paused, without = make_case(by), make_patient(by)
            pause(by=by, course=paused.courses.get(), starts_on=MONDAY, now=NOW)
            archived = make_patient(by, archived_at=NOW)
        text = letter(north).text
        assert f"Paused all week\n\n- {paused.code}\n" in text
        assert f"Nothing due\n\n- {without.code}: no program yet\n" in text
        assert archived.code not in text

    def test_whom_nobody_gets_goes_to_the_owner(self, north: Clinic) -> None:
        with clinic_scope(north.pk):
            owner, one, gone = make_member(north, Role.OWNER), make_member(north), make_member(north)
            make_member(north, Role.ASSISTANT)
            of_one, of_nobody, of_gone = make_case(one, 0), make_case(None, 0), make_case(gone, 0)
            Membership.objects.filter(pk=gone.pk).update(is_active=False)
        written = letters(north)
        assert written.keys() == {owner, one}
        assert written[one].reported.keys() == {str(of_one.pk)}
        assert written[owner].reported.keys() == {str(of_nobody.pk), str(of_gone.pk)}
        assert f"- {of_gone.code}: their clinician no longer works here" in written[owner].text

    def test_another_clinics_patients_are_not_in_it(self, north: Clinic) -> None:
        south = make_clinic("south")
        with clinic_scope(south.pk):
            theirs = make_case(make_member(south, Role.OWNER), 0, pain_during=9)
            report_red_flags(patient=theirs.pk, flags=["hot knee"], now=NOW - DAY)
        with clinic_scope(north.pk):
            mine = make_case(make_member(north, Role.OWNER), 0)
        assert letter(north).reported.keys() == {str(mine.pk)}
        assert theirs.code not in letter(north).text
        assert "south" not in letter(north).html

    def test_the_same_number_of_queries_for_one_patient_and_for_three(self, north: Clinic) -> None:
        def queries() -> int:
            with CaptureQueriesContext(connection) as captured:
                letter(north)
            return len(captured)

        with clinic_scope(north.pk):
            by = make_member(north)
            make_case(by, -7, 0, 2, pain_during=9)
        for_one = queries()
        with clinic_scope(north.pk):
            make_case(by, 0, pain_during=6)
            make_case(by)
        assert queries() == for_one


class TestQueueing:
    def test_a_week_is_claimed_once(self, north: Clinic) -> None:
        with clinic_scope(north.pk):
            members = {make_member(north, Role.OWNER), make_member(north)}
            make_member(north, Role.ASSISTANT)
            first = queue_due_summaries(clinic_id=north.pk, week=MONDAY, now=NOW)
            assert {message.recipient for message in first} == members
            assert queue_due_summaries(clinic_id=north.pk, week=MONDAY, now=NOW) == []
            assert queue_due_summaries(clinic_id=north.pk, week=MONDAY - WEEK, now=NOW) == []
            assert Clinic.objects.get(pk=north.pk).summarised_through == MONDAY

    def test_by_hand_it_is_queued_whatever_was_claimed(self, north: Clinic) -> None:
        with clinic_scope(north.pk):
            make_member(north)
            queue_due_summaries(clinic_id=north.pk, week=MONDAY, now=NOW)
            make_member(north)
            queued, before = queue_summaries(clinic=north, week=MONDAY, now=NOW)
            assert (len(queued), before) == (1, 1)
            queued, before = queue_summaries(clinic=north, week=MONDAY - WEEK, now=NOW)
            assert (len(queued), before) == (2, 0)


class TestSending:
    def test_what_was_told_is_compared_the_week_after(self, north: Clinic, smtp: Mailbox) -> None:
        with clinic_scope(north.pk):
            patient = make_case(make_member(north), -7, -5, -3, 0, 2)
        self.send(north, MONDAY, NOW)
        with clinic_scope(north.pk):
            by = Membership.objects.get(record=patient.pk)
            make_log(by, patient, MONDAY + 6 * DAY)
        self.send(north, MONDAY + WEEK, NOW + WEEK)
        first, second = (text_of(mail) for mail in smtp.messages)
        assert "Revised" not in first
        assert f"Revised since you were told\n\n- {patient.code}, Week 47: 2/3 -> 3/3\n" in second
        self.send(north, MONDAY + 2 * WEEK, NOW + 2 * WEEK)
        assert "Revised" not in text_of(smtp.messages[-1])

    def test_who_gets_it_with_others_gets_what_they_would_alone(self, north: Clinic, smtp: Mailbox) -> None:
        with clinic_scope(north.pk):
            owner, one, other, away = (make_member(north, role) for role in (Role.OWNER, *[Role.CLINICIAN] * 3))
            for each in (owner, one, other, away, None):
                patient = make_case(each, -7, -5, 0, pain_during=7)
                for by in (one, other):
                    decided = {"kind": Decision.Kind.SEEN, "week": MONDAY, "at": NOW - 3 * DAY}
                    Decision.objects.create(patient=patient, by=by, **decided)
            make_deputy(away, other, starts_on=MONDAY, ends_on=MONDAY + 3 * WEEK)
        self.send(north, MONDAY, NOW)
        with clinic_scope(north.pk):
            for patient in Patient.objects.all():
                make_log(Membership.objects.get(record=patient.pk), patient, MONDAY + 6 * DAY)
        alone = letters(north, MONDAY + WEEK)
        self.send(north, MONDAY + WEEK, NOW + WEEK)
        sent = {mail["To"]: text_of(mail) for mail in smtp.messages[5:] if "Each clinician" not in text_of(mail)}
        assert sent == {each.user.email: letter.text for each, letter in alone.items()}
        assert sum("Revised since you were told" in text for text in sent.values()) == 3

    def test_three_ask_the_database_as_often_as_one_but_for_their_own_rows(self, north: Clinic, smtp: Mailbox) -> None:
        def queries(members: int) -> int:
            clinic = make_clinic(f"of-{members}", summarised_through=MONDAY - WEEK)
            with clinic_scope(clinic.pk):
                for _ in range(members):
                    make_case(make_member(clinic), 0)
            with CaptureQueriesContext(connection) as captured:
                self.send(clinic, MONDAY, NOW)
            return len(captured)

        of_each = 16  # three transactions: to claim it, to look whether it is still wanted there, and to record it
        assert queries(3) - queries(1) == 2 * of_each

    def test_who_opted_out_after_it_was_queued_gets_nothing(self, north: Clinic, smtp: Mailbox) -> None:
        with clinic_scope(north.pk):
            member = make_member(north)
            [message] = queue_due_summaries(clinic_id=north.pk, week=MONDAY, now=NOW)
            Membership.objects.filter(pk=member.pk).update(summaries=Summaries.OFF)
        outbox.deliver(clinic_id=north.pk, message_ids=[message.pk], now=NOW)
        assert (states(north), smtp.messages) == (["skipped"], [])

    @pytest.mark.parametrize(
        "change", [{"summaries": Summaries.OFF}, {"role": Role.ASSISTANT}], ids=["off", "assistant"]
    )
    def test_nor_who_did_after_it_was_read_for_those_before_them(self, north: Clinic, change: dict[str, str]) -> None:
        with clinic_scope(north.pk):
            make_case(make_member(north), 0)
            make_case(make_member(north), 0)
            first, second = queue_due_summaries(clinic_id=north.pk, week=MONDAY, now=NOW)
            batch = outbox.Batch([first.pk, second.pk])
            assert "0 of 1 on track" in write_weekly_summary(first, now=NOW, batch=batch).subject
            Membership.objects.filter(pk=second.recipient_id).update(**change)
            second = Message.objects.get(pk=second.pk)
            with pytest.raises(outbox.NotWanted, match="No weekly summary goes to them"):
                write_weekly_summary(second, now=NOW, batch=batch)

    def test_who_wants_it_only_when_needed(self, north: Clinic, smtp: Mailbox) -> None:
        with clinic_scope(north.pk):
            calm, needed = (
                make_member(north, summaries=Summaries.NEEDED),
                make_member(north, summaries=Summaries.NEEDED),
            )
            make_case(calm, -7, -5, -3, 0, 2, 4)
            make_case(needed, -7, -5, -3, 0, 2, 4, pain_during=6)
        self.send(north, MONDAY, NOW)
        assert [mail["To"] for mail in smtp.messages] == [needed.user.email]
        with clinic_scope(north.pk):
            skipped = Message.objects.get(recipient=calm)
        assert (skipped.state, skipped.error) == ("skipped", "No patient needs them, and they want it only then.")

    def test_an_owner_who_turned_it_off_is_told_why_it_comes_all_the_same(self, north: Clinic, smtp: Mailbox) -> None:
        with clinic_scope(north.pk):
            make_member(north, Role.OWNER, summaries=Summaries.OFF)
            make_case(None, -7, -5, -3, 0, 2, 4)
        self.send(north, MONDAY, NOW)
        [mail] = smtp.messages
        assert "You turned this off. It comes because you own the clinic" in text_of(mail)
        assert (mail["List-Unsubscribe"], mail["List-Unsubscribe-Post"]) == (None, None)

    def test_it_is_stopped_in_one_click(self, north: Clinic, smtp: Mailbox) -> None:
        with clinic_scope(north.pk):
            member = make_member(north)
        self.send(north, MONDAY, NOW)
        [mail] = smtp.messages
        url = mail["List-Unsubscribe"].strip().removeprefix("<").removesuffix(">")
        assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert f"Stop it, without a sign-in: {url}\n" in text_of(mail)
        assert f'href="{url}"' in mail.get_body(("html",)).get_content()
        mail_program = Client(enforce_csrf_checks=True)
        answer = mail_program.post(urlsplit(url).path, {"List-Unsubscribe": "One-Click"})
        assert answer.status_code == 200
        self.send(north, MONDAY + WEEK, NOW + WEEK)
        assert len(smtp.messages) == 1
        with clinic_scope(north.pk):
            assert Membership.objects.get(pk=member.pk).summaries == "off"

    def test_who_became_an_assistant_gets_nothing(self, north: Clinic, smtp: Mailbox) -> None:
        with clinic_scope(north.pk):
            member = make_member(north)
            [message] = queue_due_summaries(clinic_id=north.pk, week=MONDAY, now=NOW)
            Membership.objects.filter(pk=member.pk).update(role=Role.ASSISTANT)
        outbox.deliver(clinic_id=north.pk, message_ids=[message.pk], now=NOW)
        assert (states(north), smtp.messages) == (["skipped"], [])

    def test_a_clinic_whose_summary_breaks_fails_alone(self, north: Clinic, smtp: Mailbox) -> None:
        south = make_clinic("south", summarised_through=MONDAY - WEEK)
        for clinic in [south, north]:
            with clinic_scope(clinic.pk):
                make_case(make_member(clinic), 0)
        with clinic_scope(south.pk):
            [broken] = queue_due_summaries(clinic_id=south.pk, week=MONDAY, now=NOW)
            Clinic.objects.filter(pk=south.pk).update(time_zone="Atlantis/Capital")
        outbox.deliver(clinic_id=south.pk, message_ids=[broken.pk], now=NOW)
        self.send(north, MONDAY, NOW)
        assert (states(south), states(north), len(smtp.messages)) == (["failed"], ["sent"], 1)

    def send(self, clinic: Clinic, week: date, now: datetime) -> None:
        with clinic_scope(clinic.pk):
            queued = queue_due_summaries(clinic_id=clinic.pk, week=week, now=now)
        outbox.deliver(clinic_id=clinic.pk, message_ids=[message.pk for message in queued], now=now)


def text_of(mail: Any) -> str:
    return str(mail.get_body(("plain",)).get_content()).replace("\r\n", "\n")


class TestCommand:
    def run(self, *arguments: str) -> str:
        output = StringIO()
        call_command("weekly_summaries", *arguments, stdout=output)
        return output.getvalue()

    @pytest.fixture
    def south(self, db: None) -> Clinic:
        return make_clinic("south", time_zone="America/Los_Angeles")

    @pytest.fixture(autouse=True)
    def members(self, north: Clinic, south: Clinic) -> None:
        for clinic in [north, south]:
            with clinic_scope(clinic.pk):
                make_case(make_member(clinic), 0)

    @pytest.fixture(autouse=True)
    def monday_morning(self, time_machine: Any) -> None:
        time_machine.move_to(NOW, tick=False)

    def test_it_queues_once_and_says_so(self) -> None:
        assert self.run("--week", "2026-W46") == "north: 1 queued, 0 there before.\nsouth: 1 queued, 0 there before.\n"
        assert self.run("--week", "2026-W46") == "north: 0 queued, 1 there before.\nsouth: 0 queued, 1 there before.\n"

    def test_one_clinic(self, south: Clinic) -> None:
        assert self.run("--week", "2026-W47", "--clinic", "north") == "north: 1 queued, 0 there before.\n"
        assert states(south) == []

    def test_a_week_that_is_not_over_in_a_clinic(self, south: Clinic) -> None:
        assert (
            self.run("--week", "2026-W47")
            == "north: 1 queued, 0 there before.\nsouth: 2026-W47 is not over there yet.\n"
        )
        assert states(south) == []

    def test_a_dry_run_shows_it_and_writes_nothing(self, north: Clinic) -> None:
        shown = self.run("--week", "2026-W47", "--clinic", "north", "--dry-run")
        assert "Subject: Week 47: 1 needs you, 0 of 1 on track\n\nWeek 47 · 16 Nov – 22 Nov 2026 · North\n" in shown
        assert states(north) == []

    @pytest.mark.parametrize("week", ["2026-47", "47", "2026-W54", "2026-W00", "W47", "2026-11-16", "2026-W7"])
    def test_no_week(self, week: str) -> None:
        with pytest.raises(CommandError, match="is no week: write it like 2026-W47"):
            self.run("--week", week)

    def test_no_clinic(self) -> None:
        with pytest.raises(CommandError, match="There is no clinic 'nowhere'"):
            self.run("--week", "2026-W47", "--clinic", "nowhere")


@pytest.fixture
def holding() -> Iterator[HoldsTheFirst]:
    handler = HoldsTheFirst()
    with mail_server(handler):
        yield handler


@pytest.mark.django_db(transaction=True)
class TestWithAWorker:
    """The worker looks at the real clock: these clinics are due since Monday at midnight."""

    @pytest.fixture
    def due(self) -> Clinic:
        clinic = make_clinic("due", summary_hour=0, summarised_through=self.week - WEEK)
        with clinic_scope(clinic.pk):
            make_member(clinic)
        return clinic

    @property
    def week(self) -> date:
        return monday_of(timezone.now().date()) - WEEK

    def test_two_dispatches_at_once_and_one_email(self, due: Clinic, smtp: Mailbox, worker: Path) -> None:
        before = dispatches(worker)
        for _ in range(2):
            app.send_task("clinic.tasks.dispatch")
        [mail] = smtp.wait_for(1)
        assert mail["Subject"] == f"Week {self.week.isocalendar().week}: nobody needs you"
        assert mail["List-Unsubscribe"].strip().startswith("<http://localhost:8000/weekly-email/")
        assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        until(lambda: states(due) == ["sent"], "the record")
        app.send_task("clinic.tasks.dispatch")
        until(lambda: dispatches(worker) == before + 3, "the third dispatch")
        assert len(smtp.messages) == 1

    def test_a_worker_killed_in_mid_send(self, due: Clinic, holding: HoldsTheFirst, worker: Path) -> None:
        app.send_task("clinic.tasks.dispatch")
        assert holding.taken.wait(30), worker.read_text()
        assert states(due) == ["sending"]
        for child in pool_of_worker():
            child.send_signal(signal.SIGKILL)
        with clinic_scope(due.pk):
            Message.objects.update(claimed_at=timezone.now() - Message.STALE_AFTER - DAY / 1440)
        app.send_task("clinic.tasks.dispatch")
        until(lambda: states(due) == ["uncertain"], "the second attempt", seconds=60)
        assert len(holding.ids) == 2
        assert len(set(holding.ids)) == 1

    def test_of_those_that_go_together_only_the_one_in_hand_is_in_doubt(
        self, due: Clinic, holding: HoldsTheFirst, worker: Path
    ) -> None:
        with clinic_scope(due.pk):
            make_member(due)
            make_member(due)
        app.send_task("clinic.tasks.dispatch")
        assert holding.taken.wait(30), worker.read_text()
        assert states(due) == ["queued", "queued", "sending"]
        for child in pool_of_worker():
            child.send_signal(signal.SIGKILL)
        until(lambda: states(due) == ["sending", "sent", "sent"], "the others", seconds=60)
        assert len(set(holding.ids)) == 3

    def test_what_redis_was_not_told_is_found(self, due: Clinic, smtp: Mailbox, worker: Path) -> None:
        with redis_at(NO_REDIS), clinic_scope(due.pk):
            [message] = queue_due_summaries(clinic_id=due.pk, week=self.week, now=timezone.now())
        assert states(due) == ["queued"]
        app.send_task("clinic.tasks.dispatch")
        [mail] = smtp.wait_for(1)
        assert mail["Message-ID"] == message.message_id


def dispatches(worker: Path) -> int:
    """How many the worker has finished."""
    return len(re.findall(r"clinic\.tasks\.dispatch\[\S+\] succeeded", worker.read_text()))


def pool_of_worker() -> list[psutil.Process]:
    """The children of the worker that this test process started."""
    [main] = [
        child for child in psutil.Process().children() if "celery" in child.cmdline() and "worker" in child.cmdline()
    ]
    return main.children()
