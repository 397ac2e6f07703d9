"""The builder's buttons, where a program may start from, what becomes of it, and who may see it."""

import re
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from clinic.models import Clinic, Membership, Role
from clinic.wall.scope import clinic_scope
from patients.actions.prescribing import prescribe
from programs.actions import freeze
from programs.models import Dose, Program
from tests.factories import (
    NOW,
    THRUST,
    TODAY,
    WALK,
    make_clinic,
    make_member,
    make_patient,
    make_prescription,
    make_program,
    sign_in,
)
from tests.programs.forms import NEW, ROOT, doses_of, make_ladder, phase, post, sent, text_of, thrust, walk

pytestmark = pytest.mark.django_db
OF_THE_TEST = 2  # inside a test's own transaction a scope puts back what was set before it


@pytest.mark.parametrize(
    ("do", "phases", "said"),
    [
        ("add", 2, "A phase was added."),
        ("add", 30, "A program has at most 30 phases."),
        ("again:p1", 30, "A program has at most 30 phases."),
        ("harder:p1:lateral-band-walk:short", 1, "This is the hardest band of its ladder."),
        ("easier:p1:lateral-band-walk:short", 1, "An easier band."),
        ("up:p1", 2, None),
        ("up:p2", 2, "Moved up."),
    ],
)
def test_a_button_says_what_it_did_and_nothing_else(
    do: str, phases: int, said: str | None, clinic: Clinic, clinician: Membership, client: Client
) -> None:
    with clinic_scope(clinic.pk):
        hardest = make_ladder("short", "red", "green")[-1]
    data = sent(*[phase(walk(short_band=hardest.pk))] * phases, do=do)
    swapped = client.post(f"{ROOT}/add/", data, headers={"HX-Request": "true"}).text
    assert re.findall('<p id="said" hx-swap-oob="innerHTML">(.*?)</p>', swapped) == ([said] if said else [])
    page = client.post(f"{ROOT}/add/", data).text
    assert re.findall('<p id="said"[^>]*>(.*?)</p>', page) == [said or ""]


BUTTONS = {
    "add": ("add", ["p1", "p2", "p3"]),
    "again": ("again:p1", ["p1", "p3", "p2"]),
    "remove": ("remove:p1", ["p2"]),
    "up": ("up:p2", ["p2", "p1"]),
    "up at the top": ("up:p1", ["p1", "p2"]),
    "down": ("down:p1", ["p2", "p1"]),
    "nonsense": ("fly:p1", ["p1", "p2"]),
    "unknown phase": ("remove:p9", ["p1", "p2"]),
}


@pytest.mark.parametrize("name", BUTTONS)
@pytest.mark.parametrize("htmx", [True, False])
def test_a_button_changes_the_form_and_saves_nothing(
    name: str, htmx: bool, clinic: Clinic, clinician: Membership, client: Client
) -> None:
    do, order = BUTTONS[name]
    data = sent(phase(walk(own_cues="Mine"), title="A", weeks="x"), phase(thrust(), title="B", weeks=1), do=do)
    answer = client.post(f"{ROOT}/add/", data, headers={"HX-Request": "true"} if htmx else {})
    assert answer.status_code == 200
    assert ("<html" in answer.text) is not htmx
    assert re.findall(r'name="phase" value="(p\d+)"', answer.text) == order
    assert "errorlist" not in answer.text
    assert "aria-invalid" not in answer.text
    if "p1" in order:
        assert 'value="Mine"' in answer.text
        assert 'value="x"' in answer.text
    with clinic_scope(clinic.pk):
        assert not Program.objects.exists()


def test_a_phase_like_the_last_has_all_but_its_name(clinic: Clinic, clinician: Membership, client: Client) -> None:
    data = sent(phase(walk(sets="3", cues=["Toes straight ahead."]), title="A", weeks=2), do="add")
    page = client.post(f"{ROOT}/add/", data).text
    for name, value in [("title", None), ("weeks", "2"), (f"{WALK}-sets", "3")]:
        found = re.search(rf'name="p2-{name}"(?: value="([^"]*)")?', page)
        assert found, name
        assert found[1] == value
    assert len(re.findall(r'value="Toes straight ahead\."[^>]* checked', page)) == 2


