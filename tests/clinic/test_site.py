"""The staff's site: who gets in, who may what, and that nothing of another clinic is there."""

import re
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.core.mail import EmailMessage
from django.db import IntegrityError
from django.test import Client
from django.urls import URLPattern

from clinic.models import Clinic, Membership, Message, Role, User
from clinic.models.thresholds import THRESHOLDS
from clinic.site import site
from clinic.wall.scope import clinic_scope
from programs.models import BandLadder, Exercise
from tests.clinic.world import ClinicWorld, make_world
from tests.factories import NOW, PASSWORD, WALK, make_member, make_patient, sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def at_noon(time_machine: Any) -> None:
    time_machine.move_to(NOW)


@pytest.fixture
def north() -> ClinicWorld:
    return make_world("north")


@pytest.fixture
def south() -> ClinicWorld:
    return make_world("south")


def objects_of(world: ClinicWorld) -> dict[str, Any]:
    """One object of each model that the site shows, by the path of its pages."""
    with clinic_scope(world.clinic.pk):
        return {
            "patients/patient": world.patient.pk,
            "programs/program": world.prescription.program_id,
            "programs/bandladder": BandLadder.objects.get().pk,
            "clinic/membership": world.owner.pk,
            "clinic/deputy": world.deputy.pk,
            "clinic/message": Message.objects.get(kind="weekly_summary").pk,
            "clinic/clinic": world.clinic.pk,
        }


def own_pages(world: ClinicWorld) -> dict[str, str]:
    """The pages that the classes add to Django's, each about an object of this clinic."""
    pks = {"patient": world.patient.pk, "program": world.prescription.program_id, "membership": world.owner.pk}
    pks["message"] = objects_of(world)["clinic/message"]
    pages = {}
    for model, model_admin in site._registry.items():
        for name, route in model_admin.pages.items():
            path = route.replace("<uuid:pk>", str(pks[model._meta.model_name]))
            path = re.sub("<uuid:([a-z]+)>", lambda found: str(getattr(world, found[1]).pk), path)
            pages[f"{model._meta.model_name} {name}"] = f"{model._meta.app_label}/{model._meta.model_name}/{path}"
    pages["patient prescribed"] += f"?prescription={world.prescription.pk}"
    pages["patient prescribe_program"] += f"?program={world.prescription.program_id}"
    return pages


def test_every_model_of_the_site_is_tried(north: ClinicWorld) -> None:
    shown = {f"{model._meta.app_label}/{model._meta.model_name}" for model in site._registry}
    assert shown == {*objects_of(north), "programs/exercise"}
    assert len(own_pages(north)) == sum(len(model_admin.pages) for model_admin in site._registry.values())


def test_what_belongs_to_another_clinic_is_not_there(north: ClinicWorld, south: ClinicWorld, client: Client) -> None:
    sign_in(client, north.owner)
    for path, pk in objects_of(south).items():
        for page in ["change", "delete", "history"]:
            for method in [client.get, client.post]:
                assert method(f"/clinic/north/{path}/{pk}/{page}/").status_code == 404, (path, page)
        assert client.get(f"/clinic/north/{path}/not-an-id/change/").status_code == 404, path


def test_own_pages_do_not_know_another_clinics_objects(north: ClinicWorld, south: ClinicWorld, client: Client) -> None:
    sign_in(client, north.owner)
    for name, page in own_pages(south).items():
        if any(each in name for each in ["import", "preview", "summary", "clinic_week"]):
            continue  # about no object
        for method in [client.get, client.post]:
            assert method(f"/clinic/north/{page}").status_code == 404, name


def test_a_log_of_another_patient_is_not_there(north: ClinicWorld, south: ClinicWorld, client: Client) -> None:
    """With the right patient and the wrong log."""
    sign_in(client, north.owner)
    for page in ["correct", "withdraw", "accept"]:
        path = f"/clinic/north/patients/patient/{north.patient.pk}/log/{south.log.pk}/{page}/"
        assert client.post(path).status_code == 404, page


