"""How does a Slack channel show a word?

By an incoming webhook: blocks in an attachment, whose colour says how it is. What others wrote
stands in ``plain_text``, in which Slack sees no mark-up; where it does, the three characters
that it asks for are escaped (docs.slack.dev, "Formatting message text"). A mention would need
``<!channel>``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from notifications.card import Card
from notifications.chat import Chat
from notifications.strangers import Place

_PATH = re.compile(r"/services/[A-Za-z0-9]+/[A-Za-z0-9]+/[A-Za-z0-9]+")
_HOSTS = ("hooks.slack.com", "hooks.slack-gov.com")


class Slack(Chat):
    example = "https://hooks.slack.com/services/T…/B…/…"
    largest = 20_000

    @classmethod
    def is_ours(cls, place: Place) -> bool:
        return place.host in _HOSTS and _PATH.fullmatch(place.target) is not None

    def dressed(self, cards: Sequence[Card]) -> Mapping[str, Any]:
        return {
            "text": _escaped(cards[0].title),
            "mrkdwn": False,
            "link_names": False,
            "unfurl_links": False,
            "unfurl_media": False,
            "attachments": [_attachment(card) for card in cards],
        }


def _attachment(card: Card) -> dict[str, Any]:
    blocks = [_plain(card.state)] if card.state else []
    blocks += [_plain(card.intro)] if card.intro else []
    for heading, text in card.parts:
        blocks += [_marked(f"*{_unformatted(heading)}*"), _plain(text or "–")]
    blocks += [_plain(card.next_word)] if card.next_word else []
    if card.url:
        blocks.append(_marked(f"<{_escaped(card.url)}|{_unformatted(card.label or card.url)}>"))
    return {"color": card.colour, "fallback": card.title, "blocks": blocks}


def _plain(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "plain_text", "text": text, "emoji": False}}


def _marked(text: str) -> dict[str, Any]:
    """Of our own words alone."""
    return {"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": True}}


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _unformatted(text: str) -> str:
    """``|`` would end a link's address, the others begin a format."""
    return re.sub(r"[*_~`|]", "", _escaped(text))


CHANNEL = Slack
