"""The demo: two believable clinics, the same on every machine for the same date."""

import json
from collections.abc import Iterator
from datetime import date, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from clinic.models import Clinic, Membership, Role, User
from clinic.wall.scope import clinic_scope
from patients import adherence
from patients.adherence import Band
from patients.admin.measures import measures_of
from patients.models import Log, LoggedSet, Patient
from patients.plans import courses_on, logs_of
from tests.factories import make_clinic

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 20)
MONDAY = date(2026, 11, 16)


@pytest.fixture(scope="module")
def demo(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Committed once for all tests of this module, and gone after them."""
    with django_db_blocker.unblock():
        call_command("load_demo", date=TODAY, stdout=StringIO())
        yield
        call_command("flush", interactive=False, verbosity=0)


def test_it_is_refused_in_production(settings: object) -> None:
    settings.DEVELOPMENT = False
    for command in ("load_demo", "demo_people"):
        with pytest.raises(CommandError, match=r"in development only|no demo in production"):
            call_command(command)
    assert not Clinic.objects.exists()


def test_it_is_refused_beside_a_clinic() -> None:
    make_clinic()
    out = StringIO()
    call_command("load_demo", stdout=out)
    call_command("demo_people", stdout=out)
    assert out.getvalue().splitlines() == [
        "There are clinics in this database: the demo is loaded into an empty one only.",
        "[]",
    ]
    assert Clinic.objects.count() == 1


def last_weeks(slug: str, weeks: int = 8) -> dict[str, list[adherence.Week]]:
    """Of each patient the complete weeks, by name."""
    with clinic_scope(Clinic.objects.get(slug=slug).pk):
        names = dict(Patient.objects.values_list("pk", "name"))
        courses, logs = courses_on(names, TODAY), logs_of(names)
        first, last = MONDAY - timedelta(weeks=weeks), MONDAY - timedelta(weeks=1)
        return {
            name: adherence.weeks(courses[patient], logs[patient], first, last, today=TODAY)
            for patient, name in names.items()
        }


@pytest.mark.usefixtures("demo")
class TestDemo:
    def test_has_two_clinics_in_different_zones(self) -> None:
        assert len({clinic.time_zone for clinic in Clinic.objects.all()}) == 2
        for clinic in Clinic.objects.all():
            with clinic_scope(clinic.pk):
                assert Membership.objects.clinicians().count() == 2
                assert Patient.objects.count() == 12

    def test_patients_said_how_they_are_and_some_are_due_again(self) -> None:
        for clinic in Clinic.objects.all():
            with clinic_scope(clinic.pk):
                shown = [measures_of(patient, today=TODAY) for patient in Patient.objects.all()]
            assert not any(each.lacks_start for each in shown)
            assert {bool(each.latest.in_words) for each in shown} == {True, False}
            assert {each.due_since is None for each in shown} == {True, False}

    def test_somebody_works_in_both(self) -> None:
        staff = [set(), set()]
        for clinic, emails in zip(Clinic.objects.all(), staff, strict=True):
            with clinic_scope(clinic.pk):
                emails.update(Membership.objects.clinicians().values_list("user__email", flat=True))
        assert len(staff[0] & staff[1]) == 1

    def test_a_couple_shares_an_address(self) -> None:
        with clinic_scope(Clinic.objects.get(slug="harbour").pk):
            couple = Membership.objects.filter(user__email="hickeys@home.example")
            assert couple.count() == 2
            assert len(set(couple.values_list("record", flat=True))) == 2

    @pytest.mark.parametrize("slug", ["harbour", "kauri"])
    def test_the_histories_differ(self, slug: str) -> None:
        weeks = last_weeks(slug)
        bands = {name: [week.band for week in of] for name, of in weeks.items()}
        assert {band for of in bands.values() for band in of} >= {
            Band.ON_TRACK,
            Band.PARTIAL,
            Band.LOW,
            Band.NO_DATA,
            Band.NOT_APPLICABLE,
        }
        assert any(of[-1].whole_week_paused for of in weeks.values())
        assert any(of[-1].extra >= 2 for of in weeks.values())
        assert any(of[-1].part_done >= 2 for of in weeks.values())
        assert any(of[-1].skips for of in weeks.values())

    def test_one_sided_means_one_side(self) -> None:
        with clinic_scope(Clinic.objects.get(slug="harbour").pk):
            sets = LoggedSet.objects.filter(log__patient__name="Maeve Tierney", left__isnull=False)
            assert all(each.right < each.left for each in sets)
            assert sets.count() > 20

    def test_some_are_in_pain_and_some_count_nothing(self) -> None:
        with clinic_scope(Clinic.objects.get(slug="harbour").pk):
            assert Log.objects.filter(pain_during=8).exists()
            planned = LoggedSet.objects.filter(log__patient__name="Declan Roche")
            assert {each.as_planned for each in planned} == {True}

    def test_loading_again_changes_nothing(self) -> None:
        before = everything()
        call_command("load_demo", date=TODAY + timedelta(days=3), stdout=StringIO())
        assert everything() == before

    def test_everybody_can_sign_in(self, client: Client) -> None:
        out = StringIO()
        call_command("demo_people", stdout=out)
        people = json.loads(out.getvalue())
        assert {person["role"] for person in people} == {Role.OWNER, Role.CLINICIAN, Role.ASSISTANT, Role.PATIENT}
        for person in people:
            visitor = Client()
            if person["role"] == Role.PATIENT:
                assert visitor.post(person["sign_in_url"]).status_code == 302
                home = visitor.get(f"/clinic/{person['clinic']}/my/", follow=True)
                assert "<h1>Today</h1>" in home.text
            else:
                visitor.post("/account/login/", {"login": person["email"], "password": person["password"]})
                assert visitor.get(f"/clinic/{person['clinic']}/").status_code == 200


def everything() -> list[tuple]:
    """What is the same on every machine: who logged what and when."""
    rows: list[tuple] = list(User.objects.exclude(email=None).order_by("email").values_list("email", "is_active"))
    for clinic in Clinic.objects.order_by("slug"):
        with clinic_scope(clinic.pk):
            logs = Log.objects.order_by("id").values_list("id", "patient", "date", "entered_at", "digest", "provenance")
            rows += [*logs, *Patient.objects.order_by("id").values_list("id", "code", "name")]
    return rows


@pytest.mark.slow
@pytest.mark.usefixtures("demo")
@pytest.mark.django_db(transaction=True)
def test_it_is_the_same_on_every_machine() -> None:
    here = everything()
    call_command("flush", interactive=False, verbosity=0)
    call_command("load_demo", date=TODAY, stdout=StringIO())
    assert everything() == here
    assert len(here) > 400
