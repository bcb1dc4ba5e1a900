"""What may stand in a text that somebody else wrote?

Names, titles and operators' words are plain text with paragraphs. They come out of here
unable to end a header, forge a place for a personal link, turn the direction of writing
or break an encoder; bare links become clickable, and nothing else does. The words
themselves stay as they were written.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator

from markupsafe import Markup, escape

PLACE_OPENS, PLACE_CLOSES = "\ue000", "\ue001"
"""Private-use characters around the name of a personal place; taken out of every text below."""
PLACE = re.compile(f"{PLACE_OPENS}([^{PLACE_CLOSES}]+){PLACE_CLOSES}")

WIDTH = 72

_BREAKS = re.compile(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_UNWANTED = re.compile(
    r"[\x00-\x08\x0e-\x1f\x7f-\x9f"  # controls, but for tab and line feed
    r"\u202a-\u202e\u2066-\u2069"  # what turns the rest of the line around
    rf"{PLACE_OPENS}{PLACE_CLOSES}\ufeff\ufffe\uffff]"
)
_SURROGATE = re.compile(r"[\ud800-\udfff]")  # JSON can carry them alone; UTF-8 can't
_LINK = re.compile(r"https?://[\w\[][^\s<>\"'`{}|\\^]*", re.IGNORECASE)
_AFTER_LINK = ".,;:!?*_~\u2026\u00bb\u201d\u2019"


def clean(text: str) -> str:
    """The same words, with line feeds as the only breaks and without unwanted characters."""
    text = _BREAKS.sub("\n", text)
    return _SURROGATE.sub("\ufffd", _UNWANTED.sub("", text)).strip()


def one_line(text: str) -> str:
    """For names, titles, headers: every run of white space becomes one space."""
    return " ".join(clean(text).split())


def paragraphs(text: str) -> tuple[str, ...]:
    """Split at blank lines; single line breaks inside a paragraph stay."""
    found = re.split(r"\n[ \t]*\n\s*", clean(text))
    return tuple(part.strip() for part in found if part.strip())


def shortened(text: str, most: int | None) -> tuple[str, bool]:
    """The text up to so many characters, cut between two words; whether anything was cut."""
    if most is None or len(text) <= most:
        return text, False
    kept = text[:most].rsplit(None, 1)
    return (kept[0] if kept else "").rstrip(_AFTER_LINK) + "…", True


def wrapped(text: str) -> str:
    """At most ``WIDTH`` characters a line; a link or a long word is never broken."""
    lines = (
        textwrap.wrap(line, WIDTH, break_long_words=False, break_on_hyphens=False)
        for line in text.split("\n")
    )
    return "\n".join("\n".join(line) for line in lines)


def linked(text: str) -> Markup:
    """HTML: escaped, line breaks kept, bare http(s) links clickable."""
    return Markup("<br>\n").join(Markup("").join(_linked_pieces(line)) for line in text.split("\n"))


def _linked_pieces(line: str) -> Iterator[Markup]:
    end = 0
    for found in _LINK.finditer(line):
        url = _without_tail(found[0])
        yield escape(line[end : found.start()])
        yield Markup('<a href="{0}" rel="noopener noreferrer">{0}</a>').format(url)
        end = found.start() + len(url)
    yield escape(line[end:])


def _without_tail(url: str) -> str:
    """Punctuation after a link is the sentence's; so is a bracket that was opened before it."""
    while url[-1] in _AFTER_LINK or (url[-1] == ")" and url.count("(") < url.count(")")):
        url = url[:-1]
    return url