def test_an_exercise_is_added_moved_and_removed(clinic: Clinic, clinician: Membership, client: Client) -> None:
    def doses(do: str, *of_phase: Any) -> list[str]:
        page = client.post(f"{ROOT}/add/", sent(phase(*of_phase), do=do)).text
        return re.findall(r'name="p1-dose" value="([^"]+)"', page)

    assert doses(f"dose:p1:{THRUST}", walk()) == [WALK, THRUST]
    assert doses(f"dose:p1:{WALK}", walk()) == [WALK]
    assert doses(f"down:p1:{WALK}", walk(), thrust()) == [THRUST, WALK]
    assert doses(f"remove:p1:{WALK}", walk(), thrust()) == [THRUST]
    assert doses("dose:p1:burpee", walk()) == [WALK]


def test_the_way_to_the_next_rung(clinic: Clinic, clinician: Membership, client: Client) -> None:
    with clinic_scope(clinic.pk):
        yellow, red = make_ladder("short", "yellow", "red")

    def rung(do: str, chosen: object) -> str:
        data = sent(phase(walk(short_band=chosen)), do=f"{do}:p1:{WALK}:short")
        page = client.post(f"{ROOT}/add/", data).text
        found = re.search(r'name="p1-lateral-band-walk-short_band".*?<option value="([^"]*)" selected', page, re.DOTALL)
        return found[1] if found else ""

    assert rung("harder", yellow.pk) == str(red.pk)
    assert rung("harder", red.pk) == str(red.pk)
    assert rung("easier", red.pk) == str(yellow.pk)
    assert rung("harder", "") == str(yellow.pk)


def test_where_to_start_from(clinic: Clinic, clinician: Membership, client: Client) -> None:
    with clinic_scope(clinic.pk):
        make_ladder("short", "yellow", "red")
        own = make_program(title="House template", is_template=True)
    with clinic_scope(make_clinic("south").pk):
        foreign = make_program(title="Secret of south", is_template=True)
    page = client.get(f"{ROOT}/add/").text
    for said in ["House template", "Settle, build, strengthen", "Maintenance", "First two weeks for a painful knee"]:
        assert said in page, said
    assert "Only our default" in page
    assert "Secret of south" not in page
    shipped = client.get(f"{ROOT}/add/?from=ships-settle-build-strengthen").text
    assert re.findall(r'name="p\d-title" value="(\w+)"', shipped) == ["Settle", "Build", "Strengthen"]
    assert 'value="House template"' in client.get(f"{ROOT}/add/?from={own.pk}").text
    for nothing in [foreign.pk, uuid4(), "ships-moon", "moon"]:
        assert client.get(f"{ROOT}/add/?from={nothing}").status_code == 404
    with clinic_scope(clinic.pk):
        assert Program.objects.count() == 1


def test_what_was_started_from_a_template_says_so(clinic: Clinic, clinician: Membership, client: Client) -> None:
    with clinic_scope(clinic.pk):
        own = make_program(title="House template", is_template=True)
    client.post(f"{ROOT}/add/?from={own.pk}", sent(phase(walk())))
    second = str(uuid4())
    client.post(f"{ROOT}/add/?from=ships-maintenance", sent(phase(walk()), new=second))
    with clinic_scope(clinic.pk):
        assert Program.objects.get(pk=NEW).copy_of == own
        assert Program.objects.get(pk=second).started_from == "maintenance"
    assert "That two sessions a week keep what was gained: no source of ours says so." in (
        client.get(f"{ROOT}/{second}/change/").text
    )


def test_a_copy_and_a_template_are_made_of_a_program(clinic: Clinic, clinician: Membership, client: Client) -> None:
    with clinic_scope(clinic.pk):
        program = make_program(title="One")
    assert client.get(f"{ROOT}/{program.pk}/copy/").status_code == 403
    made = [client.post(f"{ROOT}/{program.pk}/copy/", data)["Location"] for data in [{}, {"as": "template"}]]
    with clinic_scope(clinic.pk):
        copies = [Program.objects.get(pk=url.split("/")[-3]) for url in made]
        assert [(each.is_template, each.copy_of) for each in copies] == [(False, program), (True, program)]
        assert [doses_of(each) for each in copies] == [doses_of(program)] * 2


def frozen_program(clinic: Clinic, clinician: Membership) -> Program:
    with clinic_scope(clinic.pk):
        return make_prescription(clinician, make_patient(), title="Frozen").program


