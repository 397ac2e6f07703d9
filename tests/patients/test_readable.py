"""What patients read in English can be read by a child of eleven."""

import pytest
from django.test import Client

from tests import factories as make
from tests.patients.home import Home
from tests.patients.walk import PAGES, addresses, home
from tests.readability import WORD, grade, sentences_of, syllables
from tests.test_translations import PLACES, needed, sentences_for_patients

__all__ = ["home"]
pytestmark = pytest.mark.django_db(transaction=True)
MOST = 6.0  # the last grade that is read at eleven
MOST_OF_ONE = 8.0  # for a single sentence of ten words or more, in whose words the formula sees little else
LONGEST = 26  # words in a sentence
OUTSIDE = ["/", "/account/login/", "/account/login/code/", "/invitation/north/none/", "/no/"]


def test_the_formula() -> None:
    """Against counts by hand, and sentences that are known to be easy and hard."""
    counts = {
        "knee": 1,
        "pain": 1,
        "exercise": 3,
        "swollen": 2,
        "somebody": 4,
        "table": 2,
        "walked": 1,
        "added": 2,
        "the": 1,
    }
    assert {word: syllables(word) for word in counts} == counts
    assert grade(["The cat sat on the mat."]) == pytest.approx(0.39 * 6 + 11.8 - 15.59)
    hard = (
        "Discontinue therapeutic exercise immediately upon experiencing disproportionate inflammatory symptomatology."
    )
    assert grade([hard]) > 20
    assert sentences_of("<p>Stop now. Call us <b>at once</b>.</p><label>Left</label><script>a b c d</script>") == [
        "Call us at once."
    ]


def check(html: str, page: str) -> None:
    sentences = sentences_of(html)
    assert len(sentences) >= 3, page
    worst = sorted(sentences, key=lambda each: -grade([each]))[:5]
    assert grade(sentences) <= MOST, (page, round(grade(sentences), 1), worst)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_of_a_patient_is_easy_to_read(name: str, client: Client, home: Home) -> None:
    make.sign_in(client, home.self)
    check(client.get(addresses(home)[name]).text, name)


@pytest.mark.parametrize("path", OUTSIDE)
def test_a_page_before_the_sign_in_is_easy_to_read(path: str, client: Client) -> None:
    check(client.get(path).text, path)


def test_each_sentence_is_easy_to_read() -> None:
    """Those of emails, of errors, of pictures and of the catalogue, too."""
    texts = {PLACES.sub(" x ", text) for context, text in needed() if "format" not in context}
    sentences = {each for text in texts | sentences_for_patients() for each in sentences_of(f"<p>{text}</p>")}
    assert len(sentences) > 400
    hard = {each: round(grade([each]), 1) for each in sentences if len(WORD.findall(each)) >= 10}
    assert {each: grade for each, grade in hard.items() if grade > MOST_OF_ONE} == {}
    assert {each for each in sentences if len(WORD.findall(each)) > LONGEST} == set()
