"""Bringing patients along in a table: a page to choose it, a preview of each row, and what is to be mended as CSV."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from clinic.site import ClinicModelAdmin, acting, today_of
from patients.actions import records
from patients.importing import Preview, Table, check, read_table, write_table

MOST_SENT = 1_000_000  # as the settings have it for all but files, which are refused here before they are read
MOST_THROWN_AWAY = 20_000_000
TEMPLATE = ["code", "name", "email", "phone", "birth year", "language", "knee", "clinician", "emergency note"]


class ImportPages(ClinicModelAdmin):
    import_pages = {"import_records": "import/", "import_template": "import/template.csv"}

    def import_template(self, request: HttpRequest) -> HttpResponse:
        if not self.may(request, "add"):
            raise PermissionDenied
        return as_file(write_table([TEMPLATE]), "patients.csv")

    @method_decorator(csrf_exempt)
    def import_records(self, request: HttpRequest) -> HttpResponse:
        """What is far too large is answered in words, unread; all else is checked for its token as usual."""
        if not self.may(request, "add"):
            raise PermissionDenied
        if int(request.META.get("CONTENT_LENGTH") or 0) > MOST_SENT:
            throw_away(request)
            problem = _("This is too large: at most 900 kB, which is far more than 2,000 rows need.")
            return self.import_page(request, problems=[problem], status=413)
        return csrf_protect(self.import_table)(request)

    def import_table(self, request: HttpRequest) -> HttpResponse:
        if request.method != "POST":
            return self.import_page(request)
        chosen = request.FILES.get("file")
        content = chosen.read() if chosen else request.POST.get("table", "").encode()
        try:
            preview = self.look_at(request, read_table(content))
        except ValidationError as error:
            return self.import_page(request, problems=error.messages, pasted=request.POST.get("table", ""))
        act = {"import": self.import_rows, "mend": self.rows_to_mend}.get(request.POST.get("do", ""), self.preview)
        return act(request, preview)

    def preview(self, request: HttpRequest, preview: Preview) -> HttpResponse:
        preview.give_codes()
        return self.import_page(request, preview=preview)

    def look_at(self, request: HttpRequest, table: Table) -> Preview:
        return check(table, by=acting(request), today=today_of(request), ticked=request.POST.getlist("anyway"))

    def import_rows(self, request: HttpRequest, preview: Preview) -> HttpResponse:
        patients = preview.to_import()
        try:
            with transaction.atomic():
                records.import_records(by=acting(request), patients=patients, now=timezone.now())
        except IntegrityError:
            taken = _("Somebody used one of these codes in the meantime. Nothing was imported: look again.")
            messages.error(request, taken)
            return self.preview(request, self.look_at(request, preview.table))
        done = ngettext("%(n)d patient imported.", "%(n)d patients imported.", len(patients)) % {"n": len(patients)}
        messages.success(request, done)
        if preview.wrong():
            return self.preview(request, self.look_at(request, preview.table))
        return redirect("admin:patients_patient_changelist")

    def rows_to_mend(self, request: HttpRequest, preview: Preview) -> HttpResponse:
        wrong = [[*row.cells, "; ".join(row.notes)] for row in preview.wrong()]
        headings = [*preview.table.headings, _("what to mend")]
        return as_file(write_table([headings, *wrong], preview.table.delimiter), "to-mend.csv")

    def import_page(self, request: HttpRequest, *, status: int = 200, **context: Any) -> HttpResponse:
        answer = self.page(request, "patients/admin/import.html", title=_("Import patients"), **context)
        answer.status_code = status
        return answer


def throw_away(request: HttpRequest) -> None:
    """Read on, up to a point: a browser that is still sending would not show the answer."""
    left = MOST_THROWN_AWAY
    while left > 0 and (read := request.read(65536)):
        left -= len(read)


def as_file(content: bytes, name: str) -> HttpResponse:
    disposition = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(content, content_type="text/csv; charset=utf-8", headers=disposition)
