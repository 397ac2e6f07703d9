"""What decisions say on the staff's pages."""

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from patients.models import Decision


def what(decision: Decision) -> str:
    if decision.call_on is not None:
        return _("Call back on %(day)s") % {"day": date_format(decision.call_on, "D j M Y")}
    return str(decision.get_kind_display())
