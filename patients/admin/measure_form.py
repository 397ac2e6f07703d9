"""The questions of a measurement, in words of our own. Nothing is proposed as an answer."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextInputWidget

from patients.actions.measuring import Answers, Occasion
from patients.admin.course_forms import CourseForm, date_field, submission_key
from patients.models import Measurement

NO_ANSWER = ("", _("No answer"))


class Scale(forms.TypedChoiceField):
    """0 to 10, and what its ends mean."""

    def __init__(self, label: Any, *, least: Any, most: Any) -> None:
        numbers = [(str(number), str(number)) for number in range(11)]
        super().__init__(
            label=label,
            choices=[*numbers, NO_ANSWER],
            coerce=int,
            empty_value=None,
            required=False,
            widget=forms.RadioSelect,
        )
        self.least, self.most = least, most


class MeasureForm(CourseForm):
    """`activity` is what the patient chose before: the same is asked again. With `before` it corrects that one."""

    key = submission_key()
    given_on = date_field(_("Answered on"))
    activity = forms.CharField(
        label=_("What does the knee make hard that matters to you?"),
        help_text=_("One activity, in the patient's own words, such as: carrying the shopping upstairs."),
        max_length=120,
        required=False,
        widget=UnfoldAdminTextInputWidget,
    )
    activity_score = Scale(
        _("How well does it go this week?"), least=_("0: not at all"), most=_("10: the knee is no hindrance")
    )
    pain = Scale(
        _("How bad was the knee's pain at its worst this week?"), least=_("0: no pain"), most=_("10: as bad as can be")
    )
    change = forms.TypedChoiceField(
        label=_("How is the knee compared with the start of the program?"),
        choices=[*((str(value), label) for value, label in reversed(Measurement.Change.choices)), NO_ANSWER],
        coerce=int,
        empty_value=None,
        required=False,
        widget=forms.RadioSelect,
    )

    def __init__(
        self, *args: Any, occasion: str, activity: str = "", before: Measurement | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.chosen = activity
        if before is not None:
            answers = {name: getattr(before, name) for name in Answers.__annotations__}
            self.initial = {name: value for name, value in answers.items() if value is not None}
        if activity:
            del self.fields["activity"]
        if occasion == Occasion.START:
            del self.fields["change"]

    def answers(self) -> Answers:
        """What was said, for `measure`."""
        said = self.cleaned_data
        return Answers(
            given_on=said["given_on"],
            activity=self.chosen or said["activity"].strip(),
            activity_score=said["activity_score"],
            pain=said["pain"],
            change=said.get("change"),
        )
