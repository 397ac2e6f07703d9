"""Random histories of a clinic's patients, lived through by the application's own actions."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Protocol

from django.core.exceptions import ValidationError
from django.db import transaction
from hypothesis import strategies as st
from uuid_utils.compat import uuid7

from clinic.models import Clinic, Membership
from patients.actions.logging import Entry, LogConflict, SetEntry, accept_log, record_log, withdraw_log
from patients.actions.prescribing import end_course, pause, prescribe, resume, revise
from patients.models import Course, Log, Patient, Prescription
from programs.models import Dose, Phase, Program
from tests.factories import THRUST, WALK

DAY = timedelta(days=1)
BEGINNINGS = [datetime(2026, month, day, tzinfo=UTC) for month, day in [(3, 9), (3, 28), (9, 20), (10, 24), (12, 20)]]
ZONES = [
    "Europe/Berlin",
    "America/Los_Angeles",
    "Pacific/Auckland",
    "Pacific/Kiritimati",
    "Etc/GMT+12",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
]


@dataclass
class Story:
    """A clinic as it is at the moment `now`: its patients, and who acts for whom."""

    clinic: Clinic
    staff: Membership
    people: Sequence[tuple[Patient, Membership]]
    now: datetime

    @property
    def today(self) -> date:
        return self.clinic.today(self.now)


class Step(Protocol):
    def live(self, story: Story, patient: Patient, own: Membership) -> None: ...


@dataclass(frozen=True)
class PhaseDrawn:
    weeks: int
    frequency: int | None
    weekdays: tuple[int, ...]
    doses: tuple[tuple[str, int, int, bool], ...]


def make_program(phases: Sequence[PhaseDrawn], *, open_end: bool) -> Program:
    program = Program.objects.create(title="Drawn")
    for position, drawn in enumerate(phases):
        is_open = open_end and position == len(phases) - 1
        phase = Phase.objects.create(
            program=program,
            position=position,
            weeks=None if is_open else drawn.weeks,
            frequency=drawn.frequency,
            weekdays=list(drawn.weekdays),
        )
        Dose.objects.bulk_create(
            Dose(phase=phase, position=place, exercise_id=exercise, sets_min=sets, amount_min=amount, required=required)
            for place, (exercise, sets, amount, required) in enumerate(drawn.doses)
        )
    return program


@dataclass(frozen=True)
class Prescribed:
    """The running course is revised, or the next one begins."""

    phases: tuple[PhaseDrawn, ...]
    open_end: bool
    in_days: int

    def live(self, story: Story, patient: Patient, own: Membership) -> None:
        program = make_program(self.phases, open_end=self.open_end)
        starts_on = story.today + self.in_days * DAY
        running = Prescription.objects.filter(course__patient=patient, course__ended_on=None, ends_on=None).first()
        if running:
            revise(by=story.staff, prescription=running, program=program, starts_on=starts_on, now=story.now)
            return
        knee = patient.affected_knee
        prescribe(
            by=story.staff, patient=patient, program=program, starts_on=starts_on, affected_knee=knee, now=story.now
        )


@dataclass(frozen=True)
class Paused:
    in_days: int
    days: int | None

    def live(self, story: Story, patient: Patient, own: Membership) -> None:
        starts_on = story.today + self.in_days * DAY
        ends_on = None if self.days is None else starts_on + (self.days - 1) * DAY
        course = Course.objects.get(patient=patient, ended_on=None)
        pause(by=story.staff, course=course, starts_on=starts_on, ends_on=ends_on, now=story.now)


@dataclass(frozen=True)
class Resumed:
    in_days: int

    def live(self, story: Story, patient: Patient, own: Membership) -> None:
        course = Course.objects.get(patient=patient, ended_on=None)
        resume(by=story.staff, course=course, on=story.today + self.in_days * DAY)


@dataclass(frozen=True)
class Ended:
    in_days: int

    def live(self, story: Story, patient: Patient, own: Membership) -> None:
        course = Course.objects.get(patient=patient, ended_on=None)
        end_course(by=story.staff, course=course, last_date=story.today + self.in_days * DAY)


@dataclass(frozen=True)
class Logged:
    """Live, late, held on the phone for some hours, or entered by staff; now and then in place of an earlier log."""

    days_ago: int
    sets: tuple[SetEntry, ...]
    skip_reason: str
    waited: int
    by_staff: bool
    corrects: bool

    def live(self, story: Story, patient: Patient, own: Membership) -> None:
        day = story.today - self.days_ago * DAY
        standing = Log.objects.current().filter(patient=patient, date=day).first() if self.corrects else None
        entry = Entry(
            id=uuid7(),
            date=day,
            sets=() if self.skip_reason else self.sets,
            as_planned=not (self.skip_reason or self.sets),
            skip_reason=self.skip_reason,
            waited=timedelta(hours=self.waited),
            replaces=standing and standing.pk,
        )
        record_log(by=story.staff if self.by_staff else own, patient=patient.pk, entry=entry, now=story.now)


@dataclass(frozen=True)
class Settled:
    """One of a patient's logs is withdrawn, or accepted where it waits."""

    which: int
    withdrawn: bool

    def live(self, story: Story, patient: Patient, own: Membership) -> None:
        logs = Log.objects.filter(patient=patient, **({} if self.withdrawn else {"accepted": False})).order_by("pk")
        if logs:
            log = logs[self.which % len(logs)]
            act = withdraw_log if self.withdrawn else accept_log
            act(by=story.staff, patient=patient.pk, log=log.pk, now=story.now)


