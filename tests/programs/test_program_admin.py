"""Programs, bands and the catalogue on the staff's site, as a clinician uses them."""

from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from clinic.models import Clinic, Membership
from clinic.wall.scope import clinic_scope
from programs.actions import freeze
from programs.models import Band, BandLadder, Dose, Phase, Program
from tests.factories import (
    NOW,
    THRUST,
    WALK,
    make_clinic,
    make_member,
    make_patient,
    make_prescription,
    make_program,
    sign_in,
)

pytestmark = pytest.mark.django_db

ROOT = "/clinic/north/programs/program"


@pytest.fixture
def clinic() -> Clinic:
    return make_clinic()


@pytest.fixture
def clinician(clinic: Clinic, client: Client) -> Membership:
    with clinic_scope(clinic.pk):
        clinician = make_member(clinic)
    sign_in(client, clinician)
    return clinician


def rows(prefix: str, rows: list[dict[str, Any]]) -> dict[str, Any]:
    """A formset as a browser sends it; a row's own rows are under the name of their formset."""
    known = sum("id" in row for row in rows)
    data: dict[str, Any] = {f"{prefix}-TOTAL_FORMS": len(rows), f"{prefix}-INITIAL_FORMS": known}
    for number, row in enumerate(rows):
        for name, value in row.items():
            data |= rows_or_value(f"{prefix}-{number}-{name}", value)
    return data


def rows_or_value(name: str, value: Any) -> dict[str, Any]:
    is_formset = isinstance(value, list) and all(isinstance(row, dict) for row in value)
    return rows(name, value) if is_formset and not name.endswith("weekdays") else {name: value}


def walk(**fields: Any) -> dict[str, Any]:
    return {"exercise": WALK, "sets_min": 2, "amount_min": 10, "required": "on", "position": 0} | fields


def thrust(**fields: Any) -> dict[str, Any]:
    return walk(exercise=THRUST, amount_max=30) | fields


def phase(*doses: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"frequency": 3, "weeks": "", "position": 0, "doses": list(doses)} | fields


def post(client: Client, *phases: dict[str, Any], page: str = "add", **fields: Any) -> HttpResponse:
    data = {"title": "Settle", "_continue": ""} | fields | rows("phases", list(phases))
    return client.post(f"{ROOT}/{page}/", data)


def doses_of(program: Program) -> list[list[tuple[str, int]]]:
    return [[(dose.exercise_id, dose.sets_min) for dose in phase.doses.all()] for phase in program.phases.all()]


def sentences(answer: HttpResponse) -> list[str]:
    return [str(message) for message in get_messages(answer.wsgi_request)]


def test_a_program_is_made_with_phases_and_doses(clinic: Clinic, clinician: Membership, client: Client) -> None:
    first = phase(walk(), thrust(rest_seconds=60, substitute="The sofa"), weeks=2, title="Settle")
    second = phase(walk(sets_min=3), frequency="", weekdays=[0, 2, 4])
    answer = post(client, first, second, goal="Walk the stairs", notes_for_staff="Slow starter")
    assert answer.status_code == 302
    with clinic_scope(clinic.pk):
        program = Program.objects.get()
        assert (program.title, program.goal, program.made_by) == ("Settle", "Walk the stairs", clinician)
        assert doses_of(program) == [[(WALK, 2), (THRUST, 2)], [(WALK, 3)]]
        assert [(each.frequency, each.weekdays) for each in program.phases.all()] == [(3, []), (None, [0, 2, 4])]
        assert Dose.objects.get(phase__position=0, exercise=WALK).placement == "forefeet"
    assert client.get(answer["Location"]).status_code == 200


def test_what_is_added_later_comes_last(clinic: Clinic, clinician: Membership, client: Client) -> None:
    """Also after a drag, which numbers the rows that were there before."""
    post(client, phase(walk(), thrust(), weeks=2), phase(walk(), weeks=1))
    with clinic_scope(clinic.pk):
        program = Program.objects.get()
        known = [
            phase(
                *[dict(walk(), id=dose.pk, phase=each.pk, exercise=dose.exercise_id) for dose in each.doses.all()],
                id=each.pk,
                program=program.pk,
                weeks=each.weeks,
                position=1 - each.position,
            )
            for each in program.phases.all()
        ]
    known[1]["doses"].append(thrust())
    answer = post(client, *known, phase(thrust()), page=f"{program.pk}/change")
    assert answer.status_code == 302, answer.context["errors"]
    with clinic_scope(clinic.pk):
        assert doses_of(program) == [[(WALK, 2), (THRUST, 2)], [(WALK, 2), (THRUST, 2)], [(THRUST, 2)]]
        assert [each.weeks for each in program.phases.all()] == [1, 2, None]


