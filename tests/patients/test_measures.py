"""What patients answer about themselves: at the start, every four weeks, at the end."""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.test import Client
from django.test.utils import CaptureQueriesContext
from uuid_utils.compat import uuid7

from clinic.models import Clinic, Membership, Role
from clinic.wall.scope import clinic_scope
from patients.actions.measuring import Answers, measure, withdraw_measurement
from patients.actions.prescribing import end_course, pause, prescribe
from patients.admin.measures import MeasuresShown, measures_of
from patients.measures import due_since
from patients.models import Course, Measurement, Patient, Prescription
from tests.factories import (
    MONDAY,
    NOW,
    TODAY,
    make_clinic,
    make_log,
    make_member,
    make_patient,
    make_prescription,
    make_program,
    sign_in,
)

pytestmark = pytest.mark.django_db
ROOT = "/clinic/north/patients/patient"
DAY, WEEK = timedelta(days=1), timedelta(weeks=1)
START = date(2026, 8, 3)


@pytest.mark.parametrize(
    ("today", "given", "due"),
    [
        (START + 4 * WEEK - DAY, [], None),
        (START + 4 * WEEK, [], START + 4 * WEEK),
        (START + 4 * WEEK, [START], START + 4 * WEEK),
        (START + 4 * WEEK, [START + 3 * WEEK], None),
        (START + 4 * WEEK, [START + 3 * WEEK - DAY], START + 4 * WEEK),
        (START + 7 * WEEK, [START + 6 * WEEK], None),
        (START + 8 * WEEK, [START + 6 * WEEK], START + 8 * WEEK),
        (START - WEEK, [], None),
    ],
)
def test_four_weeks_are_counted_from_the_start(today: date, given: list[date], due: date | None) -> None:
    assert due_since(START, given, today=today) == due


@pytest.fixture
def clinic() -> Clinic:
    return make_clinic()


@pytest.fixture
def by(clinic: Clinic) -> Membership:
    with clinic_scope(clinic.pk):
        return make_member(clinic)


@pytest.fixture
def patient(clinic: Clinic, by: Membership) -> Patient:
    with clinic_scope(clinic.pk):
        return make_patient(by, code="C-007", name="Carla Neumann")


@pytest.fixture
def running(clinic: Clinic, by: Membership, patient: Patient) -> Prescription:
    with clinic_scope(clinic.pk):
        return make_prescription(by, patient)


@pytest.fixture
def inside(clinic: Clinic) -> Iterator[None]:
    with clinic_scope(clinic.pk):
        yield


def answers(**given: Any) -> Answers:
    nothing = {"given_on": TODAY, "activity": "", "activity_score": None, "pain": None, "change": None}
    return nothing | given  # type: ignore[return-value]


STAIRS = {"activity": "Stairs", "activity_score": 3, "pain": 6}


