"""All pages of a patient with a course that runs, for tests that open every one of them."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page
from pytest_django.live_server_helper import LiveServer

from clinic.wall.scope import clinic_scope
from patients.actions.measuring import measure
from patients.actions.prescribing import prescribe
from patients.models import Course, Patient
from patients.urls import urlpatterns
from programs.models import Band, BandLadder, Dose
from tests import factories as make
from tests.patients.home import Home, a_home

WIDTH, DAY = 390, timedelta(days=1)
Open = Callable[..., Page]
# Each page by the name of its address: what follows the patient in it.
PAGES = {
    "my-records": ["?change"],
    "today": [""],
    "day": ["{yesterday}/"],
    "session": ["{today}/session/"],
    "offline": ["offline/"],
    "correct": ["correct/{log}/"],
    "withdraw": ["withdraw/{log}/"],
    "morning": ["morning/{yesterday}/"],
    "progress": ["progress/"],
    "reminders": ["reminders/"],
    "own-week": ["my-week/"],
    "red-flags": ["red-flags/"],
    "red-flags-stop": ["red-flags/stop/"],
}
NO_PAGES = {"language", "log", "manifest", "morning-withdraw"}  # they only take what is sent, or are for the phone


def course_of(home: Home) -> None:
    """In its second week, with a band that the clinic chose. Yesterday it hurt; the day before there was no time."""
    now = timezone.now()
    with clinic_scope(home.clinic.pk):
        program = make.make_program(frequency=7, goal="Stairs")
        ladder = BandLadder.objects.create(maker="Strandline", length="short")
        red = Band.objects.create(ladder=ladder, label="red", colour="#c0392b")
        Dose.objects.filter(exercise=make.WALK).update(short_band=red, hold_seconds=2, rest_seconds=60)
        starts_on = now.date() - 9 * DAY
        prescribe(
            by=home.clinician, patient=home.patient, program=program, starts_on=starts_on, affected_knee="left", now=now
        )
        answers = {"pain_before": 3, "pain_during": 9, "pain_after": 4, "effort": 6}
        make.make_log(home.self, home.patient, now.date() - DAY, **answers)
        make.make_log(home.self, home.patient, now.date() - 2 * DAY, skip_reason="time")
        make.make_log(home.self, home.patient, now.date() - 4 * DAY, pain_before=2, pain_after=3)
        said = {"given_on": now.date(), "activity": "Stairs", "activity_score": 4, "pain": 5, "change": None}
        measure(by=home.clinician, course=Course.objects.get(), occasion="start", answers=said, now=now)


def addresses(home: Home) -> dict[str, str]:
    """Each page by its name. A page that is new belongs into PAGES."""
    assert {each.name for each in urlpatterns} == PAGES.keys() | NO_PAGES
    with clinic_scope(home.clinic.pk):
        log = next(log for log in home.logs() if log.pain_during == 9)
    today = timezone.now().date()
    known = {"today": today, "yesterday": today - DAY, "log": log.pk}
    found = {}
    for name, rests in PAGES.items():
        for rest in rests:
            found[name] = (home.my if name == "my-records" else home.url()) + rest.format(**known)
    return found


def reads(home: Home, language: str) -> None:
    with clinic_scope(home.clinic.pk):
        Patient.objects.filter(pk=home.patient.pk).update(language=language)


@pytest.fixture
def home(transactional_db: None) -> Home:
    made = a_home(prescribed=False)
    course_of(made)
    return made


@pytest.fixture
def open_phone(browser: Browser, live_server: LiveServer, client: Client, home: Home) -> Iterator[Open]:
    """Opens a page, signed in as the patient, on a phone whose browser speaks English. Nothing may go wrong in it."""
    cookie = make.sign_in(client, home.self).cookies["sessionid"].value
    refused: list[str] = []
    contexts: list[BrowserContext] = []

    def open_page(url: str = "", **options: object) -> Page:
        context = browser.new_context(
            **{"viewport": {"width": WIDTH, "height": 844}, "has_touch": True, "locale": "en-GB"} | options
        )
        contexts.append(context)
        context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
        page = context.new_page()
        page.on("pageerror", lambda error: refused.append(str(error)))
        page.on("console", lambda message: refused.append(message.text) if "Content Security" in message.text else None)
        page.goto(live_server.url + (url or home.url()))
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert refused == []
