"""Who needs a look: the rules, how long an answer is right, and that nothing written is missed."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.wall.scope import clinic_scope
from patients.adherence import Course, Dose, Log, LoggedSet, Pause, Phase, Prescription
from patients.alerts import Thresholds
from patients.attention import Kind, Reason, Signs, find_out, reasons_on
from patients.attention.reasons import good_until, urgency
from patients.models import Attention, Patient
from tests.factories import NOW, TODAY, make_clinic, make_log, make_member, make_patient, make_prescription

DAY, WEEK = timedelta(days=1), timedelta(weeks=1)
MON, TUE, WED, THU, FRI, SAT, SUN = (date(2026, 11, 16) + number * DAY for number in range(7))
START = MON - 6 * WEEK
WHOLE = (LoggedSet("thrust", 20),)
THREE_A_WEEK = (Phase((Dose("thrust", 2, 10, per_direction=False),), frequency=3),)


def signs(*days: date, start: date | None = START, pause: Pause | None = None, **known: Any) -> Signs:
    """Three sessions a week since `start`; whole sessions on these days."""
    prescriptions = (Prescription(start, THREE_A_WEEK),) if start else ()
    defaults: dict[str, Any] = {
        "course": Course(prescriptions, (pause,) if pause else ()),
        "logs": [Log(day, WHOLE) for day in days],
        "last_log": max(days, default=None),
        "last_session": max(days, default=None),
    }
    return Signs(**defaults | known)


LAST_WEEK = (MON - WEEK, WED - WEEK, FRI - WEEK)


def said(day: date, one: Signs, limit: int = 6) -> list[str]:
    return [reason.text for reason in reasons_on(day, one, limits=Thresholds(pain_too_much=limit))]


@pytest.mark.parametrize(
    ("one", "day", "told"),
    [
        (signs(*LAST_WEEK), WED, []),
        (signs(*LAST_WEEK, red_flags=(TUE, MON, TUE)), WED, ["Warning sign on 17 Nov", "Warning sign on 16 Nov"]),
        (signs(*LAST_WEEK, pain=[(5, TUE)]), WED, []),
        (signs(*LAST_WEEK, pain=[(6, MON), (6, TUE), (2, WED)]), WED, ["Pain 6 on 17 Nov"]),
        (signs(*LAST_WEEK, pain=[(8, FRI - WEEK), (7, WED)]), WED, ["Pain 8 on 13 Nov"]),
        (signs(*LAST_WEEK, waiting=True), WED, ["Something logged waits to be accepted"]),
        (signs(MON - WEEK, TUE - WEEK), WED, ["Nothing logged since 10 Nov"]),
        (signs(MON - WEEK, FRI - WEEK), WED, []),
        (signs(FRI - WEEK), WED, ["Less than half done last week"]),
        (signs(SUN - 2 * WEEK, MON), WED, ["Nothing logged last week"]),
        (signs(), WED, ["No session since the start on 5 Oct"]),
        (signs(start=None), WED, []),
        (signs(start=THU), WED, []),
    ],
)
def test_the_reasons(one: Signs, day: date, told: list[str]) -> None:
    assert said(day, one) == told


def test_the_day_that_goes_on_is_not_held_against_anybody() -> None:
    one = signs(MON - WEEK, WED - WEEK)
    assert [said(day, one) for day in (TUE, WED, THU)] == [[], [], ["Nothing logged since 11 Nov"]]
    new = signs(start=MON)
    assert [said(day, new) for day in (FRI, SAT)] == [[], ["No session since the start on 16 Nov"]]


@pytest.mark.parametrize(
    ("days", "told"),
    [((MON,), []), ((MON, TUE), ["Skipped 2 × for pain"]), ((SUN - WEEK, MON), ["Skipped 2 × for pain"])],
)
def test_two_skips_for_pain_in_two_weeks(days: tuple[date, ...], told: list[str]) -> None:
    logs = [*(Log(day, WHOLE) for day in LAST_WEEK), *(Log(day, skip_reason="pain") for day in days)]
    assert said(WED, signs(*LAST_WEEK, logs=logs, last_log=max(days))) == told


def test_a_pause_silences_all_but_what_is_urgent() -> None:
    paused = Pause(MON)
    assert said(WED, signs(start=START, pause=paused)) == []
    assert said(WED, signs(*LAST_WEEK, pause=paused, pain=[(7, MON)])) == []
    assert said(WED, signs(*LAST_WEEK, pause=paused, pain=[(8, MON)], red_flags=[MON], waiting=True)) == [
        "Warning sign on 16 Nov",
        "Pain 8 on 16 Nov",
        "Something logged waits to be accepted",
    ]


def test_the_clinics_own_limit() -> None:
    one = signs(*LAST_WEEK, pain=[(5, MON)])
    assert said(WED, one, limit=5) == ["Pain 5 on 16 Nov"]
    assert said(WED, one, limit=6) == []
    assert said(WED, signs(*LAST_WEEK, pain=[(8, MON)]), limit=10) == ["Pain 8 on 16 Nov"]


def test_a_worse_reason_comes_before_many() -> None:
    flag, many = [Reason(Kind.RED_FLAG, MON)], [Reason(Kind.PAIN, MON, 6)] + [Reason(Kind.LOW)] * 20
    assert urgency(flag) > urgency(many) > urgency(many[:1]) > urgency([Reason(Kind.LOW)]) > urgency([]) == 0


@pytest.mark.parametrize("kind", list(Kind))
def test_a_reason_is_kept_as_it_was(kind: Kind) -> None:
    for reason in [Reason(kind), Reason(kind, MON, 7)]:
        assert Reason.from_json(reason.as_json()) == reason
        assert reason.text
        assert reason.symbol


DAYS = st.integers(0, 13).map(lambda number: MON - WEEK + number * DAY)


@given(
    st.sets(DAYS),
    st.integers(-30, 10),
    st.one_of(st.none(), st.tuples(st.integers(-20, 10), st.integers(0, 9))),
    st.integers(0, 6),
)
def test_an_answer_is_right_until_it_says(
    days: set[date], start: int, pause: tuple[int, int] | None, weekday: int
) -> None:
    """Unless something is written: the same on each day before, another on that day or a new week."""
    today = MON + weekday * DAY
    first = MON + start * DAY
    stop = Pause(MON + pause[0] * DAY, MON + sum(pause) * DAY) if pause else None
    one = signs(*sorted(day for day in days if day <= today), start=first, pause=stop)
    until = good_until(today, one, limits=Thresholds())
    assert today < until <= MON + WEEK
    told = [said(today + number * DAY, one) for number in range((until - today).days + 1)]
    assert all(each == told[0] for each in told[:-1])
    assert until == MON + WEEK or told[-1] != told[0]


def unknown() -> Sequence[Any]:
    return list(Attention.objects.filter(good_until=None).values_list("patient", flat=True))


@pytest.mark.django_db(transaction=True)
def test_what_is_being_written_is_left_for_later(migrator: psycopg.Connection) -> None:
    """A log that is not committed yet can't be seen: its patient is not looked at until it is."""
    clinic = make_clinic()
    with clinic_scope(clinic.pk):
        by = make_member(clinic)
        patient = make_patient(by)
        make_prescription(by, patient, starts_on=TODAY - WEEK)
        log = make_log(by, patient)
    # The other half of the log: as if a withdrawal was under way in another process.
    migrator.execute("UPDATE patients_log SET withdrawn_at = now() WHERE id = %s", [log.pk])
    with clinic_scope(clinic.pk):
        find_out(clinic, today=TODAY, most=10)
        assert unknown() == [patient.pk]
    migrator.commit()
    with clinic_scope(clinic.pk):
        find_out(clinic, today=TODAY, most=10)
        assert unknown() == []
        assert Attention.objects.get().last_log is None


