"""What does a chat show of a letter?

The same words, without dress and without what is one reader's own: whoever sits in the room
sees it. Each chat dresses cards in its own mark-up. Nothing here looks at a clock or a socket.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from notifications.plain import PLACE_CLOSES, PLACE_OPENS, one_line, shortened
from notifications.sheet import Mood, Paragraph, Section, Sheet

_PLACE = re.compile(f"{PLACE_OPENS}([^{PLACE_CLOSES}]+){PLACE_CLOSES}")
_LONGEST_LINE = 200

COLOURS: Mapping[Mood, str] = {
    "down": "#b3261e",
    "part": "#a8480c",
    "ok": "#1f7a4d",
    "plan": "#2b5fa8",
}


@dataclass(frozen=True, slots=True)
class Card:
    """One incident's word. ``parts``: heading and text; ``next_word``: the promise. Nothing is
    escaped.
    """

    mood: Mood
    title: str
    state: str
    intro: str = ""
    parts: tuple[tuple[str, str], ...] = ()
    next_word: str | None = None
    label: str | None = None
    url: str | None = None

    @property
    def colour(self) -> str:
        return COLOURS[self.mood]

    def cut(self, most: int) -> Card:
        """With at most so many characters of each text."""
        parts = tuple((heading, shortened(text, most)[0]) for heading, text in self.parts)
        return replace(self, intro=shortened(self.intro, most)[0], parts=parts)


def cards(sheet: Sheet) -> tuple[Card, ...]:
    """One for each section; a code or a link that is the reader's own stays out."""
    return tuple(_card(section) for section in sheet.sections)


def _card(section: Section) -> Card:
    link = section.link if section.link and not _PLACE.search(section.link.url) else None
    closing = [section.closing] if section.closing and not section.parts else []
    said = (_text(section.intro), *closing)
    return Card(
        mood=section.mood,
        title=shortened(one_line(section.subject), _LONGEST_LINE)[0],
        state=one_line(section.state),
        intro="\n\n".join(text for text in said if text),
        parts=tuple((part.heading, _text(part.paragraphs)) for part in section.parts),
        next_word=section.next_word,
        label=link.label if link else None,
        url=link.url if link else None,
    )


def _text(paragraphs: tuple[Paragraph, ...]) -> str:
    shown = (one.text for one in paragraphs if not _PLACE.search(one.text))
    return "\n\n".join(shown)
