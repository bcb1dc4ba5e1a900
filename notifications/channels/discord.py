"""How does a Discord channel show a word?

By a webhook: an embed for each card, whose colour says how it is. Every character that means
something in Discord's Markdown bears a backslash, and ``allowed_mentions`` is empty, so that
nobody is called (docs.discord.com, "Webhook", "Allowed mentions").
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from notifications.card import Card
from notifications.chat import Chat, around_links, in_markdown
from notifications.strangers import Place

_PATH = re.compile(r"/api/(v[0-9]+/)?webhooks/[0-9]+/[A-Za-z0-9_-]+(\?thread_id=[0-9]+)?")
_HOSTS = ("discord.com", "discordapp.com", "canary.discord.com", "ptb.discord.com")
_MARKS = re.compile(r"([\\*_~`|<>#\[\]()@:-])")
_LONGEST_TITLE = 256


class Discord(Chat):
    example = "https://discord.com/api/webhooks/…/…"
    largest = 5500

    @classmethod
    def is_ours(cls, place: Place) -> bool:
        return place.host in _HOSTS and _PATH.fullmatch(place.target) is not None

    def dressed(self, cards: Sequence[Card]) -> Mapping[str, Any]:
        return {
            "embeds": [_embed(card) for card in cards],
            "allowed_mentions": {"parse": []},
        }


def _embed(card: Card) -> dict[str, Any]:
    embed: dict[str, Any] = {
        "title": _escaped(card.title)[:_LONGEST_TITLE].rstrip("\\"),
        "description": in_markdown(card, _escaped),
        "color": int(card.colour.removeprefix("#"), 16),
    }
    return embed | ({"url": card.url} if card.url else {})


def _escaped(text: str) -> str:
    return around_links(text, lambda piece: _MARKS.sub(r"\\\1", piece))


CHANNEL = Discord
