"""Which band, and where, a patient really used: kept where they say so, the clinic's own only, and shown."""

from typing import Any

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.test import Client
from uuid_utils.compat import uuid7

from clinic.wall.scope import clinic_scope
from patients.actions.logging import Entry, SetEntry
from patients.models import LoggedSet
from programs.models import Band, BandLadder
from tests import factories as make
from tests.patients.home import FOUR_SETS, Fields, Home, a_home, send, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def noon() -> Any:
    with time_machine.travel(make.NOW, tick=False):
        yield


@pytest.fixture
def home() -> Home:
    return a_home()


@pytest.fixture
def phone(client: Client, home: Home) -> Client:
    return make.sign_in(client, home.self)


def a_band(home: Home, length: str = "short", label: str = "blue") -> Band:
    with clinic_scope(home.clinic.pk):
        ladder, _made = BandLadder.objects.get_or_create(maker="Maker", length=length)
        return Band.objects.create(ladder=ladder, label=label)


def used(**said: Any) -> Entry:
    return Entry(id=uuid7(), date=make.TODAY, sets=(SetEntry(exercise=make.WALK, left=9, right=9, **said),))


def session(home: Home) -> str:
    return home.url(f"{make.TODAY}/session")


def test_the_page_of_a_session_asks_and_keeps_it(phone: Client, home: Home) -> None:
    blue, medium = a_band(home), a_band(home, "long", "medium")
    other = {f"{make.WALK}-placement": "ankles", f"{make.WALK}-short_band": str(blue.pk)}
    saved = send(phone, session(home), "sets", FOUR_SETS | other | {f"{make.THRUST}-long_band": str(medium.pk)})
    assert saved.status_code == 303
    kept = [(each.short_band_id, each.long_band_id, each.placement) for each in home.logs()[0].sets.all()]
    assert kept == [(blue.pk, None, "ankles")] * 2 + [(None, medium.pk, "")] * 2
    shown = text_of(phone.get(saved.url))
    assert "With: blue band, around your ankles" in shown
    assert "With: medium band" in shown


def test_as_planned_too_and_a_correction_starts_from_it(phone: Client, home: Home) -> None:
    blue = a_band(home)
    answers = {f"{make.WALK}-planned": "2", f"{make.WALK}-short_band": str(blue.pk)}
    send(phone, session(home), "sets", answers)
    (first,) = home.logs()
    assert [(each.as_planned, each.short_band_id) for each in first.sets.all()] == [(True, blue.pk)] * 2
    page = phone.get(home.url(f"correct/{first.pk}"))
    assert f'<option value="{blue.pk}" selected>' in page.text
    send(phone, page, "sets", {f"{make.WALK}-short_band": ""})
    assert {each.short_band_id for each in home.logs()[-1].sets.all()} == {None}


def test_a_page_with_an_error_keeps_what_was_chosen(phone: Client, home: Home) -> None:
    blue = a_band(home)
    wrong = send(
        phone, session(home), "sets", FOUR_SETS | {f"{make.WALK}-short_band": str(blue.pk), "note": "x" * 2001}
    )
    assert (wrong.status_code, f'<option value="{blue.pk}" selected>' in wrong.text) == (422, True)


@pytest.mark.parametrize("said", [{"placement": "elbows"}, {"long_band": "short"}, {"short_band": "unknown"}])
def test_what_does_not_exist_is_refused_with_a_sentence(home: Home, said: dict[str, str]) -> None:
    ids = {"short": a_band(home).pk, "unknown": uuid7()}
    entry = used(**{name: ids.get(value, value) for name, value in said.items()})
    with clinic_scope(home.clinic.pk), pytest.raises(ValidationError, match=r"no band there|does not have this band"):
        home.log(entry)
    assert home.logs() == []


def test_another_clinics_band_is_unknown_here(phone: Client, home: Home) -> None:
    theirs = a_band(a_home(slug="south"))
    page = send(phone, session(home), "sets", FOUR_SETS | {f"{make.WALK}-short_band": str(theirs.pk)})
    assert page.status_code == 422
    assert "Your clinic does not have this band." in text_of(page)
    assert str(theirs.pk) not in Fields(page).forms["sets"].values()


def test_the_database_refuses_another_clinics_band(home: Home) -> None:
    theirs = a_band(a_home(slug="south"))
    with clinic_scope(home.clinic.pk):
        log, _created = home.log(used())
        with pytest.raises(IntegrityError, match="short_band_id_clinic"):
            LoggedSet.objects.create(
                log=log, position=9, exercise_id=make.WALK, left=1, right=1, short_band_id=theirs.pk
            )


def test_staff_see_it_and_their_correction_keeps_it(client: Client, home: Home) -> None:
    blue = a_band(home)
    with clinic_scope(home.clinic.pk):
        log, _created = home.log(used(short_band=blue.pk, placement="knees"))
    staff = make.sign_in(client, home.clinician)
    root = f"/clinic/north/patients/patient/{home.patient.pk}"
    assert "with: blue band, around your knees" in text_of(staff.get(f"{root}/change/"))
    form = staff.get(f"{root}/log/{log.pk}/correct/").context["form"]
    data = {name: value for name, value in form.initial.items() if value is not None} | {"pain_after": 2}
    assert staff.post(f"{root}/log/{log.pk}/correct/", data).status_code == 302
    (kept,) = home.logs()[-1].sets.all()
    assert (kept.short_band_id, kept.placement) == (blue.pk, "knees")


def test_what_was_sent_before_there_were_bands_is_still_the_same(home: Home) -> None:
    """A phone may send again, after an update of the server, what the server kept before it."""
    entry = Entry(id=uuid7(), date=make.TODAY, sets=(SetEntry(exercise=make.WALK, left=10, right=10),), pain_before=2)
    assert entry.digest == "3030bc6f5a6afd1cd54cefc9a065c4a17c8dce739d0bac1d333520853d1653be"


def test_numbers_that_come_with_as_planned_are_kept(home: Home) -> None:
    """They are those of the plan that the patient saw; it may have changed or ended since."""
    sets = (
        SetEntry(exercise=make.WALK, left=8, right=8, as_planned=True),
        SetEntry(exercise=make.THRUST, as_planned=True),
    )
    with clinic_scope(home.clinic.pk):
        log, _created = home.log(Entry(id=uuid7(), date=make.TODAY, sets=sets))
        assert [(str(each), each.as_planned) for each in log.sets.all()] == [("8 + 8", True), ("10", True)]
