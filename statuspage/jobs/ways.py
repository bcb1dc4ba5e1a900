"""What does a process keep of one kind of channel between two rounds of delivery?

Its lines and its manners. Each kind is by itself: a hook that hangs holds no letter, and a
relay that cannot be talked to is left alone for a growing while, it alone.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Self

from notifications import channels
from notifications.channel import Channel, Outcome, Parcel, Wiring
from statuspage.jobs.pacing import Pacing

LONGEST_REST = timedelta(seconds=15)


@dataclass(slots=True)
class Line:
    """One kept channel; opened with the first parcel. ``faults``: in a row, of ours or the other
    side's. After one it is used for one parcel at a time, until one has gone well again.
    """

    kind: type[Channel]
    wiring: Wiring
    faults: int = 0
    _in_use: int = 0
    _freed: asyncio.Event = field(default_factory=asyncio.Event)
    _open: Channel | None = None

    async def take(self) -> None:
        """Wait until another parcel may go this way."""
        while self.faults and self._in_use:
            self._freed.clear()
            await self._freed.wait()
        self._in_use += 1

    def free(self) -> None:
        self._in_use -= 1
        self._freed.set()

    async def send(self, parcel: Parcel) -> Outcome:
        if self._open is None:
            self._open = await self.kind.wired(self.wiring).__aenter__()
        return await self._open.send(parcel)

    async def close(self) -> None:
        if self._open is not None:
            await self._open.__aexit__(None, None, None)
            self._open = None


@dataclass(slots=True)
class Way:
    """The way out for one kind. ``misses``: rounds in a row that met nobody."""

    kind: str
    lines: tuple[Line, ...]
    at_once: int = 1
    """Parcels for each line."""
    pacing: Pacing = field(default_factory=lambda: Pacing(0, 0))
    misses: int = 0
    _rests_until: datetime | None = None

    @classmethod
    def made(cls, kind: str, wiring: Wiring) -> Self:
        channel = channels.kinds()[kind]
        manners = channel.manners(wiring)
        lines = tuple(Line(channel, wiring) for _ in range(manners.lines))
        pacing = Pacing(manners.per_second, manners.per_domain)
        return cls(kind, lines, manners.at_once, pacing)

    async def close(self) -> None:
        await asyncio.gather(*(line.close() for line in self.lines))

    def resting(self, now: datetime) -> timedelta | None:
        """How long the other side is still left alone."""
        left = self._rests_until - now if self._rests_until else timedelta(0)
        # a clock that stepped back must not make us rest for an hour
        return left if timedelta(0) < left <= LONGEST_REST else None

    def next_rest(self) -> timedelta:
        """How long a relay that cannot be used is left alone: 1 s, 2 s, 4 s …"""
        return min(timedelta(seconds=2 ** min(self.misses, 10)), LONGEST_REST)

    def met_nobody(self, at: datetime) -> timedelta:
        """It cannot be used: rest, longer each time."""
        rest = self.next_rest()
        self.misses += 1
        self._rests_until = at + rest
        return rest

    def met_somebody(self) -> None:
        self.misses, self._rests_until = 0, None