def test_a_frozen_program_is_read_and_copied(clinic: Clinic, clinician: Membership, client: Client) -> None:
    program = frozen_program(clinic, clinician)
    page = client.get(f"{ROOT}/{program.pk}/change/")
    assert page.status_code == 200
    for said in ["so it stays as it is", "2 sets, 10 steps each way", "3 times a week"]:
        assert said in text_of(page), said
    assert 'name="title"' not in page.text
    answer = client.post(f"{ROOT}/{program.pk}/copy/")
    with clinic_scope(clinic.pk):
        copy = Program.objects.get(copy_of=program)
        assert doses_of(copy) == doses_of(program)
        assert (copy.made_by, copy.is_frozen) == (clinician, False)
    assert answer["Location"] == f"{ROOT}/{copy.pk}/change/"
    assert 'name="title"' in client.get(answer["Location"]).text


def test_a_second_tab_learns_that_it_was_frozen_and_loses_nothing(
    clinic: Clinic, clinician: Membership, client: Client
) -> None:
    with clinic_scope(clinic.pk):
        program = make_program()
        freeze(program=program, now=NOW)
    late = post(client, phase(walk(own_cues="Typed")), page=f"{program.pk}/change", version="1", title="Changed")
    assert late.status_code == 200
    assert "This program was prescribed, so it stays as it is." in late.text
    assert 'value="Typed"' in late.text
    assert 'name="do" value="save" aria-keyshortcuts' not in late.text
    kept = post(client, phase(walk(own_cues="Typed")), page=f"{program.pk}/change", do="copy", title="Changed")
    assert kept["Location"] == f"{ROOT}/{NEW}/change/"
    with clinic_scope(clinic.pk):
        assert Program.objects.get(pk=program.pk).title == "Settle"
        assert Dose.objects.get(phase__program=NEW).own_cues == "Typed"
    assert client.post(f"{ROOT}/{program.pk}/delete/", {"post": "yes"}).status_code == 403


def test_a_draft_is_deleted_and_a_template_in_use_is_not(clinic: Clinic, clinician: Membership, client: Client) -> None:
    with clinic_scope(clinic.pk):
        template = make_program(title="Template", is_template=True)
        draft = make_program(title="Draft")
        patient = make_patient()
    assert client.post(f"{ROOT}/{draft.pk}/delete/", {"post": "yes"})["Location"] == f"{ROOT}/"
    with clinic_scope(clinic.pk):
        assert not Program.objects.filter(pk=draft.pk).exists()
        prescribe(by=clinician, patient=patient, program=template, starts_on=TODAY, affected_knee="left", now=NOW)
    assert client.post(f"{ROOT}/{template.pk}/delete/", {"post": "yes"}).status_code == 403
    page = client.get(f"{ROOT}/{template.pk}/change/").text
    assert "Copies of it were prescribed, so it stays." in page
    assert f"{ROOT}/{template.pk}/delete/" not in page
    with clinic_scope(clinic.pk):
        assert Program.objects.filter(pk=template.pk).exists()


@pytest.mark.parametrize("page", ["{pk}/change", "{pk}/copy", "{pk}/compare", "{pk}/delete"])
def test_another_clinics_program_is_not_there(page: str, clinic: Clinic, clinician: Membership, client: Client) -> None:
    with clinic_scope(make_clinic("south").pk):
        foreign = make_program(title="Secret of south")
    url = f"{ROOT}/{page.format(pk=foreign.pk)}/"
    assert client.post(url, sent(phase(walk()))).status_code == 404
    if "copy" not in page:
        assert client.get(url).status_code == 404
    with clinic_scope(foreign.clinic_id):
        assert [each.title for each in Program.objects.all()] == ["Secret of south"]


def test_the_front_desk_has_no_programs(clinic: Clinic, client: Client) -> None:
    with clinic_scope(clinic.pk):
        sign_in(client, make_member(clinic, Role.ASSISTANT))
        program = make_program()
    for page in ["add", f"{program.pk}/change", f"{program.pk}/compare"]:
        assert client.get(f"{ROOT}/{page}/").status_code == 403
        assert client.post(f"{ROOT}/{page}/", sent(phase(walk()))).status_code == 403
    assert client.post(f"{ROOT}/preview/", sent(phase(walk()))).status_code == 403
    with clinic_scope(clinic.pk):
        assert doses_of(Program.objects.get()) == [[(WALK, 2), (THRUST, 2)]]


