"""How is a word shown in a chat?

As cards, in the chat's own mark-up, in which nothing that somebody else wrote may mean
anything: no mention of everybody, no link under another name, no bold. Long words are cut
until the chat takes the whole; the page has all of it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

from notifications.card import Card
from notifications.channel import Parcel, ToldIn
from notifications.hook import Hook, as_json
from notifications.strangers import Place

_CUTS = (800, 400, 150, 40)
_MOST_CARDS = 5
_LINK = re.compile(r"(https?://[\w./?=&%~+-]*[\w/])")


class Chat(Hook):
    """One chat system. ``largest``: so many characters of JSON it takes for sure."""

    told_in: ClassVar[ToldIn] = "cards"
    largest: ClassVar[int]

    def call(self, place: Place, parcel: Parcel) -> tuple[Place, bytes, Mapping[str, str]]:
        shown = parcel.cards[:_MOST_CARDS] or (Card("plan", parcel.subject, "", parcel.text),)
        for most in _CUTS:
            message = self.dressed([card.cut(most) for card in shown])
            if len(json.dumps(message, ensure_ascii=False)) <= self.largest:
                break
        return place, as_json(message), {}

    def dressed(self, cards: Sequence[Card]) -> Mapping[str, Any]:
        """The message, as this system has it; at least one card."""
        raise NotImplementedError


def in_markdown(card: Card, escaped: Callable[[str], str]) -> str:
    """What stands below the title, in any of the Markdowns: they agree on bold."""
    said = [f"**{escaped(card.state)}**"] if card.state else []
    said += [escaped(card.intro)] if card.intro else []
    said += [f"**{escaped(heading)}**\n{escaped(text)}" for heading, text in card.parts]
    said += [escaped(card.next_word)] if card.next_word else []
    return "\n\n".join(said)


def around_links(text: str, escaped: Callable[[str], str]) -> str:
    """A bare link stays as it is, for it says where it leads; all else is escaped."""
    pieces = _LINK.split(text)
    return "".join(piece if i % 2 else escaped(piece) for i, piece in enumerate(pieces))
