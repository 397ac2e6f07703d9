from django.contrib.postgres.fields import DateRangeField
from django.db.models import F, Func, Value


class DateRange(Func):
    """The dates from a first to a last, both included; open where the last is empty."""

    function = "daterange"
    output_field = DateRangeField()

    def __init__(self, first: str, last: str):
        super().__init__(F(first), F(last), Value("[]"))
