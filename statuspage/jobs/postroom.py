"""What does a process keep between two rounds of delivery?

Its connections to the relay, the letters composed so far, and its manners: a relay that
cannot be talked to is left alone for a growing while, and ``max_per_second`` holds over all
connections.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import TracebackType
from typing import Self

from notifications import channels
from notifications.channel import Channel, Outcome, Parcel, Wiring
from statuspage.database import Store
from statuspage.jobs.parcels import Parcels
from statuspage.metrics import Metrics
from statuspage.rules.deliveries import Limits
from statuspage.settings import Settings

LONGEST_REST = timedelta(seconds=15)


@dataclass(slots=True)
class Line:
    """One kept way out of each kind; opened with the first parcel."""

    wiring: Wiring
    _open: dict[str, Channel] = field(default_factory=dict)

    async def send(self, kind: str, parcel: Parcel) -> Outcome:
        if kind not in self._open:
            channel = channels.kinds()[kind].wired(self.wiring)
            self._open[kind] = await channel.__aenter__()
        return await self._open[kind].send(parcel)

    async def close(self) -> None:
        while self._open:
            _, channel = self._open.popitem()
            await channel.__aexit__(None, None, None)


@dataclass(slots=True)
class Postroom:
    """A context manager, which closes the connections. One round at a time works in it."""

    settings: Settings
    store: Store
    metrics: Metrics
    parcels: Parcels = field(init=False)
    lines: tuple[Line, ...] = field(init=False)
    limits: Limits = field(init=False)
    misses: int = 0
    """Rounds in a row that met no relay."""
    _rests_until: datetime | None = None
    _next_slot: float = 0.0

    def __post_init__(self) -> None:
        mail, letters = self.settings.mail, self.settings.letters
        wiring = Wiring(mail_server=mail.server.get_secret_value(), signer=mail.dkim.signer)
        self.parcels = Parcels(self.settings)
        self.lines = tuple(Line(wiring) for _ in range(mail.connections))
        self.limits = Limits(letters.per_hour, letters.per_day)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await asyncio.gather(*(line.close() for line in self.lines))

    @property
    def has_relay(self) -> bool:
        return bool(self.settings.mail.server.get_secret_value())

    def resting(self, now: datetime) -> timedelta | None:
        """How long the relay is still left alone."""
        left = self._rests_until - now if self._rests_until else timedelta(0)
        # a clock that stepped back must not make us rest for an hour
        return left if timedelta(0) < left <= LONGEST_REST else None

    def next_rest(self) -> timedelta:
        """How long a relay that cannot be used is left alone: 1 s, 2 s, 4 s …"""
        return min(timedelta(seconds=2 ** min(self.misses, 10)), LONGEST_REST)

    def met_nobody(self, at: datetime) -> timedelta:
        """The relay cannot be used: rest, longer each time."""
        rest = self.next_rest()
        self.misses += 1
        self._rests_until = at + rest
        return rest

    def met_somebody(self) -> None:
        self.misses, self._rests_until = 0, None

    async def pace(self) -> None:
        """Wait for a letter's turn, as ``max_per_second`` wishes."""
        rate = self.settings.mail.max_per_second
        if rate > 0:
            time = asyncio.get_running_loop().time()
            slot = max(time, self._next_slot)
            self._next_slot = slot + 1 / rate
            await asyncio.sleep(slot - time)
