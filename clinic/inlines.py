"""Inlines of the staff's site: rows that keep their order, and say what is wrong with them."""

from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS
from unfold.admin import StackedInline, TabularInline
from unfold.forms import PaginationInlineFormSet

from clinic.site import ClinicPermissions


class RowForm(forms.ModelForm):
    """A row. Unfold does not draw what is wrong with a row as a whole, so it is said at one of its fields."""

    whole_at = ""

    def full_clean(self) -> None:
        super().full_clean()
        if whole := self.errors.pop(NON_FIELD_ERRORS, None):
            self.errors.setdefault(self.whole_at or next(iter(self.fields)), self.error_class()).extend(whole.data)


class RowFormSet(PaginationInlineFormSet):
    """Rows in an order: new ones come last. Where `once` names a field, no two rows have the same in it."""

    ordering_field = "position"
    once = ""
    once_message: Any = ""

    def get_form_kwargs(self, index: int | None) -> dict[str, Any]:
        """A row that was added and left empty is a mistake to point at, not one to pass over."""
        return super().get_form_kwargs(index) | {"empty_permitted": False}

    def clean(self) -> None:
        super().clean()
        rows = [form for form in self.forms if hasattr(form, "cleaned_data") and not self._should_delete_form(form)]
        self._put_new_rows_last(rows)
        if self.once:
            self._check_once(rows)

    def _put_new_rows_last(self, rows: list[forms.ModelForm]) -> None:
        taken = [getattr(form.instance, self.ordering_field) for form in rows if not form.instance._state.adding]
        place = max(taken, default=-1) + 1
        for form in rows:
            if form.instance._state.adding:
                setattr(form.instance, self.ordering_field, place)
                place += 1

    def _check_once(self, rows: list[forms.ModelForm]) -> None:
        seen = set()
        for form in rows:
            value = form.cleaned_data.get(self.once)
            if value is not None and value in seen:
                form.add_error(self.once, self.once_message)
            seen.add(value)


class ClinicTabularInline(ClinicPermissions, TabularInline):
    extra = 0
    form = RowForm
    formset = RowFormSet


class ClinicStackedInline(ClinicPermissions, StackedInline):
    extra = 0
    form = RowForm
    formset = RowFormSet
