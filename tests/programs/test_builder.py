"""The builder of programs, as a clinician uses it: what is saved, and what is refused."""

import re
from typing import Any
from uuid import uuid4

import pytest
from django.db import DatabaseError, transaction
from django.http import QueryDict
from django.test import Client

from clinic.models import Clinic, Membership, Role
from clinic.wall.scope import clinic_scope
from programs.actions import copies_of_phases, freeze
from programs.admin.builder import Builder, first_phase
from programs.admin.forms import Choices
from programs.models import Dose, Program, ProgramVersion
from tests.factories import (
    NOW,
    THRUST,
    WALK,
    make_clinic,
    make_member,
    make_program,
    sign_in,
)
from tests.programs.forms import NEW, ROOT, doses_of, make_ladder, phase, post, sent, text_of, thrust, walk

pytestmark = pytest.mark.django_db


def test_a_program_is_made_with_phases_and_doses(clinic: Clinic, clinician: Membership, client: Client) -> None:
    with clinic_scope(clinic.pk):
        [red] = make_ladder("short", "red")
        [light] = make_ladder("long", "light")
    first = phase(
        walk(sets="2–3", short_band=red.pk, placement="ankles", cues=["Toes straight ahead."], own_cues="Slowly"),
        thrust(
            rest_seconds=60, hold_seconds=2, tempo="3 1 1", substitute="The sofa", long_band=light.pk, optional="on"
        ),
        weeks=2,
        title="Settle",
    )
    second = phase(walk(sets="3"), rhythm="days", weekdays=[4, 0, 2])
    answer = post(client, first, second, goal="Walk the stairs", notes_for_staff="Slow starter")
    assert answer.status_code == 302, text_of(answer)
    with clinic_scope(clinic.pk):
        program = Program.objects.get()
        assert (program.title, program.goal, program.made_by) == ("Settle", "Walk the stairs", clinician)
        assert doses_of(program) == [[(WALK, 2), (THRUST, 2)], [(WALK, 3)]]
        assert [(each.frequency, each.weekdays) for each in program.phases.all()] == [(3, []), (None, [0, 2, 4])]
        one = Dose.objects.get(phase__position=0, exercise=WALK)
        assert (one.sets_max, one.amount_max, one.short_band, one.placement) == (3, None, red, "ankles")
        assert (one.cues, one.own_cues, one.required) == (["Toes straight ahead."], "Slowly", True)
        other = Dose.objects.get(phase__position=0, exercise=THRUST)
        assert (other.rest_seconds, other.hold_seconds, other.tempo, other.substitute) == (60, 2, "3-1-1", "The sofa")
        assert (other.long_band, other.short_band, other.placement, other.required) == (light, None, "knees", False)
        assert Dose.objects.get(phase__position=1).placement == "forefeet"
    assert answer["Location"] == f"{ROOT}/{NEW}/change/"
    page = client.get(answer["Location"]).text
    for typed in ['value="2–3"', 'value="10–30"', "Slowly", "The sofa", 'value="3-1-1"']:
        assert typed in page, typed


def test_the_order_is_the_order_of_the_fields(clinic: Clinic, clinician: Membership, client: Client) -> None:
    data = sent(phase(thrust(), walk(), weeks=2, title="A"), phase(walk(), weeks=1, title="B"))
    data["phase"] = ["p2", "p1"]
    client.post(f"{ROOT}/add/", data)
    with clinic_scope(clinic.pk):
        program = Program.objects.get()
        assert [each.title for each in program.phases.all()] == ["B", "A"]
        assert doses_of(program)[1] == [(THRUST, 2), (WALK, 2)]


def test_only_what_makes_sense_is_asked(clinic: Clinic, clinician: Membership, client: Client) -> None:
    page = client.get(f"{ROOT}/add/?from=empty").text

    def asked(exercise: str) -> set[str]:
        return set(re.findall(rf'name="p1-{exercise}-([a-z_]+)"', page))

    both = {"sets", "amount", "rest_seconds", "optional", "short_band", "cues", "own_cues", "reason"}
    assert asked(WALK) == both | {"placement"}
    assert asked(THRUST) == both | {"long_band", "hold_seconds", "tempo", "substitute"}


