"""What does a letter say, before it is dressed as text or HTML?

Plain values between ``occasions`` (which choose the words) and ``letter`` (which dresses
them), so that the two forms of a letter can't say different things. A ``language`` is
given only where it is not the letter's own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from notifications.plain import PLACE_CLOSES, PLACE_OPENS

Known = Literal["when", "whence"]
"""Of an address that an operator added: when that was, or also where it comes from."""


@dataclass(frozen=True, slots=True)
class Readers:
    """For whom a letter is written, beside their language. ``added``: it is the first to somebody
    who was added, of whom we know that; ``ends_only``: no word between the first and the last.
    """

    added: Known | None = None
    ends_only: bool = False


ALL_READERS = Readers()
Mood = Literal["down", "part", "ok", "plan"]
"""Which colour and shape stand before the state; the words say the same without them."""

PLACES = (
    *("confirm_url", "manage_url", "unsubscribe_url", "credit_code", "hook_host"),
    *("added_on", "source"),
)
"""What differs from reader to reader: put in by ``letter.personal`` after composition."""


def place(name: str) -> str:
    """The mark that stands in a composed letter for a personal value. A code is one incident's,
    and one letter may tell of several: ``credit_code:INCIDENT``.
    """
    if name.partition(":")[0] not in PLACES:
        raise KeyError(name)
    return f"{PLACE_OPENS}{name}{PLACE_CLOSES}"


@dataclass(frozen=True)
class Paragraph:
    """``by_letter``: to be copied letter by letter, such as a code."""

    text: str
    language: str | None = None
    by_letter: bool = False


@dataclass(frozen=True)
class Part:
    """One of the three parts under its heading."""

    heading: str
    paragraphs: tuple[Paragraph, ...]


@dataclass(frozen=True)
class Link:
    label: str
    url: str


@dataclass(frozen=True)
class Introduction:
    """Why somebody who did not ask for it gets this letter, and how to get no other."""

    lines: tuple[str, ...]
    stop: Link


@dataclass(frozen=True)
class Earlier:
    """A word that came before the one in full, told briefly."""

    said: str
    headline: Paragraph
    paragraphs: tuple[Paragraph, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Section:
    """One incident's word. ``state``: the word beside the shape; ``next_word``: the promise;
    ``record``: how the past has been.
    """

    mood: Mood
    state: str
    subject: str
    headline: Paragraph
    intro: tuple[Paragraph, ...] = ()
    parts: tuple[Part, ...] = ()
    next_word: str | None = None
    closing: str | None = None
    record: tuple[str, ...] = ()
    link: Link | None = None
    earlier: tuple[Earlier, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """A whole letter. ``links``: how to choose, and how to stop these letters."""

    subject: str
    sections: tuple[Section, ...]
    preface: str | None = None
    introduction: Introduction | None = None
    foot: tuple[str, ...] = ()
    links: tuple[Link, ...] = ()
