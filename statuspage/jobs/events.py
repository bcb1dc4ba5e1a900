"""What does a hook get in place of a letter?

A program the field's body, a chat the cards of the letter: composed once for each announcement
and language. A body is composed of what is public when it is sent, up to the word that it
tells; what was removed since is not in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from notifications import facts, language
from notifications.card import Card, cards
from notifications.occasions import sheet
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
    _cards: dict[tuple[str, str], tuple[Card, ...]] = field(default_factory=dict)
    """(announcements, language)"""

    def clear(self) -> None:
        self._bodies.clear()
        self._cards.clear()

    def cards(self, key: str, told: facts.Facts, code: str) -> tuple[Card, ...]:
        if (key, code) not in self._cards:
            _make_room(self._cards)
            site = telling.site(self.settings)
            self._cards[key, code] = cards(sheet(told, site, language.load(code)))
        return self._cards[key, code]

    async def fetch(
        self,
        store: Store,
        tellings: Mapping[str, facts.Telling],
        codes: Iterable[str],
        now: datetime,
    ) -> None:
        """Compose the bodies of these announcements that are not known yet."""
        wanted = {
            (id, code): told
            for id, told in tellings.items()
            for code in codes
            if (id, code) not in self._bodies
        }
        if not wanted:
            return
        async with store.read() as session:
            rows = await read_rows(session, self.settings, now)
        board = compose(self.settings, rows, now)
        for (id, code), told in wanted.items():
            _make_room(self._bodies)
            card = self.cards(id, told, code)[0]
            self._bodies[id, code] = event(board, Reader.of(code, board), told, card)

    def body(self, id: str, code: str, unsubscribe_url: str, now: datetime) -> dict[str, Any]:
        about = f"{self.settings.site.url}/"
        return with_links(self._bodies[id, code], unsubscribe_url, about, now)


def _make_room(kept: dict[Any, Any]) -> None:
    while len(kept) >= _KEPT:
        del kept[next(iter(kept))]
