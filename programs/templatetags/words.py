"""The catalogue's sentences in the language of the page."""

from django import template

from programs.catalogue_words import in_words, unreviewed_languages

register = template.Library()
register.filter("in_words", in_words)
register.simple_tag(unreviewed_languages)
