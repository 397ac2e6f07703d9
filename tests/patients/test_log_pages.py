"""Logging on the patient's pages, as a browser without JavaScript does it."""

from datetime import timedelta
from typing import Any
from urllib.parse import quote, urlencode

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from uuid_utils.compat import uuid7

from clinic.models import Clinic
from clinic.wall.scope import clinic_scope
from patients.actions.logging import SetEntry
from patients.actions.prescribing import prescribe, revise
from patients.models import Log, Prescription
from programs.models import Dose
from tests import factories as make
from tests.patients.home import FOUR_SETS, Fields, Home, a_home, repeats, send, steps, text_of

DAY = timedelta(days=1)
YESTERDAY = make.TODAY - DAY


@pytest.fixture(autouse=True)
def noon(db: None) -> Any:
    with time_machine.travel(make.NOW, tick=False):
        yield


@pytest.fixture
def home() -> Home:
    return a_home()


@pytest.fixture
def phone(client: Client, home: Home) -> Client:
    return make.sign_in(client, home.self)


def log(home: Home, day: Any = make.TODAY, **entry: Any) -> Log:
    with clinic_scope(home.clinic.pk):
        return make.make_log(home.self, home.patient, day, **entry)


def sets_of(log: Log) -> list[str]:
    return [str(each) for each in log.sets.all()]


class TestSaving:
    def test_set_by_set(self, phone: Client, home: Home) -> None:
        answers = FOUR_SETS | {"pain_during": "0", "pain_after": "3", "effort": "10", "note": "Slept well 🙂\r\nthanks"}
        saved = send(phone, home.url(), "sets", answers)
        assert saved.status_code == 303
        (kept,) = home.logs()
        assert sets_of(kept) == ["10 + 10", "10 + 9", "12", "15"]
        assert (kept.pain_before, kept.pain_during, kept.pain_after, kept.effort) == (None, 0, 3, 10)
        assert (kept.note, kept.provenance, kept.entered_by) == ("Slept well 🙂\nthanks", "live", home.self)
        shown = text_of(phone.get(saved.url))
        assert "Saved. Well done." in shown
        assert "1 of 3 sessions" in shown
        assert "left 10 + 10, right 10 + 9" in shown

    def test_a_set_beyond_the_plan(self, phone: Client, home: Home) -> None:
        send(phone, home.url(), "sets", repeats(4, 30))
        assert sets_of(home.logs()[0]) == ["30"]

    def test_as_planned_in_one_tap(self, phone: Client, home: Home) -> None:
        shown = text_of(phone.get(send(phone, home.url(), "planned").url))
        assert [(str(each), each.as_planned) for each in home.logs()[0].sets.all()] == [("10 + 10", True)] * 2 + [
            ("10", True)
        ] * 2
        assert "as planned, not counted" in shown
        assert "Add how it felt" in shown

    def test_one_exercise_as_planned_and_the_other_counted(self, phone: Client, home: Home) -> None:
        page = phone.get(home.url())
        assert f'name="{make.WALK}-planned" value="2"' in page.content.decode()
        send(phone, page, "sets", {f"{make.WALK}-planned": "2"} | repeats(1, 8))
        kept = [(str(each), each.as_planned) for each in home.logs()[0].sets.all()]
        assert kept == [("10 + 10", True)] * 2 + [("8", False)]

    def test_not_done_with_a_reason(self, phone: Client, home: Home) -> None:
        saved = send(phone, home.url(), "skip", {"skip_reason": "time", "note": "Guests."})
        (kept,) = home.logs()
        assert (kept.skip_reason, kept.note, sets_of(kept)) == ("time", "Guests.", [])
        assert "Everybody misses a day." in text_of(phone.get(saved.url))

    @pytest.mark.parametrize(("answers", "offered"), [({"pain_after": "8"}, True), ({"pain_after": "7"}, False)])
    def test_much_pain_offers_the_warning_signs(self, phone: Client, home: Home, answers: dict, offered: bool) -> None:
        saved = send(phone, home.url(), "sets", FOUR_SETS | answers)
        assert ("Check the warning signs" in text_of(phone.get(saved.url))) is offered

    def test_the_two_days_before(self, phone: Client, home: Home) -> None:
        saved = send(phone, home.url(YESTERDAY), "sets", FOUR_SETS)
        (kept,) = home.logs()
        assert (kept.date, kept.provenance, saved.url.split("?")[0]) == (YESTERDAY, "late", home.url(YESTERDAY))
        assert "added later" in text_of(phone.get(home.url()))

    @pytest.mark.parametrize("days", [-3, 1, -3000])
    def test_no_other_day_can_be_opened(self, phone: Client, home: Home, days: int) -> None:
        assert phone.get(home.url(make.TODAY + days * DAY))["Location"] == home.url()

    def test_nul_is_left_out(self, phone: Client, home: Home) -> None:
        send(phone, home.url(), "sets", FOUR_SETS | {"note": "a\0b"})
        assert home.logs()[0].note == "ab"


