"""How many connections do we hold, and whose is closed when there is no room for another?

Each takes a file, and probes, letters and the store need files too. So there are never more
than a share of what the system grants; beyond it, whoever has been idle for longest goes, then
who has been sending or taking for longest, and never who waits for our answer. Those that only
hold the door open, by the thousand, thus cost each other their places, and an honest visitor
none.
"""

from __future__ import annotations

import heapq
import resource
from collections.abc import Iterable
from typing import Protocol, TypeVar

MOST = 20_000
_SHARE_OF_FILES = 0.75
_GO_AT_ONCE = 50
"""To find them all connections are looked at: one in so many goes then, so that it is rare."""

Place = tuple[int, float]
"""In the line of those that make way: idle ones (0) before busy ones (1), then since when."""


class Resting(Protocol):
    """A connection that may have to go."""

    def place(self) -> Place | None:
        """None while it waits for our answer."""


One = TypeVar("One", bound=Resting)


def raise_file_limit() -> int:
    """As many open files as the system grants us; answers how many that is."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    except (OSError, ValueError):
        return soft  # macOS grants less than the limit that it names
    return hard


def most_connections() -> int:
    """Of the files that we may open now."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    unlimited = soft == resource.RLIM_INFINITY
    return MOST if unlimited else min(MOST, int(soft * _SHARE_OF_FILES))


def first_to_go(connections: Iterable[One]) -> list[One]:
    """Those that make way for others; none where all wait for us."""
    held = list(connections)
    line = ((place, n) for n, one in enumerate(held) if (place := one.place()) is not None)
    return [held[n] for _, n in heapq.nsmallest(max(len(held) // _GO_AT_ONCE, 1), line)]
