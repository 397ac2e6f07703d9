from io import StringIO
from typing import Any

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client

from clinic.models import Clinic, Membership, Role, User
from clinic.wall.scope import clinic_scope

pytestmark = pytest.mark.django_db
NORTH = {
    "slug": "north",
    "name": "North Physiotherapy",
    "time_zone": "Europe/Berlin",
    "phone": "+49 30 1234567",
    "owner": "Owner@north.example",
    "owner_name": "Anna Berg",
}


def create(**changes: Any) -> str:
    out = StringIO()
    call_command("create_clinic", **NORTH | changes, stdout=out)
    return out.getvalue()


def test_a_clinic_and_its_owner_who_chooses_a_password(client: Client) -> None:
    said = create()
    assert "/clinic/north/" in said
    clinic = Clinic.objects.get()
    with clinic_scope(clinic.pk):
        owner = Membership.objects.get()
    assert (owner.role, owner.user.email, str(owner)) == (Role.OWNER, "owner@north.example", "Anna Berg")
    assert not owner.user.has_usable_password()

    client.post("/account/password/reset/", {"email": "owner@north.example"})
    [link] = [word for word in mail.outbox[0].body.split() if "/account/password/reset/key/" in word]
    page = client.get(link, follow=True)
    chosen = {"password1": "three green bands", "password2": "three green bands"}
    client.post(page.redirect_chain[-1][0], chosen)
    client.post("/account/login/", {"login": "owner@north.example", "password": "three green bands"})
    assert client.get("/clinic/north/").status_code == 200


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"time_zone": "Berlin"}, "Berlin is not a time zone"),
        ({"slug": "no th"}, "slug: "),
        ({"name": ""}, "name: "),
        ({"owner": "anna@north..example"}, "owner: Enter a valid email address"),
    ],
)
def test_what_makes_no_sense_makes_nothing(changes: dict[str, str], sentence: str) -> None:
    with pytest.raises(CommandError, match=sentence):
        create(**changes)
    assert not Clinic.objects.exists()
    assert not User.objects.exists()


def test_a_slug_is_taken_once() -> None:
    create()
    with pytest.raises(CommandError, match="already exists"):
        create(name="Another")
    assert Clinic.objects.get().name == "North Physiotherapy"
