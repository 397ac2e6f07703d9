"""Every page of the staff's site, opened in a real browser: nothing refused, no error, nothing that axe finds.

A page that is new belongs into PAGES, by the name of its address; what only takes a POST into POST_ONLY.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver
from django.views.generic import RedirectView

from clinic import links
from clinic.models import Message
from clinic.site import site
from clinic.wall.scope import clinic_scope
from programs.models import BandLadder, Program
from tests.clinic.conftest import Watch
from tests.clinic.world import ClinicWorld
from tests.factories import WALK, sign_in

pytestmark = pytest.mark.django_db(transaction=True)


class At(NamedTuple):
    """An address: the objects in it, by their names in `objects_of`, and what follows the question mark."""

    objects: tuple[str, ...] = ()
    query: str = ""


def at(*objects: str, query: str = "") -> At:
    return At(objects, query)


PAGES: dict[str, list[At]] = {
    "index": [at(), at(query="of=all")],
    "search": [at(), at(query="q=secret"), at(query="q=nobody")],
    "password_change": [at()],
    "password_change_done": [at()],
    "clinic_clinic_change": [at("clinic")],
    "clinic_membership_changelist": [at(), at(query="q=nobody")],
    "clinic_membership_add": [at()],
    "clinic_membership_change": [at("owner")],
    "clinic_deputy_changelist": [at()],
    "clinic_deputy_add": [at()],
    "clinic_deputy_change": [at("deputy")],
    "clinic_deputy_delete": [at("deputy")],
    "clinic_message_changelist": [at(), at(query="state__exact=queued")],
    "clinic_message_change": [at("message")],
    "patients_patient_changelist": [at(), at(query="show=needs"), at(query="q=nobody")],
    "patients_patient_add": [at()],
    "patients_patient_change": [at("patient")],
    "patients_patient_record": [at("patient")],
    "patients_patient_import_records": [at()],
    "patients_patient_summary": [at()],
    "patients_patient_clinic_week": [at()],
    "patients_patient_log": [at("patient")],
    "patients_patient_correct": [at("patient", "log")],
    "patients_patient_prescribe": [at("patient")],
    "patients_patient_prescribe_program": [at(query="program={program}")],
    "patients_patient_prescribed": [at(query="prescription={prescription}")],
    "patients_patient_revise": [at("patient"), at("patient", query="program={draft}")],
    "patients_patient_paper": [at("patient"), at("patient", query="from=2026-09-28")],
    "patients_patient_pause": [at("patient")],
    "patients_patient_resume": [at("patient")],
    "patients_patient_end": [at("patient")],
    "patients_patient_measure": [at("patient"), at("patient", query="at=start")],
    "patients_patient_acknowledge": [at("patient", "alert"), at("patient", "alert", query="from=patient")],
    "patients_patient_decide": [at("patient"), at("patient", query="what=call&week=2026-11-09")],
    "patients_patient_called": [at("patient", "decision")],
    "patients_patient_correct_measure": [at("patient", "measurement")],
    "programs_bandladder_changelist": [at(), at(query="length__exact=short")],
    "programs_bandladder_add": [at()],
    "programs_bandladder_change": [at("ladder")],
    "programs_bandladder_delete": [at("ladder")],
    "programs_exercise_changelist": [at()],
    "programs_exercise_change": [at("exercise")],
    "programs_program_changelist": [at()],
    "programs_program_add": [at(), at(query="from=empty"), at(query="from=ships-settle-build-strengthen")],
    "programs_program_change": [at("program"), at("draft")],
    "programs_program_compare": [at("program"), at("draft")],
    "programs_program_delete": [at("draft")],
}
POST_ONLY = {
    "clinic_membership_write_again": at("owner"),
    "clinic_message_retry": at("message"),
    "patients_patient_accept": at("patient", "log"),
    "patients_patient_accept_morning": at("patient", "morning"),
    "patients_patient_decline_morning": at("patient", "morning"),
    "patients_patient_archive": at("patient"),
    "patients_patient_bring_back": at("patient"),
    "patients_patient_invitation": at("patient"),
    "patients_patient_measure_again": at("patient"),
    "patients_patient_sign_out": at("patient"),
    "patients_patient_withdraw": at("patient", "log"),
    "patients_patient_write_again": at("patient"),
    "programs_program_copy": at("program"),
    "programs_program_preview": at(),
}
# What is no page: files, what leads elsewhere, what is closed. With what each answers to a GET.
NO_PAGE = {
    "login": (302, at()),
    "logout": (302, at()),
    "app_list": (302, at("app")),
    "clinic_clinic_changelist": (302, at()),
    "jsi18n": (200, at()),
    "autocomplete": (403, at()),
    "view_on_site": (404, at("number", "number")),
    "patients_patient_handout": (200, at("patient")),
    "patients_patient_import_template": (200, at()),
}
MODELS = {
    "clinic_clinic": "clinic",
    "clinic_deputy": "deputy",
    "clinic_membership": "owner",
    "clinic_message": "message",
    "patients_patient": "patient",
    "programs_bandladder": "ladder",
    "programs_exercise": "exercise",
    "programs_program": "program",
}


def objects_of(world: ClinicWorld) -> dict[str, Any]:
    with clinic_scope(world.clinic.pk):
        return {
            "clinic": world.clinic.pk,
            "owner": world.owner.pk,
            "message": Message.objects.get(kind="weekly_summary").pk,
            "patient": world.patient.pk,
            "log": world.log.pk,
            "morning": world.morning.pk,
            "measurement": world.measurement.pk,
            "alert": world.alert.pk,
            "deputy": world.deputy.pk,
            "decision": world.decision.pk,
            "prescription": world.prescription.pk,
            "program": world.prescription.program_id,
            "draft": Program.objects.get(title="Draft of north").pk,
            "ladder": BandLadder.objects.get().pk,
            "exercise": WALK,
            "app": "programs",
            "number": "1",
        }


def named(patterns: Any) -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from named(pattern.url_patterns)
        elif isinstance(pattern, URLPattern) and pattern.name:
            yield pattern.name
        else:
            view = pattern.callback
            assert getattr(view, "view_class", None) is RedirectView or "catch_all" in view.__qualname__, pattern


def closed(name: str) -> bool:
    """History is closed for all, adding and deleting for many."""
    return name.endswith(("_history", "_add", "_delete")) and name not in PAGES


def test_every_address_of_the_site_is_listed() -> None:
    listed = [*PAGES, *POST_ONLY, *NO_PAGE]
    assert sorted(listed) == sorted({name for name in named(site.get_urls()) if not closed(name)})


def test_what_is_no_page_answers_as_listed(client: Client, world: ClinicWorld) -> None:
    sign_in(client, world.owner)
    objects = objects_of(world)
    for name, (status, visit) in NO_PAGE.items():
        assert client.get(address(world, name, visit, objects)).status_code == status, name
    for name, visit in POST_ONLY.items():
        assert client.get(address(world, name, visit, objects)).status_code in {403, 405}, name
    for name in filter(closed, named(site.get_urls())):
        visit = at() if name.endswith("_add") else at(MODELS[name.rpartition("_")[0]])
        assert client.get(address(world, name, visit, objects)).status_code in {403, 404}, name


def address(world: ClinicWorld, name: str, visit: At, objects: dict[str, Any]) -> str:
    path = links.inside(world.clinic, f"admin:{name}", *(objects[each] for each in visit.objects))
    return f"{path}?{visit.query.format(**objects)}" if visit.query else path


def addresses(world: ClinicWorld) -> list[str]:
    objects = objects_of(world)
    return [address(world, name, visit, objects) for name, visits in PAGES.items() for visit in visits]


VIEWS = [(width, scheme) for width in (1280, 820) for scheme in ("light", "dark")]


def test_nothing_is_wrong_with_any_page(watch: Watch, world: ClinicWorld) -> None:
    owners, faults = watch(world.owner), []
    for path in addresses(world):
        owners.open(path)
        for view in VIEWS:
            faults += [f"{path} {view}: {wrong}" for wrong in owners.look(*view)]
    assert not faults, "\n\n".join(faults)
