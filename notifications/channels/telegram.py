"""How does a Telegram chat show a word?

By a bot of the customer's own: its token and the chat stand in the address. The text is
Telegram's HTML, in which three characters are escaped and the rest means nothing
(core.telegram.org/bots/api, "HTML style"); a mention needs a user's name, so behind an ``@``
stands a space of no width. How long to wait stands in the body of a 429.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from html import escape
from typing import Any
from urllib.parse import parse_qs

from notifications.card import Card
from notifications.channel import Outcome, Parcel
from notifications.chat import Chat
from notifications.hook import as_json
from notifications.outbound import LONGEST_WAIT, Answered
from notifications.sheet import Mood
from notifications.strangers import Place

_TARGET = re.compile(
    r"/bot[0-9]+:[A-Za-z0-9_-]{20,}/sendMessage\?chat_id=(-?[0-9]{1,20}|(@|%40)[A-Za-z0-9_]{3,64})"
)
_SIGNS: Mapping[Mood, str] = {"down": "🔴", "part": "🟠", "ok": "🟢", "plan": "🔵"}
_NO_WIDTH = "\u200b"


class Telegram(Chat):
    example = "https://api.telegram.org/bot…/sendMessage?chat_id=…"
    largest = 3900
    reads = True

    @classmethod
    def is_ours(cls, place: Place) -> bool:
        return place.host == "api.telegram.org" and _TARGET.fullmatch(place.target) is not None

    def call(self, place: Place, parcel: Parcel) -> tuple[Place, bytes, Mapping[str, str]]:
        path, _, query = place.target.partition("?")
        _, body, headers = super().call(place, parcel)
        told = {"chat_id": parse_qs(query)["chat_id"][0], **json.loads(body)}
        return replace(place, target=path), as_json(told), headers

    def dressed(self, cards: Sequence[Card]) -> Mapping[str, Any]:
        return {
            "text": "\n\n\n".join(_text(card) for card in cards),
            "parse_mode": "HTML",
            "link_preview_options": {"is_disabled": True},
        }

    def judged(self, answer: Answered) -> Outcome:
        if answer.status == 429 and answer.wait is None:
            answer = replace(answer, wait=_wait(answer.said))
        return super().judged(answer)


def _text(card: Card) -> str:
    said = [f"{_SIGNS[card.mood]} <b>{_escaped(card.title)}</b>"]
    said += [f"<i>{_escaped(card.state)}</i>"] if card.state else []
    said += [_escaped(card.intro)] if card.intro else []
    said += [f"<b>{_escaped(heading)}</b>\n{_escaped(text)}" for heading, text in card.parts]
    said += [_escaped(card.next_word)] if card.next_word else []
    if card.url:
        said.append(f'<a href="{escape(card.url)}">{_escaped(card.label or card.url)}</a>')
    return "\n\n".join(said)


def _escaped(text: str) -> str:
    return escape(text, quote=False).replace("@", "@" + _NO_WIDTH)


def _wait(said: bytes) -> timedelta | None:
    """``{"parameters": {"retry_after": 17}}``"""
    try:
        seconds = float(json.loads(said)["parameters"]["retry_after"])
        return min(timedelta(seconds=seconds), LONGEST_WAIT)
    except (ValueError, KeyError, TypeError, OverflowError):
        return None


CHANNEL = Telegram
