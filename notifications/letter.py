"""How does a letter look, as text and as HTML?

``write`` composes one letter for all readers of a language; ``personal`` puts in what
differs from reader to reader. Both forms are dressed from one ``Sheet``, by one template
each. Rules: text is wrapped at 72 with links on lines of their own; both together are under
30 kB as they are sent, for mail programs cut longer ones without asking; HTML asks nothing
of the network, and everything in it is escaped but for bare links.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from html import escape
from quopri import encodestring

import css_inline
from jinja2 import Environment, PackageLoader, StrictUndefined

from notifications.facts import Facts, Site
from notifications.language import Language
from notifications.occasions import sheet
from notifications.phrases import Room
from notifications.plain import PLACE, linked, one_line, wrapped
from notifications.sheet import ALL_READERS, Readers, Sheet

_INLINER = css_inline.CSSInliner(
    keep_style_tags=False, keep_at_rules=True, load_remote_stylesheets=False
)

LARGEST = 28_000
"""Bytes of text and HTML, quoted-printable; headers come on top."""
_SHORTER = (
    Room(),
    Room(4000),
    Room(1500),
    Room(700),
    Room(300),
    Room(300, 12),
    Room(150, 6),
    Room(80, 3),
    Room(40, 1),
)


@dataclass(frozen=True)
class Letter:
    """``subject`` is one line; ``text`` ends in a line feed."""

    subject: str
    text: str
    html: str


def write(facts: Facts, site: Site, language: Language, readers: Readers = ALL_READERS) -> Letter:
    """The letter for every one of these readers, with marks where ``PLACES`` belong. What a
    person wrote at great length is cut, and so is what is named by the dozen; the page has all
    of it.
    """
    for room in _SHORTER:
        letter = _dressed(sheet(facts, site, language, room, readers), site, language)
        if sum(len(encodestring(form.encode())) for form in (letter.text, letter.html)) < LARGEST:
            break
    return letter


def _dressed(content: Sheet, site: Site, language: Language) -> Letter:
    dress = {"sheet": content, "site": site, "language": language}
    html = _environment(escaping=True).get_template("letter.html").render(dress)
    text = _environment(escaping=False).get_template("letter.txt").render(dress)
    return Letter(one_line(content.subject), text, _INLINER.inline(html))


def personal(letter: Letter, places: Mapping[str, str]) -> Letter:
    """The letter for one reader. Raises ``KeyError`` for a place that it needs and nobody gave."""
    values = {name: one_line(places[name]) for name in set(PLACE.findall(letter.text))}
    text = PLACE.sub(lambda mark: values[mark[1]], letter.text)
    html = PLACE.sub(lambda mark: escape(values[mark[1]]), letter.html)
    return Letter(letter.subject, text, html)


@cache
def _environment(*, escaping: bool) -> Environment:
    environment = Environment(
        loader=PackageLoader("notifications", "."),
        autoescape=escaping,  # noqa: S701 -- off for letter.txt alone, where &amp; would be read as such
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {"linked": linked, "wrapped": wrapped, "one_line": one_line}
    return environment
