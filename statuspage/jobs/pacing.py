"""How fast may letters leave this way, and when is it this one's turn?

``per_second`` holds over all lines, by waiting. ``per_domain`` holds for each recipient's
domain, by putting a letter off until its turn: one that waited on a line would keep those
for other domains waiting too. A letter keeps the turn that it was given.
"""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

_NEAR = timedelta(seconds=0.05)
_TURNS_KEPT = 200_000


class Pacing:
    def __init__(self, per_second: float, per_domain: float) -> None:
        self._per_second, self._per_domain = per_second, per_domain
        self._next_slot = 0.0
        self._next_of: dict[str, datetime] = {}
        self._turns: dict[int, datetime] = {}

    async def turn(self) -> None:
        """Wait for it."""
        if self._per_second > 0:
            time = asyncio.get_running_loop().time()
            slot = max(time, self._next_slot)
            self._next_slot = slot + 1 / self._per_second
            await asyncio.sleep(slot - time)

    def put_off(self, id: int, address: str, at: datetime) -> datetime | None:
        """Until when this letter is to wait for its domain; None: it may go."""
        if self._per_domain <= 0:
            return None
        turn = self._turns.pop(id, None) or self._next_turn(address, at)
        if turn <= at + _NEAR:
            return None
        while len(self._turns) >= _TURNS_KEPT:
            del self._turns[next(iter(self._turns))]
        self._turns[id] = turn
        return turn

    def _next_turn(self, address: str, at: datetime) -> datetime:
        domain = address.rpartition("@")[2].lower()
        turn = max(self._next_of.get(domain, at), at)
        self._next_of[domain] = turn + timedelta(seconds=1 / self._per_domain)
        return turn
