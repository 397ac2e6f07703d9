"""A table as spreadsheets save it: whatever its delimiter, encoding and language of headings. Pure."""

import codecs
import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from patients.models.search import words_of

MOST_BYTES = 900_000  # with what else a form sends, still below what the site accepts at once
MOST_ROWS = 2000
LONGEST_HEADINGS = 10_000
DELIMITERS = (";", ",", "\t", "|")
WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
# A spreadsheet would run a cell that begins with one of these; an apostrophe before it makes it plain text.
RUNS = ("=", "+", "-", "@", "\t", "\r")

# Our columns, each with what its heading may be, in the normal form of words_of without blanks.
COLUMNS = {
    "code": "code patientcode patientnumber number no nr nummer kennung kuerzel kurzel patientennummer patientencode "
    "codigo numero clave",
    "name": "name patient patientname fullname patientenname nombrecompleto nombreyapellidos paciente",
    "first_name": "firstname givenname forename vorname nombre",
    "last_name": "lastname surname familyname nachname familienname zuname apellido apellidos",
    "email": "email emailaddress mail mailadresse emailadresse correo correoelectronico",
    "phone": "phone phonenumber telephone mobile tel telefon telefonnummer handy mobil telefono movil",
    "birth_year": "birthyear yearofbirth born year dateofbirth birthdate dob geburtsjahr jahrgang geburtsdatum "
    "geboren anodenacimiento nacimiento fechadenacimiento ano",
    "language": "language sprache idioma lengua",
    "knee": "knee affectedknee side knie betroffenesknie seite rodilla rodillaafectada lado",
    "clinician": "clinician responsible responsibleclinician therapist physiotherapist physio therapeut therapeutin "
    "physiotherapeut physiotherapeutin zustandig zustaendig behandler fisioterapeuta responsable terapeuta",
    "emergency_note": "emergencynote emergency note notfallhinweis notfall hinweis notadeemergencia nota emergencia",
}
NAMED = {heading: column for column, headings in COLUMNS.items() for heading in headings.split()}


@dataclass(frozen=True, slots=True)
class Table:
    """`rows` have the number that a spreadsheet shows beside them; the headings are row 1. `text` is all of it."""

    text: str
    delimiter: str
    headings: list[str]
    columns: dict[str, int]
    rows: list[tuple[int, list[str]]]

    @property
    def ignored(self) -> list[str]:
        """Headings that stand for nothing of ours."""
        used = self.columns.values()
        return [heading for place, heading in enumerate(self.headings) if heading and place not in used]

    def cell(self, cells: Sequence[str], column: str) -> str:
        """In one line; empty where there is none."""
        place = self.columns.get(column)
        return " ".join(cells[place].split()) if place is not None and place < len(cells) else ""


def read_table(content: bytes) -> Table:
    """Raises ValidationError with a sentence for the person who sent it."""
    if len(content) > MOST_BYTES:
        raise ValidationError(_("This is too large: at most 900 kB, which is far more than 2,000 rows need."))
    text = _text(content)
    if not text.strip():
        raise ValidationError(_("There is nothing in it."))
    if marked := re.match(r"sep=(.)\n", text):
        text = text[marked.end() :]
    delimiter = marked[1] if marked else _delimiter(text)
    rows = list(_rows(text, delimiter))
    headings = rows[0][1] if rows else []
    columns = _columns(headings)
    filled = [(number, cells) for number, cells in rows[1:] if any(cells)]
    if not filled:
        raise ValidationError(_("There are headings, but no row below them."))
    if len(filled) > MOST_ROWS:
        raise ValidationError(
            _("These are %(rows)d rows. At most %(most)d can be imported at once: split the table."),
            params={"rows": len(filled), "most": MOST_ROWS},
        )
    return Table(text, delimiter, headings, columns, filled)


def write_table(rows: Iterable[Sequence[str]], delimiter: str = ",") -> bytes:
    """As CSV that spreadsheets open with its accents, and without running any cell."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter)
    writer.writerows([[f"'{cell}" if cell.startswith(RUNS) else cell for cell in row] for row in rows])
    return codecs.BOM_UTF8 + text.getvalue().encode()


def _text(content: bytes) -> str:
    if content.startswith(WORKBOOKS):
        raise ValidationError(_("This is a workbook. Save it as CSV in your spreadsheet, and choose that file."))
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encodings = ["utf-16"]
    else:
        encodings = ["utf-8-sig", "cp1252"]
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" in text:
            break
        return text.replace("\r\n", "\n").replace("\r", "\n")  # a spreadsheet on a Mac may end rows with \r alone
    raise ValidationError(_("This can't be read as a table. Save it as “CSV UTF-8”, and choose that file."))


def _delimiter(text: str) -> str:
    """That by which the most headings are known to us, and then that which makes the most cells."""

    def known(delimiter: str) -> tuple[int, int]:
        cells = next(csv.reader([text.lstrip().partition("\n")[0][:LONGEST_HEADINGS]], delimiter=delimiter), [])
        return sum(_heading(cell) in NAMED for cell in cells), len(cells)

    return max(DELIMITERS, key=known)


def _rows(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    number = 0
    try:
        for number, cells in enumerate(reader, start=1):
            yield number, [_plain(cell.strip()) for cell in cells]
    except csv.Error as error:
        raise ValidationError(
            _("Row %(row)d can't be read: perhaps a quotation mark is missing there."), params={"row": number + 1}
        ) from error


def _plain(cell: str) -> str:
    """Without the apostrophe that `write_table` puts before what a spreadsheet would run."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(RUNS) else cell


def _heading(cell: str) -> str:
    return "".join(words_of(cell))


def _columns(headings: Sequence[str]) -> dict[str, int]:
    columns: dict[str, int] = {}
    for place, heading in enumerate(headings):
        column = NAMED.get(_heading(heading))
        if column in columns:
            raise ValidationError(
                _("Two columns say the same: “%(first)s” and “%(second)s”. Leave out one of them."),
                params={"first": headings[columns[column]], "second": heading},
            )
        if column:
            columns[column] = place
    if "name" not in columns and "last_name" not in columns and "first_name" in columns:
        columns["name"] = columns.pop("first_name")  # "Nombre" alone is the whole name
    missing = [
        *([] if columns.keys() & {"name", "last_name"} else [_("the name")]),
        *([] if "knee" in columns else [_("the knee")]),
    ]
    if missing:
        raise ValidationError(
            _("There is no column for %(missing)s. The first row says: %(found)s"),
            params={"missing": " / ".join(missing), "found": ", ".join(filter(None, headings))[:200]},
        )
    return columns