@pytest.mark.usefixtures("inside")
class TestAction:
    def enter(self, by: Membership, running: Prescription, occasion: str = "start", **more: Any) -> Measurement:
        more = {"answers": answers(**STAIRS)} | more
        return measure(by=by, course=running.course, occasion=occasion, now=NOW, **more)

    def test_a_correction_keeps_what_it_replaces(self, by: Membership, running: Prescription) -> None:
        first = self.enter(by, running)
        second = self.enter(by, running, answers=answers(pain=5), replaces=first.pk)
        assert list(Measurement.objects.current()) == [second]
        assert list(Measurement.objects.filter(pk=first.pk).values_list("pain", "replaced_at")) == [(6, NOW)]
        with pytest.raises(ValidationError, match="corrected or withdrawn in the meantime"):
            self.enter(by, running, answers=answers(pain=4), replaces=first.pk)

    def test_what_is_withdrawn_is_kept_and_makes_room(self, by: Membership, running: Prescription) -> None:
        first = self.enter(by, running)
        for _twice in range(2):
            withdraw_measurement(by=by, measurement=first.pk, now=NOW)
        assert not Measurement.objects.current().exists()
        self.enter(by, running)
        assert Measurement.objects.count() == 2
        replaced = self.enter(by, running, "between")
        self.enter(by, running, "between", answers=answers(pain=1), replaces=replaced.pk)
        with pytest.raises(ValidationError, match="corrected in the meantime"):
            withdraw_measurement(by=by, measurement=replaced.pk, now=NOW)

    def test_one_start_and_one_end_but_many_between(self, by: Membership, running: Prescription) -> None:
        for occasion in ["start", "end"]:
            self.enter(by, running, occasion)
            with pytest.raises(ValidationError, match="entered already"):
                self.enter(by, running, occasion)
        for _twice in range(2):
            self.enter(by, running, "between")
        assert Measurement.objects.count() == 4

    def test_the_key_of_another_course_is_refused(self, by: Membership, running: Prescription) -> None:
        other = make_prescription(by, make_patient(by))
        key = measure(by=by, course=other.course, occasion="between", answers=answers(pain=3), now=NOW).pk
        with pytest.raises(ValidationError, match="sent before with other answers"):
            measure(by=by, course=running.course, occasion="between", answers=answers(pain=3), now=NOW, key=key)
        assert not running.course.measurements.exists()

    def test_the_same_key_is_the_same_one(self, by: Membership, running: Prescription) -> None:
        key = uuid7()
        assert [self.enter(by, running, key=key).pk for _twice in range(2)] == [key, key]
        with pytest.raises(ValidationError, match="sent before with other answers"):
            self.enter(by, running, key=key, answers=answers(pain=1))

    @pytest.mark.parametrize(
        ("occasion", "given", "said"),
        [
            ("start", {"pain": 6, "change": 1}, "nothing to compare with"),
            ("between", {}, "Enter at least one answer"),
            ("between", {"activity": "Stairs"}, "Enter at least one answer"),
            ("between", {"activity_score": 3}, "Name the activity"),
            ("between", {"pain": 6, "given_on": TODAY + DAY}, "still to come"),
            ("between", {"pain": 11}, "less than or equal to 10"),
            ("between", {"change": 4}, "not a valid choice"),
        ],
    )
    def test_what_makes_no_sense_is_refused(
        self, occasion: str, given: dict[str, Any], said: str, by: Membership, running: Prescription
    ) -> None:
        with pytest.raises(ValidationError, match=said):
            self.enter(by, running, occasion, answers=answers(**given))
        assert not Measurement.objects.exists()

    @pytest.mark.parametrize(
        ("fields", "constraint"),
        [
            ({"occasion": "start", "change": 1}, "no_change_at_the_start"),
            ({"occasion": "between"}, "says_something"),
            ({"occasion": "between", "activity_score": 3}, "ranges"),
            ({"occasion": "between", "activity": "Stairs", "activity_score": 11}, "ranges"),
            ({"occasion": "between", "pain": 11}, "ranges"),
            ({"occasion": "between", "change": -4}, "ranges"),
        ],
    )
    def test_the_database_refuses_it_too(
        self, fields: dict[str, Any], constraint: str, by: Membership, running: Prescription
    ) -> None:
        with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
            Measurement.objects.create(course=running.course, given_on=TODAY, entered_by=by, entered_at=NOW, **fields)

    def test_the_database_keeps_one_start(self, by: Membership, running: Prescription) -> None:
        self.enter(by, running)
        with pytest.raises(IntegrityError, match="one_start_one_end"), transaction.atomic():
            Measurement.objects.create(
                course=running.course, occasion="start", pain=1, given_on=TODAY, entered_by=by, entered_at=NOW
            )

    @pytest.mark.parametrize("change", ["SET pain = 0", "SET given_on = now()", "SET activity = 'x'"])
    def test_nothing_that_was_answered_is_overwritten(self, change: str, by: Membership, running: Prescription) -> None:
        self.enter(by, running)
        with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic(), connection.cursor() as sql:
            sql.execute(f"UPDATE patients_measurement {change}")

    def test_nothing_that_was_answered_is_deleted(self, by: Membership, running: Prescription) -> None:
        self.enter(by, running)
        with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
            Measurement.objects.all().delete()


