"""The fields that are asked for more than once."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from patients.models.log import LONGEST_NOTE
from programs.models import Band


class Note(forms.CharField):
    """Free words. What a database can't hold is left out, and a new line is one character, as it is in a browser."""

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """Without `maxlength`: a browser would cut what is pasted without a word."""
        return {name: value for name, value in super().widget_attrs(widget).items() if name != "maxlength"}

    def to_python(self, value: Any) -> str:
        return str(super().to_python(value)).replace("\0", "").replace("\r\n", "\n")


class Rating(forms.TypedChoiceField):
    """0 to 10, or no answer."""

    def __init__(self, *, label: Any, least: Any, most: Any) -> None:
        choices = [("", _("No answer")), *((str(number), str(number)) for number in range(11))]
        super().__init__(
            label=label, choices=choices, coerce=int, empty_value=None, required=False, widget=forms.RadioSelect
        )
        self.least, self.most = least, most


def pain(label: Any) -> Rating:
    return Rating(label=label, least=_("0 is no pain"), most=_("10 is the worst pain"))


def note() -> Note:
    return Note(
        label=_("Note"),
        required=False,
        max_length=LONGEST_NOTE,
        help_text=_("Nobody watches notes. If it can't wait, call your clinic."),
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={
            "max_length": _("This note is too long: %(show_value)d characters. It may have %(limit_value)d.")
        },
    )


def whole_number(label: Any, *, least: int, most: int) -> forms.IntegerField:
    """A text input, so that whatever was typed comes back with its error."""
    sentence = _("Enter a whole number from %(least)d to %(most)d.") % {"least": least, "most": most}
    return forms.IntegerField(
        label=label,
        required=False,
        min_value=least,
        max_value=most,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "maxlength": 12}),
        error_messages=dict.fromkeys(["invalid", "min_value", "max_value"], sentence),
    )


def another_band(bands: Iterable[Band]) -> forms.Field:
    """Which rung was used, where it was not the planned one."""
    choices = [("", _("As planned")), *((str(band.pk), f"{band.ladder.maker}: {band.label}") for band in bands)]
    return forms.TypedChoiceField(choices=choices, coerce=UUID, empty_value=None, required=False)