def test_a_measurement_of_another_patient_is_not_there(north: ClinicWorld, south: ClinicWorld, client: Client) -> None:
    """With the right patient and the wrong measurement, of another clinic and of another patient of this one."""
    sign_in(client, north.owner)
    with clinic_scope(north.clinic.pk):
        other = make_patient()
    pairs = [(north.patient.pk, south.measurement.pk), (other.pk, north.measurement.pk)]
    for patient, measurement in pairs:
        for method in [client.get, client.post]:
            assert method(f"/clinic/north/patients/patient/{patient}/measure/{measurement}/").status_code == 404


def test_lists_show_nothing_of_another_clinic(north: ClinicWorld, south: ClinicWorld, client: Client) -> None:
    sign_in(client, north.owner)
    for path in ["", "?of=all", *(f"{path}/" for path in objects_of(south))]:
        page = client.get(f"/clinic/north/{path}", follow=True).text
        assert "North" in page, path
        for secret in ["of south", "of South", "south.example", "south-1"]:
            assert secret not in page, path


def test_choices_hold_nothing_of_another_clinic(north: ClinicWorld, south: ClinicWorld, client: Client) -> None:
    sign_in(client, north.owner)
    for path in ["patients/patient/add/", "programs/program/add/", f"patients/patient/{north.patient.pk}/revise/"]:
        assert "of south" not in client.get(f"/clinic/north/{path}").text, path


EVERYBODY, CLINICIANS, OWNERS = {"owner", "clinician", "assistant"}, {"owner", "clinician"}, {"owner"}
MAY_OPEN = {
    "": EVERYBODY,
    "patients/patient/": EVERYBODY,
    "patients/patient/{patient}/change/": EVERYBODY,
    "patients/patient/add/": CLINICIANS,
    "patients/patient/import/": CLINICIANS,
    "patients/patient/import/template.csv": CLINICIANS,
    "patients/patient/{patient}/record/": CLINICIANS,
    "patients/patient/{patient}/log/": CLINICIANS,
    "patients/patient/{patient}/handout/": CLINICIANS,
    "patients/patient/{patient}/paper/": CLINICIANS,
    "patients/patient/{patient}/prescribe/": CLINICIANS,
    "patients/patient/{patient}/revise/": CLINICIANS,
    "patients/patient/{patient}/pause/": CLINICIANS,
    "patients/patient/{patient}/resume/": CLINICIANS,
    "patients/patient/{patient}/end/": CLINICIANS,
    "patients/patient/{patient}/measure/": CLINICIANS,
    "patients/patient/{patient}/measure/{measurement}/": CLINICIANS,
    "patients/patient/{patient}/log/{log}/correct/": CLINICIANS,
    "patients/patient/prescribe/?program={program}": CLINICIANS,
    "patients/patient/prescribed/?prescription={prescription}": CLINICIANS,
    "programs/program/": CLINICIANS,
    "programs/program/add/": CLINICIANS,
    "programs/program/{program}/change/": CLINICIANS,
    "programs/bandladder/": CLINICIANS,
    "programs/exercise/": CLINICIANS,
    "programs/exercise/lateral-band-walk/change/": CLINICIANS,
    "clinic/membership/": OWNERS,
    "clinic/membership/add/": OWNERS,
    "clinic/message/": OWNERS,
    "clinic/clinic/{clinic}/change/": OWNERS,
}


@pytest.mark.parametrize("role", ["owner", "clinician", "assistant"])
def test_roles_open_what_is_theirs(role: str, north: ClinicWorld, client: Client) -> None:
    with clinic_scope(north.clinic.pk):
        member = make_member(north.clinic, role)
    sign_in(client, member)
    ids = {"patient": north.patient.pk, "program": north.prescription.program_id, "log": north.log.pk}
    ids |= {"prescription": north.prescription.pk, "measurement": north.measurement.pk}
    for path, roles in MAY_OPEN.items():
        answer = client.get(f"/clinic/north/{path.format(clinic=north.clinic.pk, **ids)}")
        refused = {403, 404} if "?" in path else {403}
        assert answer.status_code in ({200} if role in roles else refused), path