class TestTwice:
    def test_a_double_tap_is_one_log(self, phone: Client, home: Home) -> None:
        page = phone.get(home.url())
        first, second = (send(phone, page, "sets", FOUR_SETS) for _tap in range(2))
        assert (first.status_code, first.url) == (second.status_code, second.url)
        assert len(home.logs()) == 1

    def test_each_load_makes_another_id(self, phone: Client, home: Home) -> None:
        ids = [fields["id"] for _load in range(2) for fields in Fields(phone.get(home.url())).forms.values()]
        assert len(set(ids)) == len(ids) == 6

    def test_other_answers_under_the_same_id_become_a_correction(self, phone: Client, home: Home) -> None:
        page = phone.get(home.url())
        send(phone, page, "sets", FOUR_SETS | {"note": "first"})
        conflict = send(phone, page, "sets", steps(1, 3, 4) | {"note": "second", "pain_before": "2"})
        assert conflict.status_code == 409
        assert "You saved this before, with other answers" in text_of(conflict)
        typed = Fields(conflict).forms["sets"]
        expected = steps(1, 3, 4) | {"note": "second", "pain_before": "2"}
        assert {name: typed[name] for name in expected} == expected
        assert [each.note for each in home.logs()] == ["first"]
        assert send(phone, conflict, "sets").status_code == 303
        first, second = home.logs()
        assert (first.note, second.note, second.replaces, first.replaced_at is None) == (
            "first",
            "second",
            first,
            False,
        )

    def test_as_planned_under_the_id_of_other_answers_can_be_saved_as_a_correction_too(
        self, phone: Client, home: Home
    ) -> None:
        kept = log(home)
        conflict = send(phone, home.url(), "planned", {"id": str(kept.pk)})
        assert conflict.status_code == 409
        assert send(phone, conflict, "planned").status_code == 303
        assert [each.as_planned for each in home.logs()[-1].sets.all()] == [True] * 4

    def test_a_third_answer_corrects_the_correction(self, phone: Client, home: Home) -> None:
        page = phone.get(home.url())
        send(phone, page, "sets", FOUR_SETS | {"note": "first"})
        send(phone, send(phone, page, "sets", FOUR_SETS | {"note": "second"}), "sets")
        send(phone, send(phone, page, "sets", FOUR_SETS | {"note": "third"}), "sets")
        assert [(each.note, each.replaced_at is None) for each in home.logs()][-1] == ("third", True)
        assert sum(each.replaced_at is None for each in home.logs()) == 1

    def test_after_taking_it_back_it_can_be_saved_anew(self, phone: Client, home: Home) -> None:
        page = phone.get(home.url())
        send(phone, page, "sets", FOUR_SETS)
        phone.post(home.url(f"withdraw/{home.logs()[0].pk}"))
        conflict = send(phone, page, "sets", FOUR_SETS | {"note": "again"})
        assert (conflict.status_code, Fields(conflict).forms["sets"]["note"]) == (409, "again")
        assert send(phone, conflict, "sets").status_code == 303
        assert [each.replaces_id for each in home.logs()] == [None, None]

    def test_an_id_of_another_patient_is_not_theirs_to_see(self, phone: Client, home: Home) -> None:
        with clinic_scope(home.clinic.pk):
            other = make.make_patient()
            theirs = make.make_log(make.make_sign_in(other), other, note="secret")
        conflict = send(phone, home.url(), "sets", FOUR_SETS | {"id": str(theirs.pk)})
        assert conflict.status_code == 409
        assert "secret" not in text_of(conflict)
        assert send(phone, conflict, "sets").status_code == 303


