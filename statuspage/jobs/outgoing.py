"""What is a letter that is ours to send?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit


@dataclass(slots=True)
class Addressee:
    """Whom a letter goes to, as of the claim."""

    id: str
    channel: str
    address: str
    language: str
    code: str
    confirm_code: str | None
    secret: str | None = None
    hook_host: str | None = None
    """Of the hook that a letter to its owner is about."""
    added_at: datetime | None = None
    """When an operator added them; None: they know why they are written to."""
    source: str | None = None
    ends_only: bool = False
    """Of an incident they get no word between the first and the last."""


@dataclass(slots=True)
class Outgoing:
    """One letter to send: the delivery that carries it is the last of ``ids`` and
    ``announcements``, before it those that are merged into it. ``matters``: the
    incidents and maintenances it is about, for threading. ``is_word``: about one of them, not
    to confirm an address.

    Not frozen, as its addressee: a hundred thousand are made in seconds, and a frozen one
    takes three times as long.
    """

    ids: tuple[int, ...]
    announcements: tuple[str, ...]
    matters: tuple[str, ...]
    addressee: Addressee
    is_word: bool
    attempts: int
    first_tried_at: datetime | None

    @property
    def id(self) -> int:
        return self.ids[-1]


@dataclass(frozen=True, slots=True)
class Claimed:
    """``found``: how many due rows there were, whatever was decided about them."""

    letters: tuple[Outgoing, ...] = ()
    found: int = 0


def addressee(row: Any) -> Addressee:
    """``row``: what the claim has read of a delivery and its subscriber. Whoever looks after a
    hook is written to: to confirm it, and when it takes nothing.
    """
    if row.urgency == 0 and row.owner is not None:
        return _owner(row)
    return Addressee(
        row.subscriber_id,
        row.channel,
        row.address,
        row.language,
        row.code,
        row.confirm_code,
        row.secret,
        added_at=row.added_at,
        source=row.source,
        ends_only=row.ends_only,
    )


def _owner(row: Any) -> Addressee:
    host = urlsplit(row.address or "").hostname
    who = (row.subscriber_id, "email", row.owner, row.language, row.code, row.confirm_code)
    return Addressee(*who, hook_host=host)