def test_a_dose_outside_the_catalogue_needs_a_reason(clinic: Clinic, clinician: Membership, client: Client) -> None:
    refused = post(client, phase(walk(sets_min=6, own_cues="Toes ahead")), goal="Kept")
    assert "The source of Lateral band walk gives 2–3 sets of 10 steps in each direction." in refused.text
    assert "Please correct the error below." in refused.text
    for typed in ['value="6"', "Toes ahead", "Kept", 'value="3"']:
        assert typed in refused.text, typed
    with clinic_scope(clinic.pk):
        assert not Program.objects.exists()
    assert post(client, phase(walk(sets_min=6, reason="Runs marathons"))).status_code == 302
    with clinic_scope(clinic.pk):
        assert Dose.objects.get().reason == "Runs marathons"


@pytest.mark.parametrize(
    ("phases", "sentence"),
    [
        ([phase(walk(), walk())], "A phase asks for an exercise once."),
        ([phase(walk(), frequency="")], "Say how many sessions per week, or choose the weekdays: one of the two."),
        ([phase(walk(), weekdays=[1])], "Say how many sessions per week, or choose the weekdays: one of the two."),
        ([phase(walk()), {"position": 0, "doses": []}], "Say how many sessions per week, or choose the weekdays"),
        ([phase({"position": 0})], "This field is required."),
        ([phase(walk(sets_min=3, sets_max=2))], "The second number of sets is not below the first."),
        ([phase(walk(placement="hips"))], "hips is not one of the available choices."),
        ([phase(thrust(placement="ankles"))], "This exercise has no band there."),
        ([phase(walk(), weeks=60)], "less than or equal to 52"),
        ([phase(walk(sets_min=0))], "greater than or equal to 1"),
    ],
)
def test_a_mistake_is_a_sentence_and_saves_nothing(
    phases: list[dict[str, Any]], sentence: str, clinic: Clinic, clinician: Membership, client: Client
) -> None:
    answer = post(client, *phases)
    assert answer.status_code == 200
    assert sentence in answer.text
    with clinic_scope(clinic.pk):
        assert not Program.objects.exists()


def test_a_band_of_the_clinic_is_chosen_by_its_length(clinic: Clinic, clinician: Membership, client: Client) -> None:
    with clinic_scope(clinic.pk):
        bands = {
            length: Band.objects.create(ladder=BandLadder.objects.create(maker="M", length=length), label="red")
            for length in ["short", "long"]
        }
    assert post(client, phase(thrust(short_band=bands["long"].pk))).status_code == 200
    assert post(client, phase(thrust(short_band=bands["short"].pk, long_band=bands["long"].pk))).status_code == 302


def test_an_exercise_can_be_replaced_within_one_form(clinic: Clinic, clinician: Membership, client: Client) -> None:
    """One dose goes and another of the same exercise comes."""
    post(client, phase(walk()))
    with clinic_scope(clinic.pk):
        old = Dose.objects.get()
        program = Program.objects.get()
        known = phase(
            dict(walk(), id=old.pk, phase=old.phase_id, DELETE="on"),
            walk(sets_min=3),
            id=old.phase_id,
            program=program.pk,
        )
    assert post(client, known, page=f"{program.pk}/change").status_code == 302
    with clinic_scope(clinic.pk):
        assert doses_of(program) == [[(WALK, 3)]]


def test_a_draft_may_be_empty_and_says_what_is_missing(clinic: Clinic, clinician: Membership, client: Client) -> None:
    answer = post(client)
    page = client.get(answer["Location"]).text
    assert "This program has no phase yet." in page
    assert "/prescribe/" not in page


def frozen_program(clinic: Clinic, clinician: Membership) -> Program:
    with clinic_scope(clinic.pk):
        return make_prescription(clinician, make_patient(), title="Frozen").program


def test_a_frozen_program_is_read_and_copied(clinic: Clinic, clinician: Membership, client: Client) -> None:
    program = frozen_program(clinic, clinician)
    page = client.get(f"{ROOT}/{program.pk}/change/")
    assert page.status_code == 200
    assert "so it stays as it is" in page.text
    assert 'name="title"' not in page.text
    assert 'name="_save"' not in page.text
    assert 'class="add-row' not in page.text
    assert client.get(f"{ROOT}/{program.pk}/copy/").status_code == 403
    answer = client.post(f"{ROOT}/{program.pk}/copy/")
    with clinic_scope(clinic.pk):
        copy = Program.objects.get(copy_of=program)
        assert doses_of(copy) == doses_of(program)
        assert (copy.made_by, copy.is_frozen) == (clinician, False)
    assert answer["Location"] == f"{ROOT}/{copy.pk}/change/"
    assert 'name="title"' in client.get(answer["Location"]).text


