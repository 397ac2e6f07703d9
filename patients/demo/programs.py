"""The demo's bands and templates. Where the source is silent (frequency, rest, progression) they are our default."""

from clinic.models import Membership
from programs.models import Band, BandLadder, Dose, Phase, Program

SHORT = (("yellow", "#e1b12c"), ("red", "#c0392b"), ("green", "#2e8b57"), ("blue", "#2f6db5"))
LONG = (("light", "#d9a441"), ("medium", "#b5523b"), ("strong", "#4b5d8a"))
WALK, THRUST = "lateral-band-walk", "double-band-hip-thrust"

Bands = dict[str, Band]


def make_bands(maker: str) -> Bands:
    """One ladder of each length; the bands by their label."""
    bands = {}
    for length, rungs in (("short", SHORT), ("long", LONG)):
        ladder = BandLadder.objects.create(maker=maker, length=length)
        for position, (label, colour) in enumerate(rungs, start=1):
            bands[label] = Band.objects.create(ladder=ladder, position=position, label=label, colour=colour)
    return bands


def make_templates(*, by: Membership, bands: Bands) -> tuple[Program, Program]:
    """Settle, build, strengthen, and then as long as it helps; and a maintenance program on two fixed days."""
    course = Program.objects.create(
        title="Our knee course",
        goal="Stairs without thinking about them",
        notes_for_patient="Small steps, no hurry. Stop if it hurts more than you would accept, and call us.",
        notes_for_staff="Three sessions a week and the steps from phase to phase are our default, not the source's.",
        is_template=True,
        made_by=by,
    )
    _phase(course, "Settle", 2, bands["yellow"], bands["light"], walk=(2, None, 10), thrust=(2, None, 10, 12))
    _phase(course, "Build", 2, bands["red"], bands["light"], walk=(2, 3, 10), thrust=(2, 3, 12, 20))
    _phase(course, "Strengthen", None, bands["red"], bands["medium"], walk=(3, None, 10), thrust=(3, None, 15, 30))
    maintenance = Program.objects.create(
        title="Two days a week", goal="Keep what you have built", is_template=True, made_by=by
    )
    phase = Phase.objects.create(program=maintenance, title="Keep going", weekdays=[1, 4])
    _doses(phase, bands["green"], bands["medium"], walk=(2, 3, 10), thrust=(2, 3, 10, 30))
    return course, maintenance


def _phase(program: Program, title: str, weeks: int | None, short: Band, long: Band, **doses: tuple) -> None:
    position = program.phases.count()
    phase = Phase.objects.create(program=program, position=position, title=title, weeks=weeks, frequency=3)
    _doses(phase, short, long, **doses)


def _doses(
    phase: Phase,
    short: Band,
    long: Band,
    *,
    walk: tuple[int, int | None, int],
    thrust: tuple[int, int | None, int, int],
) -> None:
    Dose.objects.create(
        phase=phase,
        position=0,
        exercise_id=WALK,
        sets_min=walk[0],
        sets_max=walk[1],
        amount_min=walk[2],
        rest_seconds=60,
        placement="forefeet",
        short_band=short,
    )
    Dose.objects.create(
        phase=phase,
        position=1,
        exercise_id=THRUST,
        sets_min=thrust[0],
        sets_max=thrust[1],
        amount_min=thrust[2],
        amount_max=thrust[3],
        rest_seconds=90,
        placement="knees",
        short_band=short,
        long_band=long,
        substitute="Your sofa instead of a bench, pushed against the wall; the long band under its front feet.",
    )
