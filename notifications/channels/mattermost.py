"""How does a Mattermost channel show a word?

By an incoming webhook on a server of the customer's own: an attachment for each card. All of
it is Markdown, so every character that means something bears a backslash, and behind an ``@``
that could call somebody stands a space of no width: ``@channel`` would ring everywhere
(docs.mattermost.com, "Incoming webhooks", "Message attachments").
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from notifications.card import Card
from notifications.chat import Chat, around_links, in_markdown
from notifications.strangers import Place

_PATH = re.compile(r"(/[A-Za-z0-9_-]+)*/hooks/[a-z0-9]{10,40}")
_MARKS = re.compile(r"([\\*_~`|<>#\[\]()!+{}.-])")
_MENTION = re.compile(r"(?<![A-Za-z0-9])@|@(?![A-Za-z0-9])")
_NO_WIDTH = "\u200b"


class Mattermost(Chat):
    example = "https://chat.example.org/hooks/…"
    largest = 15_000

    @classmethod
    def is_ours(cls, place: Place) -> bool:
        return _PATH.fullmatch(place.target) is not None

    def dressed(self, cards: Sequence[Card]) -> Mapping[str, Any]:
        return {"attachments": [_attachment(card) for card in cards]}


def _attachment(card: Card) -> dict[str, Any]:
    attachment = {
        "fallback": _unmentioned(card.title),
        "color": card.colour,
        "title": _escaped(card.title),
        "text": in_markdown(card, _escaped),
    }
    return attachment | ({"title_link": card.url} if card.url else {})


def _escaped(text: str) -> str:
    return around_links(text, lambda piece: _MARKS.sub(r"\\\1", _unmentioned(piece)))


def _unmentioned(text: str) -> str:
    return _MENTION.sub("@" + _NO_WIDTH, text)


CHANNEL = Mattermost