def test_a_new_program_begins_with_what_the_source_gives(clinic: Clinic, clinician: Membership, client: Client) -> None:
    page = client.get(f"{ROOT}/add/?from=empty").text
    for name, value in [(f"{WALK}-sets", "2–3"), (f"{WALK}-amount", "10"), (f"{THRUST}-amount", "10–30")]:
        assert re.search(rf'name="p1-{name}" value="{value}"', page), name
    assert '<option value="" selected>choose</option>' in page
    assert re.search(rf'name="p1-{WALK}-rest_seconds" min="1"', page)


def test_a_dose_outside_the_catalogue_needs_a_reason(clinic: Clinic, clinician: Membership, client: Client) -> None:
    refused = post(client, phase(walk(sets="6", own_cues="Toes ahead")), goal="Kept")
    assert "The source of Lateral band walk gives 2–3 sets of 10 steps in each direction." in refused.text
    assert "Nothing is saved yet" in refused.text
    for typed in ['value="6"', "Toes ahead", "Kept", '<option value="3" selected>']:
        assert typed in refused.text, typed
    with clinic_scope(clinic.pk):
        assert not Program.objects.exists()
    assert post(client, phase(walk(sets="6", reason="Runs marathons"))).status_code == 302
    with clinic_scope(clinic.pk):
        assert Dose.objects.get().reason == "Runs marathons"
    assert 'class="says"' in client.get(f"{ROOT}/{NEW}/change/").text
    assert "The source of Lateral band walk gives" in client.get(f"{ROOT}/{NEW}/change/").text


@pytest.mark.parametrize(
    ("phases", "fields", "sentence"),
    [
        ([phase(walk())], {"title": ""}, "Give the program a title."),
        ([phase(walk())], {"title": "x" * 121}, "at most 120 characters"),
        ([phase(walk(), rhythm="")], {}, "Say how many sessions a week, or choose fixed days."),
        ([phase(walk(), rhythm="8")], {}, "Select a valid choice."),
        ([phase(walk(), rhythm="days")], {}, "Choose the days."),
        ([phase(walk(), rhythm="days", weekdays=["7"])], {}, "Select a valid choice. 7 is not one"),
        ([phase(walk(sets="3-2"))], {}, "The second number is below the first."),
        ([phase(walk(sets="0"))], {}, "From 1 to 20."),
        ([phase(walk(sets=""))], {}, "How many sets?"),
        ([phase(walk(amount="10000"))], {}, "From 1 to 500."),
        ([phase(walk(amount="ten"))], {}, "Write a number such as 10, or a range such as 10–30."),
        ([phase(walk(amount="-5"))], {}, "Write a number such as 10"),
        ([phase(walk(placement="hips"))], {}, "hips is not one of the available choices."),
        ([phase(thrust(tempo="slow"))], {}, "Write three numbers, such as 3-1-1."),
        ([phase(thrust(hold_seconds="0"))], {}, "greater than or equal to 1"),
        ([phase(walk(cues=["Fly."]))], {}, "Fly. is not one of the available choices."),
        ([phase(walk(), weeks=60)], {}, "less than or equal to 52"),
        ([phase(walk(own_cues="nul\0"))], {}, "Null characters are not allowed."),
    ],
)
def test_a_mistake_is_a_sentence_and_saves_nothing(
    phases: list[Any], fields: dict[str, Any], sentence: str, clinic: Clinic, clinician: Membership, client: Client
) -> None:
    answer = post(client, *phases, **fields)
    assert answer.status_code == 200
    assert sentence in answer.text
    with clinic_scope(clinic.pk):
        assert not Program.objects.exists()