@dataclass(frozen=True)
class Moved:
    """The clinic changes its time zone."""

    zone: str

    def live(self, story: Story, patient: Patient, own: Membership) -> None:
        story.clinic.time_zone = self.zone
        story.clinic.save(update_fields=["time_zone"])


def live(story: Story, steps: Sequence[tuple[int, int, Step]]) -> None:
    """Each step after so many hours, by one of the patients. What the application refuses did not happen."""
    for hours, who, step in steps:
        story.now += timedelta(hours=hours)
        patient, own = story.people[who % len(story.people)]
        with suppress(ValidationError, LogConflict, Course.DoesNotExist), transaction.atomic():
            step.live(story, patient, own)


@st.composite
def phases(draw: st.DrawFn) -> PhaseDrawn:
    weekdays = draw(st.just(()) | st.lists(st.integers(0, 6), min_size=1, max_size=7, unique=True).map(tuple))
    exercises = draw(st.permutations([WALK, THRUST]))[: draw(st.integers(1, 2))]
    doses = [
        (exercise, draw(st.integers(1, 3)), draw(st.integers(1, 12)), number == 0 or draw(st.booleans()))
        for number, exercise in enumerate(exercises)
    ]
    return PhaseDrawn(draw(st.integers(1, 2)), None if weekdays else draw(st.integers(1, 7)), weekdays, tuple(doses))


numbers = st.integers(0, 20)
set_entries = st.one_of(
    st.builds(SetEntry, exercise=st.just(WALK), left=numbers, right=numbers),
    st.builds(SetEntry, exercise=st.just(THRUST), amount=numbers),
)
some_phases = st.lists(phases(), min_size=1, max_size=3).map(tuple)
prescribed = st.builds(Prescribed, some_phases, st.booleans(), st.integers(-3, 5))
logged = st.builds(
    Logged,
    st.sampled_from([0, 0, 0, 1, 2, 3, 9]),
    st.lists(set_entries, max_size=5).map(tuple),
    st.sampled_from(["", "", "", "pain", "time"]),
    st.sampled_from([0, 0, 0, 5, 30, 400]),
    st.booleans(),
    st.booleans(),
)
steps = st.one_of(
    logged,
    logged,
    logged,
    prescribed,
    st.builds(Paused, st.integers(-9, 5), st.none() | st.integers(1, 9)),
    st.builds(Resumed, st.integers(-2, 3)),
    st.builds(Ended, st.integers(-3, 5)),
    st.builds(Settled, st.integers(0, 20), st.booleans()),
    st.builds(Moved, st.sampled_from(ZONES)),
)
timed_steps = st.tuples(st.integers(1, 40), st.integers(0, 2), steps)
