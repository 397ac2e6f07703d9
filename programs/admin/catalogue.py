from collections.abc import Iterator

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from clinic.site import ClinicModelAdmin, ViewOnly, site
from programs.models import Claim, Exercise
from programs.words import usual_dose

SECTIONS = {
    "why": _("Why"),
    "muscles": _("Muscles"),
    "equipment": _("What it needs"),
    "set_up": _("Set-up"),
    "movement": _("Movement"),
    "cues": _("Cues"),
    "faults": _("Faults to look for"),
    "counting": _("How it is counted"),
}


@admin.register(Exercise, site=site)
class ExerciseAdmin(ViewOnly, ClinicModelAdmin):
    """All facts of the catalogue, how sure they are, and on what its source is silent."""

    list_display = ["name", "usual_dose", "bands_needed", "retired"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Exercise]:
        claims = Prefetch("claims", Claim.objects.select_related("citation"))
        return super().get_queryset(request).select_related("source").prefetch_related(claims)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: object = None
    ) -> HttpResponse:
        exercise = self.get_object(request, object_id)
        if not self.has_view_permission(request):
            raise PermissionDenied
        return self.page(
            request,
            "programs/admin/exercise.html",
            title=exercise.name,
            original=exercise,
            exercise=exercise,
            dose=usual_dose(exercise),
            sections=list(sections_of(exercise)),
        )

    @display(description=_("dose in the source"))
    def usual_dose(self, exercise: Exercise) -> str:
        return usual_dose(exercise)

    @display(description=_("bands"))
    def bands_needed(self, exercise: Exercise) -> str:
        return ", ".join(str(Exercise.Band(band).label) for band in exercise.bands)


def sections_of(exercise: Exercise) -> Iterator[dict[str, object]]:
    for name, title in SECTIONS.items():
        if facts := getattr(exercise, name):
            yield {"title": title, "facts": facts}