def queries_of(client: Client, url: str, data: dict[str, Any] | None = None) -> int:
    with CaptureQueriesContext(connection) as queries:
        answer = client.post(url, data) if data else client.get(url)
    assert answer.status_code == 200
    return len(queries)


def test_pages_take_the_same_queries_for_one_and_three(clinic: Clinic, clinician: Membership, client: Client) -> None:
    with clinic_scope(clinic.pk):
        [red, *_more] = make_ladder("short", "red", "green")
        one, three = make_program(), make_program()
    one_phase, three_phases = [phase(walk(short_band=red.pk), thrust())], [phase(walk(short_band=red.pk), thrust())] * 3
    post(client, *one_phase, page=f"{one.pk}/change", version="1")
    post(client, *three_phases, page=f"{three.pk}/change", version="1")
    for page, most in {"change": 15, "compare": 20}.items():
        counts = [queries_of(client, f"{ROOT}/{program.pk}/{page}/") for program in [one, three]]
        assert counts[0] == counts[1] <= most + OF_THE_TEST, (page, counts)
    previews = [queries_of(client, f"{ROOT}/preview/", sent(*phases)) for phases in [one_phase, three_phases]]
    mistakes = [
        queries_of(client, f"{ROOT}/{one.pk}/change/", sent(*phases, title="")) for phases in [one_phase, three_phases]
    ]
    assert previews[0] == previews[1] <= 11 + OF_THE_TEST
    assert mistakes[0] == mistakes[1] <= 13 + OF_THE_TEST


def test_where_to_start_takes_the_same_queries_for_one_template_and_three(
    clinic: Clinic, clinician: Membership, client: Client
) -> None:
    counts = []
    for more in [1, 2]:
        with clinic_scope(clinic.pk):
            for _number in range(more):
                make_program(title="Template", is_template=True)
        counts.append(queries_of(client, f"{ROOT}/add/"))
    assert counts[0] == counts[1]


def test_saving_takes_the_same_queries_for_one_phase_and_three(
    clinic: Clinic, clinician: Membership, client: Client
) -> None:
    counts = []
    for number, phases in enumerate([[phase(walk(), thrust())], [phase(walk(), thrust())] * 3]):
        data = sent(*phases, new=f"0190a0de-0000-7000-8000-00000000000{number}")
        client.post(f"{ROOT}/add/", data)
        with CaptureQueriesContext(connection) as queries:
            client.post(f"{ROOT}/{data['new']}/change/", data | {"version": "1", "goal": "Stairs"})
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_the_list_takes_the_same_queries_for_one_and_three(
    clinic: Clinic, clinician: Membership, client: Client
) -> None:
    counts = []
    for more in [1, 2]:
        with clinic_scope(clinic.pk):
            for _number in range(more):
                make_program(title="Program", made_by=clinician)
        counts.append(queries_of(client, f"{ROOT}/"))
    assert counts[0] == counts[1]


def test_the_preview_shows_what_was_typed_so_far(clinic: Clinic, clinician: Membership, client: Client) -> None:
    data = sent(
        phase(walk(sets="6"), title="A"),
        phase(walk(sets="oops"), thrust(sets="3")),
        notes_for_patient="<b>Hi",
        title="",
    )
    first = client.post(f"{ROOT}/preview/", data).text
    assert ("css/illustrations.css" in first, first.count("&lt;figure&gt;")) == (True, 4)
    assert "6 sets, 10 steps each way" in first
    assert " sandbox srcdoc=" in first
    assert "&amp;lt;b&amp;gt;Hi" in first
    says = f'<p id="says-p1-{WALK}" hx-swap-oob="innerHTML">The source of Lateral band walk gives'
    assert says in first
    assert f'<p id="says-p2-{THRUST}" hx-swap-oob="innerHTML"></p>' in first
    second = client.post(f"{ROOT}/preview/", data | {"show": "p2"}).text
    assert "Double band hip thrust" in second
    assert "Lateral band walk&lt;/h3&gt;" not in second
    assert client.get(f"{ROOT}/preview/").status_code == 403
    with clinic_scope(clinic.pk):
        assert not Program.objects.exists()
