"""Fields of the builder: a number or a range in one box, and a tempo."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from programs.models.catalogue import as_range

RANGE = re.compile(r"(\d{1,6})(?:\s*(?:-|–|\.\.|to|bis|a)\s*(\d{1,6}))?")
TEMPO = re.compile(r"(\d{1,2})\D{1,3}(\d{1,2})\D{1,3}(\d{1,2})")

Range = tuple[int, int | None]


class RangeField(forms.CharField):
    """`10` or `10-30`; gives the lower and the upper number, None for a single one."""

    def __init__(self, *, most: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.most = most

    def prepare_value(self, value: Any) -> Any:
        return as_range(*value) if isinstance(value, tuple) else value

    def clean(self, value: Any) -> Range | None:
        text = super().clean(value)
        if not text:
            return None
        if not (numbers := RANGE.fullmatch(text)):
            raise ValidationError(_("Write a number such as 10, or a range such as 10–30."))
        low, high = int(numbers[1]), int(numbers[2] or numbers[1])
        if not 1 <= low <= self.most or high > self.most:
            raise ValidationError(_("From 1 to %(most)d.") % {"most": self.most})
        if high < low:
            raise ValidationError(_("The second number is below the first."))
        return low, high if high != low else None


class TempoField(forms.CharField):
    """Seconds down, pause, up; `3 1 1` and `3/1/1` become `3-1-1`."""

    def clean(self, value: Any) -> str:
        text: str = super().clean(value)
        if not text:
            return ""
        if not (numbers := TEMPO.fullmatch(text)):
            raise ValidationError(_("Write three numbers, such as 3-1-1."))
        return "-".join(numbers.groups())
