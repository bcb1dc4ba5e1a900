"""Where does a sentence begin and end?

Texts are read with straight apostrophes and plain spaces, character for character, so that
a place in what is read is the same place in what was written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_PLAIN = str.maketrans({"’": "'", "‘": "'", "ʼ": "'", "\u00a0": " ", "\u202f": " ", "\t": " "})
_ENDLESS = re.compile(r"\S{200,}|\w{60,}")
_END = re.compile(r"[.!?…]+[)\"'»”]*(?=\s|$)|\n\s*\n|\n(?=\s*[-*•])|:\s*\n")
_SHORT = re.compile(
    r"\b(?:[A-Z]|Mr|Mrs|Ms|Dr|Prof|St|Inc|Ltd|No|e\.g|i\.e|approx|Sig|Sigg|Dott|Ing|Avv|Geom|Rag|Spett"
    r"|Egr|Gent|Spa|Srl|art|es|nr|pag|tel)\.$"
)
"""What ends in a full stop and ends no sentence."""
_WORD = re.compile(r"[^\W\d_]+(?:['-][^\W\d_]+)*")


@dataclass(frozen=True, slots=True)
class Sentence:
    """``start`` is its place in the field."""

    text: str
    start: int

    def words(self) -> int:
        return len(_WORD.findall(self.text))


def plain(text: str) -> str:
    """The same characters to read, in the same places. What is longer than any word is left
    out: nothing is to be said of it, and patterns would take seconds over it.
    """
    return _ENDLESS.sub(lambda run: " " * len(run[0]), text.translate(_PLAIN))


def sentences(text: str) -> Iterator[Sentence]:
    """Of a plain text, without the white space around them."""
    begin = 0
    for end in _END.finditer(text):
        if _SHORT.search(text, begin, end.end()):
            continue
        yield from _sentence(text, begin, end.end())
        begin = end.end()
    yield from _sentence(text, begin, len(text))


def _sentence(text: str, begin: int, end: int) -> Iterator[Sentence]:
    piece = text[begin:end]
    if stripped := piece.strip():
        yield Sentence(stripped, begin + len(piece) - len(piece.lstrip()))
