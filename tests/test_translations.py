"""German and Spanish: what is compiled is what is written, and what a patient takes home is translated."""

import ast
import re
from collections.abc import Iterator
from datetime import timedelta
from fnmatch import fnmatch
from gettext import GNUTranslations
from html import unescape
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import translation
from django.utils.translation.template import templatize

from clinic.management.commands.makemessages import STAFFS
from clinic.models import Clinic
from clinic.wall.scope import clinic_scope
from patients.models import Patient
from programs.catalogue import read_catalogue
from programs.catalogue_words import in_words, is_reviewed, words_of
from tests.factories import NOW, TODAY, make_clinic, make_log, make_member, sign_in
from tests.patients.home import a_home

ROOT = Path(settings.BASE_DIR)
LANGUAGES = [code for code, _name in settings.LANGUAGES if code != "en"]
PATIENTS_LISTS = ("counting", "equipment", "set_up", "movement", "cues", "faults")
PLACES = re.compile(r"%\(\w+\)[sd]|{\w+}|<[^>]+>")
ASKS = {"_", "gettext", "gettext_lazy", "ngettext", "ngettext_lazy", "pgettext", "pgettext_lazy", "npgettext"}
ASKED_IN_A_TEMPLATE = re.compile(rf"(?<![\w.])({'|'.join(ASKS)})\(")
Key = tuple[str, str]


def folder(language: str) -> Path:
    return ROOT / "locale" / language / "LC_MESSAGES"


def written(language: str) -> dict[Key, tuple[str, list[str]]]:
    """The entries of a .po file, by context and text: the plural, and the translations."""
    found = {}
    for block in (folder(language) / "django.po").read_text(encoding="utf-8").split("\n\n"):
        parts: dict[str, str] = {}
        for line in block.splitlines():
            if keyword := re.match(r"(msg\w+(?:\[\d\])?) (.*)", line):
                last = keyword[1]
                parts[last] = ast.literal_eval(keyword[2])
            elif line.startswith('"'):
                parts[last] += ast.literal_eval(line)
        translations = [text for name, text in parts.items() if name.startswith("msgstr")]
        found[parts.get("msgctxt", ""), parts["msgid"]] = parts.get("msgid_plural", ""), translations
    return found


def compiled(language: str) -> dict[Key, tuple[str, list[str]]]:
    """The same of a .mo file; of its plurals only the translations are kept under their number."""
    with (folder(language) / "django.mo").open("rb") as file:
        catalogue = GNUTranslations(file)._catalog
    found: dict[Key, tuple[str, list[str]]] = {}
    for key, text in catalogue.items():
        whole = key[0] if isinstance(key, tuple) else key
        context, _separator, message = whole.rpartition("\4")
        found.setdefault((context, message), ("", []))[1].append(text)
    return found


def asked_for(node: ast.AST) -> Iterator[Key]:
    """The context and text of every call of gettext below a node."""
    for call in ast.walk(node):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in ASKS:
            texts = [each.value for each in call.args if isinstance(each, ast.Constant) and isinstance(each.value, str)]
            with_context = call.func.id.startswith(("p", "np"))
            if len(texts) > with_context:
                yield (texts[0], texts[1]) if with_context else ("", texts[0])


def asked_for_by(file: Path) -> Iterator[Key]:
    """As `make messages` finds them, without gettext's tools."""
    text = file.read_text(encoding="utf-8")
    if file.suffix == ".py":
        yield from asked_for(ast.parse(text))
        return
    code = templatize(text)
    for call in ASKED_IN_A_TEMPLATE.finditer(code):
        quoted = re.match(r"\((?:\s*u?(?:'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\")\s*,?)+", code[call.end() - 1 :])
        if quoted:
            yield from asked_for(ast.parse(call[1] + quoted[0].rstrip(", ") + ")"))


def is_patients(path: str) -> bool:
    parts = PurePosixPath(path)
    within = [path, *(str(parent) for parent in parts.parents)]
    return not any(fnmatch(each, pattern) for each in within for pattern in STAFFS)


def needed() -> set[Key]:
    """All that the patients' side says."""
    files = [file for folder in ["clinic", "programs", "patients", "templates"] for file in (ROOT / folder).rglob("*")]
    paths = [path for file in files if file.suffix in {".py", ".html", ".txt"} if (path := file.relative_to(ROOT))]
    return {key for path in paths if is_patients(path.as_posix()) for key in asked_for_by(ROOT / path)}


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_compiled_is_what_is_written(language: str) -> None:
    of_po, of_mo = written(language), compiled(language)
    assert of_po.keys() == of_mo.keys()
    for key, (_plural, translations) in of_po.items():
        assert of_mo[key][1] == translations, f"{key}: compile it anew, with `make messages`"


@pytest.mark.parametrize("language", LANGUAGES)
def test_all_that_patients_read_is_translated_and_nothing_else(language: str) -> None:
    there = {key for key in written(language) if key[1]}
    assert (needed() - there, there - needed()) == (set(), set()), "run `make messages`, and translate what is new"
    assert len(there) > 300


def test_what_is_needed_is_found_in_every_kind_of_file() -> None:
    assert {
        ("", "Save"),  # {% translate %}
        ("", "%(done)s of %(due)s session"),  # {% blocktranslate count %}
        ("date format", "l j F"),  # {% translate context %}
        ("", "Hello,\n\n%(clinic)s has set up exercises for you. Open them here:"),  # an email
        ("handout", "From your clinic"),  # pgettext
        ("", "%(sets)s set"),  # ngettext
        ("", "What got in the way?"),  # gettext_lazy
    } <= needed()
    assert is_patients("patients/views/days.py")
    assert not is_patients("patients/admin/courses.py")
    assert not is_patients("templates/patients/admin/_logs.html")


