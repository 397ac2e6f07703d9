"""Building a program: where to start from, the form, and the page of one that was prescribed."""

from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID, uuid5

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from uuid_utils.compat import uuid7

from clinic.requests import is_inside
from clinic.site import ClinicModelAdmin, acting
from programs.actions import (
    ChangedMeanwhile,
    copies_of_phases,
    copy_program,
    missing_in,
    new_copy,
    phases_of,
    save_program,
)
from programs.admin.builder import MOST_PHASES, Builder, changed, first_phase
from programs.admin.forms import Choices
from programs.comparing import outline_of
from programs.models import Dose, Phase, Program
from programs.shipped import shipped_templates, start_from
from programs.words import program_in_short

Phases = Sequence[tuple[Phase, Sequence[Dose]]]
SAVES = {"save", "prescribe", "copy"}
SHIPPED = "ships-"
EMPTY = "empty"


class Did(NamedTuple):
    """What a button of the form did, for who can't see it."""

    name: str = ""
    said: str = ""


def did(what: str) -> Did:
    name, _colon, target = what.partition(":")
    sentences = {
        "add": _("A phase was added."),
        "again": _("The phase was repeated."),
        "dose": _("The exercise was added."),
        "remove": _("The exercise was removed.") if ":" in target else _("The phase was removed."),
        "up": _("Moved up."),
        "down": _("Moved down."),
        "easier": _("An easier band."),
        "harder": _("A harder band."),
    }
    return Did(name, sentences.get(name, ""))


def did_nothing(what: str) -> Did:
    """Why a button changed nothing."""
    full = _("A program has at most %(most)d phases.") % {"most": MOST_PHASES}
    sentences = {
        "add": full,
        "again": full,
        "easier": _("This is the easiest band of its ladder."),
        "harder": _("This is the hardest band of its ladder."),
    }
    return Did(said=sentences.get(what.partition(":")[0], ""))


class Way(NamedTuple):
    """Where a program goes once it is saved, and what its button says."""

    url: str
    label: str


