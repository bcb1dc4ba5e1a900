"""A night whose letters leave: through the real outbox and a real relay, on the test's clock."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from statuspage.actions import first_words, subscribers
from statuspage.jobs.announce import announce
from statuspage.jobs.deliver import deliver
from statuspage.jobs.postroom import Postroom
from statuspage.tables import Announcement
from tests.servers.received import Received
from tests.servers.smtp import Relay
from tests.statuspage.jobs.night import Night

ANNA, PAUL = "anna@example.org", "paul@example.org"
"""She reads Italian, he reads English."""


class Correspondence(Night):
    def __init__(self, url: str, folder: Path, relay: Relay, **words: Any) -> None:
        super().__init__(url, folder, server=relay.dsn, **words)
        self.relay = relay
        self.room = Postroom(self.settings, self.store, self.premises.metrics)

    async def begin(self) -> Correspondence:
        await super().begin()
        await self.subscribes(ANNA, "it")
        await self.subscribes(PAUL, "en")
        return self

    async def end(self) -> None:
        await self.room.__aexit__(None, None, None)
        await super().end()

    async def subscribes(self, address: str, language: str = "en") -> None:
        async with self.store.write() as session:
            await subscribers.add(session, address, language, [], self.now)

    async def passes(self, **length: float) -> None:
        """Let time pass: everything happens when it is due, and nothing in between."""
        end = self.now + timedelta(**length)
        while self.now < end:
            self.now = min(await self._next_moment(), end)
            await self._ticks()

    async def letters(self, address: str = PAUL) -> list[Received]:
        return self.relay.to(address)

    async def subjects(self, address: str = PAUL) -> list[str]:
        return [letter.subject for letter in self.relay.to(address)]

    async def _ticks(self) -> None:
        await self.settles()
        await self.reminds()
        freeze = partial(first_words.freeze_noticed, self.settings)
        while await announce(
            self.store, self.settings, self._still_fails, freeze, self.now, "night"
        ) == timedelta(0):
            pass
        await deliver(self.room, self.now, "night")

    async def _still_fails(self, _incident_id: str) -> bool:
        return True

    async def _next_moment(self) -> datetime:
        """The next time at which something is due, at the latest in six hours."""
        letters, known = self.settings.letters, await self.incidents()
        moments = [promise.due_at for promise in await self.promises() if _is_open(promise)]
        moments += [
            one.due_at
            for one in await self.rows(Announcement)
            if one.due_at and not one.spread_at and not one.withdrawn_at
        ]
        for incident in known:
            if incident.recovered_at and not incident.resolved_at:
                moments.append(incident.recovered_at + letters.all_clear_after)
                moments.append(incident.recovered_at + letters.close_after)
        coming = [moment for moment in moments if moment > self.now]
        return min([*coming, self.now + timedelta(hours=6)])


def _is_open(promise: Any) -> bool:
    return not (promise.kept_at or promise.missed_at or promise.dropped_at)
