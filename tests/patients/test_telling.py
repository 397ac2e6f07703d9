"""Who is told about a patient on a date: the deputy, else the clinician, else the owner."""

from typing import Any

import pytest
from django.test import Client
from uuid_utils.compat import uuid7

from clinic import outbox
from clinic.actions.suppressing import suppress
from clinic.models import Clinic, Deputy, Membership, Role, Summaries, Suppression, User
from clinic.wall.scope import clinic_scope
from patients.actions.red_flags import report_red_flags
from patients.summaries import queue_due_summaries, shares_of_clinic
from patients.summaries.reading import shares_of
from patients.telling import Clinicians, Told, clinicians_on
from tests.factories import NOW as WEDNESDAY
from tests.factories import make_clinic, make_deputy, make_member, make_patient, sign_in
from tests.fixtures import Mailbox
from tests.patients.test_weekly_way import DAY, MONDAY, NOW, WEEK, letters, make_case, text_of


def member(role: str = Role.CLINICIAN, **fields: Any) -> Membership:
    return Membership(role=role, user=User(), **fields)


def away(clinician: Membership, deputy: Membership) -> Deputy:
    return Deputy(clinician=clinician, deputy=deputy)


class TestTheRule:
    def test_the_clinician_and_while_they_are_away_their_deputy(self) -> None:
        owner, one, other = member(Role.OWNER), member(), member()
        assert Clinicians.of([owner, one, other]).told_about(one.pk) == Told(one)
        stood_in_for = Clinicians.of([owner, one, other], [away(one, other)])
        assert stood_in_for.told_about(one.pk) == Told(other, instead_of=one)
        assert stood_in_for.told_about(other.pk) == Told(other)

    def test_a_deputy_stands_in_for_who_works_here_no_longer(self) -> None:
        owner, gone, other = member(Role.OWNER), member(), member()
        assert Clinicians.of([owner, other], [away(gone, other)]).told_about(gone.pk) == Told(other, instead_of=gone)

    def test_a_deputy_who_is_gone_or_wants_nothing_leaves_it_with_the_clinician(self) -> None:
        owner, one, gone, tired = member(Role.OWNER), member(), member(), member(summaries=Summaries.OFF)
        for deputy in (gone, tired):
            clinicians = Clinicians.of([owner, one, tired], [away(one, deputy)])
            assert clinicians.told_about(one.pk, wants=clinicians.gets_summaries) == Told(one), deputy
        assert Clinicians.of([owner, one, tired], [away(one, tired)]).told_about(one.pk) == Told(tired, instead_of=one)

    def test_otherwise_the_owner_and_why(self) -> None:
        owner, tired = member(Role.OWNER), member(summaries=Summaries.OFF)
        clinicians = Clinicians.of([owner, tired])
        told = [clinicians.told_about(each, wants=clinicians.gets_summaries) for each in (None, tired.pk, uuid7())]
        assert told == [
            Told(owner, why="has no responsible clinician"),
            Told(owner, why="their clinician gets no summaries"),
            Told(owner, why="their clinician no longer works here"),
        ]
        assert Clinicians.of([tired]).told_about(None) is None

    def test_the_owner_too_where_emails_to_the_clinician_dont_arrive(self) -> None:
        first, second, one = member(Role.OWNER), member(Role.OWNER), member()
        clinicians = Clinicians.of([first, second, one], unreached=[one.pk, first.pk])
        told = Told(second, why="emails to their clinician don't arrive")
        assert clinicians.told_about(one.pk, wants=clinicians.gets_summaries) == told


@pytest.fixture
def north(db: None) -> Clinic:
    return make_clinic("north", summarised_through=MONDAY - WEEK)


