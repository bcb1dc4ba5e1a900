"""How did a fan-out go?

Seconds count from the end of the undo window (when the announcement was due) to the relay's
acceptance. Nothing here looks at a clock, a socket or a row.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import datetime, timedelta
from typing import Any

SHARES = (50, 95, 99)
"""Percentiles that are told, nearest-rank."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fanout:
    """Of one announcement, or of several together.

    ``refused``: the other side said no for good; ``given_up``: it said "later" for two days;
    ``came_back``: the relay took it, and it came back; ``suppressed``: withdrawn, or merged
    into another letter. All of it, the seconds too, is of letters by mail; hooks (chats among
    them) are counted apart, for a program that is away must not make people's figures slow.
    """

    queued: int = 0
    sent: int = 0
    refused: int = 0
    given_up: int = 0
    came_back: int = 0
    suppressed: int = 0
    first_s: float | None = None
    p50_s: float | None = None
    p95_s: float | None = None
    p99_s: float | None = None
    last_s: float | None = None
    hooks_queued: int = 0
    hooks_called: int = 0
    hooks_failed: int = 0

    @property
    def waits(self) -> bool:
        """Something of it is still tried."""
        return self.queued + self.hooks_queued > 0

    @property
    def total(self) -> int:
        return self.queued + self.sent + self.failed + self.suppressed

    @property
    def failed(self) -> int:
        return self.refused + self.given_up

    @property
    def not_reached(self) -> int:
        return self.failed + self.came_back

    def freeze(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def thaw(cls, frozen: Mapping[str, Any]) -> Fanout:
        """Of what was frozen, whatever else is in it by now."""
        return cls(**{one.name: frozen[one.name] for one in fields(cls) if one.name in frozen})


def together(each: Iterable[Fanout]) -> Fanout:
    """Several counted as one; how fast they went cannot be added up."""
    listed = list(each)
    return Fanout(**{name: sum(getattr(one, name) for one in listed) for name in _COUNTS})


_COUNTS = tuple(one.name for one in fields(Fanout) if not one.name.endswith("_s"))


@dataclass(frozen=True, slots=True)
class Told:
    """What was said, and how it went round. ``update_n``: None for the machine's first word,
    which belongs to what the machine had said by then.
    """

    incident_id: str
    update_n: int | None
    said_at: datetime
    fanout: Fanout
    due_at: datetime | None = None
    """When its letters were free to go; its seconds count from then."""

    @property
    def first_letter_at(self) -> datetime | None:
        if self.due_at is None or self.fanout.first_s is None:
            return None
        return self.due_at + timedelta(seconds=self.fanout.first_s)


def rank(count: int, percent: int) -> int:
    """Which of so many in order, from 1, is that percentile."""
    return math.ceil(count * percent / 100)
