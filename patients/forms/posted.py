"""Which of the forms was sent."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import QueryDict
from uuid_utils.compat import uuid7

from patients.forms.entry import EntryForm, PlannedForm, SkipForm
from patients.forms.sets import SetsForm
from patients.models.log import LONGEST_NOTE
from patients.today.task import Task
from programs.models import Band

FORMS: dict[str, type[EntryForm]] = {form.kind: form for form in (SetsForm, PlannedForm, SkipForm)}


def posted_form(
    data: QueryDict,
    *,
    tasks: Sequence[Task] = (),
    bands: Sequence[Band] = (),
    initial: Mapping[str, Any] | None = None,
) -> EntryForm:
    """The form that was sent, with what it corrects as `initial`. To check and keep it, it needs no tasks; to show it
    again, it does."""
    form = FORMS.get(data.get("kind", ""), SetsForm)
    if form is SetsForm:
        return SetsForm(data, tasks=tasks, bands=bands, initial=initial)
    return form(data, tasks=tasks, initial=initial)


def with_another_id(data: QueryDict) -> QueryDict:
    """The same answers as another entry."""
    again = data.copy()
    again["id"] = str(uuid7())
    return again


def with_a_shorter_note(data: QueryDict) -> QueryDict:
    """The same answers with as much of the note as there is room for."""
    cut = data.copy()
    cut["note"] = data.get("note", "").replace("\0", "")[:LONGEST_NOTE]
    return cut
