from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from clinic.inlines import ClinicTabularInline, RowForm, RowFormSet
from clinic.site import ClinicModelAdmin, site
from programs.models import Band, BandLadder


class BandFormSet(RowFormSet):
    once = "label"
    once_message = _("This ladder has a band of this name already.")


class BandForm(RowForm):
    class Meta:
        model = Band
        fields = ["label", "colour", "force_newtons", "position"]
        widgets = {"colour": forms.ColorInput}

    def clean_colour(self) -> str:
        return self.cleaned_data["colour"].lower()


class BandInline(ClinicTabularInline):
    model = Band
    form = BandForm
    formset = BandFormSet
    fields = ["label", "colour", "force_newtons", "position"]
    ordering_field = "position"
    hide_ordering_field = True
    deletable = True
    verbose_name_plural = _("bands, from the easiest to the hardest")


@admin.register(BandLadder, site=site)
class LadderAdmin(ClinicModelAdmin):
    list_display = ["maker", "length", "rungs"]
    list_display_links = ["maker", "length"]
    list_filter = ["length"]
    fields = ["maker", "length"]
    inlines = [BandInline]
    deletable = True

    def get_queryset(self, request: HttpRequest) -> QuerySet[BandLadder]:
        return super().get_queryset(request).prefetch_related("bands")

    @display(description=_("bands, from the easiest"))
    def rungs(self, ladder: BandLadder) -> str:
        return " → ".join(band.label for band in ladder.bands.all()) or "–"
