"""What does a process keep between two rounds of delivery?

The ways out that there are (one for each kind of channel that can be used), and the letters
composed so far.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import Self

from notifications import channels
from notifications.channel import Wiring
from notifications.channels.email import known
from notifications.outbound import Reach
from notifications.relays import Relays
from statuspage.database import Store
from statuspage.jobs.parcels import Parcels
from statuspage.jobs.ways import Way
from statuspage.metrics import Metrics
from statuspage.rules.deliveries import Limits
from statuspage.settings import Settings


@dataclass(slots=True)
class Postroom:
    """A context manager, which closes the connections. One delivery at a time works in it."""

    settings: Settings
    store: Store
    metrics: Metrics
    reach: Reach = field(default_factory=Reach)
    """How far strangers' addresses may lead."""
    parcels: Parcels = field(init=False)
    ways: Mapping[str, Way] = field(init=False)
    """By kind."""
    limits: Limits = field(init=False)
    relays: Relays | None = field(init=False)
    told_stood_in: bool = False
    """What operators have heard of it last."""

    def __post_init__(self) -> None:
        mail, letters = self.settings.mail, self.settings.letters
        wiring = Wiring(
            mail_server=mail.server.get_secret_value(),
            second_server=mail.second_server.get_secret_value(),
            oauth_token_file=mail.oauth_token_file,
            connections=mail.connections,
            max_per_second=mail.max_per_second,
            per_domain=mail.per_domain,
            signer=mail.dkim.signer,
            reach=self.reach,
        )
        self.relays = known(wiring) if wiring.mail_server else None
        wiring = replace(wiring, relays=self.relays)
        self.parcels = Parcels(self.settings)
        ways = (Way.made(kind, wiring) for kind in channels.kinds())
        self.ways = {way.kind: way for way in ways if way.lines}
        self.limits = Limits(letters.per_hour, letters.per_day)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await asyncio.gather(*(way.close() for way in self.ways.values()))
