"""How is the mail read that comes to us?

A mailbox is looked into now and then: what nobody of us has looked at yet is fetched, and when
it is dealt with, marked, so that a crash between the two only makes us read it again. Rules:
mail that is not ours to deal with is never deleted, nor marked as read by a person; no more
of a mail is read than a report needs; whatever the other side does, an answer comes within
its time, and it is a value. What is here runs in a thread.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from notifications.channel import Unreachable


@dataclass(frozen=True)
class Mail:
    """``key``: what the mailbox knows it by. ``head``: its first bytes, from the header on."""

    key: str
    head: bytes


class Mailbox(Protocol):
    def fetch(self, most: int, since: datetime) -> Sequence[Mail] | Unreachable:
        """Up to so many that came since then and were not looked at; fewer: there are no more
        now.
        """
        ...

    def settle(self, keys: Sequence[str], *, ours: bool) -> None:
        """These were looked at. ``ours``: and nobody else need read them."""
        ...

    def close(self) -> None:
        """Let go of the other side; what is under way in another thread ends with it."""
        ...
