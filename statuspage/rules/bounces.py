"""When is an address left in peace?

A letter may come back for a day's trouble, so one is not believed; nor are two that lie
months apart. Three in a row rest the address, until its owner asks anew. That a relay of
ours took a letter says nothing of the mailbox, so it does not end a series. Nothing here
looks at a clock, a socket or a row.
"""

from __future__ import annotations

from datetime import datetime, timedelta

REST_AFTER = 3
"""Hard bounces in a row, each of another announcement."""
FORGOTTEN_AFTER = timedelta(days=30)
"""A series ends when nothing has come back for so long."""
MANY_SHARE, MANY = 0.05, 2
"""More than this share of an announcement's letters, and more than one of them, is no longer
a matter of single addresses.
"""


def in_a_row(before: int, last_at: datetime | None, now: datetime) -> int:
    """How many it are with the one that comes back now."""
    goes_on = last_at is not None and now - last_at < FORGOTTEN_AFTER
    return before + 1 if goes_on else 1


def must_rest(in_a_row: int) -> bool:
    return in_a_row >= REST_AFTER


def are_many(returned: int, letters: int) -> bool:
    """So many of an announcement's letters that operators should look."""
    return returned >= MANY and returned > MANY_SHARE * letters
