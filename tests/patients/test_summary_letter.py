"""The weekly email as it is read: both parts say the same, it asks nothing from elsewhere, and it fits a phone."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from playwright.sync_api import Browser

from clinic.models import Clinic, Membership, User
from clinic.outbox import Letter
from patients.adherence import Pause
from patients.alerts import CountedSet, Session, Target
from patients.summaries.contents import Summary
from patients.summaries.facts import Decided, Entry, Facts
from patients.summaries.styling import MOST_BYTES
from patients.summaries.writing import letter_of
from tests.patients.cases import (
    FRI,
    MON,
    ON_TRACK,
    SUN,
    THU,
    TUE,
    WED,
    WEEK,
    facts,
    on,
    pain,
    summary_of,
)
from tests.patients.read_mail import FROM_ELSEWHERE, faults_in_a_browser, figures_of, parts_of

DAY = timedelta(days=1)


def ready(label: str) -> Facts:
    easy = {"pain": 3, "before": 2, "morning": 1, "effort": 5, "targets": (Target("thrust", sets=2, top=12),)}
    sessions = tuple(
        Session(day=day, sets=(CountedSet("thrust", 12), CountedSet("thrust", 15)), **easy) for day in (WED, FRI)
    )
    return facts(label, *ON_TRACK, sessions=sessions, exercises={"thrust": "Hip thrust"})


def everything() -> list[Facts]:
    """One of each thing that it can say."""
    logged = tuple(Entry(day, day + DAY, pain=4, late=True, sets=4, as_planned=2) for day in (MON - WEEK, MON, WED))
    return [
        facts("P-001", *ON_TRACK, red_flags=(TUE,)),
        facts("P-002", *ON_TRACK, entries=(pain(9, WED), pain(6, FRI))),
        facts("P-003", *on(MON, TUE, WED, THU, FRI), entries=logged, mornings={MON: 2, WED: 5, MON - WEEK: 3}),
        facts("P-004", *on(SUN - 33 * DAY)),
        facts("P-005", start=TUE),
        facts("P-006", *on(MON), *on(TUE, THU, sets=(), skip_reason="pain"), reported={MON - WEEK: "1/3"}),
        facts("P-007", *on(MON - WEEK, MON), why_here="has no responsible clinician"),
        facts("P-008", pause=Pause(MON, SUN), instead_of="Tom Walsh"),
        facts("P-009", *on(FRI), start=THU, decisions=(Decided(kind="call", on=TUE, call_on=SUN + 2 * DAY),)),
        facts("P-010", start=None, decisions=(Decided(kind="seen", on=TUE),)),
        ready("P-011"),
    ]


def many() -> list[Facts]:
    """A caseload that is long, with all that a row can say."""
    entries = tuple(Entry(day, day, pain=4, late=True, sets=4, as_planned=2) for day in (MON - WEEK, MON, WED))
    return [
        facts(f"P-{number:03}", *ON_TRACK[number % 4 :], entries=entries, mornings={MON: 2, WED: 3, MON - WEEK: 3})
        for number in range(60)
    ]


SCENES = {
    "full": everything,
    "quiet": lambda: [facts(f"P-00{number}", *ON_TRACK) for number in range(3)],
    "no patients": list,
    "sixty patients": many,
    "long codes": lambda: [
        replace(each, person=replace(each.person, label=f"A.B.C. (KRANKENHAUS-2026-{number})"))
        for number, each in enumerate(everything())
    ],
}


def summary_in(scene: str) -> Summary:
    return replace(summary_of(*SCENES[scene]()), away="Ben Salt stands in for you until Fri 27 Nov.")


def letter_in(scene: str) -> Letter:
    clinic = Clinic(slug="north", name="North Side")
    return letter_of(Membership(clinic=clinic, user=User(email="mia@north.example")), summary_in(scene))


def sentences(summary: Summary) -> list[str]:
    """All that a summary says, as the templates get it."""
    people = [*summary.calls, *summary.decided]
    return [
        *(text for text in (summary.headline, summary.away, summary.title, summary.dates) if text),
        *(reason.text for need in summary.needs for reason in need.reasons),
        *(way.word for need in summary.needs for way in need.ways),
        *(text for row in summary.rows for text in [row.person.label, row.sessions, row.band_words]),
        *(text for row in summary.rows for line in row.lines for text in line),
        *(text for group in summary.groups for text in [group.title, *(each.text for each in group.members)]),
        *(text for person, said in people for text in [person.label, said]),
        *(text for each in summary.revised for text in [each.person.label, each.week, each.before, each.now]),
        *(f"{each.number} " for each in summary.bands),
    ]


@pytest.mark.parametrize("scene", SCENES)
class TestEachScene:
    def test_both_parts_say_all_of_it(self, scene: str) -> None:
        letter, summary = letter_in(scene), summary_in(scene)
        parts = parts_of(letter).items()
        missing = [(part, said) for said in sentences(summary) for part, words in parts if said not in words]
        assert missing == []

    def test_both_parts_have_the_same_figures(self, scene: str) -> None:
        """As often, so that neither says one more: each fraction, percentage, date and code."""
        text, html = map(figures_of, parts_of(letter_in(scene)).values())
        assert text == html
        assert text

    def test_the_subject_names_nobody(self, scene: str) -> None:
        letter = letter_in(scene)
        assert re.fullmatch(r"Week 47: (nobody needs|1 needs|\d+ need) you(, \d+ of \d+ on track)?", letter.subject)

    def test_it_asks_nothing_from_elsewhere(self, scene: str) -> None:
        assert FROM_ELSEWHERE.findall(letter_in(scene).html) == []

    def test_it_is_not_cut(self, scene: str) -> None:
        assert len(letter_in(scene).html.encode()) < MOST_BYTES

    def test_it_fits_a_phone_and_axe_finds_nothing(self, scene: str, browser: Browser) -> None:
        assert faults_in_a_browser(letter_in(scene).html, browser) == []


def test_the_order_is_that_of_the_definition() -> None:
    titles = re.findall(r"<h2[^>]*>([^<]+)</h2>", letter_in("full").html)
    assert titles == [
        "Needs you",
        "To call",
        "Decided, and since",
        "All with sessions due, the lowest first",
        "Ready to progress? You decide",
        "New this week",
        "Paused all week",
        "Nothing due",
        "Nothing logged",
        "You stand in for their clinician",
        "Sent to you as the owner",
        "Revised since you were told",
    ]
    text = letter_in("full").text
    assert [text.index(f"\n{title}\n") for title in titles] == sorted(text.index(f"\n{title}\n") for title in titles)


def test_a_mail_program_that_knows_no_style_shows_the_trend_all_the_same() -> None:
    """By the attributes of its cells, the squares, the fraction and the symbol."""
    bare = re.sub(r'<style.*?</style>| style="[^"]*"| class="[^"]*"', "", letter_in("quiet").html, flags=re.DOTALL)
    drawn = '<span aria-hidden="true">■■■</span><br><b>3/3(?:&nbsp;|\\s)✓</b>'
    assert len(re.findall(rf'<td[^>]* bgcolor="#ddf0e1"[^>]*>Week 47<br>{drawn}', bare)) == 3


def test_more_than_five_lead_to_the_list_of_who_needs_a_look() -> None:
    letter = letter_of(
        Membership(clinic=Clinic(slug="north"), user=User()),
        summary_of(*[facts(f"P-{number}", *ON_TRACK, entries=(pain(6, WED),)) for number in range(7)]),
    )
    link = "http://localhost:8000/clinic/north/patients/patient/?show=needs&clinician=me"
    assert f"and 2 more: {link}\n" in letter.text
    assert f'<a href="{link.replace("&", "&amp;")}"' in letter.html