def test_all_mistakes_show_at_once(clinic: Clinic, clinician: Membership, client: Client) -> None:
    answer = post(client, phase(walk(sets="0")), phase(thrust(amount="x"), rhythm=""), title="")
    for sentence in [
        "Give the program a title.",
        "From 1 to 20.",
        "Write a number such as 10",
        "Say how many sessions",
    ]:
        assert sentence in answer.text, sentence


def test_a_band_is_chosen_from_the_clinics_own_of_its_length(
    clinic: Clinic, clinician: Membership, client: Client
) -> None:
    with clinic_scope(clinic.pk):
        [short], [long] = make_ladder("short", "red"), make_ladder("long", "red")
    with clinic_scope(make_clinic("south").pk):
        [foreign] = make_ladder("short", "secret of south")
    for wrong in [long.pk, foreign.pk, uuid4(), "red"]:
        answer = post(client, phase(walk(short_band=wrong)))
        assert "Select a valid choice." in answer.text
        assert "secret of south" not in answer.text
    assert post(client, phase(thrust(short_band=short.pk, long_band=long.pk))).status_code == 302


def test_saved_again_it_keeps_what_it_was(clinic: Clinic, clinician: Membership, client: Client) -> None:
    post(client, phase(walk()))
    answer = post(client, phase(walk(sets="3"), title="On"), page=f"{NEW}/change", version="1")
    assert answer.status_code == 302
    with clinic_scope(clinic.pk):
        program = Program.objects.get()
        assert doses_of(program) == [[(WALK, 3)]]
        assert (program.version, program.changed_by) == (2, clinician)
        kept = ProgramVersion.objects.get()
        assert (kept.number, kept.outline["phases"][0]["doses"][0]["sets"], kept.saved_by) == (1, "2", clinician)


def test_a_version_stays_as_it_was_and_goes_with_its_draft(
    clinic: Clinic, clinician: Membership, client: Client
) -> None:
    post(client, phase(walk()))
    post(client, phase(walk(sets="3")), page=f"{NEW}/change", version="1")
    with clinic_scope(clinic.pk), pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        ProgramVersion.objects.update(outline={})
    client.post(f"{ROOT}/{NEW}/delete/", {"post": "yes"})
    with clinic_scope(clinic.pk):
        assert not ProgramVersion.objects.exists()


def test_too_many_phases_are_said_and_none_is_lost(clinic: Clinic, clinician: Membership, client: Client) -> None:
    answer = post(client, *[phase(walk())] * 31)
    assert "A program has at most 30 phases." in answer.text
    assert len(re.findall('name="phase"', answer.text)) == 31
    with clinic_scope(clinic.pk):
        assert not Program.objects.exists()


def test_sent_twice_it_is_one_program(clinic: Clinic, clinician: Membership, client: Client) -> None:
    first, second = post(client, phase(walk())), post(client, phase(walk()))
    assert first["Location"] == second["Location"]
    with clinic_scope(clinic.pk):
        assert Program.objects.get().version == 1


def test_a_new_program_sent_from_two_tabs_is_one_after_a_question(
    clinic: Clinic, clinician: Membership, client: Client
) -> None:
    post(client, phase(walk()))
    asked = post(client, phase(walk(sets="3")))
    assert "saved this program at" in asked.text
    answer = post(client, phase(walk(sets="3")), version="1")
    assert answer["Location"] == f"{ROOT}/{NEW}/change/"
    with clinic_scope(clinic.pk):
        program = Program.objects.get()
        assert (doses_of(program), program.version, program.made_by) == ([[(WALK, 3)]], 2, clinician)


@pytest.mark.parametrize("prescribed_meanwhile", [False, True])
def test_a_new_program_can_be_kept_as_a_copy_of_the_one_in_its_place(
    clinic: Clinic, clinician: Membership, client: Client, prescribed_meanwhile: bool
) -> None:
    post(client, phase(walk()))
    with clinic_scope(clinic.pk):
        first = Program.objects.get()
        if prescribed_meanwhile:
            freeze(program=first, now=NOW)
    asked = post(client, phase(walk(sets="3")))
    typed: dict[str, Any] = {"do": "copy", "version": str(asked.context["version"]), "new": asked.context["new_id"]}
    kept, again = (post(client, phase(walk(sets="3")), **typed) for _ in range(2))
    with clinic_scope(clinic.pk):
        copy = Program.objects.exclude(pk=first.pk).get()
        assert (copy.copy_of, doses_of(copy), doses_of(first)) == (first, [[(WALK, 3)]], [[(WALK, 2)]])
    assert kept["Location"] == again["Location"] == f"{ROOT}/{copy.pk}/change/"


