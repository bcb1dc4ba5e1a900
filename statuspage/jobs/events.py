"""What does a hook get in place of a letter?

A program the field's body, a chat the cards of the letter: composed once for each announcement
and language. A body is composed of what is public when it is sent, up to the word that it
tells; what was removed since is not in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from notifications import facts, language
from notifications.card import Card, cards
from notifications.facts import Planned
from notifications.occasions import sheet
from notifications.sheet import ALL_READERS, Readers
from statuspage.database import Store
from statuspage.jobs.rows import read_rows
from statuspage.pages.reader import Reader
from statuspage.pages.statuspage_hook import event, with_links
from statuspage.rules import telling
from statuspage.rules.composing import compose
from statuspage.settings import Settings

_KEPT = 256


@dataclass(slots=True)
class Events:
    """What one process has composed so far."""

    settings: Settings
    _bodies: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    _cards: dict[tuple[tuple[str, ...], str, Readers], tuple[Card, ...]] = field(
        default_factory=dict
    )

    def clear(self) -> None:
        self._bodies.clear()
        self._cards.clear()

    def cards(
        self,
        ids: tuple[str, ...],
        told: facts.Facts,
        code: str,
        readers: Readers = ALL_READERS,
    ) -> tuple[Card, ...]:
        key = (ids, code, readers)
        if key not in self._cards:
            _make_room(self._cards)
            site = telling.site(self.settings)
            self._cards[key] = cards(sheet(told, site, language.load(code), readers=readers))
        return self._cards[key]

    async def fetch(
        self, store: Store, wanted: Mapping[tuple[str, str], facts.Telling], now: datetime
    ) -> None:
        """Compose the bodies that are not known yet. ``wanted``: (announcement, language)."""
        unknown = {key: told for key, told in wanted.items() if key not in self._bodies}
        if not unknown:
            return
        # a postmortem may come when fifty others are newer
        about = {told.incident.id for told in unknown.values() if not isinstance(told, Planned)}
        async with store.read() as session:
            rows = await read_rows(session, self.settings, now, about)
        board = compose(self.settings, rows, now)
        for (id, code), told in unknown.items():
            _make_room(self._bodies)
            card = self.cards((id,), told, code)[0]
            self._bodies[id, code] = event(board, Reader.of(code, board), told, card)

    def body(self, id: str, code: str, unsubscribe_url: str, now: datetime) -> dict[str, Any]:
        about = f"{self.settings.site.url}/"
        return with_links(self._bodies[id, code], unsubscribe_url, about, now)


def _make_room(kept: dict[Any, Any]) -> None:
    while len(kept) >= _KEPT:
        del kept[next(iter(kept))]
