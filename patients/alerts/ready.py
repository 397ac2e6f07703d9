"""Ready to progress: a question to a clinician, who decides. What was not answered or not counted is not ready."""

from collections.abc import Iterator, Sequence
from typing import Any

from patients.alerts.facts import Known, Session, Target, Thresholds
from patients.alerts.kinds import Due, Kind


def ready(known: Known, limits: Thresholds) -> Iterator[Due]:
    """The last two sessions, where one exercise went beyond its top in both, and both were easy and settled."""
    if not were_easy(known.sessions, limits):
        return
    before, last = known.sessions[-2:]
    both = [target for target in last.targets if target in before.targets]
    for target in both:
        reached = [_beyond(each, target, limits) for each in (before, last)]
        if None not in reached:
            evidence = [_told(each, target, amount) for each, amount in zip((before, last), reached, strict=True)]
            yield Due(Kind.READY, last.day, tuple(evidence))
            return


def were_easy(sessions: Sequence[Session], limits: Thresholds) -> bool:
    """Whether the last two were, whatever was counted in them."""
    return len(sessions) >= 2 and all(_was_easy(each, limits) for each in sessions[-2:])


def _was_easy(session: Session, limits: Thresholds) -> bool:
    """Answered all of it: little pain, no worse on the next morning than before the session, and effort to spare."""
    if session.pain is None or session.before is None or session.morning is None or session.effort is None:
        return False
    settled = session.morning <= session.before
    return settled and session.pain <= limits.ready_pain and session.effort <= limits.ready_effort


def _beyond(session: Session, target: Target, limits: Thresholds) -> int | None:
    """The last set, where each that was asked for was counted and reached the top, and the last so much more."""
    sets = [each for each in session.sets if each.exercise == target.exercise]
    if len(sets) < target.sets or any(each.as_planned or each.amount < target.top for each in sets):
        return None
    return sets[-1].amount if sets[-1].amount >= target.top + limits.ready_beyond else None


def _told(session: Session, target: Target, last_set: int | None) -> dict[str, Any]:
    return {
        "day": session.day.isoformat(),
        "exercise": target.exercise,
        "top": target.top,
        "last_set": last_set,
        "pain": session.pain,
        "effort": session.effort,
        "before": session.before,
        "morning": session.morning,
    }
