"""Which of the forms was sent."""

from collections.abc import Sequence

from django.http import QueryDict
from uuid_utils.compat import uuid7

from patients.forms.entry import EntryForm, PlannedForm, SkipForm
from patients.forms.sets import SetsForm
from patients.today.task import Task
from programs.models import Band

FORMS: dict[str, type[EntryForm]] = {form.kind: form for form in (SetsForm, PlannedForm, SkipForm)}


def posted_form(data: QueryDict, *, tasks: Sequence[Task] = (), bands: Sequence[Band] = ()) -> EntryForm:
    """The form that was sent. To check and keep it, it needs no tasks; to show it again, it does."""
    form = FORMS.get(data.get("kind", ""), SetsForm)
    return form(data, tasks=tasks, bands=bands) if form is SetsForm else form(data, tasks=tasks)


def with_another_id(data: QueryDict) -> QueryDict:
    """The same answers as another entry."""
    again = data.copy()
    again["id"] = str(uuid7())
    return again