@pytest.mark.parametrize("language", LANGUAGES)
def test_translations_are_whole_and_keep_their_places(language: str) -> None:
    for (context, text), (plural, translations) in written(language).items():
        if not text:
            continue
        assert len(translations) == (2 if plural else 1), text
        for translated in translations:
            assert translated.strip(), text
            assert set(PLACES.findall(translated)) == set(PLACES.findall(text)), text
            ends = [re.sub(r"<[^>]+>", "", said).rstrip("“»")[-1] for said in (text, translated)]
            assert "date format" in context or ends[0].isalnum() == ends[1].isalnum(), text


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_file_is_tidy(language: str) -> None:
    """Nothing guessed, nothing that nobody asks for any more, and no line numbers."""
    lines = (folder(language) / "django.po").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if line.startswith(("#~", "#:", "#|")) or "fuzzy" in line] == []


FORMAT = re.compile(r"""\|(?:date|time):(?:"(\w[^"]*)"|\w+)""")
EVERYWHERE = {"l", "D", "Y-m-d"}  # the name of a weekday stands alone in every language, and scripts read the last


def test_dates_are_written_as_each_language_does() -> None:
    """By a format that is translated, or by one of Django's for each language."""
    for file in ROOT.glob("templates/**/*.*"):
        if is_patients(file.relative_to(ROOT).as_posix()):
            for own in FORMAT.findall(file.read_text(encoding="utf-8")):
                assert own in EVERYWHERE or own == "" or own.endswith("_FORMAT"), (file, own)


def sentences_for_patients() -> set[str]:
    exercises = read_catalogue().exercises.values()
    lists = (each["text"] for exercise in exercises for name in PATIENTS_LISTS for each in exercise[name])
    places = (place["text"] for exercise in exercises for place in exercise["placements"])
    return {*(exercise["name"] for exercise in exercises), *lists, *places}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_catalogue_is_translated_for_patients(language: str) -> None:
    words = words_of(language)
    assert words.sentences.keys() == sentences_for_patients()
    assert all(text.strip() == text and text for text in words.sentences.values())


def test_a_sentence_without_a_translation_stays_english() -> None:
    assert in_words("Put the band on.", "de") == "Legen Sie das Band an."
    assert in_words("Put the band on.", "de-at") == "Legen Sie das Band an."
    assert in_words("Stand on your head.", "de") == "Stand on your head."
    assert in_words("Put the band on.", "fr") == in_words("Put the band on.", "../x") == "Put the band on."
    with translation.override("es"):
        assert in_words("Put the band on.") == "Póngase la banda."


def test_what_no_clinician_has_read_is_not_called_reviewed() -> None:
    assert [language for language in ["en", *LANGUAGES] if is_reviewed(language)] == ["en"]


@pytest.mark.django_db
def test_the_staffs_site_is_in_one_language(client: Client) -> None:
    """Half of it would be German otherwise: what Django brings, and what patients read."""
    clinic = make_clinic(language="de")
    with clinic_scope(clinic.pk):
        sign_in(client, make_member(clinic))
        patient = Patient.objects.create(code="P-1", name="Carla", affected_knee="left")
    other = "00000000-0000-0000-0000-000000000000"
    for path in [
        "",
        "patients/patient/",
        f"patients/patient/{patient.pk}/change/",
        f"patients/patient/{patient.pk}/record/",
        f"patients/patient/{other}/change/",
        "programs/program/add/",
        "programs/exercise/",
        "nowhere/",
    ]:
        english = client.get(f"/clinic/north/{path}")
        german = client.get(f"/clinic/north/{path}", headers={"accept-language": "de"})
        assert 'lang="en' in german.text
        assert german["Content-Language"] == "en"
        assert "django_language" not in german.cookies
        volatile = r"nonce=\S+|csrfmiddlewaretoken\S+ value=\S+|[0-9a-f]{8}-[0-9a-f-]{27}|nonce[\"-].{40}"
        assert re.sub(volatile, "", german.text) == re.sub(volatile, "", english.text), path


def english_left(page: str) -> set[str]:
    """Sentences of ours that a page has in English."""
    ours = {text for _context, text in needed()} | sentences_for_patients()
    return {text for text in ours if len(text.split()) > 1 and "%" not in text and "{" not in text and text in page}


@pytest.mark.django_db
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_page_for_patients_is_half_english(language: str, time_machine: Any) -> None:
    time_machine.move_to(NOW)
    home = a_home(language=language)
    phone = sign_in(Client(), home.self)
    pages = [home.url(), home.url(TODAY), home.url("red-flags"), home.url("red-flags/stop")]
    with clinic_scope(home.clinic.pk):
        logged = make_log(home.self, home.patient, TODAY, pain_after=9)
        make_log(home.self, home.patient, TODAY - timedelta(days=1), skip_reason="pain")
    pages += [home.url(f"correct/{logged.pk}"), home.url(f"withdraw/{logged.pk}")]
    outside = [
        "/",
        "/account/login/",
        "/account/login/code/",
        "/account/password/reset/",
        "/invitation/north/none/",
        "/no/",
    ]
    asking = {"accept-language": language}
    answers = {page: phone.get(page) for page in pages} | {page: Client().get(page, headers=asking) for page in outside}
    for page, answer in answers.items():
        assert f'lang="{language}"' in answer.text, page
        assert english_left(unescape(answer.text)) == set(), page
    with clinic_scope(home.clinic.pk):
        Clinic.objects.update(language="en")
    assert len(english_left(unescape(phone.get(home.url()).text))) > 20
