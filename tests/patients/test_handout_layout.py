"""The handout as a page: one, whatever there is to say; nothing over something else, nothing beyond its edge."""

import re
import shutil
import subprocess
from dataclasses import replace
from datetime import date, timedelta
from itertools import combinations, product
from pathlib import Path
from uuid import UUID

import pytest
import segno

from patients.handout.facts import Band, Clinic, Day, Exercise, Handout, Link, Paper, Picture, Week
from patients.handout.layout import lay_out
from patients.handout.part import MARGIN
from patients.handout.sheet import BLACK, WHITE, Colour, Sheet, known, qr_boxes, readable, text_on
from patients.handout.spoken import WORDS, as_spoken, matching, spoken
from patients.handout.vector import Unreadable, operators
from programs.catalogue import read_catalogue
from programs.illustrations import frames
from programs.models import Exercise as CatalogueExercise

MONDAY = date(2026, 11, 23)
SIGNS = ("My knee is hot and I have a fever.", "I can't put weight on my leg.", "My knee is stuck.")
CLINIC = Clinic(
    name="Harbour Physiotherapy", phone="+353 20 910", emergency_number="112", colour="#0b5b5d", warning_signs=SIGNS
)
SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10"><rect width="9" height="9"/></svg>'
PICTURES = tuple(Picture(svg=SVG, caption=f"Picture {number}") for number in range(3))
WALK = Exercise(
    letter="A",
    name="Lateral band walk",
    dose="2 sets, 10 steps each way",
    bands=(Band(text="Short band (red): around the balls of your feet", colour="#c0392b"),),
    remarks=("Rest for 60 seconds between sets.",),
    cues=("Toes straight ahead.",),
    steps=tuple(f"Step number {number} of the walk." for number in range(7)),
)
THRUST = replace(WALK, letter="B", name="Double band hip thrust", dose="2 sets, 10–30 repeats", required=False)


def weeks(number: int, *, fixed: bool = False, news: str = "") -> tuple[Week, ...]:
    return tuple(
        Week(
            days=tuple(
                Day(on=MONDAY + timedelta(weeks=week, days=day), active=day < 6, due=fixed and day in {0, 3})
                for day in range(7)
            ),
            aim=None if fixed else 3,
            news=news if week else "",
        )
        for week in range(number)
    )


HANDOUT = Handout(
    language="en",
    clinic=CLINIC,
    code="P-014",
    name="Brigid Nolan",
    title="Settle, build, strengthen",
    phase="step 1 of 3, Settle",
    knee="Left knee",
    rhythm="3 times a week",
    first=MONDAY,
    last=MONDAY + timedelta(days=13),
    spoken="mango piano robot",
    prescribed_by="Aoife Byrne",
    link=Link(url="https://clinic.example/clinic/harbour/my/0197a2c4-6d3e-7f10-9b52-3f6a1c8e4d70/"),
    exercises=(WALK, THRUST),
    weeks=weeks(6),
    goal="Stairs",
    notes="Small steps.",
)
LONG = "Nur wenn es geht, und sonst eben nicht; "
FULL = Exercise(
    letter="H",
    name="W" * 80,
    dose="20 sets, 500–501 steps each way",
    bands=(
        Band(text=f"Long band ({'w' * 40}): across your hips, with its ends anchored", colour="#222222"),
        Band(text=f"Short band ({'w' * 40}): around the balls of your feet"),
    ),
    remarks=("W" * 300, "Hold for 120 seconds.", "Rest for 900 seconds between sets.", LONG * 8),
    cues=tuple(f"{number} {LONG}"[:200] for number in range(4)),
    steps=tuple(f"{number} {LONG * 2}" for number in range(12)),
)
EVERYTHING = replace(
    HANDOUT,
    clinic=replace(CLINIC, name="W" * 120, phone="0" * 40, emergency_number="9" * 20, warning_signs=(LONG * 12,) * 12),
    code="W" * 20,
    name="W " * 60,
    title="W" * 120,
    phase=f"step 52 of 52, {'W' * 80}",
    rhythm="Monday, Tuesday, Wednesday, Thursday, Friday, Saturday, Sunday",
    prescribed_by="W" * 120,
    link=Link(url=f"https://clinic.example/invitation/{'w' * 50}/{'w' * 43}", once_until=MONDAY),
    exercises=(replace(FULL, pictures=PICTURES), replace(FULL, pictures=PICTURES, required=False)),
    weeks=weeks(6, news=LONG * 9),
    goal=LONG * 7,
    notes=LONG * 400,
)
NO_PICTURES = replace(EVERYTHING, exercises=(FULL, FULL))
BARE = replace(
    HANDOUT,
    clinic=replace(CLINIC, phone="", warning_signs=()),
    name="",
    title="",
    phase="",
    goal="",
    notes="",
    last=None,
    exercises=(Exercise(letter="A", name="Walk", dose="1 set"),),
    weeks=(),
)
PICTURED = replace(HANDOUT, exercises=tuple(replace(each, pictures=PICTURES) for each in HANDOUT.exercises))
FIXED = replace(HANDOUT, weeks=weeks(6, fixed=True))
CASES = {
    "usual": HANDOUT,
    "pictured": PICTURED,
    "fixed": FIXED,
    "everything": EVERYTHING,
    "no pictures": NO_PICTURES,
    "bare": BARE,
}


