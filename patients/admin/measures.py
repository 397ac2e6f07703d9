"""What a patient answered about themselves, for a page: beside adherence, and never mixed with it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Exists, Min, OuterRef, Q
from django.utils.translation import gettext as _

from patients.measures import due_since
from patients.models import Course, Measurement, Patient, Pause

Occasion = Measurement.Occasion


@dataclass(frozen=True, slots=True)
class CourseMeasures:
    """The answers of one course, oldest first, and what became of them in words."""

    course: Course
    rows: list[Measurement]
    in_words: list[str]


@dataclass(frozen=True, slots=True)
class MeasuresShown:
    """`latest` is the running course, or the last one; `due_since`: the four-weekly questions wait since that date."""

    patient: Patient
    latest: CourseMeasures | None = None
    earlier: list[CourseMeasures] = field(default_factory=list)
    due_since: date | None = None

    @property
    def is_running(self) -> bool:
        return self.latest is not None and self.latest.course.ended_on is None

    @property
    def lacks_start(self) -> bool:
        return self.is_running and not self._has(Occasion.START)

    @property
    def lacks_end(self) -> bool:
        return self.latest is not None and not self.is_running and not self._has(Occasion.END)

    def _has(self, occasion: Occasion) -> bool:
        return self.latest is not None and any(row.occasion == occasion for row in self.latest.rows)


def measures_of(patient: Patient, *, today: date) -> MeasuresShown:
    """What stands of all courses of a patient. Two queries."""
    paused = Pause.objects.filter(course=OuterRef("pk"), starts_on__lte=today).filter(
        Q(ends_on=None) | Q(ends_on__gte=today)
    )
    courses: list[Any] = list(
        Course.objects.filter(patient=patient)
        .annotate(starts_on=Min("prescriptions__starts_on"), is_paused=Exists(paused))
        .order_by("-starts_on", "-created_at")
    )
    rows = list(Measurement.objects.current().filter(course__patient=patient).select_related("entered_by__user"))
    shown = [of_course(course, [row for row in rows if row.course_id == course.pk]) for course in courses]
    latest = next((each for each in shown if each.course.ended_on is None), shown[0] if shown else None)
    earlier = [each for each in shown if each is not latest and each.rows]
    return MeasuresShown(patient, latest, earlier, None if latest is None else _due_since(latest, today=today))


def of_course(course: Course, rows: list[Measurement]) -> CourseMeasures:
    return CourseMeasures(course, rows, list(_in_words(rows)))


def _due_since(shown: CourseMeasures, *, today: date) -> date | None:
    """Nothing waits in a pause, after the end, or where the clinician does not want it."""
    course: Any = shown.course
    if course.ended_on is not None or course.is_paused or not course.measured_every_four_weeks:
        return None
    return due_since(course.starts_on, [row.given_on for row in shown.rows], today=today)


def _in_words(rows: Sequence[Measurement]) -> Iterator[str]:
    """`Stairs: 3 → 6 of 10`, from the first answer to the last; the last change as it was said."""
    for name in dict.fromkeys(row.activity for row in rows if row.activity_score is not None):
        scores = [row.activity_score for row in rows if row.activity == name and row.activity_score is not None]
        if len(scores) > 1:
            words = {"activity": name, "first": scores[0], "last": scores[-1]}
            yield _("%(activity)s: %(first)d → %(last)d of 10, where 10 is best") % words
    pains = [row.pain for row in rows if row.pain is not None]
    if len(pains) > 1:
        yield _("Pain: %(first)d → %(last)d of 10, where 0 is none") % {"first": pains[0], "last": pains[-1]}
    for row in [row for row in rows if row.change is not None][-1:]:
        yield _("Compared with the start: %(change)s") % {"change": row.get_change_display()}
