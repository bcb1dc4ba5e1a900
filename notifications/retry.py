"""When do we try again, and when never?

RFC 5321 4.5.4.1 asks for half an hour between attempts and four to five days before giving
up. We start sooner and end sooner on purpose: a letter about an outage is worth most in its
first minutes, a smarthost that restarts is back in seconds, greylisting lets the second
attempt pass after a minute or five, and after two days what it says is old news. From the
sixth attempt on the pauses are the standard's. Nothing here looks at a clock or throws dice:
the spread that keeps a thousand letters from knocking together is drawn from a key, so a
decision can be repeated and tested.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from notifications.channel import Refused, Unreachable

PAUSES = tuple(timedelta(seconds=s) for s in (5, 15, 60, 300, 900, 1800, 3600))
"""After the first failed attempt, the second…; the last one repeats."""

GIVE_UP_AFTER = timedelta(hours=48)

_SPREAD = 0.25


def next_attempt(
    attempts: int,
    failed: Unreachable | Refused,
    now: datetime,
    first_at: datetime,
    *,
    overtaken: bool = False,
    key: str = "",
) -> datetime | None:
    """When to try again after ``attempts`` (1 or more) failed; None: given up.

    ``first_at``: when the first attempt was made. ``overtaken``: a later word about the same
    incident waits for this recipient, so yesterday's word is not worth another attempt. Where
    the other side said how long it wants to be left alone (``wait``), it is.
    ``key`` tells deliveries apart; a pause is lengthened by up to a quarter, by key and attempt.
    """
    if isinstance(failed, Refused) or overtaken:
        return None
    pause = max(PAUSES[min(max(attempts, 1), len(PAUSES)) - 1], failed.wait or timedelta(0))
    due = now + pause * (1 + _SPREAD * _dice(f"{key}:{attempts}"))
    return due if due - first_at <= GIVE_UP_AFTER else None


def _dice(key: str) -> float:
    """From 0 to less than 1, evenly, always the same for a key."""
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[:6], "big") / 2**48
