"""Whatever is sent to the API gets an answer with a sentence, never a 500."""

import json
from base64 import b64encode
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clinic.wall.scope import clinic_scope
from patients.models import Log
from tests.clinic.world import ClinicWorld, make_world
from tests.factories import NOW, THRUST, TODAY, WALK, sign_in
from tests.patients.api import address, post, session

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def at_noon(time_machine: Any) -> None:
    time_machine.move_to(NOW, tick=False)


@pytest.fixture
def north() -> ClinicWorld:
    return make_world("north")


@pytest.fixture
def patient(north: ClinicWorld, client: Client) -> Client:
    return sign_in(client, north.sign_in)


BROKEN = "There is a broken character in this."
NUMBERS = "A set has a number from 0 to 1000."


WRONG_FIELDS: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"id": None}, {"id": ["This field may not be null."]}),
    ({"id": "one"}, {"id": ["Must be a valid UUID."]}),
    ({"id": ["a"]}, {"id": ["Must be a valid UUID."]}),
    ({"date": "18.11.2026"}, {"date": ...}),
    ({"date": "2026-W47-3"}, {"date": ...}),
    ({"date": "2026-11-18T12:00:00Z"}, {"date": ...}),
    ({"date": "2026-02-30"}, {"date": ...}),
    ({"date": 20261118}, {"date": ...}),
    ({"date": "9999-12-31"}, {"date": ["This date is still to come. You can log today and the two days before."]}),
    ({"date": "2026-11-19"}, {"date": ["This date is still to come. You can log today and the two days before."]}),
    ({"date": "2026-11-15"}, {"date": ["This is more than two days ago. You can log today and the two days before."]}),
    ({"date": "0001-01-01"}, {"date": ["This is more than two days ago. You can log today and the two days before."]}),
    ({"sets": []}, {"non_field_errors": ["Enter at least one set, or say that you did not do it."]}),
    ({"sets": {}}, {"sets": ...}),
    ({"sets": None}, {"sets": ["This field may not be null."]}),
    ({"sets": ["walk"]}, {"sets": ...}),
    ({"sets": [{"amount": 1}]}, {"sets": {"0": {"exercise": ["This field is required."]}}}),
    ({"sets": [{"exercise": WALK, "lefft": 1}]}, {"sets": {"0": {"lefft": ["There is no such field."]}}}),
    ({"sets": [{"exercise": "burpee", "amount": 1}]}, {"sets": ["burpee is not an exercise that we know."]}),
    ({"sets": [{"exercise": "a\0b", "amount": 1}]}, {"sets": {"0": {"exercise": ...}}}),
    ({"sets": [{"exercise": "a\ud800b", "amount": 1}]}, {"detail": BROKEN}),
    ({"skip_reason": "\ud800"}, {"detail": BROKEN}),
    ({"note": "\ud800"}, {"detail": BROKEN}),
    ({"\ud800": 1}, {"detail": BROKEN}),
    ({"sets": [{"exercise": "burpee", "as_planned": True}]}, {"non_field_errors": ...}),
    ({"sets": [{"exercise": WALK}]}, {"non_field_errors": [NUMBERS]}),
    ({"sets": [{"exercise": WALK, "left": -1, "right": 2}]}, {"non_field_errors": [NUMBERS]}),
    ({"sets": [{"exercise": THRUST, "amount": 1001}]}, {"non_field_errors": [NUMBERS]}),
    ({"sets": [{"exercise": THRUST, "amount": 10**300}]}, {"non_field_errors": [NUMBERS]}),
    ({"sets": [{"exercise": THRUST, "amount": 1.5}]}, {"sets": {"0": {"amount": ["A valid integer is required."]}}}),
    ({"sets": [{"exercise": THRUST, "amount": "many"}]}, {"sets": {"0": {"amount": ["A valid integer is required."]}}}),
    ({"sets": [{"exercise": THRUST, "amount": 1}] * 61}, {"sets": ...}),
    ({"skip_reason": "pain"}, {"non_field_errors": ["Either say what you did, or why you did nothing."]}),
    ({"skip_reason": "lazy", "sets": []}, {"skip_reason": ['"lazy" is not a valid choice.']}),
    ({"pain_during": 11}, {"pain_during": ["Ensure this value is less than or equal to 10."]}),
    ({"pain_during": -1}, {"pain_during": ["Ensure this value is greater than or equal to 0."]}),
    ({"pain_during": 10**300}, {"pain_during": ["Ensure this value is less than or equal to 10."]}),
    ({"pain_during": True}, {"pain_during": ["A valid integer is required."]}),
    ({"effort": "hard"}, {"effort": ["A valid integer is required."]}),
    ({"note": "a\0b"}, {"note": ["Null characters are not allowed."]}),
    ({"note": "x" * 2001}, {"note": ["Ensure this field has no more than 2000 characters."]}),
    ({"note": {"a": 1}}, {"note": ["Not a valid string."]}),
    ({"replaces": "it"}, {"replaces": ["Must be a valid UUID."]}),
    ({"replaces": str(uuid4())}, {"non_field_errors": ["What you want to correct is not there."]}),
    ({"waited_seconds": "long"}, {"waited_seconds": ["A valid integer is required."]}),
    ({"pain_durng": 3}, {"pain_durng": ["There is no such field."]}),
]