@pytest.mark.django_db
class TestInTheClinic:
    @pytest.mark.parametrize(
        ("day", "told"), [(-1, "one"), (0, "other"), (7, "other"), (8, "one")], ids=["before", "first", "last", "after"]
    )
    def test_from_the_first_date_to_the_last(self, north: Clinic, day: int, told: str) -> None:
        with clinic_scope(north.pk):
            people = {"one": make_member(north), "other": make_member(north)}
            make_deputy(people["one"], people["other"], starts_on=MONDAY, ends_on=MONDAY + WEEK)
            found = clinicians_on(MONDAY + day * DAY).told_about(people["one"].pk)
            assert found is not None
            assert found.member == people[told]

    def test_the_deputys_email_has_the_patients_and_says_for_whom(self, north: Clinic) -> None:
        with clinic_scope(north.pk):
            one, other = make_member(north), make_member(north)
            Membership.objects.filter(pk=one.pk).update(name="Ana Roca")
            Membership.objects.filter(pk=other.pk).update(name="Ben Salt")
            theirs, own = make_case(one, 0, 2), make_case(other, 0)
            make_deputy(one, other, starts_on=MONDAY + WEEK, ends_on=MONDAY + WEEK + 4 * DAY)
        written = letters(north)
        assert written[other].reported.keys() == {str(theirs.pk), str(own.pk)}
        assert f"You stand in for their clinician\n\n- {theirs.code}: Ana Roca\n" in written[other].text
        assert written[one].reported == {}
        for part in (written[one].text, written[one].html):
            assert "Ben Salt stands in for you until Fri 27 Nov and is told about your patients." in part
        assert "You have no patients" not in written[one].text

    def test_it_is_looked_at_again_when_it_is_sent(self, north: Clinic, smtp: Mailbox) -> None:
        with clinic_scope(north.pk):
            one, other = make_member(north), make_member(north)
            code = make_case(one, 0).code
            queued = queue_due_summaries(clinic_id=north.pk, week=MONDAY, now=NOW)
            make_deputy(one, other, starts_on=NOW.date(), ends_on=NOW.date())
        for message in queued:
            outbox.deliver(clinic_id=north.pk, message_ids=[message.pk], now=NOW)
        assert {mail["To"]: code in text_of(mail) for mail in smtp.messages} == {
            one.user.email: False,
            other.user.email: True,
        }

    def test_whose_address_is_suppressed_gets_none_and_the_owner_does(self, north: Clinic, smtp: Mailbox) -> None:
        with clinic_scope(north.pk):
            owner, one = make_member(north, Role.OWNER), make_member(north)
            code = make_case(one, 0).code
            suppress(address=one.user.email, reason=Suppression.Reason.BOUNCED, answer="", now=NOW)
            queued = queue_due_summaries(clinic_id=north.pk, week=MONDAY, now=NOW)
        for message in queued:
            outbox.deliver(clinic_id=north.pk, message_ids=[message.pk], now=NOW)
        assert sorted((message.kind, message.recipient_id) for message in queued) == [
            ("clinic_week", owner.pk),
            ("weekly_summary", owner.pk),
        ]
        clinics, owners = sorted(map(text_of, smtp.messages), key=lambda text: "Each clinician's patients" not in text)
        assert f"- {code}: emails to their clinician don't arrive\n" in owners
        assert f"- {code}: emails to their clinician don't arrive\n" in clinics
        assert "\n  emails to them don't arrive\n" in clinics

    def test_the_days_work_is_the_deputys_too(self, north: Clinic, client: Client, time_machine: Any) -> None:
        time_machine.move_to(WEDNESDAY)
        with clinic_scope(north.pk):
            one, other, owner = make_member(north), make_member(north), make_member(north, Role.OWNER)
            patient, left = (
                make_patient(one, name="Carla"),
                make_patient(make_member(north, is_active=False), name="Leo"),
            )
            for each in (patient, left):
                report_red_flags(patient=each.pk, flags=["a pop"], now=WEDNESDAY)

        def seen(by: Membership, path: str = "/clinic/north/") -> list[str]:
            page = sign_in(client, by).get(path).content.decode()
            return [name for name in ("Carla", "Leo") if name in page]

        assert [seen(by) for by in (one, other, owner)] == [["Carla"], [], ["Leo"]]
        with clinic_scope(north.pk):
            make_deputy(one, other)
            make_deputy(left.responsible, other)
        assert [seen(by) for by in (one, other, owner)] == [["Carla"], ["Carla", "Leo"], []]
        assert seen(other, "/clinic/north/patients/patient/?clinician=me") == ["Carla", "Leo"]


@pytest.mark.django_db
@pytest.mark.parametrize("owners", [[Summaries.WEEKLY], [Summaries.OFF], [Summaries.OFF, Summaries.NEEDED]], ids=str)
def test_what_one_is_told_is_read_without_the_rest_of_the_clinic(owners: list[str]) -> None:
    clinic = make_clinic("north")
    day = WEDNESDAY.date()
    with clinic_scope(clinic.pk):
        own = [make_member(clinic, Role.OWNER, summaries=choice) for choice in owners]
        one, away_too, deputy = (make_member(clinic) for _ in range(3))
        tired, gone = make_member(clinic, summaries=Summaries.OFF), make_member(clinic)
        left = make_member(clinic)
        make_deputy(away_too, deputy)
        make_deputy(gone, deputy)
        everybody = [*own, one, away_too, deputy, tired, gone, left]
        for each in [*everybody, None]:
            make_patient(each)
        Membership.objects.filter(pk__in=[gone.pk, left.pk]).update(is_active=False)
        shares = shares_of_clinic(day)
        assert sum(len(theirs) for theirs in shares.values()) == len(everybody) + 1
        clinicians = clinicians_on(day)
        alone = [shares_of([each], clinicians) for each in everybody]
        assert alone == [{each: shares[each]} if each in shares else {} for each in everybody]
        assert shares_of(everybody, clinicians) == shares