def test_a_second_tab_learns_that_it_was_frozen_meanwhile(
    clinic: Clinic, clinician: Membership, client: Client
) -> None:
    post(client, phase(walk()))
    with clinic_scope(clinic.pk):
        program = Program.objects.get()
    page = f"{ROOT}/{program.pk}"
    assert 'name="title"' in client.get(f"{page}/change/").text
    with clinic_scope(clinic.pk):
        freeze(program=program, now=NOW)
        known = Phase.objects.get()
    answer = post(client, phase(id=known.pk, program=program.pk), page=f"{program.pk}/change", title="Changed")
    assert answer["Location"] == f"{page}/change/"
    assert sentences(answer) == [
        "This program was prescribed meanwhile and can't change any more. Copy it and change the copy."
    ]
    with clinic_scope(clinic.pk):
        assert Program.objects.get().title == "Settle"
    assert client.post(f"{page}/delete/", {"post": "yes"}).status_code == 403


def test_a_draft_is_deleted_and_a_template_in_use_is_not(clinic: Clinic, clinician: Membership, client: Client) -> None:
    with clinic_scope(clinic.pk):
        template = make_program(title="Template", is_template=True)
        draft = make_program(title="Draft")
        make_prescription(clinician, make_patient(), title="Other")
        copy = Program.objects.get(title="Other")
    assert client.post(f"{ROOT}/{draft.pk}/delete/", {"post": "yes"})["Location"] == f"{ROOT}/"
    with clinic_scope(clinic.pk):
        assert not Program.objects.filter(pk=draft.pk).exists()
        patient = make_patient()
    client.post(
        f"/clinic/north/patients/patient/{patient.pk}/prescribe/",
        {"program": template.pk, "affected_knee": "left", "starts_on": "2026-11-18"},
    )
    answer = client.post(f"{ROOT}/{template.pk}/delete/", {"post": "yes"})
    assert answer["Location"] == f"{ROOT}/{template.pk}/change/"
    assert "This is in use, so it can't be deleted." in sentences(answer)
    with clinic_scope(clinic.pk):
        assert Program.objects.filter(pk__in=[template.pk, copy.pk]).count() == 2


def test_the_list_takes_the_same_queries_for_one_and_three(
    clinic: Clinic, clinician: Membership, client: Client
) -> None:
    counts = []
    for more in [1, 2]:
        with clinic_scope(clinic.pk):
            for _number in range(more):
                make_program(title="Program", made_by=clinician)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(f"{ROOT}/").status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_bands_are_kept_in_their_order(clinic: Clinic, clinician: Membership, client: Client) -> None:
    page = "/clinic/north/programs/bandladder/add/"
    ladder = {"maker": "Elastic", "length": "short"}
    bands = [{"label": name, "colour": "#c0392b", "position": 0} for name in ["light", "middle", "heavy"]]
    twice = client.post(page, ladder | rows("bands", [bands[0], bands[0]]))
    assert "This ladder has a band of this name already." in twice.text
    assert client.post(page, ladder | rows("bands", bands)).status_code == 302
    with clinic_scope(clinic.pk):
        assert [band.label for band in BandLadder.objects.get().bands.all()] == ["light", "middle", "heavy"]
    assert "light → middle → heavy" in client.get("/clinic/north/programs/bandladder/").text
    assert "already exists" in client.post(page, ladder | rows("bands", [])).text


def test_a_band_in_a_program_is_not_deleted(clinic: Clinic, clinician: Membership, client: Client) -> None:
    with clinic_scope(clinic.pk):
        ladder = BandLadder.objects.create(maker="Elastic", length="short")
        band = Band.objects.create(ladder=ladder, label="red")
        make_program()
        Dose.objects.filter(exercise=WALK).update(short_band=band)
    page = f"/clinic/north/programs/bandladder/{ladder.pk}"
    row = {"id": band.pk, "ladder": ladder.pk, "label": "red", "colour": "#c0392b", "position": 0, "DELETE": "on"}
    refused = client.post(f"{page}/change/", {"maker": "Elastic", "length": "short"} | rows("bands", [row]))
    assert "would require deleting the following protected related objects" in refused.text
    assert client.post(f"{page}/delete/", {"post": "yes"}).status_code == 200
    with clinic_scope(clinic.pk):
        assert Band.objects.filter(pk=band.pk).exists()


def test_the_catalogue_shows_its_facts_and_how_sure_they_are(
    clinic: Clinic, clinician: Membership, client: Client
) -> None:
    page = client.get(f"/clinic/north/programs/exercise/{WALK}/change/").text
    for fact in ["Toes straight ahead.", "(our reading)", "How many days a week", "Cambridge EDJ", "Trial in patients"]:
        assert fact in page, fact
