"""What is a letter that is ours to send?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(slots=True)
class Addressee:
    """Whom a letter goes to, as of the claim."""

    id: str
    channel: str
    address: str
    language: str
    code: str
    confirm_code: str | None


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