class TestErrors:
    @pytest.mark.parametrize(
        ("answers", "sentence"),
        [
            (repeats(1, "ten"), "Double band hip thrust, set 1: How many : Enter a whole number from 0 to 1000."),
            (repeats(1, "-1"), "Enter a whole number from 0 to 1000."),
            (repeats(5, "1001"), "Double band hip thrust, set 5: How many : Enter a whole number from 0 to 1000."),
            (
                steps(2, 10, ""),
                "Lateral band walk, set 2: Right : Enter a number for this side too, or 0 if you did none.",
            ),
            (steps(1, 10, 9) | {f"{make.WALK}-planned": "2"}, "Enter your numbers or tick this, not both."),
            ({}, "Enter at least one set, or say that you did not do it."),
            ({"pain_after": "11"} | repeats(1, 12), "Select a valid choice."),
            ({"note": "x" * 2001} | repeats(1, 12), "This note is too long: 2001 characters. It may have 2000."),
        ],
    )
    def test_what_was_typed_comes_back_with_a_sentence(
        self, phone: Client, home: Home, answers: dict[str, str], sentence: str
    ) -> None:
        answers = {"note": "My own words <b>", "pain_before": "4"} | answers
        page = send(phone, home.url(), "sets", answers)
        assert page.status_code == 422
        assert sentence in text_of(page)
        typed = Fields(page).forms["sets"]
        assert {name: typed.get(name) for name in answers if name != "pain_after"} == {
            name: value for name, value in answers.items() if name != "pain_after"
        }
        assert not home.logs()

    def test_not_done_needs_a_reason(self, phone: Client, home: Home) -> None:
        page = send(phone, home.url(), "skip", {"note": "Busy"})
        assert (page.status_code, Fields(page).forms["skip"]["note"]) == (422, "Busy")
        assert "Choose one of these." in text_of(page)

    def test_a_page_left_open_for_days_keeps_what_was_typed(self, phone: Client, home: Home) -> None:
        page = phone.get(home.url())
        with time_machine.travel(make.NOW + 3 * DAY, tick=False):
            refused = send(phone, page, "sets", FOUR_SETS)
        assert refused.status_code == 422
        assert "This is more than two days ago." in text_of(refused)
        assert FOUR_SETS.items() <= Fields(refused).forms["sets"].items()

    @pytest.mark.parametrize("day", ["2026-11-19", "9999-12-31", "0001-01-01"])
    def test_no_date_breaks_the_page(self, phone: Client, home: Home, day: str) -> None:
        url = home.url(f"{day}/log")
        assert phone.post(url, Fields(phone.get(home.url())).forms["sets"] | FOUR_SETS).status_code == 422
        assert phone.get(home.url("2026-02-30")).status_code == 404

    def test_an_exercise_that_the_plan_no_longer_has_is_not_lost(self, phone: Client, home: Home) -> None:
        page = phone.get(home.url())
        with clinic_scope(home.clinic.pk):
            program = make.make_program()
            Dose.objects.filter(phase__program=program, exercise=make.WALK).delete()
            revise(
                by=home.clinician,
                prescription=Prescription.objects.get(),
                program=program,
                starts_on=make.TODAY,
                now=make.NOW,
            )
        refused = send(phone, page, "sets", steps(1, 9, "nine"))
        assert steps(1, 9, "nine").items() <= Fields(refused).forms["sets"].items()
        assert send(phone, refused, "sets", steps(1, 9, 9)).status_code == 303
        assert sets_of(home.logs()[0]) == ["9 + 9"]

    def test_an_exercise_that_nobody_knows_is_refused(self, phone: Client, home: Home) -> None:
        page = send(phone, home.url(), "sets", {"squat-1-amount": "5"} | FOUR_SETS)
        assert (page.status_code, home.logs()) == (422, [])

    @pytest.mark.parametrize("character", ["x", "🦵", "\0"])
    def test_ten_megabytes_get_a_sentence_and_lose_no_number(self, phone: Client, home: Home, character: str) -> None:
        typed = Fields(phone.get(home.url())).forms["sets"] | FOUR_SETS | {"pain_after": "3"}
        note = urlencode({"note": "It hurt. " + character * (10_000_000 // len(quote(character)))})
        body = urlencode({name: said for name, said in typed.items() if name != "note"}) + f"&{note}"
        page = phone.post(home.url(f"{make.TODAY}/log"), body, content_type="application/x-www-form-urlencoded")
        assert page.status_code == 422
        assert "Your note is far too long. Only its beginning is below." in text_of(page)
        again = Fields(page).forms["sets"]
        assert (FOUR_SETS | {"pain_after": "3"}).items() <= again.items()
        assert again["note"].startswith("It hurt. ")
        assert (len(again["note"]) <= 2000, home.logs()) == (True, [])
        assert send(phone, page, "sets", {"note": "It hurt."}).status_code == 303
        assert [log.note for log in home.logs()] == ["It hurt."]

    def test_what_is_no_form_and_far_too_large_is_refused(self, phone: Client, home: Home) -> None:
        page = send(phone, home.url(), "sets", FOUR_SETS | {"note": "x" * 10_000_000})  # in parts, as no page sends it
        assert (page.status_code, home.logs()) == (400, [])

    def test_an_id_that_is_none_is_refused(self, phone: Client, home: Home) -> None:
        assert send(phone, home.url(), "sets", FOUR_SETS | {"id": "1"}).status_code == 400


class TestChanging:
    def test_a_correction_starts_from_what_was_logged(self, phone: Client, home: Home) -> None:
        first = log(home, pain_after=6, note="ouch")
        page = phone.get(home.url(f"correct/{first.pk}"))
        typed = Fields(page).forms["sets"]
        logged = (
            steps(1, 10, 10) | steps(2, 10, 10) | repeats(1, 12) | repeats(2, 12) | {"note": "ouch", "pain_after": "6"}
        )
        assert logged.items() <= typed.items()
        assert "pain_before" not in typed
        assert send(phone, page, "sets", steps(2, 4, 5)).status_code == 303
        second = home.logs()[-1]
        assert (second.replaces, sets_of(second)[1], second.note, second.pain_after) == (first, "4 + 5", "ouch", 6)
        assert "1 of 3 sessions" in text_of(phone.get(home.url()))

    @pytest.mark.parametrize(
        ("changed", "confirmed"),
        [
            ({}, [False, True, True, True]),
            (steps(1, 9, 9), [False, True, True, True]),
            (steps(2, 10, 9), [False, False, True, True]),
            (steps(3, 10, 10), [False, True, False, True, True]),
            (steps(2, "", ""), [False, True, True]),
            ({f"{make.THRUST}-planned": ""} | repeats(1, 14), [False, True, False]),
        ],
    )
    def test_what_was_confirmed_stays_so_unless_that_set_changed(
        self, phone: Client, home: Home, changed: dict[str, str], confirmed: list[bool]
    ) -> None:
        """Of the walk one set was counted and one confirmed; of the thrust both, when 14 were planned."""
        done = [
            SetEntry(exercise=make.WALK, left=8, right=7),
            SetEntry(exercise=make.WALK, left=10, right=10, as_planned=True),
            *[SetEntry(exercise=make.THRUST, amount=14, as_planned=True)] * 2,
        ]
        first = log(home, sets=tuple(done))
        page = phone.get(home.url(f"correct/{first.pk}"))
        assert page.text.count("(as planned)") == 1
        assert send(phone, page, "sets", changed | {"pain_after": "1"}).status_code == 303
        second = home.logs()[-1]
        assert [each.as_planned for each in second.sets.all()] == confirmed
        assert {each.amount for each in second.sets.all() if each.exercise_id == make.THRUST} == {14}

    def test_how_it_felt_can_be_added_to_what_was_done_as_planned(self, phone: Client, home: Home) -> None:
        first = log(home, as_planned=True)
        send(phone, home.url(f"correct/{first.pk}"), "sets", {"pain_during": "2"})
        second = home.logs()[-1]
        assert (second.pain_during, [each.as_planned for each in second.sets.all()]) == (2, [True] * 4)

    def test_an_exercise_beyond_the_plan_can_be_corrected_too(self, client: Client) -> None:
        home = a_home(prescribed=False)
        with clinic_scope(home.clinic.pk):
            program = make.make_program()
            Dose.objects.filter(exercise=make.WALK).delete()
            prescribe(
                by=home.clinician,
                patient=home.patient,
                program=program,
                starts_on=make.MONDAY,
                affected_knee="left",
                now=make.NOW,
            )
        first = log(home, sets=[SetEntry(exercise=make.WALK, left=5, right=6)])
        page = make.sign_in(client, home.self).get(home.url(f"correct/{first.pk}"))
        assert steps(1, 5, 6).items() <= Fields(page).forms["sets"].items()

    def test_what_was_corrected_can_not_be_corrected_again(self, phone: Client, home: Home) -> None:
        first = log(home)
        page = phone.get(home.url(f"correct/{first.pk}"))
        send(phone, page, "sets", {"note": "second", "id": str(uuid7())})
        late = send(phone, page, "sets", {"note": "third"})
        assert (late.status_code, Fields(late).forms["sets"]["note"]) == (422, "third")
        assert "corrected in the meantime" in text_of(late)
        assert phone.get(home.url(f"correct/{first.pk}")).status_code == 409

    def test_taking_back_asks_first(self, phone: Client, home: Home) -> None:
        url = home.url(f"withdraw/{log(home).pk}")
        assert "Take it back?" in text_of(phone.get(url))
        assert home.logs()[0].withdrawn_at is None
        taken = phone.post(url)
        assert (taken.status_code, home.logs()[0].withdrawn_by) == (303, home.self)
        shown = text_of(phone.get(taken["Location"]))
        assert "Taken back. It no longer counts." in shown
        assert "0 of 3 sessions" in shown
        assert phone.post(url).status_code == 303

    def test_after_two_days_only_the_clinic_changes_it(self, phone: Client, home: Home) -> None:
        kept = log(home)
        with time_machine.travel(make.NOW + 3 * DAY, tick=False):
            for answer in [phone.get(home.url(f"correct/{kept.pk}")), phone.post(home.url(f"withdraw/{kept.pk}"))]:
                assert answer.status_code == 409
                assert "Ask your clinic to change it." in text_of(answer)

    def test_what_waits_for_the_clinic_is_shown_and_left_alone(self, phone: Client, home: Home) -> None:
        log(home, waited=-DAY)
        page = phone.get(home.url())
        assert "waits for your clinic" in text_of(page)
        assert "Take it back" not in text_of(page)


def test_sunday_night_belongs_to_sunday(phone: Client, home: Home) -> None:
    with clinic_scope(home.clinic.pk):
        Clinic.objects.update(time_zone="America/Los_Angeles")
    with time_machine.travel(make.NOW.replace(day=23, hour=7, minute=30), tick=False):
        page = phone.get(home.url())
        assert "Sunday 22 November" in text_of(page)
        send(phone, page, "sets", FOUR_SETS)
    assert (home.logs()[0].date.isoformat(), home.logs()[0].provenance) == ("2026-11-22", "live")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("kind", "answers"), [("sets", FOUR_SETS | {"pain_after": "2"}), ("planned", {})])
def test_logging_four_sets_takes_fifteen_statements(
    phone: Client, home: Home, kind: str, answers: dict[str, str]
) -> None:
    page = phone.get(home.url())
    with CaptureQueriesContext(connection) as captured:
        assert send(phone, page, kind, answers).status_code == 303
    statements = [query["sql"] for query in captured]
    assert len(home.logs()[0].sets.all()) == 4
    assert [sql for sql in statements if sql.startswith("BEGIN")] == ["BEGIN"] * 2
    assert len(statements) <= 15, "\n".join(statements)
