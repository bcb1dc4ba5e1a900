"""Do the operators know that a page cannot be written?

This is no job but a part of ``publish``. A mistake of ours is said once, and once a day at most
however often we are started and however many processes meet it; so is that it is over.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime

from notifications.alarms import PagesFresh, PagesStale
from statuspage.actions import calls
from statuspage.premises import Premises

_LONGEST = 300


class Staleness:
    """Since when pages of this process stand as they were, and for which mistake."""

    def __init__(self, premises: Premises) -> None:
        self.premises = premises
        self._since: datetime | None = None
        self._mistake = ""
        self._is_told = False

    async def tell(self, faults: Sequence[Exception], now: datetime) -> None:
        """Call about what is new in ``faults``, those of the last rendering. Where the store does
        not take the call, the next time does it.
        """
        if faults:
            await self._stale(faults[0], now)
        elif self._since is not None:
            await self._fresh(self._since, now)

    async def _stale(self, fault: Exception, now: datetime) -> None:
        mistake = f"{type(fault).__name__}: {fault}"[:_LONGEST]
        if mistake != self._mistake:
            self._mistake, self._is_told = mistake, False
        self._since = self._since or now
        if not self._is_told:
            await self._call("stale", PagesStale(reason=mistake, at=now), now)
            self._is_told = True

    async def _fresh(self, since: datetime, now: datetime) -> None:
        if self._is_told:
            await self._call("fresh", PagesFresh(since=since, at=now), now)
        self._since, self._mistake, self._is_told = None, "", False

    async def _call(self, how: str, alarm: PagesStale | PagesFresh, now: datetime) -> None:
        mistake = hashlib.sha256(self._mistake.encode("utf-8", "replace")).hexdigest()[:16]
        key = f"pages_{how}:{mistake}:{now.date()}"
        async with self.premises.store.write() as session:
            await calls.call(session, self.premises.settings, key, alarm, now)
        self.premises.nudges.nudge("call")
