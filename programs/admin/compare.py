"""Two versions side by side: of one program, or of a program and one that came from it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from clinic.models import Membership
from clinic.site import ClinicModelAdmin
from programs.comparing import Outline, differences, outline_of
from programs.models import Program, ProgramVersion


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One of the two: a saved version, or a program as it is now."""

    key: str
    label: str
    at: datetime
    by: Membership | None
    of: ProgramVersion | Program

    def outline(self) -> Outline:
        if isinstance(self.of, ProgramVersion):
            return Outline.from_json(self.of.outline)
        return outline_of(self.of)


class ComparePages(ClinicModelAdmin):
    compare_pages = {"compare": "<uuid:pk>/compare/"}

    def compare(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        program = self.the(request, pk, "view")
        sides = {side.key: side for side in sides_of(program)}
        after = chosen(sides, request.GET.get("after", str(program.pk)))
        before = chosen(sides, request.GET.get("before", before_of(program, list(sides), after.key)))
        old, new = before.outline(), after.outline()
        return self.page(
            request,
            "programs/admin/compare.html",
            title=_("Compare"),
            original=program,
            program=program,
            sides=sides.values(),
            before=before,
            after=after,
            columns=[(before, old), (after, new)],
            changes=differences(old, new),
        )


def sides_of(program: Program) -> list[Side]:
    """Itself, its earlier versions, what it was copied from and what was copied from it. Two queries."""
    related = Program.objects.filter(Q(pk=program.pk) | Q(pk=program.copy_of_id) | Q(copy_of=program))
    programs = list(related.select_related("made_by__user", "changed_by__user").order_by("-made_at"))
    programs.sort(key=lambda each: each.pk != program.pk)
    now = [
        Side(
            key=str(each.pk),
            label=_("as it is now") if each.pk == program.pk else label_of(each, program),
            at=each.changed_at or each.made_at,
            by=each.changed_by or each.made_by,
            of=each,
        )
        for each in programs
    ]
    versions = ProgramVersion.objects.filter(program=program).select_related("saved_by__user")
    earlier = [
        Side(key=f"v{each.number}", label=str(each), at=each.saved_at, by=each.saved_by, of=each) for each in versions
    ]
    return [now[0], *earlier, *now[1:]]


def label_of(other: Program, program: Program) -> str:
    text = _("copied from: %(title)s") if other.pk == program.copy_of_id else _("copy of it: %(title)s")
    return text % {"title": other.title}


def before_of(program: Program, keys: list[str], after: str) -> str:
    """What one would compare with first: the version before, otherwise the program it was copied from."""
    others = [key for key in keys if key != after]
    source = str(program.copy_of_id)
    if others and others[0].startswith("v"):
        return others[0]
    return source if source in others else next(iter(others), after)


def chosen(sides: dict[str, Side], key: str) -> Side:
    if key not in sides:
        raise Http404
    return sides[key]
