"""Two versions of a program side by side."""

from uuid import uuid4

import pytest
from django.test import Client

from clinic.models import Clinic, Membership
from clinic.wall.scope import clinic_scope
from programs.actions import copy_program
from programs.models import Program
from tests.factories import NOW, make_clinic, make_program
from tests.programs.forms import NEW, ROOT, phase, post, walk

pytestmark = pytest.mark.django_db
CHANGE = "Phase 1, Lateral band walk: 2 × 10 → 3 × 10 steps"


def test_the_version_before_comes_first(clinic: Clinic, clinician: Membership, client: Client) -> None:
    post(client, phase(walk()))
    post(client, phase(walk(sets="3")), page=f"{NEW}/change", version="1")
    page = client.get(f"{ROOT}/{NEW}/compare/")
    assert page.context["changes"] == [CHANGE]
    assert [side.label for side, _ in page.context["columns"]] == ["Version 1", "as it is now"]
    assert "2 sets, 10 steps each way" in page.text
    assert "3 sets, 10 steps each way" in page.text
    other_way = client.get(f"{ROOT}/{NEW}/compare/?before={NEW}&after=v1")
    assert other_way.context["changes"] == ["Phase 1, Lateral band walk: 3 × 10 → 2 × 10 steps"]


def test_a_copy_is_compared_with_what_it_came_from(clinic: Clinic, clinician: Membership, client: Client) -> None:
    with clinic_scope(clinic.pk):
        source = make_program(title="Source")
        copy = copy_program(by=clinician, program=source, now=NOW)
        Program.objects.filter(pk=copy.pk).update(title="Copy")
    page = client.get(f"{ROOT}/{copy.pk}/compare/")
    assert page.context["changes"] == ["Title: Source → Copy"]
    assert "copied from: Source" in page.text
    assert "copy of it: Copy" in client.get(f"{ROOT}/{source.pk}/compare/").text


def test_alone_it_has_no_changes(clinic: Clinic, clinician: Membership, client: Client) -> None:
    post(client, phase(walk()))
    page = client.get(f"{ROOT}/{NEW}/compare/")
    assert page.context["changes"] == []
    assert "Nothing." in page.text


def test_only_its_own_versions_can_be_named(clinic: Clinic, clinician: Membership, client: Client) -> None:
    post(client, phase(walk()))
    with clinic_scope(clinic.pk):
        unrelated = make_program()
    with clinic_scope(make_clinic("south").pk):
        foreign = make_program(title="Secret of south")
    for key in [unrelated.pk, foreign.pk, uuid4(), "v9", "x"]:
        assert client.get(f"{ROOT}/{NEW}/compare/?before={key}").status_code == 404