def overlaps(sheet: Sheet) -> list[tuple[str, str]]:
    """Texts that stand over one another by more than a line's own slack."""
    slack = 0.15
    return [
        (one.text, other.text)
        for one, other in combinations(sheet.placed, 2)
        if one.x + slack < other.x + other.width
        and other.x + slack < one.x + one.width
        and one.y + slack < other.y + other.height
        and other.y + slack < one.y + one.height
    ]


def text_of(sheet: Sheet) -> str:
    return " ".join(placed.text for placed in sheet.placed)


@pytest.mark.parametrize(("case", "paper", "language"), list(product(CASES, Paper, ["en", "de", "es"])))
def test_it_is_one_page_with_nothing_over_something_else(case: str, paper: Paper, language: str) -> None:
    sheet = lay_out(replace(CASES[case], language=language), paper)
    assert overlaps(sheet) == []
    for placed in sheet.placed:
        assert placed.x >= MARGIN - 0.01, placed
        assert placed.x + placed.width <= sheet.width - MARGIN + 0.5, placed
        assert placed.y >= 0, placed
        assert placed.y + placed.height <= sheet.height - MARGIN + 0.01, placed
    content = sheet.output()
    assert sheet.pdf.pages_count == 1
    assert len(re.findall(rb"/Type /Page\b", content)) == 1
    assert len(content) <= 150_000


