"""What each way of logging sends, and the two that have no numbers: as planned, and not at all."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, ClassVar
from uuid import UUID

from django import forms
from django.http import QueryDict
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from patients.actions.logging import Entry
from patients.forms.fields import note
from patients.models import Log
from patients.today.task import Task


class EntryForm(forms.Form):
    """What each way of logging sends: the id that this page made for it. Sent twice, it is one log."""

    kind: ClassVar[str]
    id = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(
        self, data: QueryDict | None = None, *, tasks: Sequence[Task] = (), initial: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(data, auto_id=f"{self.kind}-%s", initial={"id": uuid7(), **(initial or {})})
        self.tasks = tasks

    def entry(self, *, day: date, replaces: UUID | None = None) -> Entry:
        """What was sent, for `record_log`. Only of a valid form."""
        return Entry(id=self.cleaned_data["id"], date=day, replaces=replaces, **self.said())

    def said(self) -> dict[str, Any]:
        raise NotImplementedError(f"{type(self).__name__} says what was entered")


class PlannedForm(EntryForm):
    kind = "planned"

    def said(self) -> dict[str, Any]:
        return {"as_planned": True}


class SkipForm(EntryForm):
    kind = "skip"
    skip_reason = forms.ChoiceField(
        label=_("What got in the way?"),
        choices=[(value, capfirst(label)) for value, label in Log.SkipReason.choices],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose one of these.")},
    )
    note = note()

    def said(self) -> dict[str, Any]:
        return {"skip_reason": self.cleaned_data["skip_reason"], "note": self.cleaned_data["note"]}