def test_assistants_change_nothing_by_posting(north: ClinicWorld, client: Client) -> None:
    with clinic_scope(north.clinic.pk):
        sign_in(client, make_member(north.clinic, Role.ASSISTANT))
    for name, page in own_pages(north).items():
        expected = 302 if name in {"patient invitation", "patient write_again"} else 403
        assert client.post(f"/clinic/north/{page}").status_code in {expected, 404}, name
    for path, pk in objects_of(north).items():
        for page in ["change", "delete"]:
            assert client.post(f"/clinic/north/{path}/{pk}/{page}/").status_code == 403, path


def test_patients_find_no_staff_page(north: ClinicWorld, client: Client) -> None:
    sign_in(client, north.sign_in)
    for path in ["", "patients/patient/", f"patients/patient/{north.patient.pk}/change/", "jsi18n/"]:
        assert client.get(f"/clinic/north/{path}").status_code == 404, path


def test_staff_signed_in_by_a_code_are_asked_for_their_password(north: ClinicWorld, client: Client) -> None:
    sign_in(client, north.owner)
    session = client.session
    session["account_authentication_methods"] = [{"method": "code", "at": NOW.timestamp()}]
    session.save()
    door = client.get("/clinic/north/programs/program/", follow=True)
    assert door.redirect_chain == [("/account/reauthenticate/?next=/clinic/north/programs/program/", 302)]
    assert "These pages need your password" in door.text
    client.post("/account/reauthenticate/", {"password": "wrong", "next": "/clinic/north/"})
    assert client.get("/clinic/north/").status_code == 302
    opened = client.post("/account/reauthenticate/", {"password": PASSWORD, "next": "/clinic/north/"}, follow=True)
    assert opened.redirect_chain == [("/clinic/north/", 302)]
    assert opened.status_code == 200


def test_history_and_the_sites_own_sign_in_are_closed(north: ClinicWorld, client: Client) -> None:
    sign_in(client, north.owner)
    for path, pk in objects_of(north).items():
        assert client.get(f"/clinic/north/{path}/{pk}/history/").status_code == 404, path
    assert client.get("/clinic/north/login/")["Location"] == "/account/login/"
    assert client.get("/clinic/north/logout/")["Location"] == "/account/logout/"


def test_nothing_is_written_to_djangos_log(north: ClinicWorld, client: Client) -> None:
    sign_in(client, north.owner)
    root = "/clinic/north/programs/bandladder"
    rows = {"bands-TOTAL_FORMS": 0, "bands-INITIAL_FORMS": 0}
    client.post(f"{root}/add/", {"maker": "Elastic", "length": "long"} | rows)
    with clinic_scope(north.clinic.pk):
        ladder = BandLadder.objects.get(maker="Elastic")
    client.post(f"{root}/{ladder.pk}/change/", {"maker": "Stretch", "length": "long"} | rows)
    client.post(f"{root}/{ladder.pk}/delete/", {"post": "yes"})
    with clinic_scope(north.clinic.pk):
        assert not BandLadder.objects.filter(pk=ladder.pk).exists()
    assert not LogEntry.objects.exists()


def policy_of(answer: Any) -> dict[str, str]:
    directives = (each.strip().partition(" ") for each in answer["Content-Security-Policy"].split(";"))
    return {name: values for name, _, values in directives}


