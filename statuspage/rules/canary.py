"""Does a letter that we write to ourselves arrive?

One an hour walks the whole way that customers' letters walk. Two minutes after it left it
should have arrived; when it has not, that is told once, and once more when one arrives
again. Nothing here looks at a clock, a socket or a row.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from typing import Any

EVERY = timedelta(hours=1)
WITHIN = timedelta(minutes=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Canary:
    """``letter``: the last one. ``took_s``: from leaving to arriving, of the last that did, at
    ``well_at``. ``lost_at``: since when operators know that none arrives.
    """

    letter: str | None = None
    sent_at: datetime | None = None
    accepted_at: datetime | None = None
    arrived_at: datetime | None = None
    well_at: datetime | None = None
    took_s: float | None = None
    lost_at: datetime | None = None

    @property
    def is_out(self) -> bool:
        return self.letter is not None and self.arrived_at is None


def is_due(canary: Canary, now: datetime) -> bool:
    """Whether the next should leave; a clock that stepped back holds none for longer."""
    return canary.sent_at is None or not canary.sent_at <= now < canary.sent_at + EVERY


def next_due(canary: Canary, now: datetime) -> timedelta:
    """How long until then."""
    if canary.sent_at is None or is_due(canary, now):
        return timedelta(0)
    return canary.sent_at + EVERY - now


def sent(canary: Canary, letter: str, now: datetime) -> Canary:
    return replace(canary, letter=letter, sent_at=now, accepted_at=None, arrived_at=None)


def watched(
    canary: Canary,
    accepted_at: datetime | None,
    found_at: datetime | None,
    since: datetime,
    now: datetime,
) -> Canary:
    """What is known of it by now. ``found_at``: when it arrived. ``since``: when we began to
    watch, for while we did not, nothing can be missed.
    """
    sent_at = canary.sent_at
    if not canary.is_out or sent_at is None:
        return canary
    canary = replace(canary, accepted_at=accepted_at)
    if found_at is not None:
        took_s = max((found_at - sent_at).total_seconds(), 0.0)
        return replace(canary, arrived_at=found_at, well_at=found_at, took_s=took_s, lost_at=None)
    is_late = now - max(sent_at, since) > WITHIN
    return replace(canary, lost_at=canary.lost_at or (now if is_late else None))


def freeze(canary: Canary) -> dict[str, Any]:
    """JSON-ready."""
    values = ((one.name, getattr(canary, one.name)) for one in fields(canary))
    return {name: _plain(value) for name, value in values if value is not None}


def thaw(frozen: Mapping[str, Any]) -> Canary:
    read: dict[str, Any] = {
        name: datetime.fromisoformat(value) if name.endswith("_at") else value
        for name, value in frozen.items()
    }
    return Canary(**read)


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value