def test_what_is_wrong_is_told_by_field(north: ClinicWorld, patient: Client) -> None:
    for changes, errors in WRONG_FIELDS:
        answer = post(patient, north, session(**changes))
        assert (answer.status_code, same_but_for_ellipsis(answer.json(), errors)) == (400, True), (changes, answer.text)
    with clinic_scope(north.clinic.pk):
        assert list(Log.objects.all()) == [north.log]


def same_but_for_ellipsis(said: Any, expected: Any) -> bool:
    if expected is ...:
        return bool(said)
    if isinstance(expected, dict):
        return said.keys() == expected.keys() and all(same_but_for_ellipsis(said[k], expected[k]) for k in expected)
    if isinstance(expected, list):
        return len(said) == len(expected) and all(map(same_but_for_ellipsis, said, expected))
    return bool(said == expected)


WRONG_BODIES: list[tuple[bytes, str, int, str]] = [
    (b"not json", "application/json", 400, "detail"),
    (b"", "application/json", 400, "id"),
    (b"[]", "application/json", 400, "non_field_errors"),
    (b"null", "application/json", 400, "non_field_errors"),
    (b'"text"', "application/json", 400, "non_field_errors"),
    (b'{"id": NaN}', "application/json", 400, "detail"),
    (b'{"note": "\xff"}', "application/json", 400, "detail"),
    (b"9" * 5000, "application/json", 400, "detail"),
    (b"[" * 100_000, "application/json", 400, "detail"),
    (b"{}", "application/json; charset=no-such", 400, "id"),
    (b"id=1", "application/x-www-form-urlencoded", 415, "detail"),
    (b"<log/>", "application/xml", 415, "detail"),
    (b'{"note": "' + b"x" * 10_000_000 + b'"}', "application/json", 413, "detail"),
    (b"note=" + b"x" * 10_000_000, "application/x-www-form-urlencoded", 415, "detail"),
]


def test_a_body_that_is_no_log(north: ClinicWorld, patient: Client) -> None:
    for body, media_type, status, key in WRONG_BODIES:
        answer = patient.generic("POST", address(north, "logs/"), body, content_type=media_type)
        assert (answer.status_code, key in answer.json()) == (status, True), (body[:40], media_type, answer.text)


def test_a_nested_value_in_place_of_a_number(north: ClinicWorld, patient: Client) -> None:
    """Some depths can be parsed, and are too deep for what comes after it."""
    for depth in range(600, 1000, 8):
        nested = f'{{"id": "{uuid4()}", "date": "{TODAY}", "effort": {"[" * depth}{"]" * depth}}}'
        assert post(patient, north, nested).status_code == 400, depth


@pytest.mark.parametrize("said", ["x", "p=abc", "p=\0", "p=9999-12-31", "r=1&p=0001-01-01", "o=9999999999", "o=-1"])
def test_a_cursor_that_nobody_gave(north: ClinicWorld, patient: Client, said: str) -> None:
    for cursor in [said, b64encode(said.encode()).decode()]:
        answer = patient.get(address(north, "logs/"), {"cursor": cursor, "limit": said})
        assert answer.status_code in {200, 400, 404}, cursor
        assert isinstance(answer.json(), dict)


def test_too_much_is_refused_before_the_token_is_looked_at(north: ClinicWorld) -> None:
    client = sign_in(Client(enforce_csrf_checks=True), north.sign_in)
    client.get("/api/v1/docs/")
    answer = post(client, north, session(note="x" * 10_000_000))
    assert (answer.status_code, answer.json()) == (413, {"detail": "This is too much to send at once."})


SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=20)
    | st.dates().map(str)
    | st.uuids().map(str)
    | st.sampled_from([WALK, THRUST, "pain", str(TODAY), "\0", "\ud800", 10**400, -(10**20), 1e308])
)
ANYTHING = st.recursive(
    SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=5), inner), max_leaves=5
)
NAMES = ["amount", "left", "right", "as_planned"]
A_SET = st.fixed_dictionaries(
    {"exercise": st.sampled_from([WALK, THRUST, "burpee"]) | ANYTHING},
    optional={name: st.integers(-5, 1005) | ANYTHING for name in NAMES},
)
ENTRY = st.fixed_dictionaries(
    {"id": st.uuids().map(str), "date": st.just(str(TODAY)) | ANYTHING},
    optional={
        "sets": st.lists(A_SET, max_size=4) | ANYTHING,
        "as_planned": st.booleans() | ANYTHING,
        "skip_reason": st.sampled_from(["", "pain"]) | ANYTHING,
        "note": st.text() | ANYTHING,
        "replaces": st.none() | ANYTHING,
        "waited_seconds": st.integers() | ANYTHING,
    }
    | {name: st.none() | st.integers(-1, 11) | ANYTHING for name in ["pain_before", "pain_after", "effort"]},
)


@pytest.mark.django_db(transaction=True)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(entry=ENTRY | ANYTHING)
def test_whatever_is_sent_gets_an_answer(north: ClinicWorld, patient: Client, entry: Any) -> None:
    answer = post(patient, north, json.dumps(entry))
    assert answer.status_code in {200, 201, 400, 409}, answer.text
    assert isinstance(answer.json(), dict)