@pytest.mark.parametrize(("paper", "size"), [(Paper.A4, (595.28, 841.89)), (Paper.LETTER, (612, 792))])
def test_both_papers_have_their_size(paper: Paper, size: tuple[float, float]) -> None:
    box = re.search(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", lay_out(HANDOUT, paper).output())
    assert box is not None
    assert (float(box[1]), float(box[2])) == size


def test_it_says_what_was_prescribed_and_whom_to_call() -> None:
    page = text_of(lay_out(PICTURED))
    for text in [
        "Harbour Physiotherapy",
        "+353 20 910",
        "Brigid Nolan",
        "Settle, build, strengthen: step 1 of 3, Settle",
        "Left knee · 3 times a week · 23 November to 6 December 2026",
        "mango piano robot",
        "Your goal: Stairs",
        "2 sets, 10 steps each way",
        "Short band (red): around the balls of your feet",
        "Double band hip thrust (if you like)",
        "Rest for 60 seconds between sets.",
        "Toes straight ahead.",
        "Picture 2",
        "Sign in with your email",
        "Small steps.",
        "My knee is hot and I have a fever. · I can't put weight on my leg. · My knee is stuck.",
        "Emergency: 112 · Call us: +353 20 910",
        "Nobody watches your page or this sheet for emergencies.",
    ]:
        assert text in page, text


def test_without_pictures_the_steps_are_told() -> None:
    assert "Step number 6 of the walk." in text_of(lay_out(HANDOUT))


def test_notes_are_cut_only_with_word_of_where_the_rest_is() -> None:
    whole = "You can read all of it on your page."
    assert whole not in text_of(lay_out(HANDOUT))
    cut = text_of(lay_out(EVERYTHING))
    assert "…" in cut
    assert whole in cut


def test_the_red_flag_line_stays_whatever_else_is_cut() -> None:
    page = text_of(lay_out(EVERYTHING, Paper.LETTER))
    assert "Stop, and call, if one of these is true:" in page
    assert f"Emergency: {'9' * 20}" in page
    assert f"Call us: {'0' * 40}" in page
    assert "Nobody watches" in page
    assert "Emergency: 112" in text_of(lay_out(BARE))


def test_who_has_no_email_is_not_sent_to_a_sign_in_by_email() -> None:
    page = text_of(lay_out(replace(HANDOUT, link=Link(url="https://a.example/x", by_email=False))))
    assert "Ask us for an invitation" in page
    assert "Sign in" not in page


def test_an_invitation_says_until_when_it_opens() -> None:
    page = text_of(lay_out(replace(HANDOUT, link=Link(url="https://a.example/x", once_until=date(2026, 12, 8)))))
    assert "Opens once, until 8 December" in page


def test_letters_that_the_font_has_not_show_as_boxes() -> None:
    assert known("Łucja Ångström Żółć, Ольга Ґалаґан, Ελένη Παπαδοπούλου, Nguyễn") == (
        "Łucja Ångström Żółć, Ольга Ґалаґан, Ελένη Παπαδοπούλου, Nguyễn"
    )
    assert known("é") == "é"
    assert known("王 🦵 عمر") == "□ □ □□□"
    assert known("a\0\u200fb") == "ab"
    page = text_of(lay_out(replace(HANDOUT, name="王 Ελένη Ольга")))
    assert "□ Ελένη Ольга" in page


@pytest.mark.parametrize(
    ("colour", "on", "text"),
    [("#0b5b5d", WHITE, "#0b5b5d"), ("#ffd400", BLACK, None), ("#ffffff", BLACK, None), ("#000000", WHITE, "#000000")],
)
def test_text_reads_on_every_colour(colour: str, on: Colour, text: str | None) -> None:
    assert text_on(Colour.of(colour)) == on
    assert text_on(Colour.of(colour)).contrast(Colour.of(colour)) >= 4.5
    assert readable(Colour.of(colour)).contrast(WHITE) >= 4.5
    assert text is None or readable(Colour.of(colour)) == Colour.of(text)


def test_the_qr_code_is_the_address_with_a_quiet_zone() -> None:
    url = HANDOUT.link.url
    expected = [[bool(module) for module in row] for row in segno.make(url, error="m", micro=False).matrix]
    whole = len(expected) + 8
    drawn = [[False] * whole for _row in range(whole)]
    for left, top, width, height in qr_boxes(url, float(whole)):
        assert round(height, 6) == 1
        for column in range(round(left), round(left + width)):
            drawn[round(top)][column] = True
    assert [row[4:-4] for row in drawn[4:-4]] == expected
    edges = [*drawn[:4], *drawn[-4:], *([*row[:4], *row[-4:]] for row in drawn)]
    assert not any(any(edge) for edge in edges)


@pytest.mark.skipif(
    not (shutil.which("pdftoppm") and shutil.which("zbarimg")), reason="reads the page back with pdftoppm and zbarimg"
)
def test_the_printed_qr_code_reads_back(tmp_path: Path) -> None:
    file = tmp_path / "handout.pdf"
    file.write_bytes(lay_out(EVERYTHING).output())
    subprocess.run(["pdftoppm", "-r", "150", "-png", "-singlefile", file, tmp_path / "page"], check=True)
    read = subprocess.run(["zbarimg", "-q", "--raw", tmp_path / "page.png"], check=True, capture_output=True, text=True)
    assert read.stdout.strip() == EVERYTHING.link.url


ONE, OTHER = UUID("0197a2c4-6d3e-7f10-9b52-3f6a1c8e4d70"), UUID("0197a2c4-6d3e-7f10-9b52-3f6a1c8e4d71")


def test_a_version_has_three_words_that_never_change() -> None:
    assert len(WORDS) == len(set(WORDS)) == 100
    assert spoken(ONE, OTHER) == spoken(ONE, OTHER)
    assert spoken(ONE, OTHER) == "ketchup polar mango"
    assert len({spoken(ONE, UUID(int=number)) for number in range(1000)}) > 990
    assert spoken(ONE, OTHER) != spoken(OTHER, ONE)


def test_typed_words_find_the_prescription() -> None:
    pairs = [(ONE, OTHER), (OTHER, ONE)]
    heard = f"  {spoken(OTHER, ONE).upper().replace(' ', ', ')} "
    assert matching(heard, pairs) == [OTHER]
    assert matching("Brigid", pairs) == []
    assert as_spoken("mango piano") is None


def test_drawings_become_operators_of_the_same_outline() -> None:
    drawn = operators(
        '<svg viewBox="0 0 9 9"><path d="M1 2h3v4l-1-1.5z" fill="#ff0000"/>'
        '<path d="M0 0c1 0 2 1 2 2s1 2 2 2" fill="none" stroke="#0000ff" stroke-width=".8" stroke-linecap="round" '
        'transform="translate(3 4)scale(2)"/></svg>'
    )
    assert drawn.split("\n") == [
        "q 1 0 0 rg 1 2 m 4 2 l 4 6 l 3 4.5 l h f Q",
        "q 1 0 0 1 3 4 cm 2 0 0 2 0 0 cm 0 0 1 RG 0.8 w [] 0 d 1 J 0 j 0 0 m 1 0 2 1 2 2 c 2 3 3 4 4 4 c S Q",
    ]


@pytest.mark.parametrize(("flags", "middle"), [("0 1", (1, -1)), ("0 0", (1, 1)), ("1 1", (1, -1)), ("1 0", (1, 1))])
def test_arcs_turn_the_way_they_should(flags: str, middle: tuple[int, int]) -> None:
    """Half a circle from one side to the other, above or below: y goes down."""
    drawn = operators(f'<svg><path d="M0 0A1 1 0 {flags} 2 0" stroke="#000000"/></svg>')
    first, second = re.findall(r"([-\d.]+) ([-\d.]+) c", drawn)
    assert tuple(map(float, first)) == middle
    assert tuple(map(float, second)) == (2, 0)


def test_what_no_drawing_had_is_left_to_the_library() -> None:
    for strange in ['<circle r="2"/>', '<path d="M0 0q1 1 2 2" />', '<path d="M0 0" opacity=".5"/>']:
        with pytest.raises(Unreadable):
            operators(f"<svg>{strange}</svg>")
    circle = SVG.replace("<rect", '<circle cx="5" cy="5" r="3"/><rect')
    exercise = replace(WALK, pictures=(Picture(svg=circle, caption="A circle"),))
    assert "A circle" in text_of(lay_out(replace(HANDOUT, exercises=(exercise,))))


def test_every_drawing_is_understood() -> None:
    """Those that a handout shows; another takes the library's time and is as right."""
    exercises = read_catalogue().exercises
    for key, row in exercises.items():
        exercise = CatalogueExercise(key=key, **{name: value for name, value in row.items() if name != "source"})
        shown = [frame for frame in frames(exercise) if not frame.is_fault] + frames(exercise)[-1:]
        for frame in shown:
            assert operators(frame.svg(for_print=True)).count("\nq ") > 5, frame.key