class BuilderPages(ClinicModelAdmin):
    """The apps above say where the preview comes from and how a program is prescribed."""

    builder_pages = {"copy": "<uuid:pk>/copy/"}

    def preview_url(self) -> str:
        return ""

    def way_on(self, request: HttpRequest, program: Program) -> Way | None:
        return None

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        start = request.GET.get("from", "")
        if request.method != "POST" and not start:
            return self.start_page(request)
        choices = Choices()
        program, phases = started(start or EMPTY, choices)
        if request.method == "POST":
            program.pk = sent_id(request)
        return self.build(request, program, phases, choices)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        program = self.get_object(request, object_id)
        if request.method != "POST" and not self.has_change_permission(request, program):
            return self.read_page(request, program)
        if not self.may(request, "change"):
            raise PermissionDenied
        phases = phases_of(program) if request.method != "POST" else []
        return self.build(request, program, phases, Choices())

    def start_page(self, request: HttpRequest) -> HttpResponse:
        """The clinic's own templates, those that ship with what they stand on, and nothing at all."""
        own = self.get_queryset(request).filter(is_template=True).prefetch_related("phases").order_by("title")
        return self.page(
            request,
            "programs/admin/start.html",
            title=_("New program"),
            own=[(program, program_in_short(program.phases.all())) for program in own],
            shipped=shipped_templates().values(),
        )

    def build(self, request: HttpRequest, program: Program, phases: Phases, choices: Choices) -> HttpResponse:
        """Show the form, do what one of its buttons says with it, or save it."""
        if request.method != "POST":
            missing = [] if program._state.adding else missing_in(phases)
            builder = Builder.of(program, phases, choices)
            return self.builder_page(request, program, builder, version=opened(program), missing=missing)
        version = sent_version(request)
        do = request.POST.get("do", "save")
        if do not in SAVES:
            builder = Builder.on_its_way(program, data := changed(request.POST, do, choices), choices)
            said = did(do) if data != request.POST else did_nothing(do)
            return self.builder_page(request, program, builder, version=version, did=said, show=data.get("show"))
        builder = Builder.sent(program, request.POST, choices)
        if not builder.is_valid():
            return self.builder_page(request, program, builder, version=version)
        if do == "copy" and Program.objects.filter(pk=program.pk).exists():
            program, version = as_copy(program, id_of_copy(request, program, version)), 0
        try:
            saved = save_program(
                by=acting(request), program=program, phases=builder.content(), version=version, now=timezone.now()
            )
        except ChangedMeanwhile as other:
            return self.builder_page(request, program, builder, version=other.standing.version, other=other)
        except ValidationError as error:
            return self.builder_page(request, program, builder, version=version, refused=error.messages)
        return self.after_saving(request, saved, do)

    def after_saving(self, request: HttpRequest, program: Program, do: str) -> HttpResponse:
        if do == "prescribe" and not missing_in(phases_of(program)) and (way := self.way_on(request, program)):
            return redirect(way.url)
        messages.success(request, _("Saved."))
        return redirect(page_of(request, program))

    def builder_page(
        self, request: HttpRequest, program: Program, builder: Builder, *, version: int, **context: Any
    ) -> HttpResponse:
        template = (
            "programs/admin/_builder.html" if is_inside(request) and request.htmx else "programs/admin/builder.html"
        )
        is_new = program._state.adding
        answer = self.page(
            request,
            template,
            title=_("New program") if is_new else program.title,
            original=None if is_new else program,
            program=program,
            builder=builder,
            version=version,
            new_id=(request.POST.get("new") if request.method == "POST" else None) or uuid7(),
            template_shipped=shipped_templates().get(program.started_from),
            preview_url=self.preview_url(),
            may_delete=not is_new and self.has_delete_permission(request, program),
            way=self.way_on(request, program),
            **{"show": request.POST.get("show", ""), "did": Did()} | context,
        )
        answer.headers["HX-Trigger-After-Settle"] = "builder-changed"
        return answer

    def read_page(self, request: HttpRequest, program: Program) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        return self.page(
            request,
            "programs/admin/program.html",
            title=program.title,
            original=program,
            program=program,
            outline=outline_of(program),
            way=self.way_on(request, program),
        )

    def copy(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """A copy to change, or with `as=template` a template."""
        program = self.the(request, pk, "add")
        if request.method != "POST":
            raise PermissionDenied
        is_template = request.POST.get("as") == "template"
        copy = copy_program(
            by=acting(request),
            program=program,
            now=timezone.now(),
            is_template=is_template,
            key=sent_id(request),
        )
        messages.success(
            request,
            _("This is the new template. Change it as you like.")
            if is_template
            else _("This is a copy. Change it as you like; the one before stays as it is."),
        )
        return redirect(page_of(request, copy))


def page_of(request: HttpRequest, program: Program) -> str:
    """The program's page. What the address says beside where it was started from goes along: for whom it is."""
    query = {name: value for name, value in request.GET.items() if name != "from"}
    return reverse("admin:programs_program_change", args=[program.pk], query=query or None)


def started(start: str, choices: Choices) -> tuple[Program, Phases]:
    """What a new program begins with: nothing, a template that ships, or a program of the clinic. Raises Http404."""
    if start == EMPTY:
        return Program(), first_phase(choices)
    if start.startswith(SHIPPED):
        if template := shipped_templates().get(start.removeprefix(SHIPPED)):
            return start_from(template, exercises=choices.offered, bands=choices.bands)
        raise Http404
    try:
        source = Program.objects.get(pk=start)
    except (Program.DoesNotExist, ValidationError) as error:
        raise Http404 from error
    return new_copy(source), copies_of_phases(source)


def as_copy(typed: Program, pk: UUID) -> Program:
    """What was typed into a program's form, as a program of its own."""
    copy = new_copy(typed)
    copy.pk, copy.is_template, copy.copy_of_id = pk, typed.is_template, typed.pk
    return copy


def sent_id(request: HttpRequest, name: str = "new") -> UUID:
    """The id that a new program gets, made with its page: sent twice it is the same program."""
    try:
        return UUID(request.POST.get(name, ""))
    except ValueError:
        return uuid7()


def id_of_copy(request: HttpRequest, program: Program, version: int) -> UUID:
    """That of the page, unless the program itself was made with it: then one that is the same when it is sent twice."""
    sent = sent_id(request)
    return uuid5(sent, str(version)) if sent == program.pk else sent


def sent_version(request: HttpRequest) -> int:
    text = request.POST.get("version", "")
    return int(text) if text.isdecimal() and len(text) < 9 else 0


def opened(program: Program) -> int:
    return 0 if program._state.adding else program.version