def test_the_policy_lets_in_no_script_and_no_style_of_a_strangers(north: ClinicWorld, client: Client) -> None:
    sign_in(client, north.owner)
    for path in ["", "patients/patient/", f"patients/patient/{north.patient.pk}/change/", "programs/program/add/"]:
        page = client.get(f"/clinic/north/{path}")
        [nonce] = set(re.findall(r'nonce="([^"]+)"', page.text))
        policy = policy_of(page)
        assert policy["script-src"] == policy["style-src"] == f"'self' 'nonce-{nonce}'", path
        assert policy["default-src"] == "'none'", path


def test_styles_of_single_elements_are_the_sites_one_exception(north: ClinicWorld, client: Client) -> None:
    sign_in(client, north.owner)
    strict = policy_of(client.get("/account/logout/"))
    relaxed = policy_of(client.get("/clinic/north/"))
    assert relaxed.pop("style-src-attr") == "'unsafe-inline'"
    assert relaxed.keys() == strict.keys()
    assert "unsafe" not in f"{strict}{relaxed}"


def test_every_page_names_its_clinic_and_the_ways_out(north: ClinicWorld, client: Client) -> None:
    sign_in(client, north.owner)
    page = client.get("/clinic/north/programs/exercise/").text
    assert "North" in page
    assert 'href="/"' in page
    assert 'action="/account/logout/"' in page


def test_every_view_of_the_site_is_guarded(north: ClinicWorld, client: Client) -> None:
    """No address below the clinic answers somebody who is no staff."""
    sign_in(client, north.sign_in)
    simple = [f"{pattern.pattern}" for pattern in site.get_urls() if isinstance(pattern, URLPattern)]
    for path in simple:
        if "<" not in path and "(" not in path and path != "login/":
            assert client.get(f"/clinic/north/{path}").status_code == 404, path


def add_staff(client: Client, **fields: str) -> Any:
    data = {"name": "Nell Novak", "email": "nell@north.example", "role": "clinician"} | fields
    return client.post("/clinic/north/clinic/membership/add/", data)


def test_an_owner_adds_staff_who_choose_a_password(
    north: ClinicWorld,
    client: Client,
    mailoutbox: list[EmailMessage],
    django_capture_on_commit_callbacks: Any,
) -> None:
    sign_in(client, north.owner)
    with django_capture_on_commit_callbacks(execute=True):
        assert add_staff(client).status_code == 302
    [mail] = mailoutbox
    assert mail.to == ["nell@north.example"]
    [link] = re.findall(r"http://localhost:8000(/account/password/reset/key/\S+)", str(mail.body))
    nell = Client()
    form = nell.get(link, follow=True)
    chosen = {"password1": "a long new password", "password2": "a long new password"}
    nell.post(form.redirect_chain[-1][0], chosen)
    nell.post("/account/login/", {"login": "nell@north.example", "password": "a long new password"})
    assert nell.get("/clinic/north/patients/patient/").status_code == 200
    assert nell.get("/clinic/north/clinic/membership/").status_code == 403


def test_somebody_known_elsewhere_keeps_name_and_password(
    north: ClinicWorld, south: ClinicWorld, client: Client, mailoutbox: list[EmailMessage]
) -> None:
    sign_in(client, north.owner)
    known = south.owner.user
    assert add_staff(client, email=known.email.upper(), name="Somebody Else").status_code == 302
    again = User.objects.get(email=known.email)
    assert (again.pk, again.name) == (known.pk, known.name)
    assert again.check_password(PASSWORD)
    with clinic_scope(north.clinic.pk):
        assert Membership.objects.filter(user=again, role="clinician").exists()
    assert "already" in add_staff(client, email=known.email).text


def test_a_clinic_keeps_an_owner(north: ClinicWorld, client: Client) -> None:
    sign_in(client, north.owner)
    page = f"/clinic/north/clinic/membership/{north.owner.pk}/change/"
    for change in [{"role": "clinician", "is_active": "on"}, {"role": "owner"}]:
        answer = client.post(page, change)
        assert "A clinic needs an owner" in answer.text, change
    with clinic_scope(north.clinic.pk):
        make_member(north.clinic, Role.OWNER)
    change = {"role": "clinician", "summaries": "weekly", "is_active": "on"}
    assert client.post(page, change).status_code == 302
    assert client.get(page).status_code == 403


