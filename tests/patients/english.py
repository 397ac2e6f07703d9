"""What of a page in another language is still English."""

import re
from functools import cache

from django.utils import translation
from playwright.sync_api import Page

from programs.catalogue_words import in_words
from tests.test_translations import needed, sentences_for_patients

# Each run of visible text, and each name that only a screen reader says.
SAID = """() => {
  const said = [], walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node; (node = walk.nextNode());)
    if (node.parentElement.checkVisibility() && !node.parentElement.closest("script, style, [lang]:not(html)"))
      said.push(node.data);
  for (const each of document.querySelectorAll("[aria-label], [alt], [title], [placeholder]"))
    for (const name of ["aria-label", "alt", "title", "placeholder"]) said.push(each.getAttribute(name) ?? "");
  return [document.title, ...said].map((text) => text.replace(/\\s+/g, " ").trim()).filter(Boolean);
}"""
PLACE = re.compile(r"%\(\w+\)[sd]|{\w+}")


def pattern(text: str) -> re.Pattern[str]:
    """Anything in its places; a tag ends one run of text and begins another."""
    parts = [re.escape(part) for part in PLACE.split(text.replace("%%", "%"))]
    return re.compile(".+?".join(parts), re.IGNORECASE if len(parts) == 1 else 0)


@cache
def english(language: str) -> list[re.Pattern[str]]:
    """Each run of English that says something else in this language."""
    with translation.override(language):
        texts = [text for context, text in needed() if translation.pgettext(context, text) != text or not context]
        texts = [text for text in texts if "format" not in text and translation.gettext(text) != text]
        sentences = [text for text in sentences_for_patients() if in_words(text) != text]
    runs = {run.strip() for text in [*texts, *sentences] for run in re.split(r"<[^>]+>|\n+", text)}
    return [pattern(run) for run in runs if re.search(r"[A-Za-z]{2}", PLACE.sub("", run))]


def english_left(page: Page, language: str) -> set[str]:
    """The runs of a page that are English, or have a sentence of more than two words in it."""
    page.locator("details").evaluate_all("all => all.forEach(each => { each.open = true; })")
    left = set()
    for said in page.evaluate(SAID):
        for found in english(language):
            long = len(found.pattern.split()) > 2 and "?" not in found.pattern[:2]
            if found.fullmatch(said) or (long and ".+?" not in found.pattern and found.search(said)):
                left.add(said)
    return left