def test_nothing_is_a_copy_of_nothing(clinic: Clinic, clinician: Membership, client: Client) -> None:
    answer = post(client, phase(walk()), do="copy")
    with clinic_scope(clinic.pk):
        assert Program.objects.get().copy_of is None
    assert answer["Location"] == f"{ROOT}/{NEW}/change/"


def test_the_second_to_save_is_told_what_the_first_changed(
    clinic: Clinic, clinician: Membership, client: Client
) -> None:
    post(client, phase(walk()))
    with clinic_scope(clinic.pk):
        other = make_member(clinic, Role.OWNER)
    post(sign_in(Client(), other), phase(walk(sets="3")), page=f"{NEW}/change", version="1")
    late = post(client, phase(walk(amount="10", own_cues="Mine")), page=f"{NEW}/change", version="1", goal="Typed")
    assert late.status_code == 200
    assert f"{other} saved this program at" in text_of(late)
    assert "Phase 1, Lateral band walk: 2 × 10 → 3 × 10 steps" in late.text
    for typed in ["Mine", "Typed", 'name="version" value="2"', "Keep mine as a copy"]:
        assert typed in late.text, typed
    with clinic_scope(clinic.pk):
        assert doses_of(Program.objects.get()) == [[(WALK, 3)]]
    assert post(client, phase(walk(own_cues="Mine")), page=f"{NEW}/change", version="2").status_code == 302
    with clinic_scope(clinic.pk):
        assert Dose.objects.get().own_cues == "Mine"
        assert [each.number for each in ProgramVersion.objects.all()] == [2, 1]


def test_mine_is_kept_as_a_copy(clinic: Clinic, clinician: Membership, client: Client) -> None:
    with clinic_scope(clinic.pk):
        program = make_program(title="Theirs", goal="Old goal")
    answer = post(client, phase(walk(sets="3")), page=f"{program.pk}/change", do="copy", title="Mine")
    assert answer["Location"] == f"{ROOT}/{NEW}/change/"
    with clinic_scope(clinic.pk):
        assert Program.objects.get(pk=program.pk).title == "Theirs"
        copy = Program.objects.get(pk=NEW)
        assert (copy.title, copy.copy_of, copy.goal, doses_of(copy)) == ("Mine", program, "", [[(WALK, 3)]])


def test_an_exercise_that_was_retired_stays_where_it_is_and_is_not_offered(clinic: Clinic) -> None:
    with clinic_scope(clinic.pk):
        program, choices = make_program(), Choices()
        choices.exercises[WALK].retired = True
        [row] = Builder.of(program, copies_of_phases(program), choices).phases
        assert [form.exercise.pk for form in row.doses] == [WALK, THRUST]
        [(_phase, doses)] = first_phase(choices)
        assert [dose.exercise.pk for dose in doses] == [THRUST]
        data = QueryDict(f"phase=p1&p1-dose={THRUST}")
        assert Builder.sent(Program(), data, choices).phases[0].missing == []


def test_a_draft_may_be_empty_and_says_what_is_missing(clinic: Clinic, clinician: Membership, client: Client) -> None:
    answer = post(client, do="prescribe")
    assert answer["Location"] == f"{ROOT}/{NEW}/change/"
    assert "This program has no phase yet." in client.get(answer["Location"]).text


def test_saved_and_prescribed_in_one_go(clinic: Clinic, clinician: Membership, client: Client) -> None:
    answer = post(client, phase(walk()), do="prescribe")
    assert answer["Location"] == f"/clinic/north/patients/patient/prescribe/?program={NEW}"
