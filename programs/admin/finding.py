"""Programs, as the staff's search finds them."""

from django.db.models import F, Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic.finding import MOST, Found, Group, words
from clinic.site import is_clinician
from programs.models import Program


def programs(request: HttpRequest, text: str) -> Group | None:
    """By their title, for clinicians: templates first, then drafts, then what was prescribed."""
    if not words(text) or not is_clinician(request):
        return None
    titled = Q()
    for word in words(text):
        titled &= Q(title__icontains=word)
    titles = Program.objects.filter(titled).only("title", "is_template", "frozen_at", "made_at")
    in_order = titles.order_by("-is_template", F("frozen_at").desc(nulls_first=True), "-made_at")
    first = list(in_order[: MOST + 1])
    more = Found(_("All programs with “%(text)s”") % {"text": text}, everything(text), "assignment")
    return Group(gettext_lazy("Programs"), [as_found(each) for each in first[:MOST]], more if first[MOST:] else None)


def everything(text: str) -> str:
    return reverse("admin:programs_program_changelist", query={"q": text})


def as_found(program: Program) -> Found:
    return Found(
        program.title, reverse("admin:programs_program_change", args=[program.pk]), "assignment", state_of(program)
    )


def state_of(program: Program) -> str:
    if program.is_template:
        return _("template")
    if program.frozen_at:
        return _("prescribed %(date)s") % {"date": date_format(timezone.localdate(program.frozen_at), "j M Y")}
    return _("draft of %(date)s") % {"date": date_format(timezone.localdate(program.made_at), "j M Y")}