@pytest.mark.usefixtures("inside")
class TestShown:
    def course(self, by: Membership, patient: Patient, starts_on: date, *, again: bool = True) -> Course:
        return prescribe(
            by=by,
            patient=patient,
            program=make_program(),
            starts_on=starts_on,
            affected_knee="left",
            now=NOW,
            measured_every_four_weeks=again,
        ).course

    def enter(self, by: Membership, course: Course, occasion: str, day: date, **given: Any) -> None:
        measure(by=by, course=course, occasion=occasion, answers=answers(given_on=day, **given), now=NOW)

    def test_change_is_said_from_the_first_answer_to_the_last(self, by: Membership, patient: Patient) -> None:
        course = self.course(by, patient, TODAY - 8 * WEEK)
        self.enter(by, course, "start", TODAY - 8 * WEEK, **STAIRS)
        self.enter(by, course, "between", TODAY - 4 * WEEK, activity="Stairs", activity_score=5, change=1)
        self.enter(by, course, "between", TODAY, activity="Stairs", activity_score=6, pain=2, change=2)
        shown = measures_of(patient, today=TODAY)
        assert shown.latest.in_words == [
            "Stairs: 3 → 6 of 10, where 10 is best",
            "Pain: 6 → 2 of 10, where 0 is none",
            "Compared with the start: clearly better",
        ]
        assert (shown.due_since, shown.lacks_start, shown.lacks_end) == (None, False, False)

    def test_one_answer_alone_is_no_change_and_activities_are_not_compared(
        self, by: Membership, patient: Patient
    ) -> None:
        course = self.course(by, patient, TODAY - 8 * WEEK)
        self.enter(by, course, "start", TODAY - 8 * WEEK, activity="Stairs", activity_score=3)
        self.enter(by, course, "between", TODAY, activity="Kneeling", activity_score=8, pain=2)
        assert measures_of(patient, today=TODAY).latest.in_words == []

    def test_every_four_weeks_only_where_wanted_and_not_in_a_pause_or_after_the_end(
        self, by: Membership, patient: Patient
    ) -> None:
        course = self.course(by, patient, TODAY - 5 * WEEK)
        assert measures_of(patient, today=TODAY).due_since == TODAY - WEEK
        Course.objects.update(measured_every_four_weeks=False)
        assert measures_of(patient, today=TODAY).due_since is None
        Course.objects.update(measured_every_four_weeks=True)
        pause(by=by, course=course, starts_on=TODAY, ends_on=TODAY, now=NOW)
        assert measures_of(patient, today=TODAY).due_since is None
        assert measures_of(patient, today=TODAY + DAY).due_since == TODAY - WEEK
        end_course(by=by, course=course, last_date=TODAY, outcome="own")
        ended = measures_of(patient, today=TODAY + DAY)
        assert (ended.due_since, ended.lacks_start, ended.lacks_end) == (None, False, True)

    def test_earlier_courses_keep_theirs(self, by: Membership, patient: Patient) -> None:
        first = self.course(by, patient, TODAY - 9 * WEEK)
        self.enter(by, first, "start", TODAY - 9 * WEEK, **STAIRS)
        end_course(by=by, course=first, last_date=TODAY - DAY, outcome="own")
        second = self.course(by, patient, TODAY, again=False)
        shown = measures_of(patient, today=TODAY)
        assert (shown.latest.course, [each.course for each in shown.earlier]) == (second, [first])
        assert shown.lacks_start

    def test_a_patient_without_a_program_has_none(self, patient: Patient) -> None:
        assert measures_of(patient, today=TODAY) == MeasuresShown(patient)

    def test_it_takes_two_queries_however_many_there_are(self, by: Membership, patient: Patient, settings: Any) -> None:
        settings.ROOT_URLCONF = settings.INSIDE_URLCONF
        course = self.course(by, patient, TODAY - 9 * WEEK)
        for week in range(3):
            self.enter(by, course, "between", TODAY - week * WEEK, pain=3)
            with CaptureQueriesContext(connection) as queries:
                render_to_string("patients/admin/_measures.html", {"measures": measures_of(patient, today=TODAY)})
            assert len(queries) == 2

    def test_what_patients_log_does_not_touch_it(self, by: Membership, patient: Patient) -> None:
        course = self.course(by, patient, TODAY - 9 * WEEK)
        self.enter(by, course, "start", TODAY, **STAIRS)
        before = measures_of(patient, today=TODAY)
        make_log(by, patient, pain_after=9)
        assert measures_of(patient, today=TODAY).latest.in_words == before.latest.in_words == []


