"""How does what a person wrote become HTML?

As written: paragraphs stay, lines stay, a bare http(s) link becomes clickable, and
nothing else happens. No Markdown: what was typed at 3 a.m. must not turn into something
else. Everything is escaped piece by piece, so no text can break out.
"""

from __future__ import annotations

import re

from markupsafe import Markup, escape

_LINK = re.compile(r"https?://(?:[^\W_]|\[)[^\s<>\"'`\u2066-\u2069]*", re.IGNORECASE)
_ENDS_A_SENTENCE = ".,;:!?…»”’*_"
_NOT_WRITING = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e]")
"""Control characters, and the overrides that can make an address read as another one."""


def paragraphs(text: str) -> tuple[str, ...]:
    """The paragraphs of a plain text: control characters gone, lines ended by one newline."""
    lines = re.sub(r"\r\n?|\u2028|\u2029", "\n", text)
    blocks = re.split(r"\n[ \t]*\n", _NOT_WRITING.sub("", lines))
    return tuple(block.strip() for block in blocks if block.strip())


def prose(text: str) -> Markup:
    """HTML paragraphs of a plain text."""
    return Markup("").join(
        Markup("<p>{}</p>").format(Markup("<br>").join(_line(line) for line in block.split("\n")))
        for block in paragraphs(text)
    )


def _line(line: str) -> Markup:
    told, start = [], 0
    for found in _LINK.finditer(line):
        address = _without_stop(found[0])
        told += [escape(line[start : found.start()]), _anchor(address)]
        start = found.start() + len(address)
    return Markup("").join([*told, escape(line[start:])])


def _without_stop(address: str) -> str:
    """The address without what ends the sentence, or the bracket that it stands in."""
    while address[-1] in _ENDS_A_SENTENCE or (
        address[-1] in ")]" and address.count(address[-1]) > address.count("(["[address[-1] == "]"])
    ):
        address = address[:-1]
    return address


def _anchor(address: str) -> Markup:
    return Markup('<a href="{0}" rel="nofollow noreferrer">{0}</a>').format(address)
