"""Naming who stands in: owners for anybody, clinicians for themselves."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from clinic.models import Clinic, Deputy, Membership, Role
from clinic.wall.scope import clinic_scope
from tests.factories import MONDAY, NOW, make_clinic, make_deputy, make_member, sign_in

pytestmark = pytest.mark.django_db
PAGES = "/clinic/north/clinic/deputy/"
DAY = timedelta(days=1)


@pytest.fixture
def north() -> Clinic:
    return make_clinic("north")


@pytest.fixture
def people(north: Clinic) -> list[Membership]:
    """An owner and three clinicians."""
    with clinic_scope(north.pk):
        return [make_member(north, Role.OWNER), *(make_member(north) for _ in range(3))]


def form(clinician: Membership, deputy: Membership, first: date = MONDAY, last: date = MONDAY + DAY) -> dict[str, Any]:
    return {"clinician": clinician.pk, "deputy": deputy.pk, "starts_on": str(first), "ends_on": str(last)}


def kept(clinic: Clinic) -> list[tuple[Any, Any]]:
    with clinic_scope(clinic.pk):
        return list(Deputy.objects.order_by("named_at").values_list("clinician", "deputy"))


class TestThePage:
    def test_a_clinician_names_their_own(self, client: Client, north: Clinic, people: list[Membership]) -> None:
        _owner, one, two, three = people
        sign_in(client, one)
        assert client.post(f"{PAGES}add/", form(one, two)).status_code == 302
        refused = client.post(f"{PAGES}add/", form(three, two))
        assert "Select a valid choice" in refused.content.decode()
        assert kept(north) == [(one.pk, two.pk)]
        with clinic_scope(north.pk):
            assert Deputy.objects.get().named_by == one

    def test_an_owner_names_anybodys(self, client: Client, north: Clinic, people: list[Membership]) -> None:
        owner, one, two, _three = people
        assert sign_in(client, owner).post(f"{PAGES}add/", form(one, two)).status_code == 302
        assert kept(north) == [(one.pk, two.pk)]

    def test_others_see_it_and_change_nothing(self, client: Client, north: Clinic, people: list[Membership]) -> None:
        _owner, one, two, three = people
        with clinic_scope(north.pk):
            deputy = make_deputy(one, two)
        path = f"{PAGES}{deputy.pk}/change/"
        assert [sign_in(client, by).get(path).status_code for by in (one, two, three)] == [200, 200, 200]
        sign_in(client, two)
        assert client.post(path, form(one, three)).status_code == 403
        assert client.post(f"{PAGES}{deputy.pk}/delete/", {"post": "yes"}).status_code == 403
        assert kept(north) == [(one.pk, two.pk)]

    def test_it_is_changed_and_taken_back(self, client: Client, north: Clinic, people: list[Membership]) -> None:
        _owner, one, two, three = people
        with clinic_scope(north.pk):
            deputy = make_deputy(one, two)
        sign_in(client, one)
        assert client.post(f"{PAGES}{deputy.pk}/change/", form(one, three)).status_code == 302
        assert kept(north) == [(one.pk, three.pk)]
        assert client.post(f"{PAGES}{deputy.pk}/delete/", {"post": "yes"}).status_code == 302
        assert kept(north) == []

    def test_assistants_have_no_say(self, client: Client, north: Clinic, people: list[Membership]) -> None:
        with clinic_scope(north.pk):
            assistant = make_member(north, Role.ASSISTANT)
        sign_in(client, assistant)
        assert [client.get(PAGES).status_code, client.get(f"{PAGES}add/").status_code] == [403, 403]
        refused = sign_in(client, people[0]).post(f"{PAGES}add/", form(people[1], assistant))
        assert "Select a valid choice" in refused.content.decode()

    def test_the_list_asks_the_same_for_one_and_for_three(
        self, client: Client, north: Clinic, people: list[Membership]
    ) -> None:
        owner, one, two, three = people
        sign_in(client, owner)

        def queries() -> list[str]:
            with CaptureQueriesContext(connection) as captured:
                assert client.get(PAGES).status_code == 200
            return [query["sql"] for query in captured]

        with clinic_scope(north.pk):
            make_deputy(one, owner)
        for_one = queries()
        with clinic_scope(north.pk):
            make_deputy(two, owner)
            make_deputy(three, owner)
        assert len(queries()) == len(for_one)

    @pytest.mark.parametrize(
        ("first", "last", "said"),
        [
            (MONDAY, MONDAY - DAY, "The last date is the first one or later."),
            (MONDAY + 13 * DAY, MONDAY + 20 * DAY, "Somebody stands in for them on some of these dates already."),
        ],
    )
    def test_what_is_refused_is_said(
        self, client: Client, north: Clinic, people: list[Membership], first: date, last: date, said: str
    ) -> None:
        owner, one, two, three = people
        with clinic_scope(north.pk):
            make_deputy(one, two)
        answer = sign_in(client, owner).post(f"{PAGES}add/", form(one, three, first, last))
        assert said in answer.content.decode()
        assert kept(north) == [(one.pk, two.pk)]

    def test_nobody_stands_in_for_themselves(self, client: Client, north: Clinic, people: list[Membership]) -> None:
        answer = sign_in(client, people[1]).post(f"{PAGES}add/", form(people[1], people[1]))
        assert "Nobody stands in for themselves." in answer.content.decode()


class TestNobodyIsHandedOn:
    def test_a_deputy_who_is_away_as_well(self, north: Clinic, people: list[Membership]) -> None:
        _owner, one, two, three = people
        with clinic_scope(north.pk):
            make_deputy(one, two)
            for away, deputy in [(two, three), (three, one)]:
                with pytest.raises(ValidationError, match="On some of these dates clinician of North stands in for"):
                    make_deputy(away, deputy)
            make_deputy(two, three, starts_on=MONDAY + 14 * DAY, ends_on=MONDAY + 15 * DAY)
            make_deputy(three, two)


class TestTheDatabase:
    def test_it_holds_what_no_form_may_break(self, north: Clinic, people: list[Membership]) -> None:
        _owner, one, two, three = people

        def add(clinician: Membership, deputy: Membership, days: int) -> None:
            with transaction.atomic():
                Deputy.objects.create(
                    clinician=clinician,
                    deputy=deputy,
                    starts_on=MONDAY,
                    ends_on=MONDAY + days * DAY,
                    named_by=one,
                    named_at=NOW,
                )

        with clinic_scope(north.pk):
            add(one, two, 0)
            for wrong in [(one, three, 5), (two, two, 1), (two, three, -1)]:
                with pytest.raises(IntegrityError, match="clinic_deputy"):
                    add(*wrong)
            assert Deputy.objects.count() == 1
