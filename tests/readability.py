"""How hard English is to read, by the formula of Flesch and Kincaid.

J. P. Kincaid and others, "Derivation of New Readability Formulas", Naval Technical Training Command 1975:

    grade = 0.39 * words / sentences + 11.8 * syllables / words - 15.59

A grade is a year of school in the United States: grade 4 is read at 9 to 10 years of age, grade 6 at 11 to 12.
"""

import re
from html.parser import HTMLParser

WORD = re.compile(r"[A-Za-z]+(?:['’][A-Za-z]+)?")
INLINE = {"a", "abbr", "b", "bdi", "em", "i", "span", "strong"}
UNSEEN = {"script", "style", "svg", "title", "head"}


def syllables(word: str) -> int:
    """Groups of vowels, but for a silent e at the end. Wrong for one word in ten or so, both ways alike."""
    word = re.sub(r"['’].*", "", word.lower())
    silent = re.sub(r"(?<=[^aeiouyl])e$|(?<=[aeiouy]l)e$|(?<=[^td])ed$|(?<=[^aeiousxz])es$", "", word)
    return max(1, len(re.findall(r"[aeiouy]+", silent or word)))


def grade(sentences: list[str]) -> float:
    words = [word for sentence in sentences for word in WORD.findall(sentence)]
    return 0.39 * len(words) / len(sentences) + 11.8 * sum(map(syllables, words)) / len(words) - 15.59


class Blocks(HTMLParser):
    """The text of each block of a page: what a tag that is not inline parts from the rest."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.blocks = [""]
        self._unseen = 0
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._unseen += tag in UNSEEN
        if tag not in INLINE:
            self.blocks.append("")

    def handle_endtag(self, tag: str) -> None:
        self._unseen -= tag in UNSEEN
        if tag not in INLINE:
            self.blocks.append("")

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self.blocks[-1] += data


def sentences_of(html: str) -> list[str]:
    """What is to be read: sentences of three words or more. Shorter ones, such as labels, would only flatter a page."""
    found = []
    for block in Blocks(html).blocks:
        sentences = re.split(r"(?<=[.?!:])\s+", " ".join(block.split()))
        found += [sentence for sentence in sentences if len(WORD.findall(sentence)) >= 3]
    return list(dict.fromkeys(found))