def test_patients_sign_ins_are_no_staff(north: ClinicWorld, client: Client) -> None:
    sign_in(client, north.owner)
    assert client.get(f"/clinic/north/clinic/membership/{north.sign_in.pk}/change/").status_code == 404
    assert north.sign_in.user.email not in client.get("/clinic/north/clinic/membership/").text


def test_an_owner_changes_the_clinics_settings(north: ClinicWorld, south: ClinicWorld, client: Client) -> None:
    sign_in(client, north.owner)
    settings = {
        "name": "Northside",
        "phone": "1",
        "emergency_number": "999",
        "colour": "#7A1F5C",
        "language": "en",
        "time_zone": "Europe/London",
        "red_flags": " A hot knee \n\nA locked knee",
        "pain_acceptable_from": 3,
        "pain_too_much_from": 6,
        "summary_weekday": 1,
        "summary_hour": 8,
        "names_in_email": "initials",
        **{name: Clinic._meta.get_field(name).default for name in THRESHOLDS},
        "alert_pain_at_once": 7,
    }
    own, other = (f"/clinic/north/clinic/clinic/{world.clinic.pk}/change/" for world in (north, south))
    assert client.post(other, settings).status_code == 404
    assert client.post(own, settings | {"pain_acceptable_from": 7}).status_code == 200
    disorder = client.post(own, settings | {"alert_silent_again_days": 7})
    assert "Silence is raised again after more days" in disorder.text
    assert client.post(own, settings | {"alert_above_due": 0}).status_code == 200
    for signs in ["x" * 501, "\n".join(str(number) for number in range(51))]:
        assert (
            "At most 50 warning signs of 500 characters each." in client.post(own, settings | {"red_flags": signs}).text
        )
    assert "A colour is written like #0b5b5d." in client.post(own, settings | {"colour": "purple"}).text
    assert client.post(own, settings).status_code == 302
    north.clinic.refresh_from_db()
    assert north.clinic.colour == "#7a1f5c"
    assert north.clinic.alert_pain_at_once == 7
    assert (north.clinic.name, north.clinic.red_flags) == ("Northside", ["A hot knee", "A locked knee"])
    assert Clinic.objects.get(pk=south.clinic.pk).name == "South"
    assert client.post(f"/clinic/north/clinic/clinic/{north.clinic.pk}/delete/").status_code == 403


@pytest.mark.parametrize("colour", ["", "#0b5b5", "#0b5b5g", "0b5b5d#", "#0B5B5D"])
def test_the_database_keeps_a_clinics_colour_one(colour: str, north: ClinicWorld) -> None:
    with pytest.raises(IntegrityError, match="clinic_colour_is_one"), clinic_scope(north.clinic.pk):
        Clinic.objects.filter(pk=north.clinic.pk).update(colour=colour)


def test_the_outbox_and_the_catalogue_are_only_looked_at(north: ClinicWorld, client: Client) -> None:
    sign_in(client, north.owner)
    before = Exercise.objects.values().get(pk=WALK)
    for page in [f"clinic/message/{objects_of(north)['clinic/message']}", f"programs/exercise/{WALK}"]:
        assert client.get(f"/clinic/north/{page}/change/").status_code == 200, page
        assert client.post(f"/clinic/north/{page}/delete/", {"post": "yes"}).status_code == 403, page
        client.post(f"/clinic/north/{page}/change/", {"state": "sent", "name": "Other"})
    assert Exercise.objects.values().get(pk=WALK) == before
    with clinic_scope(north.clinic.pk):
        assert set(Message.objects.values_list("state", flat=True)) == {"queued"}