@pytest.fixture
def staff(by: Membership, client: Client, time_machine: Any) -> Client:
    time_machine.move_to(NOW)
    return sign_in(client, by)


def words(answer: HttpResponse) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", answer.text).split())


class TestPages:
    def test_they_are_offered_after_prescribing_and_after_the_end(
        self, clinic: Clinic, patient: Patient, staff: Client
    ) -> None:
        with clinic_scope(clinic.pk):
            program = make_program()
        sent = {"program": program.pk, "affected_knee": "left", "starts_on": TODAY, "measured_every_four_weeks": "on"}
        answer = staff.post(f"{ROOT}/{patient.pk}/prescribe/", sent, follow=True)
        assert f'href="{ROOT}/{patient.pk}/measure/?at=start"' in answer.text
        with clinic_scope(clinic.pk):
            assert Course.objects.get().measured_every_four_weeks
        assert "Once it has ended" in words(staff.get(f"{ROOT}/{patient.pk}/end/"))
        ended = staff.post(f"{ROOT}/{patient.pk}/end/", {"last_date": TODAY, "outcome": "own"}, follow=True)
        assert f'href="{ROOT}/{patient.pk}/measure/?at=end"' in ended.text
        assert staff.get(f"{ROOT}/{patient.pk}/measure/?at=end").status_code == 200

    def test_nothing_is_prefilled_and_the_start_asks_for_no_change(
        self, patient: Patient, running: Prescription, staff: Client
    ) -> None:
        for at, asked in [("start", False), ("between", True), ("end", True)]:
            page = staff.get(f"{ROOT}/{patient.pk}/measure/?at={at}")
            assert " checked" not in page.text.partition('<form class="card measuring"')[2]
            assert ("How is the knee compared with the start of the program?" in words(page)) == asked
            for text in ["0: not at all", "10: the knee is no hindrance", "0: no pain", "10: as bad as can be"]:
                assert text in words(page), text

    def test_they_are_entered_asked_again_corrected_and_withdrawn(
        self, clinic: Clinic, by: Membership, patient: Patient, running: Prescription, staff: Client
    ) -> None:
        page, back = f"{ROOT}/{patient.pk}/measure/", f"{ROOT}/{patient.pk}/change/"
        start = {"given_on": MONDAY, "activity": " Stairs ", "activity_score": "3", "pain": "", "key": str(uuid7())}
        for _twice in range(2):
            assert staff.post(f"{page}?at=start", start)["Location"] == back
        again = staff.get(f"{page}?at=between")
        assert "Their activity: Stairs" in words(again)
        assert 'name="activity"' not in again.text
        sent = {"given_on": TODAY, "activity": "Other", "activity_score": "6", "change": "2"}
        assert staff.post(f"{page}?at=between", sent)["Location"] == back
        with clinic_scope(clinic.pk):
            first, second = Measurement.objects.all()
            assert (first.occasion, first.activity, first.activity_score, first.pain) == ("start", "Stairs", 3, None)
            assert (first.given_on, first.entered_by) == (MONDAY, by)
            assert (second.activity, second.activity_score, second.change) == ("Stairs", 6, 2)

        correction = staff.get(f"{page}{second.pk}/")
        assert 'name="activity_score" value="6" checked' in correction.text
        staff.post(f"{page}{second.pk}/", {"given_on": TODAY, "activity_score": "", "pain": "4"})
        with clinic_scope(clinic.pk):
            corrected = Measurement.objects.current().get(occasion="between")
            assert (corrected.activity_score, corrected.pain, corrected.change) == (None, 4, None)
            assert corrected.replaces == second
        stale = staff.post(f"{page}{second.pk}/", {"given_on": TODAY, "pain": "5"})
        assert "corrected or withdrawn in the meantime" in words(stale)
        assert 'name="pain" value="5" checked' in stale.text
        staff.post(f"{page}{corrected.pk}/", {"withdraw": "yes"})
        with clinic_scope(clinic.pk):
            assert list(Measurement.objects.current()) == [first]
            assert Measurement.objects.count() == 3
        told = words(staff.get(f"{ROOT}/{patient.pk}/change/"))
        for line in [
            f"{by} Entered the measures at the start, of 16 Nov 2026",
            f"{by} Entered the measures in between, of 18 Nov 2026",
            f"{by} Corrected the measures in between, of 18 Nov 2026",
            f"{by} Withdrew the measures in between, of 18 Nov 2026",
        ]:
            assert told.count(line) == 1, line

    @pytest.mark.parametrize(
        ("sent", "errors"),
        [
            ({}, {"__all__": ["Enter at least one answer."]}),
            ({"activity_score": "3"}, {"activity": ["Name the activity that the number is about."]}),
            ({"pain": "11"}, {"pain": ["Select a valid choice. 11 is not one of the available choices."]}),
            ({"pain": "3", "given_on": "2026-11-19"}, {"given_on": ["This date is still to come."]}),
        ],
    )
    def test_what_is_wrong_is_said_at_its_field(
        self, sent: dict[str, str], errors: dict[str, list[str]], patient: Patient, running: Prescription, staff: Client
    ) -> None:
        answer = staff.post(f"{ROOT}/{patient.pk}/measure/?at=between", {"given_on": "2026-11-18"} | sent)
        assert answer.context["form"].errors == errors

    def test_asking_every_four_weeks_is_turned_on_and_off(
        self, clinic: Clinic, patient: Patient, running: Prescription, staff: Client
    ) -> None:
        page = f"{ROOT}/{patient.pk}/measure-every-four-weeks/"
        assert staff.get(page).status_code == 405
        for wanted in ["yes", "no"]:
            staff.post(page, {"wanted": wanted})
            with clinic_scope(clinic.pk):
                assert Course.objects.get().measured_every_four_weeks == (wanted == "yes")

    def test_without_a_program_or_at_no_time_there_is_no_page(
        self, clinic: Clinic, by: Membership, patient: Patient, staff: Client
    ) -> None:
        assert staff.get(f"{ROOT}/{patient.pk}/measure/?at=start").status_code == 404
        with clinic_scope(clinic.pk):
            make_prescription(by, patient)
        assert staff.get(f"{ROOT}/{patient.pk}/measure/?at=never").status_code == 404

    def test_the_front_desk_sees_none(
        self, clinic: Clinic, by: Membership, patient: Patient, running: Prescription, client: Client
    ) -> None:
        with clinic_scope(clinic.pk):
            kept = measure(by=by, course=running.course, occasion="start", answers=answers(**STAIRS), now=NOW)
            sign_in(client, make_member(clinic, Role.ASSISTANT))
        for path in ["measure/?at=between", f"measure/{kept.pk}/", "measure-every-four-weeks/"]:
            for method in [client.get, client.post]:
                assert method(f"{ROOT}/{patient.pk}/{path}").status_code == 403, path
        assert "Stairs" not in client.get(f"{ROOT}/{patient.pk}/change/").text
