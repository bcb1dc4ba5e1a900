"""How does a channel of Microsoft Teams show a word?

By a Workflows (or an older connector's) webhook: an Adaptive Card for each card. What others
wrote stands in text runs of a ``RichTextBlock``, which know no Markdown (adaptivecards.io,
"RichTextBlock"). An old connector answers 200 and says in the body that it failed, so the
body is read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from notifications.card import Card
from notifications.channel import Outcome, Unreachable
from notifications.chat import Chat
from notifications.outbound import Answered
from notifications.sheet import Mood
from notifications.strangers import Place

_HOST = re.compile(
    r"([a-z0-9-]+\.)+(webhook\.office\.com|logic\.azure\.com|environment\.api\.powerplatform\.com)"
)
_FAILED = b"webhook message delivery failed"
_COLOURS: Mapping[Mood, str] = {
    "down": "Attention",
    "part": "Warning",
    "ok": "Good",
    "plan": "Accent",
}


class Teams(Chat):
    example = "https://….webhook.office.com/… or https://….logic.azure.com/…"
    largest = 20_000
    reads = True

    @classmethod
    def is_ours(cls, place: Place) -> bool:
        return _HOST.fullmatch(place.host) is not None

    def dressed(self, cards: Sequence[Card]) -> Mapping[str, Any]:
        return {"type": "message", "attachments": [_attachment(card) for card in cards]}

    def judged(self, answer: Answered) -> Outcome:
        if answer.status == 200 and _FAILED in answer.said.lower():
            return Unreachable("it answered that it could not show the message", 200)
        return super().judged(answer)


def _attachment(card: Card) -> dict[str, Any]:
    said = [_line(card.title, size="Large", weight="Bolder")]
    if card.state:
        said.append(_line(card.state, weight="Bolder", color=_COLOURS[card.mood]))
    said += [_line(card.intro)] if card.intro else []
    for heading, text in card.parts:
        said += [_line(heading, weight="Bolder", isSubtle=True), _line(text)]
    said += [_line(card.next_word, weight="Bolder")] if card.next_word else []
    content: dict[str, Any] = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.2",
        "body": said,
    }
    if card.url:
        opens = {"type": "Action.OpenUrl", "title": card.label or card.url, "url": card.url}
        content["actions"] = [opens]
    kind = "application/vnd.microsoft.card.adaptive"
    return {"contentType": kind, "contentUrl": None, "content": content}


def _line(text: str, **dress: Any) -> dict[str, Any]:
    return {
        "type": "RichTextBlock",
        "inlines": [{"type": "TextRun", "text": text, **dress}],
    }


CHANNEL = Teams