@pytest.mark.django_db(transaction=True)
def test_what_is_written_while_somebody_looks_waits_and_counts(migrator: psycopg.Connection) -> None:
    """The row that is being found out is locked; what comes meanwhile empties it after that."""
    clinic = make_clinic()
    with clinic_scope(clinic.pk):
        by = make_member(clinic)
        patient = make_patient(by)
        log = make_log(by, patient)
    with clinic_scope(clinic.pk):
        find_out(clinic, today=TODAY, most=10)
        migrator.execute("SET lock_timeout = '200ms'")
        with pytest.raises(psycopg.errors.LockNotAvailable):
            migrator.execute("UPDATE patients_log SET withdrawn_at = now() WHERE id = %s", [log.pk])
    migrator.rollback()
    migrator.execute("UPDATE patients_log SET withdrawn_at = now() WHERE id = %s", [log.pk])
    migrator.commit()
    with clinic_scope(clinic.pk):
        assert unknown() == [patient.pk]


@pytest.mark.django_db
def test_each_patient_has_one_row_whoever_makes_them() -> None:
    clinic = make_clinic()
    with clinic_scope(clinic.pk):
        Patient.objects.bulk_create(Patient(code=f"B-{n}", name="Bulk", affected_knee="left") for n in range(3))
        make_patient()
        assert Attention.objects.count() == 4
        assert len(unknown()) == 4
        assert find_out(clinic, today=NOW.date(), most=3)
        assert not find_out(clinic, today=NOW.date(), most=3)
        assert unknown() == []
